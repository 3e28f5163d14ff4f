"""What an integration does with the e-mail that it receives: the properties inside `emailFilters` and `emailParsers`.

The names are the REST API's, in camelCase: https://developer.pagerduty.com/api-reference (Create a new integration).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, TypeVar

from pagerduty_native.rpc import Advice, Failure, Problem, camel_case, decode, field, object_type

from .re2 import has_nested_groups, re2_problem

T = TypeVar("T")

INCIDENT_CREATION = {
    "on_new_email": "an incident for each e-mail.",
    "on_new_email_subject": "an incident for each e-mail with a new subject.",
    "only_if_no_open_incidents": "an incident for an e-mail while none is open.",
    "use_rules": "incidents are opened and resolved by `emailParsers`.",
}
FILTER_MODES = {
    "all-email": "every e-mail is taken.",
    "or-rules-email": "an e-mail is taken that passes one of `emailFilters`.",
    "and-rules-email": "an e-mail is taken that passes all of `emailFilters`.",
}
PARSING_FALLBACKS = {
    "open_new_incident": "an incident is opened.",
    "discard": "the e-mail is discarded.",
}
MATCH_MODES = {
    "always": "everything passes; the default.",
    "match": "what matches the regular expression passes.",
    "no-match": "what does not match the regular expression passes.",
}
ACTIONS = {"trigger": "an incident is opened.", "resolve": "the incident is resolved."}
PARTS = {"subject": "the subject.", "body": "the body.", "from_addresses": "the sender's addresses."}
GROUPS = {
    "all": "all of `children` hold.",
    "any": "one of `children` holds.",
    "not": "none of `children` holds.",
}
COMPARISONS = {
    "contains": "`part` contains `matcher`.",
    "exactly": "`part` is `matcher`.",
    "regex": "`part` matches the regular expression `matcher`.",
}
EXTRACTIONS = {
    "entire": "all of `part`.",
    "regex": "the first group of the regular expression `regex`.",
    "between": "what stands between `startsAfter` and `endsBefore`.",
}
INCIDENT_KEY = "incident_key"
# https://support.pagerduty.com/main/docs/email-integration-guide
MOST_PARSERS = 10
FILTERED = ("subject", "body", "from_email")
# How the API says that every e-mail passes.
NO_FILTER = {f"{name}_mode": "always" for name in FILTERED}


@object_type
class EmailFilter:
    """A condition that an e-mail has to pass. What is not filtered may be left out."""

    subject_mode: str | None = field("How the subject is filtered.", allowed=MATCH_MODES)
    subject_regex: str | None = field("The regular expression (RE2) for the subject.")
    body_mode: str | None = field("How the body is filtered.", allowed=MATCH_MODES)
    body_regex: str | None = field("The regular expression (RE2) for the body.")
    from_email_mode: str | None = field("How the sender's address is filtered.", allowed=MATCH_MODES)
    from_email_regex: str | None = field("The regular expression (RE2) for the sender's address.")

    def check_subject(self) -> Iterator[Problem]:
        yield from _check_mode("subject", self.subject_mode, self.subject_regex)

    def check_body(self) -> Iterator[Problem]:
        yield from _check_mode("body", self.body_mode, self.body_regex)

    def check_from_email(self) -> Iterator[Problem]:
        yield from _check_mode("fromEmail", self.from_email_mode, self.from_email_regex)


@object_type
class MatchPredicate:
    """A condition on an e-mail: a comparison of one part of it, or a group of further conditions."""

    type: str = field("The kind of condition.", allowed={**GROUPS, **COMPARISONS})
    part: str | None = field("The part of the e-mail that a comparison looks at.", allowed=PARTS)
    matcher: str | None = field("What a comparison compares `part` with; a regular expression (RE2) for `regex`.")
    children: list[MatchPredicate] | None = field("The conditions of a group: of `all`, `any` or `not`.")

    def check(self) -> Iterator[Problem]:
        if self.type in GROUPS:
            if not self.children:
                yield Failure("children", f"`children` must not be empty where `type` is `{self.type}`.")
            return
        yield from _check_given(self.type, {"part": self.part, "matcher": self.matcher})
        if self.type == "regex" and self.matcher:
            yield from _check_regex("matcher", self.matcher)


@object_type
class ValueExtractor:
    """Something that is taken from an e-mail into the incident."""

    type: str = field("How the value is found.", allowed=EXTRACTIONS)
    part: str = field("The part of the e-mail that the value is in.", allowed=PARTS)
    value_name: str = field(
        "The name of the value in the incident. Exactly one extractor of a parser has the name `incident_key`: e-mails "
        "of which it is the same belong to one incident."
    )
    regex: str | None = field("The regular expression (RE2) of the type `regex`, without nested groups.")
    starts_after: str | None = field("What stands before the value, for the type `between`; may be empty.", blank=True)
    ends_before: str | None = field("What stands after the value, for the type `between`; may be empty.", blank=True)

    def check(self) -> Iterator[Problem]:
        if self.type == "between":
            ends = {"startsAfter": self.starts_after, "endsBefore": self.ends_before}
            yield from _check_given(self.type, ends, hint=' It may be "".')
        if self.type == "regex":
            yield from _check_given(self.type, {"regex": self.regex})
            if self.regex:
                yield from _check_regex("regex", self.regex)
                if has_nested_groups(self.regex):
                    yield Advice("regex", "`regex` has a group inside a group, which PagerDuty refuses.")


@object_type
class EmailParser:
    """A rule for e-mails that `matchPredicate` holds for: what happens with the incident, and what is put into it."""

    action: str = field("What happens.", allowed=ACTIONS)
    match_predicate: MatchPredicate = field("The condition.")
    value_extractors: list[ValueExtractor] | None = field(
        "What is taken from the e-mail. Exactly one has the `valueName` `incident_key`."
    )

    def check(self) -> Iterator[Problem]:
        named = [extractor.value_name for extractor in self.value_extractors or []]
        if named.count(INCIDENT_KEY) != 1:
            yield Failure(
                "valueExtractors",
                f"exactly one of `valueExtractors` must have the `valueName` `{INCIDENT_KEY}`, got "
                f"{named.count(INCIDENT_KEY)}.",
            )


def filters_meaning(filters: Any) -> Any:
    """What of `emailFilters` is compared: their conditions, in no order. That everything passes is the same as none."""
    meant = [_filter_meaning(each) for each in filters]
    return sorted(meant, key=str) if meant != [_filter_meaning({})] else None


def _filter_meaning(given: dict[str, Any]) -> dict[str, Any]:
    meant: dict[str, Any] = {}
    for name in map(camel_case, FILTERED):
        mode = given.get(f"{name}Mode") or "always"
        meant[f"{name}Mode"] = mode
        if mode != "always":
            meant[f"{name}Regex"] = given.get(f"{name}Regex")
    return meant


def to_api(declared: object) -> dict[str, Any]:
    """An object as the REST API takes it: its Python names are the API's."""
    fields = dataclasses.asdict(declared)  # type: ignore[call-overload]
    without_nulls: dict[str, Any] = _without(fields, (None,))
    return without_nulls


def filter_to_api(email_filter: EmailFilter) -> dict[str, Any]:
    """The API wants every mode."""
    return NO_FILTER | to_api(email_filter)


def from_api(cls: type[T], body: dict[str, Any]) -> T:
    """The object that the REST API describes, without IDs, nulls and empty lists."""
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


def _check_given(kind: str, needed: dict[str, Any], hint: str = "") -> Iterator[Problem]:
    """What a `type` needs is there. needed: values by the names of their properties."""
    for name, value in needed.items():
        if value is None:
            yield Failure(name, f"`{name}` is required where `type` is `{kind}`.{hint}")


def _check_mode(name: str, mode: str | None, regex: str | None) -> Iterator[Problem]:
    if mode in {"match", "no-match"} and regex is None:
        yield Failure(f"{name}Regex", f"`{name}Regex` is required where `{name}Mode` is `{mode}`.")
    elif mode in {None, "always"} and regex is not None:
        yield Advice(f"{name}Regex", f"`{name}Regex` has no effect unless `{name}Mode` is `match` or `no-match`.")
    elif regex is not None:
        yield from _check_regex(f"{name}Regex", regex)
        if "(?i" in regex:
            yield Advice(f"{name}Regex", f"`{name}Regex`: PagerDuty's e-mail filters do not know `(?i)`.")


def _check_regex(name: str, regex: str) -> Iterator[Problem]:
    if problem := re2_problem(regex):
        yield Advice(name, f"`{name}` {problem}; it is sent as it is.")
