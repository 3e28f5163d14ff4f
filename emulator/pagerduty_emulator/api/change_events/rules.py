"""Change events: the parts that are kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.incidents.rules import Source
from pagerduty_emulator.database import new_id, now, time_of

from . import rows


def add(account: Account, source: Source, summary: str, body: dict[str, Any]) -> None:
    """Keep a change event that came through an integration."""
    payload = body["payload"]
    attributes = {
        "source": payload.get("source"),
        "custom_details": payload.get("custom_details") or {},
        "links": body.get("links") or [],
        "images": body.get("images") or [],
    }
    change = {
        "id": new_id("Q"),
        "service_id": source.service_id,
        "integration_id": source.id,
        "integration_type": source.type,
        "integration_name": source.name,
        "summary": summary,
        "timestamp": _utc(payload.get("timestamp")) or now(),
        "attributes": json.dumps(attributes),
    }
    rows.add(account.database, change)


def _utc(given: Any) -> str | None:
    try:
        moment = datetime.fromisoformat(given)
        return time_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (TypeError, ValueError, OverflowError):
        return None
