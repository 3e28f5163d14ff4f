"""Formats of events that tools send in their own words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pagerduty_emulator.api.incidents.rules import ACTIONS, Event

SEVERITIES = ("critical", "warning", "error", "info")
MAX_SUMMARY = 1024  # characters
CONTEXTS = (("links", "link", ("href", "text")), ("images", "image", ("src", "href", "alt")))


def understood(body: dict[str, Any], config: Mapping[str, str] = MappingProxyType({})) -> Event:
    """Return the event in a body of unknown make: CloudWatch through SNS, Events API v1, v2, or other.

    `config` is what the web app sets on the integration.
    """
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
        return _alarm(body, config)
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
        contexts(body),
    )


def _alarm(body: dict[str, Any], config: Mapping[str, str]) -> Event:
    """Return a CloudWatch alarm, named and grouped by "Derive name from" and "Correlate events by"."""
    action = {"OK": "resolve", "INSUFFICIENT_DATA": "ignore"}.get(str(body.get("NewStateValue")), "trigger")
    name = str(body["AlarmName"])
    described = config.get("description") == "alarm_description" and body.get("AlarmDescription")
    by = config.get("incident_key", "")
    keys = {"alarm_name": name, "region": str(body.get("Region") or name), "always_create_new": None}
    key = keys.get(by, str(body.get("AlarmArn") or name))
    return Event(action, str(described or name)[:MAX_SUMMARY], "critical", key, body, attaches=by == "open_attach")


def contexts(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the links and images of an event, as alerts show them: `links` and `images` of v2, `contexts` of v1."""
    found = [
        {"type": kind, **{name: item[name] for name in names if isinstance(item.get(name), str)}}
        for field, kind, names in CONTEXTS
        for item in _objects(body.get(field))
    ]
    return found + [item for item in _objects(body.get("contexts")) if item.get("type") in ("link", "image")]


def _objects(given: Any) -> list[dict[str, Any]]:
    return [item for item in given if isinstance(item, dict)] if isinstance(given, list) else []


def _best_summary(body: dict[str, Any]) -> str:
    names = ("summary", "description", "title", "Subject", "subject", "message", "Message", "name")
    for name in names:
        if isinstance(body.get(name), str) and body[name].strip():
            return str(body[name])[:MAX_SUMMARY]
    return "Event without a summary"
