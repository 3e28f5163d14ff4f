"""Rules for teams and members, from the description; the messages are guesses."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator.api.escalation_policies import rows as policy_rows
from pagerduty_emulator.api.users import rows as user_rows
from pagerduty_emulator.database import Database, Row, new_id
from pagerduty_emulator.errors import ApiError, invalid, not_found

from . import rows

MAX_NAME = 100  # characters
MAX_DESCRIPTION = 1024  # characters
ROLES = ("observer", "responder", "manager")
DEFAULT_ROLES = ("manager", "none")  # of those who are no members; TF acceptance TestAccPagerDutyTeam_DefaultRole
# In the words for schedules that are recorded (terraform-provider pull request 561).
IN_USE = "Team can't be deleted if it's being used by escalation policies"
ON_POLICY = "User cannot be removed as they belong to an escalation policy on this team"


def create(database: Database, given: dict[str, Any]) -> str:
    """Return a new team; returns its id."""
    return put(database, new_id(), given)


def change(database: Database, row: Row, given: dict[str, Any]) -> None:
    """Change a team by what is given; what is left out stays as it was."""
    before = {field: row[field] for field in ("name", "description", "default_role")}
    put(database, row["id"], {**before, **given})


def add_member(database: Database, team_id: str, user_id: str, role: Any) -> None:
    """Make a user a member of a team, by default as a manager."""
    if user_rows.find(database, user_id) is None:
        raise not_found()
    if role is not None and role not in ROLES:
        raise invalid("Role is not included in the list")
    rows.put_member(database, team_id, user_id, role or "manager")


def delete(database: Database, team_id: str) -> None:
    """Delete a team that has no escalation policy; its members stay as users."""
    if policy_rows.is_of_team(database, team_id):
        raise invalid(IN_USE)
    rows.delete(database, team_id)


def remove_member(database: Database, team_id: str, user_id: str) -> None:
    """End a membership; not of whom a policy of the team alerts (terraform-provider pull request 558)."""
    if policy_rows.of_user(database, user_id, team_id):
        raise invalid(ON_POLICY)
    if not rows.delete_member(database, team_id, user_id):
        raise not_found()


def add_policy(database: Database, team_id: str, policy_id: str) -> None:
    """Give a policy to a team; one that has a team is refused (terraform-provider issues 709 and 913)."""
    policy = _require_policy(database, policy_id)
    if policy["team_id"] is not None:
        raise ApiError(400, 2001, "Escalation Policy has already been taken")
    policy_rows.change_team(database, policy_id, team_id)


def remove_policy(database: Database, team_id: str, policy_id: str) -> None:
    """Take a policy from a team; of another team's nothing happens (terraform-provider issue 709)."""
    if _require_policy(database, policy_id)["team_id"] == team_id:
        policy_rows.change_team(database, policy_id, None)


def _require_policy(database: Database, policy_id: str) -> Row:
    row = policy_rows.find(database, policy_id)
    if row is None:
        raise not_found()
    return row


def put(database: Database, team_id: str, given: dict[str, Any]) -> str:
    """Add a team with that id, or changes the one that has it; returns the id."""
    name, description, default_role = given.get("name"), given.get("description"), given.get("default_role")
    errors = []
    if not isinstance(name, str) or not name.strip():
        errors.append("Name can't be blank")
    elif len(name) > MAX_NAME:
        errors.append(f"Name is too long (maximum is {MAX_NAME} characters)")
    elif rows.is_name_taken(database, name, team_id):
        errors.append("Name has already been taken")
    if description is not None and not isinstance(description, str):
        errors.append("Description must be a string")
    elif len(description or "") > MAX_DESCRIPTION:
        errors.append(f"Description is too long (maximum is {MAX_DESCRIPTION} characters)")
    if default_role not in (None, *DEFAULT_ROLES):
        errors.append("Default role is not included in the list")
    if errors:
        raise invalid(*errors)
    rows.put(database, team_id, str(name), description, default_role or DEFAULT_ROLES[0])
    return team_id
