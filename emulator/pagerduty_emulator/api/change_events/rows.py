"""The table of change events."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator.database import Database, Filters, Row, conditions

NAMED = """
SELECT change_events.*, services.name AS service_name FROM change_events
JOIN services ON services.id = change_events.service_id
JOIN escalation_policies ON escalation_policies.id = escalation_policy_id
"""


def add(database: Database, change: dict[str, Any]) -> None:
    """Add a change event, by the columns."""
    database.insert("change_events", change)


def listed(
    database: Database,
    filters: Filters,
    since: str | None,
    until: str | None,
    window: tuple[int, int],
) -> tuple[list[Row], int]:
    """Return a window (limit, offset) of the change events that pass, newest first, and their count."""
    where, values = conditions(filters)
    where, values = f"{where} AND timestamp >= ? AND timestamp <= ?", [*values, since or "", until or "9"]
    total = database.scalar(f"SELECT count(*) FROM ({NAMED} {where})", *values)
    query = f"{NAMED} {where} ORDER BY timestamp DESC, number DESC LIMIT ? OFFSET ?"
    return database.all(query, *values, *window), total


def find(database: Database, change_id: str) -> Row | None:
    """Return the change event with that id."""
    return database.one(f"{NAMED} WHERE change_events.id = ?", change_id)
