"""The table of events, each with what became of it."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator.database import Database, Row


def add(database: Database, event: dict[str, Any]) -> None:
    """Record an event, by the columns."""
    database.insert("events", event)


def everything(database: Database) -> list[Row]:
    """Every event, oldest first."""
    return database.all("SELECT * FROM events ORDER BY id")


def latest(database: Database, limit: int) -> list[Row]:
    """Return the latest events, newest first."""
    return database.all("SELECT * FROM events ORDER BY id DESC LIMIT ?", limit)
