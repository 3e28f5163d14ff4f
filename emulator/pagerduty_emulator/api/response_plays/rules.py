"""Rules for response plays."""

from __future__ import annotations

import json
import uuid
from typing import Any

from pagerduty_emulator.database import Database, Row
from pagerduty_emulator.errors import invalid

from . import rows

ATTRIBUTES: dict[str, Any] = {
    "description": None,
    "team": None,
    "subscribers": [],
    "subscribers_message": "",
    "responders": [],
    "responders_message": "",
    "runnability": "services",
    "conference_number": None,
    "conference_url": None,
}


def create(database: Database, given: dict[str, Any]) -> str:
    """Return a new response play; returns its id, which is a UUID."""
    return _put(database, str(uuid.uuid4()), given, ATTRIBUTES)


def change(database: Database, row: Row, given: dict[str, Any]) -> None:
    """Change a response play by what is given; what is left out stays as it was."""
    _put(database, row["id"], {"name": row["name"], **given}, json.loads(row["attributes"]))


def _put(database: Database, play_id: str, given: dict[str, Any], before: dict[str, Any]) -> str:
    name = given.get("name")
    if not isinstance(name, str) or not name.strip():
        raise invalid("Name can't be blank")
    rows.put(database, play_id, name, {field: given.get(field, value) for field, value in before.items()})
    return play_id
