"""How services look in responses."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from typing import Any

from pagerduty_emulator.api.escalation_policies import rows as policy_rows
from pagerduty_emulator.api.escalation_policies.objects import policy_objects, teams_of
from pagerduty_emulator.api.incidents import rows as incident_rows
from pagerduty_emulator.api.integrations import rows as integration_rows
from pagerduty_emulator.api.integrations.objects import integration_object, integration_reference
from pagerduty_emulator.api.references import References
from pagerduty_emulator.api.response_plays import rows as play_rows
from pagerduty_emulator.database import Database, Row

from .grouping import PARAMETERS, older

ShowIntegration = Callable[[References, Row], dict[str, Any]]


def service_objects(
    database: Database,
    references: References,
    rows: Iterable[Row],
    *,
    show: ShowIntegration = integration_object,
    include: Collection[str] = (),
) -> list[dict[str, Any]]:
    """Whole services, with integrations as `show` makes them; whole by default.

    `include` makes `teams` and `escalation_policies` whole.
    """
    rows = list(rows)
    ids = [row["id"] for row in rows]
    integrations: dict[str, list[dict[str, Any]]] = {service_id: [] for service_id in ids}
    for row in integration_rows.on_services(database, ids):
        integrations[row["service_id"]].append(show(references, row))
    incidents = incident_rows.last_by_status(database, ids)
    policies: dict[str, dict[str, Any]] = {}
    if "escalation_policies" in include:
        found = policy_rows.some(database, sorted({row["escalation_policy_id"] for row in rows}))
        policies = {policy["id"]: policy for policy in policy_objects(database, references, found)}
    return [
        {
            **_service(database, references, row, incidents.get(row["id"], {})),
            "teams": teams_of(database, references, row, whole="teams" in include),
            "escalation_policy": policies.get(row["escalation_policy_id"])
            or references.escalation_policy(row["escalation_policy_id"], row["policy_name"]),
            "integrations": integrations[row["id"]],
        }
        for row in rows
    ]


def service_without_integrations(database: Database, references: References, row: Row) -> dict[str, Any]:
    """One service, with references to its integrations."""
    return service_objects(database, references, [row], show=integration_reference)[0]


def _service(database: Database, references: References, row: Row, incidents: dict[str, str]) -> dict[str, Any]:
    """Return a service by itself; `incidents` are the statuses of its incidents, each with the last one's time."""
    attributes = json.loads(row["attributes"])
    disabled, play_id = attributes.pop("disabled"), attributes.pop("response_play")
    play = play_rows.find(database, play_id)
    last = max(incidents.values(), default=None)
    return {
        **references.service(row["id"], row["name"]),
        "type": "service",
        "name": row["name"],
        **attributes,
        **older(attributes[PARAMETERS]),
        "created_at": references.local(row["created_at"]),
        "updated_at": references.local(row["updated_at"]),
        "status": "disabled" if disabled else _status(set(incidents)),
        "last_incident_timestamp": last and references.local(last),
        "addons": [],
        "response_play": play and references.response_play(play["id"], play["name"]),
    }


def _status(incidents: set[str]) -> str:
    """Return a service's status from those of its incidents."""
    if "triggered" in incidents:
        return "critical"
    return "warning" if "acknowledged" in incidents else "active"
