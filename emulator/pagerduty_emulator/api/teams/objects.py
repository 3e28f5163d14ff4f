"""How teams and their members look in responses."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator.api.references import References
from pagerduty_emulator.database import Row


def team_object(references: References, row: Row) -> dict[str, Any]:
    """Return a whole team."""
    return {
        **references.team(row["id"], row["name"]),
        "type": "team",
        "name": row["name"],
        "description": row["description"],
        "default_role": row["default_role"],
    }


def member_object(references: References, row: Row) -> dict[str, Any]:
    """Return a member of a team."""
    return {"user": references.user(row["id"], row["name"]), "role": row["role"]}
