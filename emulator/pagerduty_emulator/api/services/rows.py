"""The table of services; with the names of their escalation policies and teams."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator.database import Database, Row, like, now, places
from pagerduty_emulator.errors import not_found

NAMED = """
SELECT services.*, escalation_policies.name AS policy_name, team_id, teams.name AS team_name
FROM services JOIN escalation_policies ON escalation_policies.id = escalation_policy_id
LEFT JOIN teams ON teams.id = team_id
"""


def listed(
    database: Database,
    query: str,
    name: str | None,
    ids: list[str],
    team_ids: list[str],
    *,
    window: tuple[int, int],
    descending: bool,
) -> tuple[list[Row], int]:
    """Return a window (limit, offset) of the services that pass, by name, and how many pass.

    They contain `query` in their names or have an integration with that key, are called `name`, and have one of the
    ids and one of the teams, if any are given.
    """
    keyed = "services.id IN (SELECT service_id FROM integrations WHERE integration_key = ?)"
    where, values = rf"WHERE (services.name LIKE ? ESCAPE '\' OR {keyed})", [like(query), query]
    if ids:
        where, values = f"{where} AND services.id IN ({places(ids)})", values + ids
    if name is not None:
        where, values = f"{where} AND services.name = ?", [*values, name]
    if team_ids:
        policies = f"SELECT id FROM escalation_policies WHERE team_id IN ({places(team_ids)})"
        where, values = f"{where} AND escalation_policy_id IN ({policies})", values + team_ids
    direction = "DESC" if descending else "ASC"
    total = database.scalar(f"SELECT count(*) FROM services {where}", *values)
    rows = database.all(
        f"{NAMED} {where} ORDER BY services.name COLLATE NOCASE {direction}, services.id LIMIT ? OFFSET ?",
        *values,
        *window,
    )
    return rows, total


def everything(database: Database) -> list[Row]:
    """Every service, in the order in which they were made."""
    return database.all(f"{NAMED} ORDER BY services.rowid")


def by_name(database: Database, limit: int, *, but: str = "") -> list[Row]:
    """Return the first services by name, without the one with the id `but`."""
    return database.all(f"{NAMED} WHERE services.id <> ? ORDER BY services.name COLLATE NOCASE LIMIT ?", but, limit)


def integrated_first(database: Database, query: str, limit: int) -> list[Row]:
    """Return the first services whose names contain `query`, by name: those with integrations before all others."""
    integrated = "EXISTS (SELECT 1 FROM integrations WHERE integrations.service_id = services.id)"
    where = r"WHERE services.name LIKE ? ESCAPE '\'"
    order = f"ORDER BY {integrated} DESC, services.name COLLATE NOCASE, services.id LIMIT ?"
    return database.all(f"{NAMED} {where} {order}", like(query), limit)


def count(database: Database) -> int:
    """How many there are."""
    return int(database.scalar("SELECT count(*) FROM services"))


def find(database: Database, service_id: str) -> Row | None:
    """Return the service with that id."""
    return database.one(f"{NAMED} WHERE services.id = ?", service_id)


def require(database: Database, service_id: str) -> Row:
    """Return the service with that id, or the API's 404."""
    row = find(database, service_id)
    if row is None:
        raise not_found()
    return row


def is_disabled(database: Database, service_id: str) -> bool:
    """Return whether a service takes no new incidents."""
    return bool(database.scalar("SELECT json_extract(attributes, '$.disabled') FROM services WHERE id = ?", service_id))


def is_name_taken(database: Database, name: str, service_id: str | None) -> bool:
    """Return whether another service has the name, in any case."""
    same = database.scalar("SELECT id FROM services WHERE name = ? COLLATE NOCASE", name)
    return same not in (None, service_id)


def add(
    database: Database, service_id: str, name: str, policy_id: str, attributes: dict[str, Any], *, time: str
) -> None:
    """Add a service, made at `time`."""
    database.insert(
        "services",
        {
            "id": service_id,
            "name": name,
            "created_at": time,
            "updated_at": time,
            "escalation_policy_id": policy_id,
            "attributes": json.dumps(attributes),
        },
    )


def change(database: Database, service_id: str, name: str, policy_id: str, attributes: dict[str, Any]) -> None:
    """Give a service another name, policy and attributes."""
    database.execute(
        "UPDATE services SET name = ?, updated_at = ?, escalation_policy_id = ?, attributes = ? WHERE id = ?",
        name,
        now(),
        policy_id,
        json.dumps(attributes),
        service_id,
    )


def delete(database: Database, service_id: str) -> None:
    """Delete a service; its integrations, incidents and alerts go with it."""
    database.execute("DELETE FROM services WHERE id = ?", service_id)
