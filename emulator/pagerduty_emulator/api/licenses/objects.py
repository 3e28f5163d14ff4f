"""How licenses look in responses: the two kinds of PagerDuty's largest plan."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator.database import Row


def _license(license_id: str, name: str, role_group: str, *roles: str) -> dict[str, Any]:
    return {
        "id": license_id,
        "name": name,
        "description": "",
        "valid_roles": list(roles),
        "role_group": role_group,
        "summary": name,
        "type": "license",
        "self": None,
        "html_url": None,
    }


FULL = _license(
    "PFULL01",
    "Digital Operations (Full User)",
    "FullUser",
    *("owner", "admin", "user", "limited_user", "observer", "restricted_access"),
)
STAKEHOLDER = _license(
    "PSTAKE2", "Digital Operations (Stakeholder)", "Stakeholder", "read_only_user", "read_only_limited_user"
)
LICENSES = (FULL, STAKEHOLDER)
AVAILABLE = 5000  # of each, allocated or not


def license_of(user: Row) -> dict[str, Any]:
    """Return the license that a user's role takes."""
    role = json.loads(user["attributes"])["role"]
    return STAKEHOLDER if role in STAKEHOLDER["valid_roles"] else FULL


def with_counts(shown: dict[str, Any], users_by_role: dict[str, int]) -> dict[str, Any]:
    """Return a license, with how many users have it."""
    taken = sum(users_by_role.get(role, 0) for role in shown["valid_roles"])
    return {**shown, "current_value": taken, "allocations_available": AVAILABLE - taken}
