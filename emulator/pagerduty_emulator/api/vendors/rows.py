"""The table of vendors."""

from __future__ import annotations

from pagerduty_emulator.database import Database, Row, like

LISTED = r"FROM vendors WHERE name LIKE ? ESCAPE '\' AND (needs_aiops IS NULL OR ?)"


def listed(database: Database, query: str, limit: int, offset: int, *, aiops: bool) -> tuple[list[Row], int]:
    """Return a window of the vendors whose names contain `query`, and how many there are.

    Featured ones come first, then all others by name, in any case: blanks before letters.
    Those for change events are listed for accounts with AIOps alone (terraform-provider issue 675).
    """
    total = database.scalar(f"SELECT count(*) {LISTED}", like(query), aiops)
    rows = database.all(
        f"SELECT * {LISTED} ORDER BY featured IS NULL, featured, name COLLATE NOCASE, id LIMIT ? OFFSET ?",
        like(query),
        aiops,
        limit,
        offset,
    )
    return rows, total


def everything(database: Database) -> list[Row]:
    """Every vendor, in the order in which they were made."""
    return database.all("SELECT * FROM vendors ORDER BY rowid")


def find(database: Database, vendor_id: str) -> Row | None:
    """Return the vendor with that id."""
    return database.one("SELECT * FROM vendors WHERE id = ?", vendor_id)


def count(database: Database) -> int:
    """How many there are."""
    return int(database.scalar("SELECT count(*) FROM vendors"))


def add(database: Database, vendor: dict[str, str | None]) -> None:
    """Add a vendor, by the columns."""
    database.insert("vendors", vendor)
