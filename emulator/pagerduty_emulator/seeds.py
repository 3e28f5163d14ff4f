"""What a new account starts with: services and vendors, with ids that never change."""

from __future__ import annotations

import csv
import json
from importlib import resources
from typing import Any

from .database import Database

CREATED_AT = "2024-01-15T09:00:00Z"
DEFAULT_SERVICES = 12
MAX_SERVICES = 99_999  # as many as have room in their ids


def seed(database: Database, services: int = DEFAULT_SERVICES) -> None:
    """Fills an empty database; beyond the named services come `Service 0013` and so on."""
    with database.transaction():
        for row in _table("vendors.csv"):
            database.insert("vendors", {name: value or None for name, value in row.items()})
        named = _table("services.csv")[:services]
        for row in named:
            add_service(database, row["id"], row["name"], row["description"])
        for number in range(len(named) + 1, services + 1):
            add_service(database, f"PS{number:05d}", f"Service {number:04d}", "")


def add_service(database: Database, service_id: str, name: str, description: str) -> None:
    """One service with the defaults of the web app."""
    database.insert(
        "services",
        {
            "id": service_id,
            "name": name,
            "created_at": CREATED_AT,
            "updated_at": CREATED_AT,
            "attributes": json.dumps(service_attributes({"description": description})),
        },
    )


def service_attributes(given: dict[str, Any]) -> dict[str, Any]:
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


def _table(name: str) -> list[dict[str, str]]:
    """The rows of a data file of this package."""
    text = (resources.files(__package__) / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
