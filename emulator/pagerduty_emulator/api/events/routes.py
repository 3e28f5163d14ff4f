"""The addresses of the Events APIs."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.change_events import rules as changes
from pagerduty_emulator.api.incidents.rules import ACTIONS, Event
from pagerduty_emulator.http import Answer, Request
from pagerduty_emulator.operation import Operation, Routes

from . import rules
from .bodies import form, json_object
from .formats import MAX_SUMMARY, contexts, understood

MAX_BODY = 512 * 1024  # bytes


def enqueue_v2(account: Account, request: Request) -> Answer:
    """`POST /v2/enqueue`: Events API v2, with the integration's key in the body."""
    body = _json_body(request)
    errors = rules.routing_key_errors(body.get("routing_key"))
    action = body.get("event_action")
    if action not in ACTIONS:
        errors.append(rules.not_one_of("event_action", action, ACTIONS))
    if action == "trigger":
        errors += rules.payload_errors(body.get("payload"), ("summary", "source", "severity"))
    elif not body.get("dedup_key"):
        errors.append("'dedup_key' is missing or blank")
    errors += rules.dedup_key_errors("dedup_key", body.get("dedup_key"))
    integration = rules.integration_of(account, body.get("routing_key"), errors)
    payload = body["payload"] if isinstance(body.get("payload"), dict) else {}
    event = Event(
        str(action),
        str(payload.get("summary", ""))[:MAX_SUMMARY],
        payload.get("severity", "critical"),
        body.get("dedup_key"),
        payload.get("custom_details") or {},
        contexts(body),
    )
    return _accepted(dedup_key=rules.receive(account, "events_v2", integration, event, body).dedup_key)


def enqueue_v1(account: Account, request: Request) -> Answer:
    """`POST /generic/2010-04-15/create_event.json`: Events API v1, which answers with 200."""
    body = _json_body(request)
    errors = rules.service_key_errors(body.get("service_key"))
    action = body.get("event_type")
    if action not in ACTIONS:
        errors.append("Event type is invalid")
    if action == "trigger" and not body.get("description"):
        errors.append("Description is missing or blank")
    if action != "trigger" and not body.get("incident_key"):
        errors.append("Incident key is missing or blank")
    errors += rules.dedup_key_errors("incident_key", body.get("incident_key"))
    integration = rules.integration_of(account, body.get("service_key"), errors, too_many=403)
    received = rules.receive(account, "events_v1", integration, understood(body), body)
    return Answer({"status": "success", "message": "Event processed", "incident_key": received.dedup_key})


def enqueue_change(account: Account, request: Request) -> Answer:
    """`POST /v2/change/enqueue` and `/integration/{key}/change/enqueue`: changes make no alerts."""
    body = _json_body(request)
    key = request.params.get("key") or body.get("routing_key")
    errors = rules.routing_key_errors(key)
    errors += rules.payload_errors(body.get("payload"), ("summary",))
    integration = rules.integration_of(account, key, errors)
    event = Event("change", str(body["payload"]["summary"])[:MAX_SUMMARY])
    rules.receive(account, "change", integration, event, body)
    if integration is not None and integration.service_id and not integration.orchestration_id:
        changes.add(account, integration, event.summary, body)
    return _accepted()


def enqueue_by_url(account: Account, request: Request) -> Answer:
    """`/integration/{key}/enqueue` and the older addresses with a key, for any format.

    Event transformers take forms as well as JSON, and GET (PagerDuty's support pages).
    """
    key = request.params["key"]
    integration = rules.integration_of(account, key, rules.routing_key_errors(key))
    takes_forms = integration is None or "transform" in integration.type
    body = (form(request) if takes_forms else None) or _json_body(request)
    event = understood(body, integration.config if integration else {})
    if event.dedup_key is not None:
        event.dedup_key = event.dedup_key[: rules.MAX_DEDUP_KEY]
    dedup_key = rules.receive(account, "integration_url", integration, event, body).dedup_key
    return _accepted(**({"dedup_key": dedup_key} if dedup_key else {}))


def _json_body(request: Request) -> dict[str, Any]:
    """Return the JSON object in the body."""
    if len(request.body) > MAX_BODY:
        raise rules.EventError(f"Event object is too large (maximum is {MAX_BODY // 1024} KB)")
    body = json_object(request)
    if body is None:
        raise rules.EventError(
            "JSON parse error", status="Unrecognized object", message="Event object format is unrecognized"
        )
    return body


def _accepted(**more: Any) -> Answer:
    return Answer({"status": "success", "message": "Event processed", **more}, 202)


BY_URL = Operation(enqueue_by_url)

ROUTES: Routes = {
    "/v2/enqueue": {"POST": Operation(enqueue_v2)},
    "/v2/change/enqueue": {"POST": Operation(enqueue_change)},
    "/generic/2010-04-15/create_event.json": {"POST": Operation(enqueue_v1)},
    "/integration/{key}/enqueue": {"POST": BY_URL, "GET": BY_URL},
    "/integration/{key}/change/enqueue": {"POST": Operation(enqueue_change)},
    "/adapter/cloudwatch_sns/v1/{key}": {"POST": BY_URL},
    "/x-ere/{key}": {"POST": BY_URL},
}
