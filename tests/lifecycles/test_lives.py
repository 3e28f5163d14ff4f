"""Random lives of a stack: after each operation the state says what PagerDuty holds, and nobody lost anything."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import pagerduty_emulator
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from pagerduty_emulator import Emulator
from pagerduty_emulator.faults import FaultKind
from pagerduty_native.framework.declare import properties_of
from pagerduty_native.framework.testing import Served
from pagerduty_native.framework.values import Secret, Values
from pagerduty_native.resources.integration import IntegrationArgs

from tests.conftest import TOKEN
from tests.faults.conftest import provider_of
from tests.support.account import post_integration
from tests.support.fake_time import FakeTime

from .deployment import SECRETS, Deployment, Held, Report

# `make prove` asks for many more, each time others; `make test` for the same few.
LIVES = int(os.environ.get("LIVES", "0"))
STEPS = 30
SERVICES = ("PCHECKT", "PCDNE10")
NAMES = ("alarms", "backups", "orders")
EMAIL = "generic_email_inbound_integration"
KINDS: dict[str, Values] = {
    "events": {"type": "events_api_v2_inbound_integration"},
    "vendor": {"vendor": "PZQ6AUS"},
    "both": {"vendor": "PAM4FGS", "type": "generic_events_api_inbound_integration"},
    "email": {"type": EMAIL},
    "rules": {
        "type": EMAIL,
        "emailIncidentCreation": "use_rules",
        "emailFilterMode": "and-rules-email",
        "emailFilters": [{"subjectMode": "match", "subjectRegex": "alert"}, {}],
        "emailParsers": [
            {
                "action": "trigger",
                "matchPredicate": {"type": "contains", "part": "subject", "matcher": "DOWN"},
                "valueExtractors": [{"type": "entire", "part": "subject", "valueName": "incident_key"}],
            }
        ],
    },
}
Fault = tuple[FaultKind, int, dict[str, Any]]
FAULTS: list[tuple[FaultKind, dict[str, Any]]] = [
    ("rate_limit", {}),
    ("rate_limit", {"bare": True}),
    ("status", {"status": 503}),
    ("status", {"status": 503, "after_commit": True}),
    ("status", {"status": 500, "after_commit": True}),
    ("status", {"status": 403}),
    ("reset", {}),
    ("reset", {"after_commit": True}),
    ("truncated_json", {}),
    ("truncated_body", {}),
    ("html", {"status": 502}),
    ("html", {"status": 200}),
    ("empty", {"status": 200}),
]
GUESSES = [(name, way) for name, ways in pagerduty_emulator.GUESSES.items() for way in ways]

# How somebody changes an e-mail integration in the web app.
DEEDS: dict[str, dict[str, Any]] = {
    "address": {"integration_email": "theirs@acme.pagerduty.com"},
    "creation": {"email_incident_creation": "only_if_no_open_incidents"},
    "mode": {"email_filter_mode": "or-rules-email"},
    "filter": {"email_filters": [{"body_mode": "match", "body_regex": "theirs"}]},
    "no filters": {"email_filters": []},
    "parser": {
        "email_parsers": [
            {
                "action": "resolve",
                "match_predicate": {"type": "contains", "part": "subject", "matcher": "UP"},
                "value_extractors": [{"type": "entire", "part": "subject", "value_name": "incident_key"}],
            }
        ]
    },
    "no parsers": {"email_parsers": []},
    "fallback": {"email_parsing_fallback": "discard"},
}

names = st.sampled_from(NAMES)
deeds = st.sampled_from(sorted(DEEDS))
services = st.sampled_from(SERVICES)
kinds = st.sampled_from(sorted(KINDS))
edits = st.sampled_from(["name", "service", "address", "filters", "mode", "no rules", "withdraw"])
# Whichever call of an operation it strikes: the first, the second or the third.
faults = st.none() | st.builds(
    lambda fault, skip: (fault[0], skip, fault[1]), st.sampled_from(FAULTS), st.integers(0, 2)
)
titles = st.sampled_from(["Alarms", "Größe & <b>", " spaces ", 'say "no"', "a/b.c?d#e"])


class Lives(RuleBasedStateMachine):
    """Programs and accounts that change at random.

    theirs: what others made, by ID, which nothing of ours may touch. told: the IDs that a message said to belong to
    nobody. hours: how long it takes from one of the user's operations to the next.
    """

    emulator: Emulator
    hours = 1

    def __init__(self) -> None:
        super().__init__()
        self.emulator.reset()
        self.deployment = Deployment(self._serve)
        self.program: dict[str, Values] = {}
        self.aliases: dict[str, str] = {}
        self.theirs: dict[str, dict[str, Any]] = {}
        self.told: set[str] = set()
        self.addresses = 0

    @contextlib.contextmanager
    def _serve(self) -> Iterator[Served]:
        with provider_of(self.emulator, FakeTime()) as provider:
            yield provider

    @initialize(guess=st.sampled_from(GUESSES))
    def account(self, guess: tuple[str, Any]) -> None:
        """PagerDuty may be any of the ways that nobody knows."""
        name, way = guess
        if name not in {"unknown_types", "rate_limit_bare", "unknown_routing_key"}:
            setattr(self.emulator.settings, name, way)

    # The program changes.

    def declare(self, name: str, service: str, kind: str, title: str | None) -> None:
        inputs: Values = {"service": service, **KINDS[kind]}
        if title is not None:
            inputs["name"] = title
        if kind in {"email", "rules"}:
            inputs["integrationEmail"] = self._new_address()
        self.program[name] = inputs

    def change(self, name: str, edit: str, title: str) -> None:
        """One edit of a resource in the program, if it is there and takes it."""
        inputs = self.program[name]
        is_email = inputs.get("type") == EMAIL
        match edit:
            case "name":
                inputs["name"] = title
            case "service":
                inputs["service"] = SERVICES[inputs["service"] == SERVICES[0]]
                if is_email and self.emulator.settings.duplicate_emails == "refuse":
                    self.deployment.delete_first.add(name)
            case "address" if is_email:
                inputs["integrationEmail"] = self._new_address()
            case "filters" if is_email:
                inputs["emailFilters"] = [{"bodyMode": "no-match", "bodyRegex": title}]
            case "mode" if is_email:
                inputs["emailFilterMode"] = "or-rules-email"
            case "no rules" if is_email:
                inputs.pop("emailParsers", None)
                inputs["emailIncidentCreation"] = "on_new_email"
            case "withdraw":
                del self.program[name]

    def _new_address(self) -> str:
        self.addresses += 1
        return f"a{self.addresses}@acme.pagerduty.com"

    @rule(old=names, new=names)
    def alias(self, old: str, new: str) -> None:
        """A resource gets another name in the program, with the old one as its alias."""
        state, program = self.deployment.state, self.program
        if old in program and old in state and self._is_free(new) and old not in self.aliases.values():
            program[new] = program.pop(old)
            self.aliases[new] = old

    # Others work in the web app.

    @rule(name=names, service=services)
    def someone_creates(self, name: str, service: str) -> None:
        """With the very name that ours has or had, which must not be taken for it later."""
        title = str(self.program.get(name, {}).get("name", name))
        made = post_integration(self.emulator, service, type="events_api_v2_inbound_integration", name=title)
        # As it is there: the response may lack the key.
        (self.theirs[made["id"]],) = [each for each in self.emulator.integrations() if each["id"] == made["id"]]

    @rule(name=names, title=titles)
    def someone_renames(self, name: str, title: str) -> None:
        if made := self._made(name):
            self.emulator.edit_integration(made["id"], name=title)

    @rule(name=names, deed=deeds)
    def someone_changes_the_mail(self, name: str, deed: str) -> None:
        made = self._made(name)
        if made and made.get("integration_email"):
            self.emulator.edit_integration(made["id"], **DEEDS[deed])

    @rule(name=names)
    def someone_deletes(self, name: str) -> None:
        if made := self._made(name):
            self.emulator.delete_integration(made["id"])

    @rule(name=names, service=services, keep_id=st.booleans())
    def someone_moves(self, name: str, service: str, keep_id: bool) -> None:
        made = self._made(name)
        if made and made["service"]["id"] != service and made.get("integration_key"):
            self.emulator.move_integration(made["id"], service, keep_id=keep_id)
            self.deployment.refresh()  # Deletion leaves alone what was moved, and only a refresh follows.

    # The user works.

    @rule(name=names, service=services, kind=kinds, title=st.none() | titles, fault=faults)
    def up_with_a_new_one(self, name: str, service: str, kind: str, title: str | None, fault: Fault | None) -> None:
        self.declare(name, service, kind, title)
        self._operate(self._up, fault)

    @rule(name=names, edit=edits, title=titles, fault=faults)
    def up_with_an_edit(self, name: str, edit: str, title: str, fault: Fault | None) -> None:
        if name in self.program:
            self.change(name, edit, title)
        self._operate(self._up, fault)

    @rule(fault=faults)
    def refresh(self, fault: Fault | None) -> None:
        before = self._writes()
        self._operate(self.deployment.refresh, fault)
        assert self._writes() == before

    @rule(name=names)
    def adopt(self, name: str) -> None:
        """Import what others made, and write the program as it is."""
        held = {each.id for each in self.deployment.state.values()}
        free = [each for each in self.theirs.values() if id_of(each) not in held]
        if free and self._is_free(name):
            self._import(name, id_of(free[0]))
            del self.theirs[free[0]["id"]]

    @rule(old=names, new=names)
    def adopt_again(self, old: str, new: str) -> None:
        """Import what another resource holds, and take that one out of the program: a rename without an alias."""
        held = self.deployment.state.get(old)
        if held and self._made(old) and self._is_free(new) and old not in self.aliases.values():
            self._import(new, held.id)
            self.program.pop(old, None)
            up = self._checked(self._up())
            assert up.failed or self._made(new)

    @rule()
    def settle(self) -> None:
        """Without faults all comes right, and then nothing changes any more."""
        assert self._checked(self.deployment.refresh()).failed is None
        assert self._checked(self._up()).failed is None
        assert self._checked(self.deployment.refresh()).failed is None  # `type_settles` may be later than a creation.
        self.aliases.clear()
        self._everything_is_accounted_for()
        for name, inputs in self.program.items():
            self._as_declared(name, inputs)
        before, state = self._writes(), dict(self.deployment.state)
        assert self.deployment.preview(self.program) == dict.fromkeys(self.program, "same")
        assert self._checked(self.deployment.refresh()).failed is None
        assert self._checked(self.deployment.up(self.program)).failed is None
        assert self._writes() == before
        assert self.deployment.state == state

    def teardown(self) -> None:
        self.emulator.faults.clear()
        self.settle()
        assert self._checked(self.deployment.up({})).failed is None
        assert {each["id"] for each in self.emulator.integrations()} == self.theirs.keys() | self.told

    # Invariants.

    def _up(self) -> Report:
        # A name that the program has again is another resource's.
        aliases = {new: old for new, old in self.aliases.items() if old not in self.program}
        return self.deployment.up(self.program, aliases)

    def _operate(self, operation: Callable[[], Report], fault: Fault | None) -> None:
        self._let_time_pass()
        if fault is not None:
            kind, skip, details = fault
            self.emulator.inject(kind, path="/services/**", skip=skip, **details)
        report = self._checked(operation())
        self.emulator.faults.clear()
        self._account_for_what_was_told(report)
        self._everything_is_accounted_for()

    def _let_time_pass(self) -> None:
        """Both clocks would otherwise show the second in which something was created in an earlier operation."""
        self.emulator.database.execute(
            "UPDATE integrations SET created_at = strftime('%Y-%m-%dT%H:%M:%SZ', created_at, ?)", f"-{self.hours} hours"
        )
        for there in self.emulator.integrations():
            if made := self.theirs.get(there["id"]):
                made["created_at"] = there["created_at"]

    def _checked(self, report: Report) -> Report:
        """The messages hold no secret, and no more than a user needs."""
        keys = [each["integration_key"] for each in self.emulator.integrations() if each.get("integration_key")]
        for secret in [TOKEN, *keys, "Traceback"]:
            assert secret not in report.text
        for held in self.deployment.state.values():
            for name in SECRETS:
                assert isinstance(held.outputs.get(name, Secret("")), Secret)
        return report

    def _account_for_what_was_told(self, report: Report) -> None:
        """An error after which something may exist names the service and the name."""
        for made in self._unaccounted():
            told = report.failed and made["name"] in report.failed and made["service"]["id"] in report.failed
            warned = any(made["id"] in message for message in report.messages)
            if (told and "may have created" in str(report.failed)) or warned:
                self.told.add(made["id"])

    def _everything_is_accounted_for(self) -> None:
        assert self._unaccounted() == []
        there = {each["id"]: each for each in self.emulator.integrations()}
        for integration_id, made in self.theirs.items():
            assert there[integration_id] == made

    def _unaccounted(self) -> list[dict[str, Any]]:
        held = [*self.deployment.state.values(), *(each for _, each in self.deployment.replaced)]
        known = {each.id.split(".")[1] for each in held} | {each.key for each in held if each.key}
        return [
            each
            for each in self.emulator.integrations()
            if each["id"] not in self.theirs.keys() | self.told
            and not {each["id"], each.get("integration_key")} & known
        ]

    def _as_declared(self, name: str, inputs: Values) -> None:
        held = self.deployment.state[name]
        (made,) = [each for each in self.emulator.integrations() if held.id == id_of(each)]
        assert made["service"]["id"] == inputs["service"]
        if self.emulator.settings.names == "kept":
            assert made["name"] == inputs.get("name", held.inputs["name"])
        assert held.key == made.get("integration_key")
        if "vendor" in inputs:
            assert made["vendor"]["id"] == inputs["vendor"]
        if "integrationEmail" in inputs:
            assert made["integration_email"] == inputs["integrationEmail"]
            self._has_the_rules_that_are_declared(held, inputs, made)

    def _has_the_rules_that_are_declared(self, held: Held, inputs: Values, made: dict[str, Any]) -> None:
        for each in properties_of(IntegrationArgs):
            if each.attribute.startswith("email_") and each.name in inputs:
                chosen = each.name == "emailFilterMode" and "emailFilters" not in inputs
                assert chosen or each.same(held.outputs.get(each.name), inputs[each.name])
        if "emailParsers" not in inputs:
            assert not made.get("email_parsers")
        if "emailFilters" not in inputs:
            assert all(each["body_mode"] == "always" for each in made["email_filters"])

    # Looking.

    def _is_free(self, name: str) -> bool:
        return not any(name in names for names in (self.program, self.deployment.state, self.aliases.values()))

    def _import(self, name: str, id: str) -> None:
        assert self.deployment.import_(name, id).failed is None
        self.program[name] = dict(self.deployment.state[name].inputs)
        assert self.deployment.preview({name: self.program[name]}) == {name: "same"}

    def _made(self, name: str) -> dict[str, Any] | None:
        """Return the integration of a resource in the state, or None."""
        held = self.deployment.state.get(name)
        found = [each for each in self.emulator.integrations() if held and held.id.endswith(f".{each['id']}")]
        return found[0] if found else None

    def _writes(self) -> int:
        return sum(self.emulator.requests.count(method) for method in ("POST", "PUT", "DELETE"))


def id_of(made: dict[str, Any]) -> str:
    return f"{made['service']['id']}.{made['id']}"


def lives_on(served: Emulator) -> type[Lives]:
    class LivesHere(Lives):
        emulator = served

    return LivesHere


def test_lives(served: Emulator) -> None:
    run_state_machine_as_test(
        lives_on(served),
        settings=settings(
            max_examples=LIVES or 30,
            stateful_step_count=STEPS,
            derandomize=not LIVES,
            deadline=None,
            print_blob=True,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_what_others_made_at_the_same_time_is_taken_with_a_warning(served: Emulator) -> None:
    """Found by random lives: nobody can tell the two apart (docs/reliability.md, What is not promised)."""
    lives = lives_on(served)()
    lives.hours = 0
    lives.someone_creates("alarms", "PCHECKT")
    (theirs,) = lives.theirs.values()
    lives.declare("alarms", "PCHECKT", "events", "alarms")
    served.inject("status", path="/services/**", status=503)
    report = lives.deployment.up(lives.program)
    assert report.failed is None
    assert any(theirs["id"] in message for message in report.messages)
    assert lives.deployment.state["alarms"].id == id_of(theirs)
    lives.theirs.clear()
    lives.teardown()


def test_what_another_resource_holds_is_not_taken_however_new_it_is(served: Emulator) -> None:
    """Found by random lives: with the same name, created seconds ago by an earlier run."""
    lives = lives_on(served)()
    lives.hours = 0
    lives.up_with_a_new_one("backups", "PCDNE10", "email", "Alarms", None)
    lives.up_with_a_new_one("alarms", "PCDNE10", "email", "Alarms", ("html", 0, {"status": 200}))
    assert len({held.id for held in lives.deployment.state.values()}) == 2
    lives.teardown()
