"""How users look in responses, with their contact methods and notification rules."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from typing import Any

from pagerduty_emulator.api.references import References
from pagerduty_emulator.api.teams.objects import team_object
from pagerduty_emulator.database import ID_CHARACTERS, Database, Row

from .rows import teams

EMAIL = "email_contact_method"
RULE = "assignment_notification_rule"
URGENCIES = ("high", "low")


def user_objects(
    database: Database, references: References, rows: list[Row], include: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Whole users; `include` makes `teams`, `contact_methods` and `notification_rules` whole."""
    teams_of: dict[str, list[dict[str, Any]]] = {row["id"]: [] for row in rows}
    for team in teams(database, list(teams_of)):
        shown = team_object(references, team) if "teams" in include else references.team(team["id"], team["name"])
        teams_of[team["user_id"]].append(shown)
    return [_user(references, row, teams_of[row["id"]], include) for row in rows]


def _user(references: References, row: Row, teams: list[dict[str, Any]], include: Collection[str]) -> dict[str, Any]:
    digest = hashlib.sha256(row["email"].lower().encode()).hexdigest()
    methods, rules = contact_methods(references, row), notification_rules(references, row)
    return {
        **references.user(row["id"], row["name"]),
        "type": "user",
        "name": row["name"],
        "email": row["email"],
        **json.loads(row["attributes"]),
        "avatar_url": f"https://secure.gravatar.com/avatar/{digest}.png?d=mm&r=PG",
        "billed": True,
        "invitation_sent": False,
        "created_via_sso": False,
        "teams": teams,
        "contact_methods": methods if "contact_methods" in include else [reference(each) for each in methods],
        "notification_rules": rules if "notification_rules" in include else [reference(each) for each in rules],
    }


def contact_methods(references: References, row: Row) -> list[dict[str, Any]]:
    """Return a user's only contact method, which everybody has: e-mail to the user's address."""
    return [
        {
            **references.of_user(EMAIL, _id(row, "contact method"), row["id"], "Default"),
            "type": EMAIL,
            "label": "Default",
            "address": row["email"],
            "send_short_email": False,
            "enabled": True,
        }
    ]


def notification_rules(references: References, row: Row) -> list[dict[str, Any]]:
    """Return a user's notification rules: by e-mail at once, for either urgency."""
    (method,) = contact_methods(references, row)
    return [
        {
            **references.of_user(RULE, _id(row, urgency), row["id"], f"0 minutes: channel {method['id']}"),
            "type": RULE,
            "start_delay_in_minutes": 0,
            "contact_method": reference(method),
            "urgency": urgency,
        }
        for urgency in URGENCIES
    ]


def reference(shown: dict[str, Any]) -> dict[str, Any]:
    """Return the reference to a contact method or notification rule that is shown whole elsewhere."""
    return {
        **{name: shown[name] for name in ("id", "summary", "self", "html_url")},
        "type": f"{shown['type']}_reference",
    }


def _id(row: Row, what: str) -> str:
    """Return an id of what a user has, always the same."""
    digest = hashlib.sha256(f"{row['id']} {what}".encode()).digest()
    return "P" + "".join(ID_CHARACTERS[byte % len(ID_CHARACTERS)] for byte in digest[:6])
