"""Seed files: sections, properties, and the values that each may have.

What PagerDuty's API checks (filters, timeouts, grouping of alerts, ...) is checked by the rules of the API as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .api.escalation_policies import rules as policy_rules
from .api.event_orchestrations import rules as orchestration_rules
from .api.events.rules import KEY_LENGTH
from .api.integrations import email_rules
from .api.integrations import rules as integration_rules
from .api.response_plays.rules import ATTRIBUTES as PLAY_ATTRIBUTES
from .api.services.rules import CREATIONS
from .api.services.rules import DEFAULTS as SERVICE_ATTRIBUTES
from .api.teams import rules as team_rules
from .api.users.rules import ROLES

PLACE = "(place)"
"""Where an object stands in its file, for errors; no property is called so."""

Fields = dict[str, "Kind"]


@dataclass(frozen=True)
class Kind:
    """The kind of a property: in words, and as a check of values."""

    allowed: str
    fits: Callable[[Any], bool] = lambda _: True
    choices: tuple[str, ...] = ()
    items: Fields | None = None
    """The properties of each object, if it is a list of such."""
    required: bool = False
    secret: bool = False


def _text(allowed: str = "text", pattern: str = r"(?s).*\S.*", **more: Any) -> Kind:
    return Kind(allowed, lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value)), **more)


def _or_nothing(kind: Kind) -> Kind:
    return replace(kind, allowed=f"{kind.allowed}, or null", fits=lambda value: value is None or kind.fits(value))


def _one_of(*choices: str) -> Kind:
    return Kind(f"one of {', '.join(choices)}", lambda value: value in choices, choices)


def _list_of(fields: Fields, *, required: bool = False) -> Kind:
    return Kind(f"a list of objects with {', '.join(fields)}", items=fields, required=required)


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def _whole(allowed: str, least: int, most: int) -> Kind:
    return Kind(allowed, lambda value: type(value) is int and least <= value <= most)


ANY = Kind("what JSON can say", _is_json)
ID = _text("text without blanks and slashes", r"[^\s/]+")
NAME = _text(required=True)
TEXT = _or_nothing(Kind("text", lambda value: isinstance(value, str)))
REFERENCE = _text("the name or the id of one")
TIME = _text("a time in UTC, such as 2024-01-15T09:00:00Z", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
KEY = _or_nothing(_text(f"a text of {KEY_LENGTH} characters", f".{{{KEY_LENGTH}}}", secret=True))
USERS_EMAIL = _text(
    "an address, or what is before the @ of one at the account's domain", r"[^\s@]+(@[^\s@]+)?", required=True
)

TYPES = tuple(sorted(integration_rules.WITHOUT_VENDOR | integration_rules.NEED_A_VENDOR))

INTEGRATION: Fields = {
    "id": ID,
    "name": replace(NAME, required=False),
    "type": _text("a type of integrations", r"\w+_inbound_integration", choices=TYPES),
    "vendor": _or_nothing(REFERENCE),
    "integration_key": KEY,
    "integration_email": _text("an e-mail address", r"[^\s@]+@[^\s@]+"),
    "email_incident_creation": _one_of(*email_rules.INCIDENT_CREATION),
    "email_filter_mode": _one_of(*email_rules.FILTER_MODES),
    "email_filters": ANY,
    "email_parsers": ANY,
    "email_parsing_fallback": _one_of(*email_rules.PARSING_FALLBACKS),
    "config_fields": Kind(
        "an object of texts, what the web app sets on event transformers",
        lambda value: isinstance(value, dict) and all(isinstance(each, str) for each in [*value, *value.values()]),
    ),
    "created_at": TIME,
}

SECTIONS: dict[str, Fields] = {
    "users": {
        "id": ID,
        "name": NAME,
        "email": USERS_EMAIL,
        "role": _one_of(*ROLES),
        "job_title": TEXT,
        "time_zone": ANY,
        "color": ANY,
        "description": ANY,
    },
    "teams": {
        "id": ID,
        "name": NAME,
        "description": TEXT,
        "default_role": _one_of(*team_rules.DEFAULT_ROLES),
        "members": _list_of(
            {"user": replace(REFERENCE, required=True), "role": _one_of(*team_rules.ROLES)},
        ),
    },
    "escalation_policies": {
        "id": ID,
        "name": NAME,
        "description": TEXT,
        "team": _or_nothing(REFERENCE),
        "num_loops": _whole(f"a whole number from 0 to {policy_rules.MAX_LOOPS}", 0, policy_rules.MAX_LOOPS),
        "on_call_handoff_notifications": _one_of(*policy_rules.HANDOFFS),
        "escalation_rules": _list_of(
            {
                "id": ID,
                "escalation_delay_in_minutes": replace(
                    _whole("a whole number of minutes, from 1", 1, policy_rules.MAX_DELAY), required=True
                ),
                "escalation_rule_assignment_strategy": _one_of(*policy_rules.STRATEGIES),
                "targets": Kind(
                    "a list of names or ids of users",
                    lambda value: isinstance(value, list) and all(isinstance(item, str) for item in value),
                    required=True,
                ),
            },
            required=True,
        ),
    },
    "vendors": {
        "id": ID,
        "name": NAME,
        "generic_service_type": TEXT,
        "integration_type": TEXT,
        "website_url": TEXT,
        "integration_guide_url": TEXT,
        "featured": _or_nothing(_whole("a whole number, the place among the first", 0, 2**31)),
        "needs_aiops": _or_nothing(_whole("1, for those that only accounts with AIOps have", 0, 1)),
    },
    "response_plays": {"id": ID, "name": NAME, **dict.fromkeys(PLAY_ATTRIBUTES, ANY)},
    "services": {
        "id": ID,
        "name": NAME,
        "escalation_policy": REFERENCE,
        **dict.fromkeys((name for name in SERVICE_ATTRIBUTES if name not in ("disabled", "response_play")), ANY),
        "description": TEXT,
        "alert_creation": _one_of(*CREATIONS),
        "response_play": _or_nothing(REFERENCE),
        "status": _one_of("active", "disabled"),
        "created_at": TIME,
        "integrations": _list_of(INTEGRATION),
    },
}

SECTIONS["event_orchestrations"] = {
    "id": ID,
    "name": NAME,
    "description": TEXT,
    "team": _or_nothing(REFERENCE),
    **dict.fromkeys(orchestration_rules.PATHS, ANY),
    "created_at": TIME,
    "integrations": _list_of(
        {
            "id": ID,
            "label": NAME,
            "routing_key": _text("a key: R and 31 capital letters or digits", "R[0-9A-Z]{31}", secret=True),
        }
    ),
}

# Property to the section that it refers into, or to what is nested in it.
REFERENCES: dict[str, dict[str, str]] = {
    "teams": {"members": "member"},
    "member": {"user": "users"},
    "escalation_policies": {"team": "teams", "escalation_rules": "escalation_rule"},
    "escalation_rule": {"targets": "users"},
    "services": {
        "escalation_policy": "escalation_policies",
        "response_play": "response_plays",
        "integrations": "integration",
    },
    "integration": {"vendor": "vendors"},
    "event_orchestrations": {"team": "teams"},
}
