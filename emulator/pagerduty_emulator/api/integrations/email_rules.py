"""E-mail rules: filters and parsers.

Each function takes what a request gave, adds what is wrong with it to `errors`, and returns it as
PagerDuty would keep and show it: with ids, with defaults, with nulls for what is absent.
"""

from __future__ import annotations

import secrets
from typing import Any

from pagerduty_emulator.database import new_id

from .regexes import compiled, has_nested_groups

INCIDENT_CREATION = (
    "on_new_email",
    "on_new_email_subject",
    "only_if_no_open_incidents",
    "use_rules",
)
FILTER_MODES = ("all-email", "or-rules-email", "and-rules-email")
PARSING_FALLBACKS = ("open_new_incident", "discard")
MATCH_MODES = ("always", "match", "no-match")
FILTERED = ("subject", "body", "from_email")
PARTS = ("body", "subject", "from_addresses")
MAX_PARSERS = 10

# How PagerDuty's messages about value extractors begin: terraform-provider issue 651, and its support pages.
HANDLER = "Email handler email action rules"

Errors = list[str]


def email_settings(given: dict[str, Any], before: dict[str, Any], errors: Errors) -> dict[str, Any]:
    """Return the e-mail properties after a request that gave `given`, when they were `before`."""
    after = before or {
        "email_incident_creation": "on_new_email_subject",
        "email_filter_mode": "all-email",
        "email_filters": _filters([], errors),
        "email_parsers": None,
        "email_parsing_fallback": None,
    }
    after = dict(after)
    for name, allowed in (
        ("email_incident_creation", INCIDENT_CREATION),
        ("email_filter_mode", FILTER_MODES),
        ("email_parsing_fallback", PARSING_FALLBACKS),
    ):
        if given.get(name) is not None:
            after[name] = _one_of(given[name], allowed, _words(name), errors)
    if "email_filters" in given:
        after["email_filters"] = _filters(given["email_filters"] or [], errors)
    if "email_parsers" in given:
        after["email_parsers"] = _parsers(given["email_parsers"] or [], errors)
    if after["email_parsers"] and after["email_parsing_fallback"] is None:
        after["email_parsing_fallback"] = "open_new_incident"
    return after


def _filters(given: Any, errors: Errors) -> list[dict[str, Any]]:
    """Return the filters; if there are none, the one that lets everything pass."""
    if not isinstance(given, list):
        errors.append("Email filters must be an array")
        return []
    return [_filter(item, f"Email filter {n}", errors) for n, item in enumerate(given or [{}], 1)]


def _filter(given: Any, what: str, errors: Errors) -> dict[str, Any]:
    """Return a filter; modes that are absent become `always` (terraform-provider pull request 625)."""
    if not isinstance(given, dict):
        errors.append(f"{what} must be an object")
        return {}
    shown: dict[str, Any] = {"id": str(given.get("id") or new_id())}
    for field in FILTERED:
        mode = given.get(f"{field}_mode")
        if mode is None:
            mode = "always"
        where = f"{what} {_words(field, capital=False)}"
        shown[f"{field}_mode"] = _one_of(mode, MATCH_MODES, f"{where} mode", errors)
        regex = given.get(f"{field}_regex")
        if mode in ("match", "no-match"):
            _check_regex(regex, f"{where} regex", errors, nested_groups=True)
            shown[f"{field}_regex"] = regex
        else:
            shown[f"{field}_regex"] = None
    return shown


def _parsers(given: Any, errors: Errors) -> list[dict[str, Any]] | None:
    if not isinstance(given, list):
        errors.append("Email parsers must be an array")
        return None
    if len(given) > MAX_PARSERS:
        errors.append(f"Email parsers cannot be more than {MAX_PARSERS}")
    return [_parser(item, f"Email parser {n}", errors) for n, item in enumerate(given, 1)] or None


def _parser(given: Any, what: str, errors: Errors) -> dict[str, Any]:
    if not isinstance(given, dict):
        errors.append(f"{what} must be an object")
        return {}
    extractors = given.get("value_extractors") or []
    if not isinstance(extractors, list):
        errors.append(f"{what} value extractors must be an array")
        extractors = []
    named = [item.get("value_name") for item in extractors if isinstance(item, dict)]
    if named.count("incident_key") != 1:
        errors.append(f"{what} must have exactly one value extractor named incident_key")
    return {
        "id": given.get("id") or secrets.randbelow(900_000) + 100_000,
        "action": _one_of(given.get("action"), ("trigger", "resolve"), f"{what} action", errors),
        "match_predicate": _predicate(given.get("match_predicate"), f"{what} match predicate", errors),
        "value_extractors": [
            _extractor(item, f"{what} value extractor {n}", errors) for n, item in enumerate(extractors, 1)
        ],
    }


def _predicate(given: Any, what: str, errors: Errors) -> dict[str, Any]:
    """Return a condition: all, any or not of its children, or a comparison with a part of the mail."""
    if not isinstance(given, dict):
        errors.append(f"{what} can't be blank")
        return {}
    groups, comparisons = ("all", "any", "not"), ("contains", "exactly", "regex")
    kind = _one_of(given.get("type"), groups + comparisons, f"{what} type", errors)
    children = given.get("children") or []
    if kind in groups:
        if not isinstance(children, list) or not children:
            errors.append(f"{what} children can't be blank")
            children = []
        shown = [_predicate(child, f"{what} child {n}", errors) for n, child in enumerate(children, 1)]
        return {"type": kind, "matcher": None, "part": None, "children": shown}
    if not isinstance(given.get("matcher"), str) or not given["matcher"]:
        errors.append(f"{what} matcher can't be blank")
    elif kind == "regex":
        _check_regex(given["matcher"], f"{what} matcher", errors, nested_groups=False)
    part = _one_of(given.get("part"), PARTS, f"{what} part", errors)
    return {"type": kind, "matcher": given.get("matcher"), "part": part, "children": []}


def _extractor(given: Any, what: str, errors: Errors) -> dict[str, Any]:
    if not isinstance(given, dict):
        errors.append(f"{what} must be an object")
        return {}
    kind = _one_of(given.get("type"), ("entire", "regex", "between"), f"{what} type", errors)
    if not isinstance(given.get("value_name"), str) or not given["value_name"]:
        errors.append(f"{what} value name can't be blank")
    shown: dict[str, Any] = {
        "type": kind,
        "part": _one_of(given.get("part"), PARTS, f"{what} part", errors),
        "value_name": given.get("value_name"),
        "regex": None,
        "starts_after": None,
        "ends_before": None,
    }
    if kind == "regex":
        shown["regex"] = given.get("regex")
        fits = _check_regex(shown["regex"], f"{what} regex", errors, nested_groups=False)
        if fits and not compiled(shown["regex"]).groups:
            errors.append(f"{HANDLER} value extractors matcher must have at least one capture group")
    if kind == "between":
        for end in ("starts_after", "ends_before"):
            if not isinstance(given.get(end), str):
                errors.append(f"{HANDLER} value extractors {_words(end, capital=False)} can't be nil")
            shown[end] = given.get(end)
    return shown


def _one_of(value: Any, allowed: tuple[str, ...], what: str, errors: Errors) -> Any:
    if value not in allowed:
        errors.append(f"{what} is not included in the list")
    return value


def _check_regex(value: Any, what: str, errors: Errors, *, nested_groups: bool) -> bool:
    """Refuses what RE2 does not take, and nested groups in parsers; says whether the pattern will do."""
    problem = None
    if not isinstance(value, str) or not value:
        problem = "can't be blank"
    elif not nested_groups and has_nested_groups(value):
        problem = "must not have nested groups"
    else:
        try:
            compiled(value)
        except ValueError:
            problem = "is not a valid regular expression"
    if problem:
        errors.append(f"{what} {problem}")
    return problem is None


def _words(name: str, capital: bool = True) -> str:
    text = name.replace("_", " ")
    return text[0].upper() + text[1:] if capital else text
