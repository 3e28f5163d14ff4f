"""What a service must have, and what it has where a request leaves it out."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator.database import Database, Row, new_id, now
from pagerduty_emulator.errors import invalid

from . import rows


def create(database: Database, given: dict[str, Any]) -> str:
    """A new service; returns its id. Name and escalation policy are required, names are unique."""
    errors = _name_errors(database, given.get("name"), None)
    policy = given.get("escalation_policy")
    if not isinstance(policy, dict) or not policy.get("id"):
        errors.append("Escalation policy can't be blank")
    if errors:
        raise invalid(*errors)
    service_id = new_id()
    rows.add(database, service_id, given["name"], attributes_of(given), now())
    return service_id


def change(database: Database, row: Row, given: dict[str, Any]) -> None:
    """Changes a service by what is given; what is left out stays as it was."""
    name = given.get("name", row["name"])
    errors = _name_errors(database, name, row["id"])
    if errors:
        raise invalid(*errors)
    rows.change(database, row["id"], name, attributes_of({**json.loads(row["attributes"]), **given}))


def attributes_of(given: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a service beside its name: `given`, completed by the API's defaults."""
    attributes: dict[str, Any] = {
        "description": None,
        "auto_resolve_timeout": 14400,
        "acknowledgement_timeout": 1800,
        "alert_creation": "create_alerts_and_incidents",
        "alert_grouping": None,
        "alert_grouping_timeout": None,
        "alert_grouping_parameters": {"type": None, "config": None},
        "auto_pause_notifications_parameters": {"enabled": False, "timeout": 120},
        "escalation_policy": "PT20YPA",
        "incident_urgency_rule": {"type": "constant", "urgency": "high"},
        "scheduled_actions": [],
        "support_hours": None,
    }
    attributes.update({name: given[name] for name in attributes if name in given})
    policy = attributes["escalation_policy"]
    if isinstance(policy, dict):
        attributes["escalation_policy"] = policy.get("id")
    return attributes


def _name_errors(database: Database, name: Any, service_id: str | None) -> list[str]:
    if not isinstance(name, str) or not name.strip():
        return ["Name can't be blank"]
    return ["Name has already been taken"] if rows.is_name_taken(database, name, service_id) else []
