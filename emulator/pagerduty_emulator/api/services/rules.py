"""Rules for services, and defaults."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.escalation_policies import rows as policy_rows
from pagerduty_emulator.api.response_plays import rows as play_rows
from pagerduty_emulator.database import Database, Row, new_id, now
from pagerduty_emulator.errors import invalid, name_errors, not_found, trimmed

from . import rows
from .grouping import OFF, PARAMETERS, PAUSED, grouping, pause
from .urgency import DEFAULTS as URGENCY
from .urgency import urgency

PAUSE = "auto_pause_notifications_parameters"
TIMEOUTS = ("acknowledgement_timeout", "auto_resolve_timeout")  # seconds
CREATIONS = ("create_incidents", "create_alerts_and_incidents")
NO_POLICY = "Escalation policy can't be blank"
DEFAULTS: dict[str, Any] = {
    "description": None,
    "auto_resolve_timeout": None,
    "acknowledgement_timeout": None,
    "alert_creation": "create_alerts_and_incidents",
    PARAMETERS: OFF,
    PAUSE: PAUSED,
    **URGENCY,
    "response_play": None,
    "disabled": False,
}
WEB_APP = {**DEFAULTS, "auto_resolve_timeout": 14400, "acknowledgement_timeout": 1800}
"""What services have that were made in the web app."""


def create(account: Account, given: dict[str, Any]) -> str:
    """Return a new service; returns its id. Name and escalation policy are required, names are unique."""
    name = trimmed(given.get("name"))
    errors = name_errors(name) or _taken(account.database, name, None)
    policy_id = _policy(account, given.get("escalation_policy"), errors)
    kept = attributes(account.database, given, DEFAULTS, errors)
    if errors:
        raise invalid(*errors)
    service_id = new_id()
    rows.add(account.database, service_id, name, policy_id, kept, time=now())
    return service_id


def change(account: Account, row: Row, given: dict[str, Any]) -> None:
    """Change a service by what is given; what is left out stays as it was."""
    name, policy_id = trimmed(given.get("name", row["name"])), row["escalation_policy_id"]
    errors = name_errors(name) if "name" in given else []
    errors = errors or _taken(account.database, name, row["id"])
    if "escalation_policy" in given:
        policy_id = _policy(account, given["escalation_policy"], errors)
    kept = attributes(account.database, given, json.loads(row["attributes"]), errors)
    if errors:
        raise invalid(*errors)
    rows.change(account.database, row["id"], name, policy_id, kept)


def _policy(account: Account, given: Any, errors: list[str]) -> str:
    """Return the id of a policy that is there."""
    policy_id = given.get("id") if isinstance(given, dict) else None
    if policy_rows.find(account.database, policy_id) is None:
        if policy_id and account.settings.unknown_escalation_policy == "not_found":
            raise not_found()
        errors.append(NO_POLICY)
    return str(policy_id)


def attributes(database: Database, given: dict[str, Any], before: dict[str, Any], errors: list[str]) -> dict[str, Any]:
    """All but name and policy: as given, else as `before`."""
    kept = {name: given.get(name, value) for name, value in before.items()}
    if not isinstance(kept["description"], (str, type(None))):
        errors.append("Description must be a string")
    if kept["alert_creation"] not in CREATIONS:
        errors.append(f"Alert creation must be {' or '.join(CREATIONS)}.")
    for name in TIMEOUTS:
        kept[name] = _timeout(name, kept[name], errors)
    return {
        **kept,
        **urgency(given, before, errors),
        PARAMETERS: grouping(given, before[PARAMETERS], errors),
        PAUSE: pause(given.get(PAUSE), before[PAUSE], errors),
        "response_play": _play(database, given["response_play"]) if "response_play" in given else kept["response_play"],
        "disabled": given["status"] == "disabled" if "status" in given else before["disabled"],
    }


def _timeout(name: str, given: Any, errors: list[str]) -> int | None:
    """Seconds; 0 disables the feature, which is then shown as null (description)."""
    if given is None:
        return None
    if type(given) is not int or given < 0:
        errors.append(f"{name.replace('_', ' ').capitalize()} must be greater than or equal to 0")
        return None
    return given or None


def _play(database: Database, given: Any) -> str | None:
    """Return the id of a response play that is there, or None."""
    if given is None:
        return None
    row = play_rows.find(database, given.get("id") if isinstance(given, dict) else given)
    if row is None:
        raise not_found()
    return str(row["id"])


def _taken(database: Database, name: str, service_id: str | None) -> list[str]:
    return ["Name has already been taken"] if rows.is_name_taken(database, name, service_id) else []
