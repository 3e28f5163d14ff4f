"""Random lives of a stack on the real engine: fewer and shorter than those of test_lives.py, to hold it to the same."""

from __future__ import annotations

import json
import logging
import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from tests.conftest import TOKEN
from tests.support.account import post_integration
from tests.support.stack import TYPE, Result, Stack

from .test_lives import EMAIL, FAULTS, KINDS, SERVICES, id_of

_log = logging.getLogger(__name__)

# `make prove` asks for more, each time others; `make test` for the same two.
LIVES = int(os.environ.get("LIVES", "0"))
STEPS = 4
NAMES = ("alarms", "backups", "orders", "payments")
TITLES = ["Alarms", "Größe & <b>", " spaces ", 'say "no"', "a/b.c?d#e"]


def seeds() -> list[int]:
    """The same in every process of a run of the tests."""
    if "SEED" in os.environ:
        return [int(os.environ["SEED"])]
    draw = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID"))  # noqa: S311
    return [draw.getrandbits(32) for _ in range(LIVES)] or [14, 20]  # in which responses are lost after a creation


class Life:
    """A program and an account that change at random.

    theirs: what others made, by ID, which nothing of ours may touch. told: the IDs that a message named to belong to
    nobody. aliases: the old names of resources by their new ones.
    """

    def __init__(self, seed: int, stack: Stack, emulator: Emulator) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.stack = stack
        self.emulator = emulator
        self.program: dict[str, dict[str, Any]] = {}
        self.aliases: dict[str, str] = {}
        self.theirs: dict[str, dict[str, Any]] = {}
        self.told: set[str] = set()
        self.addresses = 0

    def live(self) -> None:
        for name in self.random.sample(NAMES, 3):
            self.declare(name)
        self.up(self.random.choice([None, *FAULTS]))
        for _ in range(STEPS):
            step = self.random.choice(
                [self.edit, self.edit, self.replace, self.rename, self.adopt, self.change_outside, self.withdraw]
            )
            step()
            if self.random.random() < 0.3:
                self.refresh()
            self.up(self.random.choice([None, None, *FAULTS]))
        self.settle()
        self.end()

    # Changes.

    def declare(self, name: str) -> None:
        kind = self.random.choice(sorted(KINDS))
        inputs = {"service": self.random.choice(SERVICES), **KINDS[kind]}
        if self.random.random() < 0.7:
            inputs["name"] = self.random.choice(TITLES)
        if kind in {"email", "rules"}:
            inputs["integrationEmail"] = self._new_address()
        self.program[name] = inputs
        _log.warning("declare %s: %s", name, inputs)

    def edit(self) -> None:
        if inputs := self._some():
            inputs["name"] = self.random.choice(TITLES)
            if inputs.get("type") == EMAIL:
                inputs["emailFilterMode"] = "or-rules-email"
                inputs["emailFilters"] = [{"bodyMode": "no-match", "bodyRegex": self.random.choice(TITLES)}]

    def replace(self) -> None:
        if inputs := self._some():
            inputs["service"] = SERVICES[inputs["service"] == SERVICES[0]]
            if "integrationEmail" in inputs and self.random.random() < 0.5:
                inputs["integrationEmail"] = self._new_address()

    def rename(self) -> None:
        """With an alias, which stays until the end of the life."""
        new = self._free_name()
        old = self.random.choice([name for name in self.program if name not in self.aliases] or [""])
        if new and old:
            self.program[new] = self.program.pop(old)
            self.aliases[new] = old
            _log.warning("rename %s to %s", old, new)

    def withdraw(self) -> None:
        if self.program:
            name = self.random.choice(sorted(self.program))
            del self.program[name]
            self.aliases.pop(name, None)
            _log.warning("withdraw %s", name)

    def adopt(self) -> None:
        """Others make one, and the program imports it."""
        made = self._someone_creates()
        if name := self._free_name():
            _log.warning("import %s as %s", id_of(made), name)
            self.stack.pulumi("import", "--yes", "--protect=false", "--out=imported.yaml", TYPE, name, id_of(made))
            inputs = {"service": made["service"]["id"], "type": made["type"], "name": made["name"]}
            self.program[name] = inputs
            del self.theirs[made["id"]]
            self._write()
            preview = self.stack.preview()
            assert preview.steps(name) == ["same"], preview.output

    def change_outside(self) -> None:
        """Someone renames ours, deletes it, or makes another with the same name."""
        ours = [each for each in self.emulator.integrations() if each["id"] not in self.theirs.keys() | self.told]
        if not ours:
            return
        made = self.random.choice(ours)
        deed = self.random.choice(["rename", "delete", "double"])
        _log.warning("someone: %s %s", deed, made["id"])
        if deed == "rename":
            self.emulator.edit_integration(made["id"], name=self.random.choice(TITLES))
        elif deed == "delete":
            self.emulator.delete_integration(made["id"])
            self.refresh()  # An update of what is gone is an error that says so.
        else:
            self._someone_creates(made["name"], made["service"]["id"])

    # The user works.

    def up(self, fault: Any = None) -> None:
        self._write()
        if fault is not None:
            kind, details = fault
            self.emulator.inject(kind, path="/services/**", skip=self.random.randrange(3), **details)
        _log.warning("up with %s", fault)
        result = self._checked(self.stack.up(fails=None if fault else False))
        self.emulator.faults.clear()
        self._account_for_what_was_told(result)
        self._everything_is_accounted_for()

    def refresh(self) -> None:
        _log.warning("refresh")
        before = self._writes()
        self._checked(self.stack.refresh())
        assert self._writes() == before

    def settle(self) -> None:
        """Without faults all comes right, and then nothing changes any more."""
        self.refresh()
        self.up()
        for name, inputs in self.program.items():
            self._as_declared(name, inputs)
        before, state = self._writes(), self.stack.export(show_secrets=True)
        preview = self.stack.preview()
        assert preview.changes == {}, preview.output
        assert self.stack.up("--refresh").changes == {}
        assert self._writes() == before
        assert properties(self.stack.export(show_secrets=True)) == properties(state)

    def end(self) -> None:
        self._checked(self.stack.destroy())
        assert {each["id"] for each in self.emulator.integrations()} == self.theirs.keys() | self.told

    # Invariants.

    def _checked(self, result: Result) -> Result:
        """The messages and the state hold no secret, and no more than a user needs."""
        keys = [each["integration_key"] for each in self.emulator.integrations() if each.get("integration_key")]
        shown = result.output + str(result.events) + self.stack.state_file.read_text()
        for secret in [TOKEN, *keys, "Traceback"]:
            assert secret not in shown
        return result

    def _account_for_what_was_told(self, result: Result) -> None:
        """An error after which something may exist names the service and the name."""
        for made in self._unaccounted():
            lines = [each for each in result.diagnostics.splitlines() if "may have created" in each]
            named = any(made["name"] in each and made["service"]["id"] in each for each in lines)
            if named or made["id"] in result.diagnostics:
                self.told.add(made["id"])

    def _everything_is_accounted_for(self) -> None:
        assert self._unaccounted() == []
        there = {each["id"]: each for each in self.emulator.integrations()}
        for integration_id, made in self.theirs.items():
            assert there[integration_id] == made

    def _unaccounted(self) -> list[dict[str, Any]]:
        held = {each["id"] for each in resources(self.stack)}
        known = self.theirs.keys() | self.told
        return [each for each in self.emulator.integrations() if id_of(each) not in held and each["id"] not in known]

    def _as_declared(self, name: str, inputs: dict[str, Any]) -> None:
        (held,) = [each for each in resources(self.stack) if each["urn"].endswith(f"::{name}")]
        (made,) = [each for each in self.emulator.integrations() if held["id"] == id_of(each)]
        assert made["service"]["id"] == inputs["service"]
        assert made["name"] == inputs.get("name", held["inputs"]["name"])
        if "vendor" in inputs:
            assert made["vendor"]["id"] == inputs["vendor"]
        if "integrationEmail" in inputs:
            assert made["integration_email"] == inputs["integrationEmail"]

    # Doing and looking.

    def _write(self) -> None:
        """The program, as it is now."""
        self.stack.program(
            resources={
                name: {
                    "type": "pagerduty-native:Integration",
                    "properties": inputs,
                    "options": {"aliases": [{"name": self.aliases[name]}]} if name in self.aliases else {},
                }
                for name, inputs in self.program.items()
            }
        )

    def _some(self) -> dict[str, Any] | None:
        if not self.program:
            return None
        name = self.random.choice(sorted(self.program))
        _log.warning("change %s", name)
        return self.program[name]

    def _free_name(self) -> str | None:
        taken = {*self.program, *self.aliases.values()}
        taken |= {each["urn"].rsplit("::", 1)[-1] for each in resources(self.stack)}
        return next((name for name in NAMES if name not in taken), None)

    def _new_address(self) -> str:
        self.addresses += 1
        return f"a{self.addresses}@acme.pagerduty.com"

    def _someone_creates(self, name: str = "Of others", service: str = SERVICES[0]) -> dict[str, Any]:
        made = post_integration(self.emulator, service, type="events_api_v2_inbound_integration", name=name)
        self.theirs[made["id"]] = made
        return made

    def _writes(self) -> int:
        return sum(self.emulator.requests.count(method) for method in ("POST", "PUT", "DELETE"))


def resources(stack: Stack) -> list[dict[str, Any]]:
    """The integrations in the state, those that wait for their deletion included."""
    latest = json.loads(stack.export())["deployment"] or {}
    return [each for each in latest.get("resources", []) if each["type"] == TYPE]


def properties(exported: str) -> dict[str, Any]:
    """Of an exported state, what each resource is, without when it was written."""
    found = json.loads(exported)["deployment"]["resources"]
    return {each["urn"]: [each.get(part) for part in ("id", "inputs", "outputs")] for each in found}


@pytest.mark.parametrize("seed", seeds())
def test_a_life(new_stack: Callable[..., Stack], emulator: Emulator, seed: int) -> None:
    """The seed is in the test's name, and the story in its log: `SEED=7` plays the one life again."""
    Life(seed, new_stack(), emulator).live()
