"""How users look in responses."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator.api.references import References
from pagerduty_emulator.database import Row


def user_object(references: References, row: Row, teams: list[Row]) -> dict[str, Any]:
    """A whole user, who is in these teams; contact methods and notification rules are none."""
    attributes = {name: value for name, value in json.loads(row["attributes"]).items() if name != "job_title" or value}
    return {
        **references.user(row["id"], row["name"]),
        "type": "user",
        "name": row["name"],
        "email": row["email"],
        **attributes,
        "invitation_sent": False,
        "created_via_sso": False,
        "teams": [references.team(team["id"], team["name"]) for team in teams],
        "contact_methods": [],
        "notification_rules": [],
    }
