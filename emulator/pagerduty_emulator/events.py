"""The Events APIs: events become alerts and incidents on the service of the integration."""

from __future__ import annotations

from typing import Any

from .account import Account
from .alerts import ACTIONS, Event, receive
from .database import Row
from .event_bodies import MAX_SUMMARY, SEVERITIES, form, json_object, understood
from .http import Answer, ApiError, Request

KEY_LENGTH = 32
MAX_DEDUP_KEY = 255  # characters
MAX_BODY = 512 * 1024  # bytes


class EventError(ApiError):
    """An event that is refused, in the words of the Events APIs."""

    def __init__(self, *errors: str, status: str = "invalid event", message: str = "Event object is invalid") -> None:
        super().__init__(400, None, message, list(errors))
        self.event_status = status

    def answer(self) -> Answer:
        """The refusal."""
        return Answer({"status": self.event_status, "message": self.message, "errors": self.errors}, self.status)


def enqueue_v2(account: Account, request: Request) -> Answer:
    """`POST /v2/enqueue`: Events API v2, with the integration's key in the body."""
    body = _json_body(request)
    errors = _routing_key_errors(body.get("routing_key"))
    action = body.get("event_action")
    if action not in ACTIONS:
        errors.append(_not_one_of("event_action", action, ACTIONS))
    if action == "trigger":
        errors += _payload_errors(body.get("payload"), ("summary", "source", "severity"))
    elif not body.get("dedup_key"):
        errors.append("'dedup_key' is missing or blank")
    errors += _dedup_key_errors("dedup_key", body.get("dedup_key"))
    integration = _integration(account, body.get("routing_key"), errors)
    payload = body["payload"] if isinstance(body.get("payload"), dict) else {}
    event = Event(
        str(action),
        str(payload.get("summary", ""))[:MAX_SUMMARY],
        payload.get("severity", "critical"),
        body.get("dedup_key"),
        payload.get("custom_details") or {},
    )
    return _accepted(dedup_key=receive(account, "events_v2", integration, event, body))


def enqueue_v1(account: Account, request: Request) -> Answer:
    """`POST /generic/2010-04-15/create_event.json`: Events API v1, which answers with 200."""
    body = _json_body(request)
    errors = _service_key_errors(body.get("service_key"))
    action = body.get("event_type")
    if action not in ACTIONS:
        errors.append("Event type is invalid")
    if action == "trigger" and not body.get("description"):
        errors.append("Description is missing or blank")
    if action != "trigger" and not body.get("incident_key"):
        errors.append("Incident key is missing or blank")
    errors += _dedup_key_errors("incident_key", body.get("incident_key"))
    integration = _integration(account, body.get("service_key"), errors)
    incident_key = receive(account, "events_v1", integration, understood(body), body)
    return Answer({"status": "success", "message": "Event processed", "incident_key": incident_key})


def enqueue_change(account: Account, request: Request) -> Answer:
    """`POST /v2/change/enqueue` and `/integration/{key}/change/enqueue`: changes make no alerts."""
    body = _json_body(request)
    key = request.params.get("key") or body.get("routing_key")
    errors = _routing_key_errors(key)
    errors += _payload_errors(body.get("payload"), ("summary",))
    integration = _integration(account, key, errors)
    summary = str(body["payload"]["summary"])[:MAX_SUMMARY]
    receive(account, "change", integration, Event("change", summary), body)
    return _accepted()


def enqueue_by_url(account: Account, request: Request) -> Answer:
    """`/integration/{key}/enqueue` and the older addresses with a key: whatever a tool sends.

    Event transformers take forms as well as JSON, and GET (PagerDuty's support pages).
    """
    key = request.params["key"]
    integration = _integration(account, key, _routing_key_errors(key))
    takes_forms = integration is None or "transform" in integration["type"]
    body = (form(request) if takes_forms else None) or _json_body(request)
    event = understood(body)
    if event.dedup_key is not None:
        event.dedup_key = event.dedup_key[:MAX_DEDUP_KEY]
    dedup_key = receive(account, "integration_url", integration, event, body)
    return _accepted(**({"dedup_key": dedup_key} if dedup_key else {}))


def _json_body(request: Request) -> dict[str, Any]:
    """The JSON object in the body."""
    if len(request.body) > MAX_BODY:
        raise EventError(f"Event object is too large (maximum is {MAX_BODY // 1024} KB)")
    body = json_object(request)
    if body is None:
        raise EventError(
            "JSON parse error", status="Unrecognized object", message="Event object format is unrecognized"
        )
    return body


def _integration(account: Account, key: Any, errors: list[str]) -> Row | None:
    """The integration that a key means, unless the event is refused for `errors`.

    An unknown key is noticed only after the 202, unless the settings say otherwise.
    """
    if errors:
        raise EventError(*errors)
    row = account.database.one("SELECT * FROM integrations WHERE integration_key = ?", key)
    if row is None and account.settings.unknown_routing_key == "refuse":
        raise EventError("'routing_key' is invalid")
    return row


def _service_key_errors(key: Any) -> list[str]:
    """As recorded by envato/pagerduty, a client of Events API v1."""
    if not isinstance(key, str) or not key:
        return ["Service key is missing or blank"]
    return [] if len(key) == KEY_LENGTH else [f"Service key is the wrong length (should be {KEY_LENGTH} characters)"]


def _dedup_key_errors(name: str, key: Any) -> list[str]:
    if not isinstance(key, (str, type(None))):
        return [f"'{name}' must be a string"]
    return [f"'{name}' is too long (maximum is {MAX_DEDUP_KEY} characters)"] if len(key or "") > MAX_DEDUP_KEY else []


def _routing_key_errors(key: Any) -> list[str]:
    if not isinstance(key, str) or not key:
        return ["'routing_key' is missing or blank"]
    if len(key) != KEY_LENGTH:
        return [f"Length of 'routing_key' is incorrect (should be {KEY_LENGTH} characters)"]
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


def _accepted(**more: Any) -> Answer:
    return Answer({"status": "success", "message": "Event processed", **more}, 202)
