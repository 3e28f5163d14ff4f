"""The table of response plays."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator.database import Database, Row


def everything(database: Database) -> list[Row]:
    """Every response play, by name."""
    return database.all("SELECT * FROM response_plays ORDER BY name COLLATE NOCASE, id")


def find(database: Database, play_id: Any) -> Row | None:
    """Return the response play with that id."""
    return database.one("SELECT * FROM response_plays WHERE id = ?", play_id) if isinstance(play_id, str) else None


def put(database: Database, play_id: str, name: str, attributes: dict[str, Any]) -> None:
    """Add a response play, or changes the one with that id."""
    database.execute(
        "INSERT INTO response_plays (id, name, attributes) VALUES (?, ?, ?) ON CONFLICT (id) "
        "DO UPDATE SET name = excluded.name, attributes = excluded.attributes",
        play_id,
        name,
        json.dumps(attributes),
    )


def delete(database: Database, play_id: str) -> None:
    """Delete a response play."""
    database.execute("DELETE FROM response_plays WHERE id = ?", play_id)
