"""What a new account starts with: services and vendors, with ids that never change."""

from __future__ import annotations

import csv
from importlib import resources

from .api.services import rows as service_rows
from .api.services.rules import attributes_of
from .api.users import rows as user_rows
from .api.users.rules import ATTRIBUTES
from .api.vendors import rows as vendor_rows
from .database import Database

CREATED_AT = "2024-01-15T09:00:00Z"
DEFAULT_SERVICES = 12
OWNER = "POWNER1"
MAX_SERVICES = 99_999  # as many as have room in their ids


def seed(database: Database, services: int, email_domain: str) -> None:
    """Fills an empty database; beyond the named services come `Service 0013` and so on."""
    with database.transaction():
        user_rows.put(database, OWNER, "Account Owner", f"owner@{email_domain}", {**ATTRIBUTES, "role": "owner"})
        for row in _table("vendors.csv"):
            vendor_rows.add(database, {name: value or None for name, value in row.items()})
        named = _table("services.csv")[:services]
        for row in named:
            add_service(database, row["id"], row["name"], row["description"])
        for number in range(len(named) + 1, services + 1):
            add_service(database, f"PS{number:05d}", f"Service {number:04d}", "")


def add_service(database: Database, service_id: str, name: str, description: str) -> None:
    """One service with the defaults of the web app."""
    service_rows.add(database, service_id, name, attributes_of({"description": description}), CREATED_AT)


def _table(name: str) -> list[dict[str, str]]:
    """The rows of a data file of this package."""
    text = (resources.files(__package__) / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
