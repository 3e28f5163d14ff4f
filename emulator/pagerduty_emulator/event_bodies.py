"""What stands in the body of an event: JSON or a form, in the words of whatever tool sent it."""

from __future__ import annotations

import json
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qs

from .alerts import ACTIONS, Event
from .http import Request

SEVERITIES = ("critical", "warning", "error", "info")
MAX_SUMMARY = 1024  # characters


def json_object(request: Request) -> dict[str, Any] | None:
    """The JSON object of a body, or None if it is none."""
    try:
        body = request.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def form(request: Request) -> dict[str, Any] | None:
    """The fields of a form, in a body of either kind or in the address; None if there are none."""
    if request.method == "GET":
        return _parsed(request.query_string) or None
    if request.is_form():
        return _parsed(request.body.decode(errors="replace")) or None
    content_type = request.headers.get("content-type", "")
    if not content_type.startswith("multipart/form-data"):
        return None
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + request.body)
    fields: dict[str, Any] = {}
    for part in message.walk():
        name, value = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(value, bytes):
            fields[name] = value.decode(errors="replace")
    return fields or None


def _parsed(text: str) -> dict[str, Any]:
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}


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
