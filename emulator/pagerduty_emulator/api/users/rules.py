"""Rules for users, and defaults, from the description; the messages are guesses."""

from __future__ import annotations

import json
import re
from typing import Any

from pagerduty_emulator.api.escalation_policies import rows as policy_rows
from pagerduty_emulator.database import Database, Row, new_id
from pagerduty_emulator.errors import ApiError, invalid

from . import rows

ROLES = (
    "admin",
    "limited_user",
    "observer",
    "owner",
    "read_only_user",
    "restricted_access",
    "read_only_limited_user",
    "user",
)
MIN_EMAIL = 6  # characters
MAX_LENGTH = 100  # characters of names, addresses and titles
ATTRIBUTES: dict[str, Any] = {
    "time_zone": "America/New_York",
    "color": "purple",
    "role": "user",
    "description": None,
    "job_title": None,
}


def create(database: Database, given: dict[str, Any]) -> str:
    """Return a new user; returns the id."""
    return put(database, new_id(), given)


def change(database: Database, row: Row, given: dict[str, Any]) -> None:
    """Change a user by what is given; what is left out stays as it was."""
    before = {"name": row["name"], "email": row["email"], **json.loads(row["attributes"])}
    put(database, row["id"], {**before, **given})


def delete(database: Database, row: Row) -> None:
    """Delete a user whom no escalation policy alerts.

    The refusal has neither message nor code, and lists the conflicts: so recorded for users with open incidents, and
    read by PagerDuty's support scripts.
    """
    conflicts = policy_rows.of_user(database, row["id"])
    if conflicts:
        count = f"{len(conflicts)} escalation polic{'y' if len(conflicts) == 1 else 'ies'}"
        text = f"The user cannot be deleted as they have {count}. Please remove the user from the {count} to continue."
        listed = [{"type": "escalation_policy", "id": policy_id} for policy_id in conflicts]
        raise ApiError(400, None, "", [text], conflicts=listed)
    rows.delete(database, row["id"])


def put(database: Database, user_id: str, given: dict[str, Any]) -> str:
    """Add a user with that id, or changes the one that has it; returns the id."""
    name, email = given.get("name"), given.get("email")
    if isinstance(name, str):  # TF acceptance TestAccPagerDutyUser_Basic
        name = " ".join(name.split())
    attributes = {field: given.get(field, default) for field, default in ATTRIBUTES.items()}
    errors = _text_errors("Name", name) + _email_errors(database, email, user_id)
    if attributes["role"] not in ROLES:
        errors.append("Role is not included in the list")
    if attributes["job_title"] is not None:
        errors += _text_errors("Job title", attributes["job_title"])
    for field in ("time_zone", "color", "description"):
        if not isinstance(attributes[field], str | None):
            errors.append(f"{field.replace('_', ' ').capitalize()} must be a string")
    if errors:
        raise invalid(*errors)
    rows.put(database, user_id, str(name), str(email), attributes)
    return user_id


def _text_errors(what: str, value: Any) -> list[str]:
    if not isinstance(value, str) or not value.strip():
        return [f"{what} can't be blank"]
    return [f"{what} is too long (maximum is {MAX_LENGTH} characters)"] if len(value) > MAX_LENGTH else []


def _email_errors(database: Database, email: Any, user_id: str) -> list[str]:
    errors = _text_errors("Email", email)
    if errors:
        return errors
    if len(email) < MIN_EMAIL:
        return [f"Email is too short (minimum is {MIN_EMAIL} characters)"]
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        return ["Email is invalid"]
    return ["Email has already been taken"] if rows.is_email_taken(database, email, user_id) else []
