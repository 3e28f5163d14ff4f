"""The table of users."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator.database import Database, Row, like, places


def listed(database: Database, query: str, team_ids: list[str], limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a window of the users whose names or addresses contain `query` (of these teams), and their count."""
    where = r"WHERE (name LIKE ? ESCAPE '\' OR email LIKE ? ESCAPE '\')"
    values = [like(query), like(query)]
    if team_ids:
        members = f"SELECT user_id FROM team_members WHERE team_id IN ({places(team_ids)})"
        where, values = f"{where} AND id IN ({members})", values + team_ids
    total = database.scalar(f"SELECT count(*) FROM users {where}", *values)
    rows = database.all(
        f"SELECT * FROM users {where} ORDER BY name COLLATE NOCASE, id LIMIT ? OFFSET ?", *values, limit, offset
    )
    return rows, total


def everything(database: Database) -> list[Row]:
    """Every user, in the order in which they were made."""
    return database.all("SELECT * FROM users ORDER BY rowid")


def find(database: Database, user_id: str) -> Row | None:
    """Return the user with that id."""
    return database.one("SELECT * FROM users WHERE id = ?", user_id)


def called(database: Database, id_or_email: str) -> Row | None:
    """Return the user with that id or e-mail address."""
    return database.one("SELECT * FROM users WHERE id = ? OR email = ? COLLATE NOCASE", id_or_email, id_or_email)


def some(database: Database, user_ids: list[str]) -> list[Row]:
    """Return the users with these ids."""
    return database.all(f"SELECT * FROM users WHERE id IN ({places(user_ids)})", *user_ids)


def teams(database: Database, user_ids: list[str]) -> list[Row]:
    """Return the teams of these users, by name; each with the `user_id` of the member."""
    return database.all(
        "SELECT teams.*, user_id FROM team_members JOIN teams ON teams.id = team_id "
        f"WHERE user_id IN ({places(user_ids)}) ORDER BY teams.name COLLATE NOCASE, teams.id",
        *user_ids,
    )


def count_by_role(database: Database) -> dict[str, int]:
    """How many users have each role."""
    query = "SELECT json_extract(attributes, '$.role') AS role, count(*) AS count FROM users GROUP BY role"
    return {row["role"]: row["count"] for row in database.all(query)}


def owner(database: Database) -> Row | None:
    """Return the account's owner."""
    return database.one("SELECT * FROM users WHERE json_extract(attributes, '$.role') = 'owner' ORDER BY rowid")


def is_email_taken(database: Database, email: str, user_id: str) -> bool:
    """Return whether another user has the address, in any case."""
    return database.one("SELECT 1 FROM users WHERE email = ? COLLATE NOCASE AND id <> ?", email, user_id) is not None


def put(database: Database, user_id: str, name: str, email: str, attributes: dict[str, Any]) -> None:
    """Add a user, or changes the one with that id."""
    database.execute(
        "INSERT INTO users (id, name, email, attributes) VALUES (?, ?, ?, ?) ON CONFLICT (id) "
        "DO UPDATE SET name = excluded.name, email = excluded.email, attributes = excluded.attributes",
        user_id,
        name,
        email,
        json.dumps(attributes),
    )


def delete(database: Database, user_id: str) -> None:
    """Delete a user."""
    database.execute("DELETE FROM users WHERE id = ?", user_id)
