"""The emulated account's state: one SQLite database, in memory or in a file."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import string
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SCHEMA_VERSION = 6

SCHEMA = """
CREATE TABLE vendors (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, generic_service_type TEXT,
    website_url TEXT, integration_type TEXT, featured INTEGER, needs_aiops INTEGER,
    integration_guide_url TEXT
);
CREATE TABLE users (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, attributes TEXT NOT NULL
);
CREATE TABLE teams (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, default_role TEXT NOT NULL
);
CREATE TABLE team_members (
    team_id TEXT NOT NULL REFERENCES teams ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    role TEXT NOT NULL, PRIMARY KEY (team_id, user_id)
);
CREATE INDEX team_members_by_user ON team_members (user_id);
CREATE TABLE escalation_policies (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, num_loops INTEGER NOT NULL,
    on_call_handoff_notifications TEXT NOT NULL, team_id TEXT REFERENCES teams
);
CREATE INDEX escalation_policies_by_team ON escalation_policies (team_id);
CREATE TABLE escalation_rules (
    id TEXT PRIMARY KEY,
    escalation_policy_id TEXT NOT NULL REFERENCES escalation_policies ON DELETE CASCADE,
    delay INTEGER NOT NULL, strategy TEXT NOT NULL
);
CREATE INDEX escalation_rules_by_policy ON escalation_rules (escalation_policy_id);
CREATE TABLE escalation_targets (
    escalation_rule_id TEXT NOT NULL REFERENCES escalation_rules ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES users
);
CREATE INDEX escalation_targets_by_rule ON escalation_targets (escalation_rule_id);
CREATE INDEX escalation_targets_by_user ON escalation_targets (user_id);
CREATE TABLE services (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    escalation_policy_id TEXT NOT NULL REFERENCES escalation_policies,
    attributes TEXT NOT NULL
);
CREATE INDEX services_by_name ON services (name COLLATE NOCASE);
CREATE INDEX services_by_policy ON services (escalation_policy_id);
CREATE TABLE response_plays (id TEXT PRIMARY KEY, name TEXT NOT NULL, attributes TEXT NOT NULL);
CREATE TABLE integrations (
    id TEXT PRIMARY KEY, service_id TEXT NOT NULL REFERENCES services ON DELETE CASCADE,
    vendor_id TEXT REFERENCES vendors, type TEXT NOT NULL, is_email INTEGER NOT NULL,
    name TEXT NOT NULL, integration_key TEXT, integration_email TEXT,
    email_settings TEXT, config TEXT, created_at TEXT NOT NULL
);
CREATE INDEX integrations_by_service ON integrations (service_id);
CREATE INDEX integrations_by_key ON integrations (integration_key);
CREATE INDEX integrations_by_email ON integrations (integration_email COLLATE NOCASE);
CREATE TABLE incidents (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    service_id TEXT NOT NULL REFERENCES services ON DELETE CASCADE,
    incident_key TEXT NOT NULL, title TEXT NOT NULL, status TEXT NOT NULL, urgency TEXT NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, resolved_at TEXT
);
CREATE INDEX incidents_by_service ON incidents (service_id);
CREATE TABLE alerts (
    id TEXT PRIMARY KEY, incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    service_id TEXT NOT NULL REFERENCES services ON DELETE CASCADE,
    integration_id TEXT NOT NULL, integration_type TEXT NOT NULL, integration_name TEXT NOT NULL,
    orchestration_id TEXT,
    alert_key TEXT NOT NULL, summary TEXT NOT NULL, severity TEXT NOT NULL, status TEXT NOT NULL,
    details TEXT NOT NULL, contexts TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE INDEX alerts_by_key ON alerts (integration_id, alert_key);
CREATE INDEX alerts_by_service ON alerts (service_id);
CREATE INDEX alerts_by_incident ON alerts (incident_id);
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, received_at TEXT NOT NULL, channel TEXT NOT NULL,
    action TEXT NOT NULL, summary TEXT NOT NULL, dedup_key TEXT, integration_id TEXT,
    service_id TEXT, orchestration_id TEXT, outcome TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE change_events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    service_id TEXT NOT NULL REFERENCES services ON DELETE CASCADE,
    integration_id TEXT NOT NULL, integration_type TEXT NOT NULL, integration_name TEXT NOT NULL,
    summary TEXT NOT NULL, timestamp TEXT NOT NULL, attributes TEXT NOT NULL
);
CREATE INDEX change_events_by_service ON change_events (service_id);
CREATE TABLE event_orchestrations (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    description TEXT NOT NULL, team_id TEXT REFERENCES teams ON DELETE SET NULL, paths TEXT NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, version TEXT NOT NULL
);
CREATE TABLE orchestration_integrations (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    orchestration_id TEXT NOT NULL REFERENCES event_orchestrations (id) ON DELETE CASCADE,
    label TEXT NOT NULL, routing_key TEXT NOT NULL UNIQUE
);
CREATE INDEX orchestration_integrations_by_orchestration ON orchestration_integrations (orchestration_id);
CREATE TABLE oauth_tokens (
    digest TEXT PRIMARY KEY, scope TEXT NOT NULL, expires_at REAL NOT NULL
);
"""

# In an order in which they can be emptied: what refers to a row goes before it.
TABLES = (
    "events",
    "change_events",
    "alerts",
    "incidents",
    "integrations",
    "services",
    "response_plays",
    "vendors",
    "orchestration_integrations",
    "event_orchestrations",
    "escalation_policies",
    "teams",
    "users",
    "oauth_tokens",
)

Row = sqlite3.Row
PRIVATE = 0o600
LOCK_SECONDS = 1.0  # until another emulator that is just ending must have left a file


class Database:
    """One connection, used by one request at a time: see `lock`. A file belongs to one emulator at a time."""

    def __init__(self, path: str | Path = ":memory:", fill: Callable[[Database], object] | None = None) -> None:
        """Open a file, or creates it with all that `fill` puts into it, or not at all.

        Only the user who runs the emulator can read the file, because it contains keys.

        Raises:
            ValueError: the file is something else, another version's, or in use by another emulator.

        """
        self.path = str(path)
        self.lock = threading.RLock()
        if self.path != ":memory:":
            _create_private(self.path)
        self._connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=LOCK_SECONDS
        )
        self._connection.row_factory = sqlite3.Row
        try:
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            is_new = self._is_new()
            if self.path != ":memory:":
                _make_private(self.path)
                # A crash of the machine may lose the last writes of an emulator; speed matters more.
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.execute("PRAGMA foreign_keys = ON")
            if is_new:
                self._create(fill)
        except sqlite3.OperationalError as error:
            self._connection.close()
            if "locked" not in str(error):
                raise
            raise ValueError(
                f"another emulator uses {self.path}. End that one, or choose another file; "
                "`pagerduty-emulator export --url URL` reads the account of a running emulator"
            ) from None
        except BaseException:
            self._connection.close()
            raise

    def _is_new(self) -> bool:
        """Return whether the database is new. A file of another program is not touched."""
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version not in (0, SCHEMA_VERSION):
            age = "an older" if version < SCHEMA_VERSION else "a newer"
            raise ValueError(
                f"{self.path} was written by {age} version of the emulator (its schema is {version}, this one's "
                f"{SCHEMA_VERSION}). Use that version for it, or another file; it was left as it is"
            )
        if version == 0 and self._connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise ValueError(f"{self.path} is a database of something else; it was left as it is")
        return version == 0

    def _create(self, fill: Callable[[Database], object] | None) -> None:
        """Return the tables and what is in them from the start, in one transaction: half of an account is none."""
        with self.transaction():
            for statement in SCHEMA.split(";\n"):
                self._connection.execute(statement)
            if fill is not None:
                fill(self)
            self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside are kept together, or none when an exception leaves the block.

        Inside of another transaction it is a part of that one.
        """
        with self.lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def execute(self, statement: str, *values: Any) -> int:
        """Run one statement; returns the number of rows that it changed."""
        with self.lock:
            return self._connection.execute(statement, values).rowcount

    def insert(self, table: str, row: dict[str, Any]) -> None:
        """Add `row` (column to value) to `table`."""
        self.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places(row)})", *row.values())

    def put(self, table: str, row: dict[str, Any]) -> None:
        """Add `row` (column to value) to `table`, or change the row with its `id`."""
        changes = ", ".join(f"{column} = excluded.{column}" for column in row if column != "id")
        self.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places(row)}) ON CONFLICT (id) DO UPDATE SET {changes}",
            *row.values(),
        )

    def one(self, query: str, *values: Any) -> Row | None:
        """Return the first row of the answer, if there is one."""
        with self.lock:
            row: Row | None = self._connection.execute(query, values).fetchone()
            return row

    def all(self, query: str, *values: Any) -> list[Row]:
        """Every row of the answer."""
        with self.lock:
            return self._connection.execute(query, values).fetchall()

    def scalar(self, query: str, *values: Any) -> Any:
        """Return the first column of the first row of the answer."""
        row = self.one(query, *values)
        return None if row is None else row[0]

    @property
    def changes(self) -> int:
        """How many rows were written so far: another number once something may be different."""
        return self._connection.total_changes

    def clear(self) -> None:
        """Empty every table."""
        with self.transaction():
            for table in TABLES:
                self.execute(f"DELETE FROM {table}")
            self.execute("DELETE FROM sqlite_sequence")  # numbers start at 1 again

    def close(self) -> None:
        """Write what is left and closes the file."""
        with self.lock:
            self._connection.close()


def _create_private(path: str) -> None:
    """Create a file that only its owner can read; SQLite gives the same mode to the files beside it."""
    with contextlib.suppress(OSError):  # it exists, or SQLite says why it cannot be created
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, PRIVATE))


def _make_private(path: str) -> None:
    """Do the same for the files of an older version."""
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(OSError):
            os.chmod(f"{path}{suffix}", PRIVATE)  # noqa: PTH101 - a path that SQLite takes is text


ID_CHARACTERS = string.ascii_uppercase + string.digits


def new_id(prefix: str = "P") -> str:
    """Return an id in the form of PagerDuty's: a letter and six letters or digits."""
    return prefix + "".join(secrets.choice(ID_CHARACTERS) for _ in range(6))


def new_integration_key() -> str:
    """Return an integration key in the form of PagerDuty's: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def now() -> str:
    """Return the time as PagerDuty writes it."""
    return time_of(datetime.now(UTC))


def time_of(moment: datetime) -> str:
    """Return a moment as PagerDuty writes it: ISO 8601, in seconds, UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Filters = dict[str, list[str]]
"""Column to the values that it may have; if there are none, any."""


def places(values: Collection[Any]) -> str:
    """Return the placeholders of a list of values in SQL."""
    return ", ".join("?" * len(values))


def conditions(filters: Filters) -> tuple[str, list[str]]:
    """Return a WHERE clause (column in values, for each column that has some) and its values."""
    given = {column: values for column, values in filters.items() if values}
    clauses = ["WHERE TRUE", *(f"{column} IN ({places(values)})" for column, values in given.items())]
    return " AND ".join(clauses), [value for values in given.values() for value in values]


def like(text: str) -> str:
    """Return a LIKE pattern (with backslash as escape) for rows that contain `text` literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
