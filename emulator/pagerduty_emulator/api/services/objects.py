"""How services look in responses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from pagerduty_emulator.api.incidents import rows as incident_rows
from pagerduty_emulator.api.integrations import rows as integration_rows
from pagerduty_emulator.api.integrations.objects import integration_object, integration_reference
from pagerduty_emulator.api.references import References
from pagerduty_emulator.database import Database, Row

ShowIntegration = Callable[[References, Row], dict[str, Any]]


def service_objects(
    database: Database,
    references: References,
    rows: Iterable[Row],
    *,
    show: ShowIntegration = integration_object,
) -> list[dict[str, Any]]:
    """Whole services, with integrations as `show` makes them: whole, unless told."""
    rows = list(rows)
    integrations: dict[str, list[dict[str, Any]]] = {row["id"]: [] for row in rows}
    for row in integration_rows.on_services(database, list(integrations)):
        integrations[row["service_id"]].append(show(references, row))
    return [_service(database, references, row, integrations[row["id"]]) for row in rows]


def service_without_integrations(database: Database, references: References, row: Row) -> dict[str, Any]:
    """One service, with references to its integrations."""
    return service_objects(database, references, [row], show=integration_reference)[0]


def _service(
    database: Database, references: References, row: Row, integrations: list[dict[str, Any]]
) -> dict[str, Any]:
    attributes = json.loads(row["attributes"])
    policy = attributes.pop("escalation_policy")
    last_by_status = incident_rows.last_by_status(database, row["id"])
    last = max(last_by_status.values(), default=None)
    local = references.settings.local
    return {
        **references.service(row["id"], row["name"]),
        "type": "service",
        "name": row["name"],
        **attributes,
        "created_at": local(row["created_at"]),
        "updated_at": local(row["updated_at"]),
        "status": _status(set(last_by_status)),
        "last_incident_timestamp": last and local(last),
        "teams": [],
        "addons": [],
        "response_play": None,
        "escalation_policy": references.escalation_policy(policy),
        "integrations": integrations,
    }


def _status(incidents: set[str]) -> str:
    """A service's status from those of its incidents."""
    if "triggered" in incidents:
        return "critical"
    return "warning" if "acknowledged" in incidents else "active"
