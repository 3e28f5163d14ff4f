"""An Integration's properties as the API has them, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Container, Iterable, Mapping
from typing import Any

from pagerduty_native.pagerduty.integration import Integration
from pagerduty_native.pagerduty.integration_types import type_of
from pagerduty_native.rpc import encode

from . import email

EMAIL_PROPERTIES = (
    "integration_email",
    "email_incident_creation",
    "email_filter_mode",
    "email_filters",
    "email_parsers",
    "email_parsing_fallback",
)
UPDATABLE = ("name", *EMAIL_PROPERTIES)
# PagerDuty never sets these by itself.
RULE_LISTS = ("email_filters", "email_parsers")


def to_api(args: object, names: Iterable[str]) -> dict[str, Any]:
    """The API's fields for the named properties of an `IntegrationArgs`; what is absent or empty is left out."""
    fields: dict[str, Any] = {name: getattr(args, name) for name in names}
    for name, each_to_api in (("email_filters", email.filter_to_api), ("email_parsers", email.to_api)):
        if fields.get(name):
            fields[name] = [each_to_api(each) for each in fields[name]]
    return {name: value for name, value in fields.items() if value}


def cleared(new: object, changed: Container[str]) -> dict[str, Any]:
    """Return the API's fields that clear removed properties. The API keeps omitted ones."""
    gone = {name for name in RULE_LISTS if name in changed and not getattr(new, name)}
    return {name: [email.NO_FILTER] if name == "email_filters" else [] for name in gone}


def state_from(found: Integration, before: Mapping[str, Any], sent: Container[str] | None = None) -> dict[str, Any]:
    """Return the properties of an `IntegrationState` after a response, by their Python names.

    A property that the response lacks is unknown, not removed: it stays as it was.

    before: the properties as they were, or as they were sent. sent: those that an update sent; the others stay as they
    were, so that a refresh shows their drift.
    """
    url_of_page = found.html_url or (None if found.self_url else before.get("html_url"))
    key = found.integration_key or (None if _is_email(found, before) else before.get("integration_key"))
    state = from_api(dataclasses.replace(found, integration_key=key, html_url=url_of_page))
    for name, value in state.items():
        old = before.get(name)
        if sent is not None and name in UPDATABLE and name not in sent:
            if old is not None or name in RULE_LISTS:
                state[name] = old
        elif not value and old is not None and not _has_none(found, before, name):
            state[name] = old
    return state


def _is_email(found: Integration, before: Mapping[str, Any]) -> bool:
    """Return whether an integration receives e-mail. If the type does not decide, an address does."""
    undecided = type_of(found.type).takes_email is None and not found.integration_key
    return found.takes_email or (undecided and bool(before.get("integration_email")))


def _has_none(found: Integration, before: Mapping[str, Any], name: str) -> bool:
    """Return whether a response without a property says that the integration has none."""
    if name in {"integration_key", "integration_url"}:
        return _is_email(found, before)
    if name not in EMAIL_PROPERTIES:
        return False
    if not _is_email(found, before):
        return True
    # PagerDuty shows the filters of every such integration, but parsers only if it has any (go-pagerduty #315).
    shows_rules = found.email_filters is not None
    match name:
        case "email_filters":
            return shows_rules
        case "email_parsers":
            return shows_rules or found.email_parsers is not None
        case "email_parsing_fallback":
            return shows_rules and not found.email_parsers
    return False


def is_silent(found: Integration, state: Mapping[str, Any], asked: Iterable[str]) -> bool:
    """Return whether a response to a write lacks what a read may show: the key, the page, or a rule that was sent."""
    if not found.takes_email and not state["integration_key"]:
        return True
    if not state["html_url"] and not found.self_url:
        return True
    return found.takes_email and any(getattr(found, name) is None for name in asked)


def from_api(found: Integration) -> dict[str, Any]:
    """The properties of an `IntegrationState`, by their Python names."""
    filters = [email.from_api(email.EmailFilter, each) for each in found.email_filters or []]
    return {
        "service": found.service_id,
        "vendor": found.vendor_id,
        "type": found.type,
        "name": found.name,
        "integration_email": found.integration_email,
        "email_incident_creation": found.email_incident_creation,
        "email_filter_mode": found.email_filter_mode,
        # The one filter that lets everything pass is how PagerDuty says that there is none.
        "email_filters": filters if email.filters_meaning([encode(each) for each in filters]) else None,
        "email_parsers": [email.from_api(email.EmailParser, each) for each in found.email_parsers or []] or None,
        "email_parsing_fallback": found.email_parsing_fallback,
        "integration_id": found.id,
        "integration_key": found.integration_key,
        "integration_url": found.events_url,
        "html_url": found.html_url,
    }


def tells_enough(found: Integration, old: Any) -> bool:
    """Whether a bulk read tells all of an integration: what it leaves out must not be taken for a change.

    old: its `IntegrationState` as far as it is known; nothing of it at import.
    """
    if old.integration_id is None:
        return not found.takes_email or (found.email_filters is not None and found.email_parsers is not None)
    told = {name: getattr(found, name) for name in ("integration_key", "html_url", *EMAIL_PROPERTIES)}
    told["vendor"] = found.vendor_id
    return all(getattr(old, name) is None or value is not None for name, value in told.items())
