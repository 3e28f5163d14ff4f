"""The Events APIs: events become alerts and incidents on the service of the integration."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from .account import Account
from .database import Database, Row, new_id, now
from .http import Answer, Request

ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "warning", "error", "info")
KEY_LENGTH = 32
MAX_SUMMARY = 1024  # characters

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


def enqueue_v2(account: Account, request: Request) -> Answer:
    """`POST /v2/enqueue`: Events API v2, with the integration's key in the body."""
    body = _json_object(request)
    if body is None:
        return _unrecognized()
    errors = _routing_key_errors(body.get("routing_key"))
    action = body.get("event_action")
    if action not in ACTIONS:
        errors.append(_not_one_of("event_action", action, ACTIONS))
    if action == "trigger":
        errors += _payload_errors(body.get("payload"), ("summary", "source", "severity"))
    elif not body.get("dedup_key"):
        errors.append("'dedup_key' is missing or blank")
    if not isinstance(body.get("dedup_key"), (str, type(None))):
        errors.append("'dedup_key' must be a string")
    integration = _integration(account.database, body.get("routing_key"))
    errors += _unknown_key_errors(account, integration, errors)
    if errors:
        return _invalid(errors)
    payload = body.get("payload") or {}
    event = Event(
        str(action),
        str(payload.get("summary", ""))[:MAX_SUMMARY],
        payload.get("severity", "critical"),
        body.get("dedup_key"),
        payload.get("custom_details") or {},
    )
    dedup_key = receive(account, "events_v2", integration, event, body)
    return _accepted({"dedup_key": dedup_key})


def enqueue_change(account: Account, request: Request) -> Answer:
    """`POST /v2/change/enqueue` and `/integration/{key}/change/enqueue`: changes make no alerts."""
    body = _json_object(request)
    if body is None:
        return _unrecognized()
    key = request.params.get("key") or body.get("routing_key")
    errors = _routing_key_errors(key)
    errors += _payload_errors(body.get("payload"), ("summary",))
    integration = _integration(account.database, key)
    errors += _unknown_key_errors(account, integration, errors)
    if errors:
        return _invalid(errors)
    summary = str(body["payload"]["summary"])[:MAX_SUMMARY]
    receive(account, "change", integration, Event("change", summary), body)
    return _accepted({})


def enqueue_by_url(account: Account, request: Request) -> Answer:
    """`POST /integration/{key}/enqueue` and `/x-ere/{key}`: whatever JSON a tool sends."""
    body = _json_object(request)
    if body is None:
        return _unrecognized()
    integration = _integration(account.database, request.params["key"])
    errors = _routing_key_errors(request.params["key"])
    errors += _unknown_key_errors(account, integration, errors)
    if errors:
        return _invalid(errors)
    dedup_key = receive(account, "integration_url", integration, understood(body), body)
    return _accepted({"dedup_key": dedup_key} if dedup_key else {})


def understood(body: dict[str, Any]) -> Event:
    """The event in a body of unknown make: CloudWatch through SNS, Events API v1, v2, or other."""
    if body.get("Type") in ("SubscriptionConfirmation", "UnsubscribeConfirmation"):
        return Event("confirm", f"{body['Type']} of {body.get('TopicArn', 'a topic')}")
    if isinstance(body.get("Message"), str):
        try:
            inner = json.loads(body["Message"])
        except ValueError:
            inner = None
        if isinstance(inner, dict):
            body = {"Subject": body.get("Subject"), **inner}
    if "AlarmName" in body:
        action = {"OK": "resolve", "INSUFFICIENT_DATA": "ignore"}.get(str(body.get("NewStateValue")), "trigger")
        key = str(body.get("AlarmArn") or body["AlarmName"])
        return Event(action, str(body["AlarmName"]), "critical", key, body)
    payload = body["payload"] if isinstance(body.get("payload"), dict) else {}
    asked = body.get("event_action") or body.get("event_type")
    severity = payload.get("severity") or body.get("severity")
    dedup_key = body.get("dedup_key") or body.get("incident_key")
    return Event(
        str(asked) if asked in ACTIONS else "trigger",
        _best_summary({**body, **payload}),
        severity if severity in SEVERITIES else "critical",
        str(dedup_key) if dedup_key else None,
        payload.get("custom_details") or body.get("details") or body,
    )


def _best_summary(body: dict[str, Any]) -> str:
    names = ("summary", "description", "title", "Subject", "subject", "message", "Message", "name")
    for name in names:
        if isinstance(body.get(name), str) and body[name].strip():
            return str(body[name])[:MAX_SUMMARY]
    return "Event without a summary"


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
    alert = _open_alert(database, integration["service_id"], dedup_key)
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
    alert = _open_alert(database, integration["service_id"], dedup_key)
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


def _open_alert(database: Database, service_id: str, dedup_key: str) -> Row | None:
    return database.one(
        "SELECT * FROM alerts WHERE service_id = ? AND alert_key = ? AND status = 'triggered'",
        service_id,
        dedup_key,
    )


def _integration(database: Database, key: Any) -> Row | None:
    if not isinstance(key, str):
        return None
    return database.one("SELECT * FROM integrations WHERE integration_key = ?", key)


def _routing_key_errors(key: Any) -> list[str]:
    if not isinstance(key, str) or not key:
        return ["'routing_key' is missing or blank"]
    if len(key) != KEY_LENGTH:
        return [f"Length of 'routing_key' is incorrect (should be {KEY_LENGTH} characters)"]
    return []


def _unknown_key_errors(account: Account, integration: Row | None, errors: list[str]) -> list[str]:
    """An unknown key is noticed only after the 202, unless the settings say otherwise."""
    if integration is None and not errors and account.settings.unknown_routing_key == "refuse":
        return ["'routing_key' is invalid"]
    return []


def _payload_errors(payload: Any, required: tuple[str, ...]) -> list[str]:
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    errors = [
        f"'payload.{name}' is missing or blank"
        for name in required
        if not isinstance(payload.get(name), str) or not payload[name].strip()
    ]
    severity = payload.get("severity")
    if "severity" in required and severity and severity not in SEVERITIES:
        errors.append(_not_one_of("payload.severity", severity, SEVERITIES))
    return errors


def _not_one_of(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    if not value:
        return f"'{name}' is missing or blank"
    listed = ", ".join(f"'{item}'" for item in allowed[:-1])
    return f"'{name}' is invalid (must be one of the following: {listed} or '{allowed[-1]}')"


def _json_object(request: Request) -> dict[str, Any] | None:
    try:
        body = request.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _accepted(more: dict[str, Any]) -> Answer:
    return Answer({"status": "success", "message": "Event processed", **more}, 202)


def _invalid(errors: list[str]) -> Answer:
    body = {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
    return Answer(body, 400)


def _unrecognized() -> Answer:
    body = {
        "status": "Unrecognized object",
        "message": "Event object format is unrecognized",
        "errors": ["JSON parse error"],
    }
    return Answer(body, 400)
