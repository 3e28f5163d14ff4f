"""Which events are taken, and what becomes of them."""

from __future__ import annotations

import json
import secrets
from typing import Any, NamedTuple

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.event_orchestrations import rows as orchestration_rows
from pagerduty_emulator.api.event_orchestrations.rules import route
from pagerduty_emulator.api.incidents.rules import Event, Source, happen
from pagerduty_emulator.api.integrations import rows as integration_rows
from pagerduty_emulator.database import Row, now
from pagerduty_emulator.errors import ApiError

from . import rows
from .formats import SEVERITIES

KEY_LENGTH = 32
MAX_DEDUP_KEY = 255  # characters

# Names of the integration's key in the body; they are not kept.
KEY_FIELDS = ("routing_key", "service_key")


class EventError(ApiError):
    """An event that is refused, in the words of the Events APIs."""

    def __init__(self, *errors: str, status: str = "invalid event", message: str = "Event object is invalid") -> None:
        super().__init__(400, None, message, list(errors))
        self.event_status = status

    def body(self) -> dict[str, Any]:
        """Return the refusal."""
        return {"status": self.event_status, "message": self.message, "errors": self.errors}


class TooManyEventsError(EventError):
    """More events than an integration's key is admitted; they are not ingested."""

    def __init__(self, *, status: int, bare: bool) -> None:
        super().__init__(status="throttled", message="Request Limit Exceeded")
        self.status = status
        self.bare = bare

    def body(self) -> Any:
        """Return the refusal: nothing is documented but the status and these words."""
        return None if self.bare else {"status": self.event_status, "message": self.message}


class Received(NamedTuple):
    """The outcome of an event."""

    dedup_key: str | None
    outcome: str


def receive(account: Account, channel: str, source: Source | None, event: Event, body: dict[str, Any]) -> Received:
    """Record an event, and do to alerts and incidents what it asks for. One without a source is only counted."""
    dedup_key = event.dedup_key
    if dedup_key is None and event.action == "trigger":
        dedup_key = secrets.token_hex(16)
    if source is None:
        account.events_with_unknown_keys += 1
        return Received(dedup_key, "unknown integration key")
    if event.action == "change" and source.orchestration_id:
        outcome = "not recorded: change events need the key of a service's integration"
    else:
        outcome = happen(account.database, source, event, str(dedup_key))
        outcome += f": {source.note}" if source.note else ""
    kept = {name: value for name, value in body.items() if name not in KEY_FIELDS}
    rows.add(
        account.database,
        {
            "received_at": now(),
            "channel": channel,
            "action": event.action,
            "summary": event.summary,
            "dedup_key": dedup_key,
            "integration_id": source.id,
            "service_id": source.service_id,
            "orchestration_id": source.orchestration_id,
            "outcome": outcome,
            "body": json.dumps(kept),
        },
    )
    return Received(dedup_key, outcome)


def source_of(row: Row) -> Source:
    """Return the source of events that come through a service's integration."""
    config = json.loads(row["config"] or "{}")
    note = "its code was not run" if config.get("code") else ""
    return Source(row["id"], row["type"], row["name"], row["service_id"], note=note, config=config)


def routed_source_of(account: Account, row: Row) -> Source:
    """Return the source of events that come through an event orchestration's integration."""
    orchestration_id = row["orchestration_id"]
    orchestration = orchestration_rows.find(account.database, orchestration_id)
    assert orchestration is not None  # noqa: S101 (a foreign key)
    routing = route(account.database, orchestration)
    kind, label = "inbound_integration", row["label"]
    return Source(row["id"], kind, label, routing.service_id, orchestration_id, routing.note())


def integration_of(account: Account, key: Any, errors: list[str], *, too_many: int = 429) -> Source | None:
    """Return the integration of a key, unless the event is refused for `errors`, or as one of `too_many` (a status).

    An unknown key is noticed only after the 202, unless the settings say otherwise.
    """
    if errors:
        raise EventError(*errors)
    if not account.rate_limiter.admits_event(key):
        raise TooManyEventsError(status=too_many, bare=account.settings.events_rate_limit_body == "empty")
    row = integration_rows.with_key(account.database, key)
    if row is not None:
        return source_of(row)
    row = orchestration_rows.with_key(account.database, key)
    if row is not None:
        return routed_source_of(account, row)
    if account.settings.unknown_routing_key == "refuse":
        raise EventError("'routing_key' is invalid")
    return None


def service_key_errors(key: Any) -> list[str]:
    """Find the problem of the key of Events API v1, as recorded by envato/pagerduty, a client of Events API v1."""
    if not isinstance(key, str) or not key:
        return ["Service key is missing or blank"]
    return [] if len(key) == KEY_LENGTH else [f"Service key is the wrong length (should be {KEY_LENGTH} characters)"]


def dedup_key_errors(name: str, key: Any) -> list[str]:
    """Find the problem of an alert's key."""
    if not isinstance(key, (str, type(None))):
        return [f"'{name}' must be a string"]
    return [f"'{name}' is too long (maximum is {MAX_DEDUP_KEY} characters)"] if len(key or "") > MAX_DEDUP_KEY else []


def routing_key_errors(key: Any) -> list[str]:
    """Find the problem of an integration's key."""
    if not isinstance(key, str) or not key:
        return ["'routing_key' is missing or blank"]
    if len(key) != KEY_LENGTH:
        return [f"Length of 'routing_key' is incorrect (should be {KEY_LENGTH} characters)"]
    return []


def payload_errors(payload: Any, required: tuple[str, ...]) -> list[str]:
    """Find the problems of the payload of an alert or a change."""
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    errors = [
        f"'payload.{name}' is missing or blank"
        for name in required
        if not isinstance(payload.get(name), str) or not payload[name].strip()
    ]
    severity = payload.get("severity")
    if "severity" in required and severity and severity not in SEVERITIES:
        errors.append(not_one_of("payload.severity", severity, SEVERITIES))
    return errors


def not_one_of(name: str, value: Any, allowed: tuple[str, ...]) -> str:
    """Say that a value is missing or not one of those allowed."""
    if not value:
        return f"'{name}' is missing or blank"
    listed = ", ".join(f"'{item}'" for item in allowed[:-1])
    return f"'{name}' is invalid (must be one of the following: {listed} or '{allowed[-1]}')"
