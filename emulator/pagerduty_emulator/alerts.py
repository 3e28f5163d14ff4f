"""What events do to alerts and incidents, whatever channel they came through."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from .account import Account
from .database import Database, Row, new_id, now

ACTIONS = ("trigger", "acknowledge", "resolve")

# Where events name their integration in the body; not to be kept with it.
KEY_FIELDS = ("routing_key", "service_key")


@dataclass
class Event:
    """What an event of any channel comes down to."""

    action: str
    summary: str
    severity: str = "critical"
    dedup_key: str | None = None
    details: Any = field(default_factory=dict)


def receive(account: Account, channel: str, integration: Row | None, event: Event, body: dict[str, Any]) -> str | None:
    """Records an event, and does to alerts and incidents what it asks. Returns its dedup key."""
    database = account.database
    dedup_key = event.dedup_key
    if dedup_key is None and event.action == "trigger":
        dedup_key = secrets.token_hex(16)
    if integration is None:
        outcome = "unknown integration key"
    elif event.action == "trigger":
        outcome = _trigger(database, integration, event, str(dedup_key))
    elif event.action in ACTIONS:
        outcome = _change_status(database, integration, event.action, str(dedup_key))
    else:
        outcome = "recorded"
    kept = {name: value for name, value in body.items() if name not in KEY_FIELDS}
    database.insert(
        "events",
        {
            "received_at": now(),
            "channel": channel,
            "action": event.action,
            "summary": event.summary,
            "dedup_key": dedup_key,
            "integration_id": integration and integration["id"],
            "service_id": integration and integration["service_id"],
            "outcome": outcome,
            "body": json.dumps(kept),
        },
    )
    return dedup_key


def _trigger(database: Database, integration: Row, event: Event, dedup_key: str) -> str:
    """A new alert with an incident of its own, unless one with that key is open."""
    time = now()
    alert = _open_alert(database, integration, dedup_key)
    if alert is not None:
        database.execute("UPDATE alerts SET updated_at = ? WHERE id = ?", time, alert["id"])
        return "added to the open alert"
    incident_id = new_id("Q")
    times = {"created_at": time, "updated_at": time}
    database.insert(
        "incidents",
        {
            "id": incident_id,
            "service_id": integration["service_id"],
            "incident_key": dedup_key,
            "title": event.summary,
            "status": "triggered",
            "urgency": "low" if event.severity in ("info", "warning") else "high",
            **times,
        },
    )
    database.insert(
        "alerts",
        {
            "id": new_id("Q"),
            "incident_id": incident_id,
            "service_id": integration["service_id"],
            "integration_id": integration["id"],
            "integration_type": integration["type"],
            "integration_name": integration["name"],
            "alert_key": dedup_key,
            "summary": event.summary,
            "severity": event.severity,
            "status": "triggered",
            "details": json.dumps(event.details),
            **times,
        },
    )
    return "alert triggered"


def _change_status(database: Database, integration: Row, action: str, dedup_key: str) -> str:
    """Acknowledges or resolves; only incidents can be acknowledged, alerts stay triggered."""
    time = now()
    alert = _open_alert(database, integration, dedup_key)
    if alert is None:
        return "no open alert with this key"
    if action == "acknowledge":
        database.execute(
            "UPDATE incidents SET status = 'acknowledged', updated_at = ? WHERE id = ?",
            time,
            alert["incident_id"],
        )
        return "incident acknowledged"
    database.execute("UPDATE alerts SET status = 'resolved', updated_at = ? WHERE id = ?", time, alert["id"])
    database.execute(
        "UPDATE incidents SET status = 'resolved', updated_at = ?, resolved_at = ? WHERE id = ?",
        time,
        time,
        alert["incident_id"],
    )
    return "alert resolved"


def _open_alert(database: Database, integration: Row, dedup_key: str) -> Row | None:
    """The alert that a follow-up means: one with its dedup key that came with the same routing key."""
    return database.one(
        "SELECT * FROM alerts WHERE integration_id = ? AND alert_key = ? AND status = 'triggered'",
        integration["id"],
        dedup_key,
    )
