"""Killed in mid-deployment: the plugin, the CLI, and PagerDuty itself. Nothing is lost.

After each kill, what docs/troubleshooting.md says is done: pending operations are cleared by a refresh,
`pagerduty-native adopt` lists what no state holds, and that is imported. PROVE=1 runs all cases.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pagerduty_emulator import Emulator

from tests.support.documents import sh
from tests.support.killing import killed
from tests.support.stack import TYPE, Stack

from .process import EmulatorProcess

PROVE = bool(os.environ.get("PROVE"))
SERVICE = "PCHECKT"
V2 = "events_api_v2_inbound_integration"
FIND = "pagerduty-native adopt --stack dev --managed-by dev --output import.json --force"
KILL, TERM, INT = signal.SIGKILL, signal.SIGTERM, signal.SIGINT
# A response that is held for good, and one that comes while the plugin still has time to take it.
LONG, SHORT = 60.0, 1.5


@dataclass(frozen=True)
class Case:
    """A kill.

    moment: of the call of this method that is struck: "before" PagerDuty handles it, "during" it (it is done, and the
    response is held), "after" (the response is sent). skip: how many calls of the method pass first.
    """

    operation: str
    method: str
    moment: str
    victim: str = "plugin"
    signal: int = KILL
    skip: int = 0
    seconds: float = LONG
    quick: bool = False

    def __str__(self) -> str:
        name = signal.Signals(self.signal).name
        slow = "" if self.seconds == LONG else ", which it outlasts"
        return f"{self.operation}: {name} to the {self.victim} {self.moment} {self.method} {self.skip + 1}{slow}"


CASES = [
    # Creations
    Case("up: create", "POST", "before"),
    Case("up: create", "POST", "during"),
    Case("up: create", "POST", "during", skip=1),
    Case("up: create", "POST", "after"),
    Case("up: create", "POST", "during", signal=TERM, quick=True),
    Case("up: create", "POST", "during", signal=TERM, seconds=SHORT),
    Case("up: create", "POST", "before", signal=TERM, seconds=SHORT),
    Case("up: create", "POST", "during", victim="cli", signal=KILL),
    Case("up: create", "POST", "before", victim="cli", signal=KILL),
    Case("up: create", "POST", "during", victim="cli", signal=INT, seconds=SHORT),
    Case("up: create", "POST", "before", victim="cli", signal=INT, seconds=SHORT),
    Case("up: create", "POST", "during", victim="cli", signal=TERM, seconds=SHORT),
    # Replacements
    Case("up: replace", "POST", "during"),
    Case("up: replace", "DELETE", "before"),
    Case("up: replace", "DELETE", "during", quick=True),
    Case("up: replace", "DELETE", "during", victim="cli"),
    # Updates
    Case("up: update", "PUT", "before"),
    Case("up: update", "PUT", "during", quick=True),
    Case("up: update", "PUT", "after"),
    Case("up: update", "PUT", "during", signal=TERM),
    Case("up: update", "PUT", "during", victim="cli"),
    Case("up: update", "PUT", "during", victim="cli", signal=INT, seconds=SHORT),
    # Deletions
    Case("up: delete", "DELETE", "before"),
    Case("up: delete", "DELETE", "during"),
    Case("destroy", "DELETE", "before"),
    Case("destroy", "DELETE", "during", skip=1, quick=True),
    Case("destroy", "DELETE", "after"),
    Case("destroy", "DELETE", "during", signal=TERM),
    Case("destroy", "DELETE", "during", victim="cli"),
    Case("destroy", "DELETE", "during", victim="cli", signal=INT, seconds=SHORT),
    # Reads
    Case("refresh", "GET", "before"),
    Case("refresh", "GET", "during"),
    Case("refresh", "GET", "during", signal=TERM),
    Case("refresh", "GET", "during", victim="cli"),
    Case("refresh", "GET", "during", victim="cli", signal=INT, seconds=SHORT),
    Case("import", "GET", "before"),
    Case("import", "GET", "during"),
    Case("import", "GET", "during", victim="cli"),
    Case("import", "GET", "during", victim="cli", signal=INT, seconds=SHORT),
]


class Life:
    """A deployment of two integrations, one after the other, and what is killed in it."""

    def __init__(self, stack: Stack, emulator: Emulator | EmulatorProcess) -> None:
        self.stack = stack
        self.emulator = emulator
        self.wanted: dict[str, dict[str, str]] = {"alarms": {}, "events": {}}
        self.theirs = ""

    def write(self) -> None:
        resources = {}
        for name, more in self.wanted.items():
            options = {"dependsOn": ["${alarms}"]} if name == "events" and "alarms" in self.wanted else {}
            properties = {"service": SERVICE, "type": V2, **more}
            resources[name] = {"type": "pagerduty-native:Integration", "properties": properties, "options": options}
        self.stack.program(resources=resources)

    def begin(self, operation: str) -> list[str]:
        """Everything as it is before the operation. Returns the operation's arguments."""
        self.write()
        if operation == "up: create":
            return ["up", "--skip-preview"]
        self.stack.up()
        if operation == "up: update":
            self.wanted["alarms"] = {"name": "Alarms"}
        elif operation == "up: replace":
            self.wanted["events"] = {"type": "generic_events_api_inbound_integration"}
        elif operation == "up: delete":
            del self.wanted["events"]
        elif operation == "import":
            self.stack.forget("events")
            (events,) = [each for each in self.emulator.integrations() if each["name"].startswith("events")]
            return ["import", TYPE, "events", f"{SERVICE}.{events['id']}", "--protect=false", "--generate-code=false"]
        elif operation == "destroy":
            self.wanted = {}
        self.write()
        return [operation.partition(":")[0], "--skip-preview"]

    def held(self) -> dict[str, str]:
        """The IDs of PagerDuty's in the state, each with the name of its resource."""
        resources = json.loads(self.stack.export())["deployment"].get("resources", [])
        ours = [each for each in resources if each["type"] == TYPE]
        return {each["id"].split(".")[1]: each["urn"].rpartition("::")[2] for each in ours}

    def there(self) -> set[str]:
        return {each["id"] for each in self.emulator.integrations()}

    def clean_up(self) -> None:
        """Follow the first half of the page on troubleshooting."""
        self.stack.pulumi("cancel", "--yes")  # A backend of files keeps the lock of what was killed.
        self.stack.pulumi("refresh", "--yes", "--clear-pending-creates")

    def orphans(self) -> set[str]:
        """List the integrations that no state holds, with the command line."""
        shown = sh(f"{FIND} || true", self.stack.folder, self.stack.environ)
        if "The account has no integrations that the token can see." in shown:
            return set()
        assert "to import.json." in shown, shown
        file = self.stack.folder / "import.json"
        return {each["id"].split(".")[1] for each in json.loads(file.read_text())["resources"]}

    def adopt(self, orphans: set[str]) -> None:
        """Import what the program wants and the state lacks; delete the rest, as a person in the web app would."""
        for each in [each for each in self.emulator.integrations() if each["id"] in orphans]:
            name = each["name"].partition("-")[0]
            if name in self.wanted and name not in self.held().values():
                options = ["--yes", "--protect=false", "--generate-code=false"]
                self.stack.pulumi("import", TYPE, name, f"{SERVICE}.{each['id']}", *options)
            else:
                self.emulator.delete_integration(each["id"])

    def end(self) -> None:
        """All is as the program says: each there once, in the state, and nothing else."""
        self.stack.up()
        assert sorted(self.held().values()) == sorted(self.wanted)
        assert self.there() == self.held().keys()
        assert self.stack.preview().changes == {}


@pytest.fixture
def life(stack: Stack, emulator: Emulator) -> Life:
    return Life(stack, emulator)


def struck(emulator: Emulator, case: Case) -> Callable[[], bool]:
    """Hold the call of a case. Returns what tells that the moment has come."""
    path = "/services/**"
    if case.moment != "after":
        during = case.moment == "during"
        emulator.inject("delay", case.method, path, seconds=case.seconds, skip=case.skip, after_commit=during)
        return lambda: any(
            each.fault and each.committed is during for each in emulator.requests.matching(case.method, path)
        )
    return lambda: [each.status is not None for each in emulator.requests.matching(case.method, path)].count(True) > 0


@pytest.mark.parametrize("case", [each for each in CASES if PROVE or each.quick], ids=str)
def test_after_a_kill_everything_is_found(life: Life, emulator: Emulator, case: Case) -> None:
    arguments = life.begin(case.operation)
    emulator.requests.clear()
    killed(life.stack, arguments, case.victim, struck(emulator, case), signal_number=case.signal)
    emulator.faults.clear()
    life.clean_up()
    orphans = life.orphans()
    assert orphans == life.there() - life.held().keys()
    life.adopt(orphans)
    life.end()


PAGERDUTY_CASES = [
    ("up: create", "POST", "before"),
    ("up: create", "POST", "during"),
    ("up: replace", "DELETE", "during"),
    ("up: update", "PUT", "before"),
    ("up: update", "PUT", "during"),
    ("destroy", "DELETE", "before"),
    ("destroy", "DELETE", "during"),
    ("refresh", "GET", "during"),
    ("import", "GET", "during"),
]


@pytest.mark.parametrize(
    ("operation", "method", "moment"),
    PAGERDUTY_CASES if PROVE else PAGERDUTY_CASES[1:2],
    ids=lambda each: each,
)
def test_pagerduty_goes_away_and_comes_back(
    stack: Stack, tmp_path: Path, operation: str, method: str, moment: str
) -> None:
    """The connection breaks, and then PagerDuty is there again: the run goes on by itself.

    Or it says what it could not do, if that took longer than the provider tries.
    """
    with contextlib.closing(EmulatorProcess(tmp_path)) as emulator:
        stack.configure({"pagerduty-native:apiUrlOverride": emulator.url})
        life = Life(stack, emulator)
        arguments = life.begin(operation)
        after_commit = moment == "during"
        emulator.hold(method, after_commit=after_commit)
        shown = killed(
            stack, arguments, emulator.kill_and_restart, lambda: emulator.holds(method, after_commit=after_commit)
        )
        assert "error:" not in shown or "cannot be reached" in shown
        assert "error:" in shown or life.there() == life.held().keys()
        life.clean_up()
        orphans = life.orphans()
        assert orphans == life.there() - life.held().keys()
        life.adopt(orphans)
        life.end()
