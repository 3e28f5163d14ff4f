"""PagerDuty's responses as they should never be: the provider's result is right, or it says in words what was wrong.

1,000 responses, or 40,000 with PROVE=1, by the same seeds each time. Whatever comes, nothing that was created is lost.
"""

from __future__ import annotations

import gc
import logging
import os
import random
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

import grpc
import pytest
from google.protobuf import struct_pb2
from pagerduty_native.framework.testing import Refusal, Served, failed_initialization
from pagerduty_native.framework.values import Value, Values
from pagerduty_native.framework.wire import from_struct, to_struct
from pulumi.runtime.proto import provider_pb2 as pb

from tests.conftest import TOKEN
from tests.support import HANG_SECONDS
from tests.support.stack import TYPE

from . import judging
from .framing import KEY
from .running import Run

CHUNKS, RESPONSES = range(80 if os.environ.get("PROVE") else 2), 500
MOST_CALLS = 500
# So many operations later, the provider starts anew: it keeps what it knows of vendors.
OPERATIONS = 10
SERVICE, OTHER = "PCHECKT", "PCDNE10"
EMAIL: Values = {
    "type": "generic_email_inbound_integration",
    "emailIncidentCreation": "use_rules",
    "emailFilterMode": "and-rules-email",
    "emailFilters": [{"subjectMode": "match", "subjectRegex": "alert"}],
    "emailParsers": [
        {
            "action": "trigger",
            "matchPredicate": {"type": "all", "children": [{"type": "contains", "part": "subject", "matcher": "DOWN"}]},
            "valueExtractors": [{"type": "entire", "part": "subject", "valueName": "incident_key"}],
        }
    ],
}
KINDS: list[Values] = [
    {"type": "events_api_v2_inbound_integration"},
    {"vendor": "PZQ6AUS"},
    {"vendor": "PLP6R70"},
    EMAIL,
]
UNKNOWN: Values = {"vendor": "PNOVEND"}
LOOKUPS: list[tuple[str, Values]] = [
    ("getVendor", {"name": "Cloudwatch"}),
    ("getVendor", {"id": "PZQ6AUS"}),
    ("getVendors", {}),
    ("getVendors", {"query": "amazon"}),
    ("getService", {"name": "Checkout"}),
    ("getService", {"id": SERVICE}),
    ("getIntegration", {"service": SERVICE, "name": "held 1"}),
    ("getIntegrations", {"service": SERVICE}),
]


class Held(NamedTuple):
    """An integration in the state. own: its ID without that of its service."""

    id: str
    inputs: Values
    state: Values

    @property
    def own(self) -> str:
        return self.id.partition(".")[2]


class Life:
    """Operations at random. Each returns what was wrong, if anything was."""

    def __init__(self, run: Run, provider: Served) -> None:
        self.run = run
        self.provider = provider
        self.chance = run.chance
        self.number = 0
        provider.configure(token=TOKEN)
        self.held = [self._hold(f"held {number}", KINDS[number % 2 * 3]) for number in range(4)]
        self.found = [_result(self._look_up(*each)) for each in LOOKUPS]
        self.listed = {each.id for each in self._list()}

    def _hold(self, name: str, kind: Values) -> Held:
        inputs: Values = {"service": SERVICE, "name": name, **kind}
        try:
            created = self.provider.create(inputs)
        except grpc.RpcError as error:
            # An earlier response may have left a connection that is closed once it is used again.
            if "closed connection" not in Refusal(cast("grpc.Call", error)).message:
                raise
            for each in self.run.there().values():
                if each["name"] == name:
                    self.run.emulator.delete_integration(each["id"])
            created = self.provider.create(inputs)
        return Held(created.id, inputs, from_struct(created.properties))

    def create(self) -> list[str]:
        self.number += 1
        name = f"new {self.number % 3}"
        inputs: Values = {"service": SERVICE, "name": name, **self.chance.choice([*KINDS, UNKNOWN])}
        before = self.run.there()
        created, error = self.run.attempt(lambda: self.provider.create(inputs))
        there = self.run.there()
        made = there.keys() - before.keys()
        problems = self._told(error)
        told = [*self.run.warnings, error.message if error else created.id]
        if error and (partial := _partial(error)):
            told.append(partial.id)
        if created:
            problems += judging.kept_problems(created.id, from_struct(created.properties), SERVICE)
        if not self.run.lied(omissions=True):
            problems += [f"nobody knows of {each}" for each in judging.untold(made, told, SERVICE, name)]
            problems += self._not_so(created.id, created.properties, there) if created else []
        for each in made:
            self.run.emulator.delete_integration(each)
        return problems

    def read(self) -> list[str]:
        """A refresh or an import, of an integration that is where it was, or was moved."""
        held = self.chance.choice(self.held)
        imported, moved = self.chance.random() < 0.3, self.chance.random() < 0.2
        if moved:
            self.run.emulator.move_integration(held.own, OTHER)
        given = ({}, {}) if imported else (held.state, held.inputs)
        read, error = self.run.attempt(lambda: self.provider.read(held.id, *given))
        problems = self._told(error)
        if read and read.id:
            problems += judging.kept_problems(read.id, from_struct(read.properties), read.id.partition(".")[0])
            problems += [f"read {read.id} for {held.id}"] if read.id.partition(".")[2] != held.own else []
        if read and not self.run.lied():
            if read.id:
                problems += self._not_so(read.id, read.properties, self.run.there())
            elif not (moved and imported):
                problems.append("taken for deleted")
        if moved:
            self.run.emulator.move_integration(held.own, SERVICE)
        return problems

    def update(self) -> list[str]:
        held = self._hold("old", self.chance.choice(KINDS))
        news: Values = {**held.inputs, "name": "other"}
        if "emailFilters" in news and self.chance.random() < 0.5:
            filters: list[Value] = [{"bodyMode": "match", "bodyRegex": "x"}]
            news["emailFilters"] = self.chance.choice([[], filters])
        request = pb.UpdateRequest(
            urn=self.provider.urn,
            id=held.id,
            olds=to_struct(held.state),
            old_inputs=to_struct(held.inputs),
            news=to_struct(news),
        )
        updated, error = self.run.attempt(lambda: self.provider.stub.Update(request, timeout=HANG_SECONDS))
        there = self.run.there()
        problems = self._told(error)
        if updated:
            problems += judging.kept_problems(held.id, from_struct(updated.properties), SERVICE)
        if updated and not self.run.lied():
            problems += self._not_so(held.id, updated.properties, there)
            problems += ["not updated"] if there[held.own]["name"] != "other" else []
        self.run.emulator.delete_integration(held.own)
        return problems

    def delete(self) -> list[str]:
        held = self._hold("old", self.chance.choice(KINDS))
        deleted, error = self.run.attempt(lambda: self.provider.delete(held.id, held.state))
        problems = self._told(error)
        if held.own in self.run.there():
            problems += ["not deleted"] if deleted is not None and not self.run.lied() else []
            self.run.emulator.delete_integration(held.own)
        return problems

    def look_up(self) -> list[str]:
        number = self.chance.randrange(len(LOOKUPS))
        found, error = self.run.attempt(lambda: self._look_up(*LOOKUPS[number]))
        problems = self._told(error)
        if found and found.failures:
            problems.append(f"refused: {found.failures}")
        elif found and not self.run.may_lack() and not judging.agree(_result(found), self.found[number]):
            problems.append(f"found {_result(found)} instead of {self.found[number]}")
        return problems

    def enumerate(self) -> list[str]:
        listed, error = self.run.attempt(self._list)
        problems = self._told(error)
        if listed is not None and not self.run.may_lack() and {each.id for each in listed} != self.listed:
            problems.append(f"listed {listed}")
        return problems

    def _look_up(self, function: str, arguments: Values) -> pb.InvokeResponse:
        return self.provider.invoke(f"pagerduty-native:index:{function}", **arguments)

    def _list(self) -> list[pb.ListResponse.Result]:
        request = pb.ListRequest(token=TYPE, limit=1000)
        return [
            each.result for each in self.provider.stub.List(request, timeout=HANG_SECONDS) if each.HasField("result")
        ]

    def _told(self, error: Refusal | None) -> list[str]:
        """What is wrong with what was told, with what an error leaves in the state, and with the number of calls."""
        keys = {str(each.get("integration_key") or KEY) for each in self.run.there().values()}
        problems = [judging.words_problem(each, keys) for each in (*self.run.warnings, *self.run.time.told)]
        if error is not None:
            problems.append(judging.refusal_problem(error, keys))
            if partial := _partial(error):
                problems += judging.kept_problems(partial.id, from_struct(partial.properties), SERVICE)
        if self.run.calls > MOST_CALLS:
            problems.append(f"{self.run.calls} calls")
        return problems

    @staticmethod
    def _not_so(id: str, properties: struct_pb2.Struct, there: dict[str, dict[str, Any]]) -> list[str]:
        """What is wrong with a state. there: every integration as PagerDuty has it."""
        service, _, own = id.partition(".")
        if own not in there or there[own]["service"]["id"] != service:
            return [f"there is no {id}"]
        return [judging.state_problem(from_struct(properties), there[own])]


def _partial(error: Refusal) -> pb.ErrorResourceInitFailed | None:
    """What an error leaves in the state, if it does."""
    return failed_initialization(error) if "grpc-status-details-bin" in error.metadata else None


def _result(found: pb.InvokeResponse) -> Values:
    return from_struct(getattr(found, "return"))


@pytest.fixture(autouse=True)
def _garbage_is_collected_between_operations() -> Iterator[None]:
    """Within the parser of a deep response, the collector has no stack left to warn of an open socket."""
    gc.disable()
    yield
    gc.enable()


# Of a response that no client can read, the garbage collector closes the socket.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("seed", CHUNKS)
def test_whatever_comes(seed: int, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    run = Run(random.Random(seed))  # noqa: S311 (no secret)
    with run.provider() as provider, caplog.at_level(logging.ERROR):
        life = Life(run, provider)
        operations = [life.create, life.create, life.read, life.update, life.delete, life.look_up, life.enumerate]
        number = 0
        while run.mutated < RESPONSES:
            number += 1
            if number % OPERATIONS == 0:
                gc.collect()
                provider.configure(token=TOKEN)
                run.has_lied = run.has_skipped = False
            operation = run.chance.choice(operations)
            problems = list(filter(None, operation()))
            assert not problems, f"{operation.__name__} {number}: {problems}\n" + "\n".join(
                f"{method} {response.lies=} {response.omits=} {response.what}" for method, response in run.seen
            )
    assert "File " not in capfd.readouterr().err
    assert not caplog.records
