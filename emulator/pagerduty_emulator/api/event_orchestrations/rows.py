"""The tables of event orchestrations and their integrations."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator.database import Database, Row
from pagerduty_emulator.errors import not_found

ORDER = "ORDER BY number"


def everything(database: Database) -> list[Row]:
    """Every event orchestration, oldest first."""
    return database.all(f"SELECT * FROM event_orchestrations {ORDER}")


def every_integration(database: Database, orchestration_id: str | None = None) -> list[Row]:
    """Every integration (of an orchestration), oldest first."""
    where = "WHERE ? IN (orchestration_id, '')"
    return database.all(f"SELECT * FROM orchestration_integrations {where} {ORDER}", orchestration_id or "")


def find(database: Database, orchestration_id: str) -> Row | None:
    """Return the event orchestration with that id."""
    return database.one("SELECT * FROM event_orchestrations WHERE id = ?", orchestration_id)


def require(database: Database, orchestration_id: str) -> Row:
    """Return the event orchestration with that id, or the API's 404."""
    row = find(database, orchestration_id)
    if row is None:
        raise not_found()
    return row


def find_integration(database: Database, integration_id: str) -> Row | None:
    """Return the integration with that id, on whichever orchestration."""
    return database.one("SELECT * FROM orchestration_integrations WHERE id = ?", integration_id)


def with_key(database: Database, key: Any) -> Row | None:
    """Return the integration with that routing key."""
    return database.one("SELECT * FROM orchestration_integrations WHERE routing_key = ?", key)


def put(database: Database, orchestration: dict[str, Any]) -> None:
    """Add an event orchestration (by the columns; `paths` as an object), or change the one with that id."""
    database.put("event_orchestrations", {**orchestration, "paths": json.dumps(orchestration["paths"])})


def delete(database: Database, orchestration_id: str) -> None:
    """Delete an event orchestration with its integrations."""
    database.execute("DELETE FROM event_orchestrations WHERE id = ?", orchestration_id)


def add_integration(database: Database, integration: dict[str, Any]) -> None:
    """Add an integration, by the columns."""
    database.insert("orchestration_integrations", integration)


def change_label(database: Database, integration_id: str, label: str) -> None:
    """Give an integration another label."""
    database.execute("UPDATE orchestration_integrations SET label = ? WHERE id = ?", label, integration_id)


def move_integration(database: Database, integration_id: str, orchestration_id: str) -> None:
    """Put an integration on another orchestration, with its key; its alerts follow."""
    for table, column in (("orchestration_integrations", "id"), ("alerts", "integration_id")):
        query = f"UPDATE {table} SET orchestration_id = ? WHERE {column} = ?"
        database.execute(query, orchestration_id, integration_id)


def delete_integration(database: Database, integration_id: str) -> None:
    """Delete an integration."""
    database.execute("DELETE FROM orchestration_integrations WHERE id = ?", integration_id)
