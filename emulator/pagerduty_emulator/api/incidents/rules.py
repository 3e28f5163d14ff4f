"""The effects of events on alerts and incidents, from every channel."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from pagerduty_emulator.api.services import rows as service_rows
from pagerduty_emulator.database import Database, Row, new_id, now

from . import rows

ACTIONS = ("trigger", "acknowledge", "resolve")


@dataclass
class Event:
    """An event of any channel."""

    action: str
    summary: str
    severity: str = "critical"
    dedup_key: str | None = None
    details: Any = field(default_factory=dict)
    contexts: list[dict[str, Any]] = field(default_factory=list)
    """Links and images, as alerts show them."""
    attaches: bool = False
    """True if it belongs to the integration's latest open alert, whatever that one's key is."""


@dataclass(frozen=True)
class Source:
    """The integration that an event came through, and where it leads."""

    id: str
    type: str
    name: str
    service_id: str | None
    """None if no service gets the event."""
    orchestration_id: str | None = None
    note: str = ""
    """Text shown with the outcome of an event through it."""
    config: dict[str, str] = field(default_factory=dict)
    """The values set in the web app for event transformers, by name."""


def happen(database: Database, source: Source, event: Event, dedup_key: str) -> str:
    """Apply an event to alerts and incidents; say what it did.

    A follow-up means the alert with its dedup key that came with the same routing key.
    """
    if event.action not in ACTIONS:
        return "recorded"
    alert = rows.open_alert(database, source.id, None if event.attaches else dedup_key)
    if event.action == "trigger":
        if alert is None and source.service_id is None:
            return "no alert"
        if source.service_id and service_rows.is_disabled(database, source.service_id):
            return "service is disabled"
        return _trigger(database, source, event, dedup_key, alert)
    if alert is None:
        return "no open alert with this key"
    if event.action == "acknowledge":  # only incidents can be; alerts stay triggered
        rows.acknowledge_incident(database, alert["incident_id"], now())
        return "incident acknowledged"
    rows.resolve(database, alert["incident_id"], now())
    return "alert resolved"


def _trigger(database: Database, source: Source, event: Event, dedup_key: str, alert: Row | None) -> str:
    """Return a new alert with an incident of its own, unless one with that key is open."""
    time = now()
    if alert is not None:
        rows.touch_alert(database, alert["id"], time)
        return "added to the open alert"
    incident_id = new_id("Q")
    common = {
        "service_id": source.service_id,
        "status": "triggered",
        "created_at": time,
        "updated_at": time,
    }
    incident = {
        "id": incident_id,
        "incident_key": dedup_key,
        "title": event.summary,
        "urgency": "low" if event.severity in ("info", "warning") else "high",
    }
    rows.add_incident(database, {**incident, **common})
    new_alert = {
        "id": new_id("Q"),
        "incident_id": incident_id,
        "integration_id": source.id,
        "integration_type": source.type,
        "integration_name": source.name,
        "orchestration_id": source.orchestration_id,
        "alert_key": dedup_key,
        "summary": event.summary,
        "severity": event.severity,
        "details": json.dumps(event.details),
        "contexts": json.dumps(event.contexts),
    }
    rows.add_alert(database, {**new_alert, **common})
    return "alert triggered"
