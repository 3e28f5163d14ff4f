"""The objects inside `emailFilters` and `emailParsers`, which say what happens to the e-mail of an integration.

The names are the REST API's, in camelCase: https://developer.pagerduty.com/api-reference (Create a new integration).
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any, TypeVar

from pagerduty_native.framework import Advice, Failure, Problem, camel_case, decode, field, object_type

T = TypeVar("T")

USE_RULES = "use_rules"
INCIDENT_CREATION = {
    "on_new_email": "an incident for each e-mail.",
    "on_new_email_subject": "an incident for each new subject.",
    "only_if_no_open_incidents": "an incident only if none is open.",
    USE_RULES: "`emailParsers` open and resolve incidents.",
}
FILTER_MODES = {
    "all-email": "every e-mail passes.",
    "or-rules-email": "an e-mail passes if it matches at least one of `emailFilters`.",
    "and-rules-email": "an e-mail passes if it matches all of `emailFilters`.",
}
PARSING_FALLBACKS = {
    "open_new_incident": "an incident is opened.",
    "discard": "the e-mail is discarded.",
}
MATCH_MODES = {
    "always": "every e-mail passes; the default.",
    "match": "an e-mail passes if this part matches the regular expression.",
    "no-match": "an e-mail passes if this part does not match the regular expression.",
}
ACTIONS = {"trigger": "an incident is opened.", "resolve": "the incident is resolved."}
PARTS = {"subject": "the subject.", "body": "the body.", "from_addresses": "the sender's addresses."}
GROUPS = {
    "all": "all of `children` are true.",
    "any": "at least one of `children` is true.",
    "not": "none of `children` is true.",
}
COMPARISONS = {
    "contains": "`part` contains `matcher`.",
    "exactly": "`part` equals `matcher`.",
    "regex": "`part` matches the regular expression `matcher`.",
}
EXTRACTIONS = {
    "entire": "the whole of `part`.",
    "regex": "the first group of the regular expression `regex`.",
    "between": "the text between `startsAfter` and `endsBefore`.",
}
INCIDENT_KEY = "incident_key"
# https://support.pagerduty.com/main/docs/email-integration-guide
MAX_PARSERS = 10
FILTERED = ("subject", "body", "from_email")
# The filter with which the API says that every e-mail passes.
NO_FILTER = {f"{name}_mode": "always" for name in FILTERED}


@object_type
class EmailFilter:
    """A condition for e-mail. Parts of the e-mail that are not filtered can be omitted."""

    subject_mode: str | None = field(
        "How the subject is filtered.", allowed=MATCH_MODES, open_set=True, enum="EmailMatchMode"
    )
    subject_regex: str | None = field("The regular expression (RE2) for the subject.", blank=True)
    body_mode: str | None = field(
        "How the body is filtered.", allowed=MATCH_MODES, open_set=True, enum="EmailMatchMode"
    )
    body_regex: str | None = field("The regular expression (RE2) for the body.", blank=True)
    from_email_mode: str | None = field(
        "How the sender's address is filtered.", allowed=MATCH_MODES, open_set=True, enum="EmailMatchMode"
    )
    from_email_regex: str | None = field("The regular expression (RE2) for the sender's address.", blank=True)

    def check_subject(self) -> Iterator[Problem]:
        yield from _check_mode("subject", self.subject_mode, self.subject_regex)

    def check_body(self) -> Iterator[Problem]:
        yield from _check_mode("body", self.body_mode, self.body_regex)

    def check_from_email(self) -> Iterator[Problem]:
        yield from _check_mode("fromEmail", self.from_email_mode, self.from_email_regex)


@object_type
class MatchPredicate:
    """A condition on an e-mail: a comparison of one part of it, or a group of further conditions."""

    type: str = field(
        "The kind of condition.", allowed={**GROUPS, **COMPARISONS}, open_set=True, enum="MatchPredicateType"
    )
    part: str | None = field("The part of the e-mail to compare.", allowed=PARTS, open_set=True, enum="EmailPart")
    matcher: str | None = field(
        "The text to compare `part` with; a regular expression (RE2) if `type` is `regex`.", blank=True
    )
    children: list[MatchPredicate] | None = field("The conditions in a group: for the types `all`, `any` and `not`.")

    def check(self) -> Iterator[Problem]:
        if self.type in GROUPS and not self.children:
            yield _missing("children", "type", self.type)
        if self.type in COMPARISONS:
            for name, value in (("part", self.part), ("matcher", self.matcher)):
                if not value:
                    yield _missing(name, "type", self.type)
        if self.type == "regex" and self.matcher:
            yield from _check_regex("matcher", self.matcher)


@object_type
class ValueExtractor:
    """A value to extract from an e-mail and add to the incident."""

    type: str = field("How to find the value.", allowed=EXTRACTIONS, open_set=True, enum="ValueExtractorType")
    part: str = field("The part of the e-mail that contains the value.", allowed=PARTS, open_set=True, enum="EmailPart")
    value_name: str = field(
        "The name of the value in the incident. Exactly one extractor of a parser must have the name `incident_key`: "
        "e-mails with the same value of it belong to the same incident."
    )
    regex: str | None = field("The regular expression (RE2) for the type `regex`, without nested groups.", blank=True)
    starts_after: str | None = field("The text before the value, for the type `between`; may be empty.", blank=True)
    ends_before: str | None = field("The text after the value, for the type `between`; may be empty.", blank=True)

    def check(self) -> Iterator[Problem]:
        if self.type == "between":  # Recorded: terraform-provider-pagerduty issue 651.
            for name, value in (("startsAfter", self.starts_after), ("endsBefore", self.ends_before)):
                if value is None:
                    yield Failure(name, f'`{name}` is required if `type` is `between`. It can be "".')
        if self.type == "regex" and not self.regex:
            yield _missing("regex", "type", self.type)
        elif self.type == "regex" and self.regex:
            yield from _check_regex("regex", self.regex)
            if has_nested_groups(self.regex):
                yield Advice("regex", "`regex` has a group inside another group, which PagerDuty refuses.")


@object_type
class EmailParser:
    """A rule for e-mails that match `matchPredicate`: what happens to the incident, and which values it gets."""

    action: str = field("What happens to the incident.", allowed=ACTIONS, open_set=True, enum="EmailParserAction")
    match_predicate: MatchPredicate = field("The condition.")
    value_extractors: list[ValueExtractor] | None = field(
        "The values to extract from the e-mail. Exactly one must have the `valueName` `incident_key`."
    )

    def check(self) -> Iterator[Problem]:
        count = [each.value_name for each in self.value_extractors or []].count(INCIDENT_KEY)
        if count != 1:
            yield Advice(
                "valueExtractors",
                f"exactly one of `valueExtractors` should have the `valueName` `{INCIDENT_KEY}`, got {count}: "
                "PagerDuty may refuse this.",
            )


def filters_something(email_filter: EmailFilter) -> bool:
    """Return whether a filter keeps any e-mail out."""
    modes = (email_filter.subject_mode, email_filter.body_mode, email_filter.from_email_mode)
    return any(mode not in {None, "always"} for mode in modes)


def filters_meaning(filters: Any) -> Any:
    """Return the conditions of `emailFilters` in a fixed order; None if every e-mail passes. These are compared."""
    meant = [_filter_meaning(each) for each in filters]
    return sorted(meant, key=str) if meant != [_filter_meaning({})] else None


def _filter_meaning(given: dict[str, Any]) -> dict[str, Any]:
    """Return the conditions of a filter, with every mode and without regular expressions that have no effect."""
    meant: dict[str, Any] = {}
    for name in map(camel_case, FILTERED):
        mode = given.get(f"{name}Mode") or "always"
        meant[f"{name}Mode"] = mode
        if mode != "always":
            meant[f"{name}Regex"] = given.get(f"{name}Regex")
    return meant


def to_api(declared: object) -> dict[str, Any]:
    """Convert an object to the API's form. Its Python names are the API's."""
    fields: dict[str, Any] = _without(dataclasses.asdict(declared), (None,))  # type: ignore[call-overload]
    return fields


def filter_to_api(email_filter: EmailFilter) -> dict[str, Any]:
    """Convert a filter to the API's form, which has every mode."""
    return NO_FILTER | to_api(email_filter)


def from_api(cls: type[T], body: dict[str, Any]) -> T:
    """Make an object from the API's form, without IDs, nulls and empty lists."""
    return decode(cls, _camel_cased(_without(body, (None, []))))


def _without(value: Any, left_out: tuple[Any, ...]) -> Any:
    if isinstance(value, dict):
        kept = ((key, _without(each, left_out)) for key, each in value.items())
        return {key: each for key, each in kept if each not in left_out}
    return [_without(each, left_out) for each in value] if isinstance(value, list) else value


def _camel_cased(value: Any) -> Any:
    if isinstance(value, dict):
        return {camel_case(key): _camel_cased(each) for key, each in value.items()}
    return [_camel_cased(each) for each in value] if isinstance(value, list) else value


def _missing(name: str, other: str, value: str) -> Advice:
    """Return the advice about a property that is missing, although another one has a value that needs it."""
    return Advice(name, f"`{name}` is missing or empty, but `{other}` is `{value}`: PagerDuty may refuse this.")


def _check_mode(name: str, mode: str | None, regex: str | None) -> Iterator[Problem]:
    property_name = f"{name}Regex"
    if mode in ("match", "no-match") and not regex:
        yield _missing(property_name, f"{name}Mode", mode)
    elif mode in {None, "always"} and regex is not None:
        yield Advice(property_name, f"`{property_name}` has no effect unless `{name}Mode` is `match` or `no-match`.")
    elif regex:
        yield from _check_regex(property_name, regex)
        if "(?i" in regex:
            yield Advice(property_name, f"`{property_name}`: PagerDuty's e-mail filters do not support `(?i)`.")


def _check_regex(name: str, regex: str) -> Iterator[Problem]:
    if problem := re2_problem(regex):
        yield Advice(name, f"`{name}` {problem}; it is sent unchanged.")


# Syntax of other engines that RE2 lacks: https://github.com/google/re2/wiki/Syntax. PagerDuty reports other mistakes.
# First come the parts that only look like one of these.
MAX_REPETITIONS = 1000
_TOKEN = re.compile(
    r"""
      \\Q.*?(?:\\E|\Z)
    | \\[1-7][0-7]{1,2}
    | (?P<backreference>\\[1-9]|\\k[<'{]|\(\?P=)
    | \\.
    | \[\^?\]?(?:\\.|\[:\^?\w+:\]|[^\]\\])*(?:\]|\\?\Z)
    | (?P<lookaround>\(\?<?[=!])
    | (?P<atomic>\(\?>)
    | (?P<plain>\(\?[imsU]*(?:-[imsU]+)?:)
    | \(\?[imsU]*(?:-[imsU]+)?\)
    | (?P<open>\((?:\?P?<\w+>)?)
    | (?P<close>\))
    | (?P<repetition>\{(?P<least>\d+)(?:,(?P<most>\d*))?\}|[*+?])(?P<possessive>\+)?
    """,
    re.VERBOSE | re.DOTALL,
)
_LACKING = {
    "lookaround": "lookaround",
    "backreference": "a backreference",
    "atomic": "an atomic group",
    "possessive": "a possessive quantifier",
}


def re2_problem(regex: str) -> str | None:
    """Describe the syntax that RE2 lacks in a regular expression, as a phrase after its name; None if it has none."""
    tokens = [each.groupdict() for each in _TOKEN.finditer(regex)]
    if lacking := [words for name, words in _LACKING.items() if any(each[name] for each in tokens)]:
        return f"uses {' and '.join(lacking)}, which RE2 does not support"
    counts = [(each[bound] or "").lstrip("0") or "0" for each in tokens for bound in ("least", "most")]
    if any(len(count) > len(str(MAX_REPETITIONS)) or int(count) > MAX_REPETITIONS for count in counts):
        return f"repeats something more than {MAX_REPETITIONS} times, which RE2 does not allow"
    return None


def has_nested_groups(regex: str) -> bool:
    """Return whether a capturing group is inside another one."""
    captures: list[bool] = []  # of each open group
    for token in _TOKEN.finditer(regex):
        if token["open"]:
            if any(captures):
                return True
            captures.append(True)
        elif token["plain"] or token["lookaround"] or token["atomic"]:
            captures.append(False)
        elif token["close"] and captures:
            captures.pop()
    return False
