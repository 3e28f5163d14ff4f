"""Confirmed writes survive: after kill -9 at any moment, under load, with many writers."""

import itertools
import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pagerduty_emulator
import pytest
import requests
from pagerduty_emulator import Emulator
from pagerduty_emulator.database import SCHEMA_VERSION, Database

from tests.support import HANG_SECONDS

from .client import TOKEN, Client

PATH = "/services/PCHECKT/integrations"
KEYED = "events_api_v2_inbound_integration"
WRITERS = 4


@contextmanager
def served(database: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command with that file, until it is killed."""
    command = [
        sys.executable,
        "-m",
        "pagerduty_emulator",
        "--port",
        "0",
        "--services",
        "3",
        "--database",
        str(database),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().split()[-1]
        finally:
            process.kill()


class Load:
    """Writers that note what was answered."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self.renamed: dict[str, str] = {}
        self.deleted: set[str] = set()
        self.events: set[str] = set()
        self.answered = threading.Semaphore(0)
        self._number = itertools.count()

    def write(self, url: str) -> None:
        """Creates, renames, sends an event, and deletes every other time; until the connection fails."""
        with Client(url, TOKEN) as client, suppress(requests.RequestException):
            for turn in itertools.count():
                number = next(self._number)
                body = {"integration": {"type": KEYED, "name": f"Integration {number}"}}
                made = client.post(PATH, json=body).json()["integration"]
                self.kept[made["id"]] = made
                self.answered.release()
                self._rename(client, made, f"Renamed {number}")
                self._send(client, made["integration_key"], f"key-{number}")
                if turn % 2:
                    self._delete(client, made)

    def _rename(self, client: Client, made: dict[str, Any], name: str) -> None:
        self.kept.pop(made["id"])  # until the answer is here, it may be called so or so
        self.renamed[made["id"]] = client.put(made["self"], json={"integration": {"name": name}}).json()["integration"][
            "name"
        ]
        self.answered.release()

    def _send(self, client: Client, key: str, dedup_key: str) -> None:
        payload = {"summary": "Disk is full", "source": "db1", "severity": "error"}
        event = {"routing_key": key, "event_action": "trigger", "dedup_key": dedup_key, "payload": payload}
        assert client.post("/v2/enqueue", json=event).status_code == 202
        self.events.add(dedup_key)
        self.answered.release()

    def _delete(self, client: Client, made: dict[str, Any]) -> None:
        self.renamed.pop(made["id"])
        assert client.delete(made["self"]).status_code == 204
        self.deleted.add(made["id"])
        self.answered.release()


def check(database: Path, load: Load) -> None:
    """Every answered write is there, and none is half."""
    with closing(Emulator(database=database)) as emulator:
        integrations = {item["id"]: item for item in emulator.integrations()}
        alerts = {item["alert_key"] for item in emulator.alerts()}
        events = {item["dedup_key"] for item in emulator.events()}
        incidents = {item["incident"]["id"] for item in emulator.alerts()}
    for made_id, made in load.kept.items():
        assert integrations[made_id]["integration_key"] == made["integration_key"]
    for made_id, name in load.renamed.items():
        assert integrations[made_id]["name"] == name
    assert load.deleted.isdisjoint(integrations)
    assert load.events <= alerts
    assert alerts == events  # all of an event, or nothing
    with closing(sqlite3.connect(database)) as connection:
        assert {row[0] for row in connection.execute("SELECT id FROM incidents")} == incidents
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_kill_9_under_load_loses_nothing(tmp_path: Path) -> None:
    database, load, moments = tmp_path / "account.db", Load(), random.Random(20260101)  # noqa: S311 - no secret
    for least in (5, 5, 5, 6 * WRITERS + 1):  # at last, one of the writers has come to its first deletion
        load.answered = threading.Semaphore(0)
        with served(database) as (process, url), ThreadPoolExecutor(WRITERS) as pool:
            writers = [pool.submit(load.write, url) for _ in range(WRITERS)]
            for _ in range(moments.randint(least, 60)):
                assert load.answered.acquire(timeout=HANG_SECONDS)
            process.kill()  # SIGKILL
        for writer in writers:
            writer.result()
        check(database, load)
    assert load.deleted


def test_kill_9_while_it_fills_a_new_file(tmp_path: Path) -> None:
    """Half of an account is none: the next start fills it."""

    class Killed(BaseException):
        pass

    def half(database: Database) -> None:
        database.execute("INSERT INTO oauth_tokens (digest, scope, expires_at) VALUES ('half', '', 0)")
        raise Killed

    file = tmp_path / "account.db"
    with pytest.raises(Killed):
        Database(file, half)
    with closing(Emulator(database=file)) as emulator:
        assert len(emulator.services()) == 12
        assert emulator.database.scalar("SELECT count(*) FROM oauth_tokens") == 0


def test_writers_at_once(emulator: Emulator, api: Client) -> None:
    def write(number: int) -> str:
        with Client(emulator.url, TOKEN) as client:
            made = client.post(PATH, json={"integration": {"type": KEYED, "name": f"Integration {number}"}}).json()
            return str(made["integration"]["integration_key"])

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(write, range(100)))
    assert {item["integration_key"] for item in emulator.integrations()} == keys
    assert len(keys) == 100


@pytest.mark.parametrize(("version", "age"), [(SCHEMA_VERSION - 1, "an older"), (SCHEMA_VERSION + 1, "a newer")])
def test_a_file_of_another_version_is_left_as_it_is(tmp_path: Path, version: int, age: str) -> None:
    file = tmp_path / "account.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("CREATE TABLE services (id TEXT)")
    before = file.read_bytes()
    with pytest.raises(ValueError, match=f"was written by {age} version of the emulator .* left as it is"):
        Emulator(database=file)
    assert file.read_bytes() == before


def test_a_database_of_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "photos.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE photos (id TEXT)")
    before = file.read_bytes()
    with pytest.raises(ValueError, match="is a database of something else; it was left as it is"):
        Emulator(database=file)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["photos.db"]


def test_a_database_that_fails_is_a_500(caplog: pytest.LogCaptureFixture) -> None:
    with pagerduty_emulator.serve() as emulator, Client(emulator.url, TOKEN) as client:
        emulator.database.execute("PRAGMA query_only = 1")
        answer = client.post(PATH, json={"integration": {"type": KEYED, "name": "One"}})
        assert (answer.status_code, answer.json()["error"]["code"]) == (500, 2000)
        assert client.get("/services").status_code == 200
    assert "the database :memory: fails: attempt to write a readonly database" in caplog.text
    assert "Traceback" not in caplog.text


# Many services

LARGE = {"integrations", "incidents", "alerts", "events"}


@pytest.fixture
def statements(emulator: Emulator, create: Callable[..., Any]) -> Iterator[list[str]]:
    """The statements that the database runs from now on, with some integrations and incidents in it."""
    for service in ("PCHECKT", "PAYMNT2"):
        create(service)
    ran: list[str] = []
    emulator.database._connection.set_trace_callback(ran.append)
    yield ran
    emulator.database._connection.set_trace_callback(None)


def plans(emulator: Emulator, statements: list[str]) -> str:
    """How the database goes about the queries, line by line."""
    queries = [statement for statement in statements if statement.lstrip().startswith("SELECT")]
    emulator.database._connection.set_trace_callback(None)
    return "\n".join(row["detail"] for query in queries for row in emulator.database.all(f"EXPLAIN QUERY PLAN {query}"))


@pytest.mark.parametrize(
    "path", ["/services?limit=10&include[]=integrations", "/services?limit=10", "/services/PCHECKT"]
)
def test_a_page_reads_no_table_but_by_an_index(
    emulator: Emulator, api: Client, statements: list[str], path: str
) -> None:
    """With 50,000 integrations, reading all of them is slow: emulator/docs/operation.md has the times."""
    assert api.get(path).status_code == 200
    assert len(statements) <= 6  # for the page as a whole; none for each service or integration
    scanned = {line.split()[1] for line in plans(emulator, statements).splitlines() if line.startswith("SCAN")}
    assert scanned.isdisjoint(LARGE)


def test_an_event_and_a_new_integration_read_by_an_index(
    emulator: Emulator, api: Client, statements: list[str], create: Callable[..., Any]
) -> None:
    payload = {"summary": "Disk is full", "source": "db1", "severity": "error"}
    key = create()["integration_key"]
    api.post("/v2/enqueue", json={"routing_key": key, "event_action": "trigger", "dedup_key": "x", "payload": payload})
    api.post("/v2/enqueue", json={"routing_key": key, "event_action": "resolve", "dedup_key": "x"})
    scanned = {line.split()[1] for line in plans(emulator, statements).splitlines() if line.startswith("SCAN")}
    assert scanned.isdisjoint(LARGE)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_only_its_owner_can_read_the_files(tmp_path: Path) -> None:
    """They contain integration keys. An older version's file becomes private when it is used."""
    file = tmp_path / "account.db"
    for mode in (None, 0o644):
        if mode is not None:
            file.chmod(mode)
        with closing(Emulator(database=file)) as emulator:
            emulator.add_service("New")
            assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_second_emulator_on_a_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "account.db"
    with closing(Emulator(database=file)) as first:
        with pytest.raises(
            ValueError, match=r"another emulator uses .*account\.db\. End that one, or choose another file"
        ):
            Emulator(database=file)
        first.add_service("New")
    with closing(Emulator(database=file)) as later:
        assert "New" in [service["name"] for service in later.services()]
