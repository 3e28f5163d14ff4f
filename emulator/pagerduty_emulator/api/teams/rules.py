"""What a team must have, and who is in it; from the description, but for messages."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator.api.users import rows as user_rows
from pagerduty_emulator.database import Database, Row, new_id
from pagerduty_emulator.errors import invalid, not_found

from . import rows

MAX_NAME = 100  # characters
ROLES = ("observer", "responder", "manager")


def create(database: Database, given: dict[str, Any]) -> str:
    """A new team; returns its id."""
    return _put(database, new_id(), given)


def change(database: Database, row: Row, given: dict[str, Any]) -> None:
    """Changes a team by what is given; what is left out stays as it was."""
    _put(database, row["id"], {"name": row["name"], "description": row["description"], **given})


def add_member(database: Database, team_id: str, user_id: str, role: Any) -> None:
    """Makes a user a member of a team, as a manager unless told."""
    if user_rows.find(database, user_id) is None:
        raise not_found()
    if role is not None and role not in ROLES:
        raise invalid("Role is not included in the list")
    rows.put_member(database, team_id, user_id, role or "manager")


def _put(database: Database, team_id: str, given: dict[str, Any]) -> str:
    name, description = given.get("name"), given.get("description")
    errors = []
    if not isinstance(name, str) or not name.strip():
        errors.append("Name can't be blank")
    elif len(name) > MAX_NAME:
        errors.append(f"Name is too long (maximum is {MAX_NAME} characters)")
    elif rows.is_name_taken(database, name, team_id):
        errors.append("Name has already been taken")
    if description is not None and not isinstance(description, str):
        errors.append("Description must be a string")
    if errors:
        raise invalid(*errors)
    rows.put(database, team_id, str(name), description)
    return team_id
