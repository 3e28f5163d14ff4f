"""The table of services."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator.database import Database, Row, like, now
from pagerduty_emulator.errors import not_found


def listed(
    database: Database, query: str, name: str | None, limit: int, offset: int, *, descending: bool
) -> tuple[list[Row], int]:
    """A window of the services whose names contain `query` and are `name`, and how many there are."""
    where, values = r"WHERE name LIKE ? ESCAPE '\'", [like(query)]
    if name is not None:
        where, values = f"{where} AND name = ?", [*values, name]
    direction = "DESC" if descending else "ASC"
    total = database.scalar(f"SELECT count(*) FROM services {where}", *values)
    rows = database.all(
        f"SELECT * FROM services {where} ORDER BY name COLLATE NOCASE {direction}, id LIMIT ? OFFSET ?",
        *values,
        limit,
        offset,
    )
    return rows, total


def everything(database: Database) -> list[Row]:
    """Every service, in the order in which they were made."""
    return database.all("SELECT * FROM services ORDER BY rowid")


def by_name(database: Database, limit: int, *, but: str = "") -> list[Row]:
    """The first services by name, without the one with the id `but`."""
    return database.all("SELECT * FROM services WHERE id <> ? ORDER BY name COLLATE NOCASE LIMIT ?", but, limit)


def count(database: Database) -> int:
    """How many there are."""
    return int(database.scalar("SELECT count(*) FROM services"))


def find(database: Database, service_id: str) -> Row | None:
    """The service with that id."""
    return database.one("SELECT * FROM services WHERE id = ?", service_id)


def require(database: Database, service_id: str) -> Row:
    """The service with that id, or the API's 404."""
    row = find(database, service_id)
    if row is None:
        raise not_found()
    return row


def is_name_taken(database: Database, name: str, service_id: str | None) -> bool:
    """Whether a service but the one with that id has the name, in whatever case."""
    same = database.scalar("SELECT id FROM services WHERE name = ? COLLATE NOCASE", name)
    return same not in (None, service_id)


def add(database: Database, service_id: str, name: str, attributes: dict[str, Any], time: str) -> None:
    """Adds a service, made at `time`."""
    database.insert(
        "services",
        {
            "id": service_id,
            "name": name,
            "created_at": time,
            "updated_at": time,
            "attributes": json.dumps(attributes),
        },
    )


def change(database: Database, service_id: str, name: str, attributes: dict[str, Any]) -> None:
    """Gives a service another name and other attributes."""
    database.execute(
        "UPDATE services SET name = ?, updated_at = ?, attributes = ? WHERE id = ?",
        name,
        now(),
        json.dumps(attributes),
        service_id,
    )


def delete(database: Database, service_id: str) -> None:
    """Deletes a service; its integrations, incidents and alerts go with it."""
    database.execute("DELETE FROM services WHERE id = ?", service_id)
