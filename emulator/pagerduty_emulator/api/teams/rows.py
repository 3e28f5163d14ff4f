"""The tables of teams and of their members."""

from __future__ import annotations

from pagerduty_emulator.database import Database, Row, like


def listed(database: Database, query: str, limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a window of the teams whose names contain `query`, and how many there are."""
    where = r"FROM teams WHERE name LIKE ? ESCAPE '\'"
    total = database.scalar(f"SELECT count(*) {where}", like(query))
    order = "ORDER BY name COLLATE NOCASE, id LIMIT ? OFFSET ?"
    return database.all(f"SELECT * {where} {order}", like(query), limit, offset), total


def everything(database: Database) -> list[Row]:
    """Every team, in the order in which they were made."""
    return database.all("SELECT * FROM teams ORDER BY rowid")


def find(database: Database, team_id: str) -> Row | None:
    """Return the team with that id."""
    return database.one("SELECT * FROM teams WHERE id = ?", team_id)


def is_name_taken(database: Database, name: str, team_id: str) -> bool:
    """Return whether another team has the name, in any case."""
    return database.one("SELECT 1 FROM teams WHERE name = ? COLLATE NOCASE AND id <> ?", name, team_id) is not None


def put(database: Database, team_id: str, name: str, description: str | None, default_role: str = "manager") -> None:
    """Add a team, or changes the one with that id."""
    database.execute(
        "INSERT INTO teams (id, name, description, default_role) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
        "SET name = excluded.name, description = excluded.description, default_role = excluded.default_role",
        team_id,
        name,
        description,
        default_role,
    )


def delete(database: Database, team_id: str) -> None:
    """Delete a team; its members stay as users."""
    database.execute("DELETE FROM teams WHERE id = ?", team_id)


def members(database: Database, team_id: str, limit: int, offset: int) -> tuple[list[Row], int]:
    """Return a window of a team's members (user id, name, role), and how many there are."""
    total = database.scalar("SELECT count(*) FROM team_members WHERE team_id = ?", team_id)
    rows = database.all(
        "SELECT users.id, users.name, team_members.role FROM team_members JOIN users ON users.id = user_id "
        "WHERE team_id = ? ORDER BY team_members.rowid LIMIT ? OFFSET ?",
        team_id,
        limit,
        offset,
    )
    return rows, total


def put_member(database: Database, team_id: str, user_id: str, role: str) -> None:
    """Make a user a member of a team, or changes the role."""
    database.execute(
        "INSERT INTO team_members (team_id, user_id, role) VALUES (?, ?, ?) ON CONFLICT (team_id, user_id) "
        "DO UPDATE SET role = excluded.role",
        team_id,
        user_id,
        role,
    )


def delete_member(database: Database, team_id: str, user_id: str) -> bool:
    """End a membership; says whether there was one."""
    return database.execute("DELETE FROM team_members WHERE team_id = ? AND user_id = ?", team_id, user_id) > 0
