"""How response plays look in responses."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator.api.references import References
from pagerduty_emulator.database import Row


def play_object(references: References, row: Row) -> dict[str, Any]:
    """Return a whole response play; team, subscribers and responders as they were given."""
    return {
        **references.response_play(row["id"], row["name"]),
        "type": "response_play",
        "name": row["name"],
        **json.loads(row["attributes"]),
    }
