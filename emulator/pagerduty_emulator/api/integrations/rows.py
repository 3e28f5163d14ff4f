"""The table of integrations; with the names of their services and vendors where they are to be shown."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator.database import Database, Row, places

NAMED = """
SELECT integrations.*, services.name AS service_name, vendors.name AS vendor_name
FROM integrations JOIN services ON services.id = integrations.service_id
LEFT JOIN vendors ON vendors.id = integrations.vendor_id
"""


def everything(database: Database, service_id: str | None = None) -> list[Row]:
    """Every integration (of a service), in the order in which they were made."""
    where = "WHERE ? IN (integrations.service_id, '')"
    return database.all(f"{NAMED} {where} ORDER BY integrations.rowid", service_id or "")


def on_services(database: Database, service_ids: list[str]) -> list[Row]:
    """Return the integrations of these services, in the order in which they were made."""
    where = f"WHERE integrations.service_id IN ({places(service_ids)})"
    return database.all(f"{NAMED} {where} ORDER BY integrations.rowid", *service_ids)


def find(database: Database, integration_id: str) -> Row | None:
    """Return the integration with that id."""
    return database.one(f"{NAMED} WHERE integrations.id = ?", integration_id)


def find_on(database: Database, service_id: str, integration_id: str) -> Row | None:
    """Return the integration with that id, if it is on that service."""
    where = "WHERE integrations.id = ? AND integrations.service_id = ?"
    return database.one(f"{NAMED} {where}", integration_id, service_id)


def with_key(database: Database, key: Any) -> Row | None:
    """Return the integration that an event's key means."""
    return database.one("SELECT * FROM integrations WHERE integration_key = ?", key)


def with_address(database: Database, address: str) -> Row | None:
    """Return the integration that a mail to that address means."""
    query = "SELECT * FROM integrations WHERE integration_email = ? COLLATE NOCASE AND is_email"
    return database.one(query, address)


def is_address_taken(database: Database, address: str, but: str, not_on: str) -> bool:
    """Return whether an integration has the address, except the id `but` and those on service `not_on`."""
    query = "SELECT 1 FROM integrations WHERE integration_email = ? COLLATE NOCASE AND id <> ? AND service_id <> ?"
    return database.one(query, address, but, not_on) is not None


def count_on(database: Database, service_id: str) -> int:
    """How many are on a service."""
    return int(database.scalar("SELECT count(*) FROM integrations WHERE service_id = ?", service_id))


def add(database: Database, integration: dict[str, Any]) -> None:
    """Add an integration, by the columns."""
    database.insert("integrations", integration)


def change(database: Database, integration_id: str, name: str, address: str | None, email_settings: str | None) -> None:
    """Give an integration another name, address and e-mail settings (JSON)."""
    database.execute(
        "UPDATE integrations SET name = ?, integration_email = ?, email_settings = ? WHERE id = ?",
        name,
        address,
        email_settings,
        integration_id,
    )


def change_config(database: Database, integration_id: str, config: str) -> None:
    """Give an integration other values of `config.fields` (JSON)."""
    database.execute("UPDATE integrations SET config = ? WHERE id = ?", config, integration_id)


def change_key(database: Database, integration_id: str, key: str) -> None:
    """Give an integration another key."""
    database.execute("UPDATE integrations SET integration_key = ? WHERE id = ?", key, integration_id)


def move(database: Database, integration_id: str, service_id: str, moved_id: str) -> None:
    """Put an integration on another service, under an id that may be another one; its alerts follow."""
    database.execute(
        "UPDATE integrations SET service_id = ?, id = ? WHERE id = ?", service_id, moved_id, integration_id
    )
    database.execute("UPDATE alerts SET integration_id = ? WHERE integration_id = ?", moved_id, integration_id)


def delete(database: Database, integration_id: str) -> None:
    """Delete an integration."""
    database.execute("DELETE FROM integrations WHERE id = ?", integration_id)
