"""A stack as the engine works it, one step after the other, with the provider behind gRPC and without the engine.

What the engine does was read in its source and seen by running it; tests/engine holds the real one to it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

import grpc
from pagerduty_native.framework.testing import Served
from pagerduty_native.framework.values import Secret, Value, Values
from pagerduty_native.framework.wire import from_struct
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto import status_pb2

from tests.support.stack import TYPE

# The names of properties that the engine would show as `[secret]`.
SECRETS = ("integrationKey", "integrationUrl")


@dataclass(frozen=True)
class Held:
    """A resource in the state."""

    id: str
    inputs: Values
    outputs: Values
    unfinished: bool = False

    @property
    def key(self) -> Value:
        found = self.outputs.get("integrationKey")
        return found.value if isinstance(found, Secret) else found


@dataclass
class Report:
    """The messages of one operation. failed: the error that stopped it, or None."""

    messages: list[str] = field(default_factory=list)
    failed: str | None = None

    @property
    def text(self) -> str:
        return "\n".join([*self.messages, self.failed or ""])


class StepError(Exception):
    """A step failed, and so did the operation."""


class Deployment:
    """A stack. serve: starts the provider's process, one for each operation.

    state: by name. replaced: what a replacement left to be deleted, with the name that it had. delete_first: the names
    of resources with the option `deleteBeforeReplace`.
    """

    def __init__(self, serve: Callable[[], AbstractContextManager[Served]]) -> None:
        self._serve = serve
        self.state: dict[str, Held] = {}
        self.replaced: list[tuple[str, Held]] = []
        self.delete_first: set[str] = set()

    def up(self, program: Mapping[str, Values], aliases: Mapping[str, str] | None = None) -> Report:
        """Make the state the program's. aliases: the old names of resources by their new ones."""

        def work(provider: Served) -> None:
            for name, inputs in program.items():
                old_name = (aliases or {}).get(name)
                if old_name in self.state and name not in self.state:
                    self.state[name] = self.state.pop(old_name)
                self._step(provider, name, inputs)
            for name in [*self.state]:
                if name not in program:
                    _delete(provider, name, self.state[name])
                    del self.state[name]
            while self.replaced:
                _delete(provider, *self.replaced[-1])
                self.replaced.pop()

        return self._operate(work)

    def preview(self, program: Mapping[str, Values]) -> dict[str, str]:
        """Return what `up` would do to each resource of the program: same, create, update or replace."""
        told: dict[str, str] = {}

        def work(provider: Served) -> None:
            for name, inputs in program.items():
                _about(provider, name)
                held = self.state.get(name)
                news = self._checked(provider, name, inputs)
                if held is None:
                    provider.create(news, preview=True)
                told[name] = "create" if held is None else _change(provider, held, news)

        assert self._operate(work).failed is None
        return told

    def refresh(self) -> Report:
        def work(provider: Served) -> None:
            for name, held in [*self.state.items()]:
                _about(provider, name)
                found = provider.read(held.id, held.outputs, held.inputs)
                if found.id:
                    self.state[name] = Held(found.id, from_struct(found.inputs), from_struct(found.properties))
                else:
                    del self.state[name]

        return self._operate(work)

    def import_(self, name: str, id: str) -> Report:
        """Bring what exists into the state. The program is to take its inputs from there."""

        def work(provider: Served) -> None:
            _about(provider, name)
            found = provider.read(id)
            if not found.id:
                raise StepError(f"{id} does not exist")
            self.state[name] = Held(found.id, from_struct(found.inputs), from_struct(found.properties))

        return self._operate(work)

    def _step(self, provider: Served, name: str, inputs: Values) -> None:
        _about(provider, name)
        news = self._checked(provider, name, inputs)
        held = self.state.get(name)
        if held is None:
            self.state[name] = self._create(provider, name, news)
            return
        change = _change(provider, held, news)
        if change == "replace" and name in self.delete_first:
            _delete(provider, name, held)
            del self.state[name]
            self.state[name] = self._create(provider, name, news)
        elif change == "replace":
            created = self._create(provider, name, news)
            self.replaced.append((name, held))
            self.state[name] = created
        elif change == "update" or held.unfinished:
            self.state[name] = self._update(provider, name, held, news)
        else:
            self.state[name] = replace(held, inputs=news)

    def _checked(self, provider: Served, name: str, inputs: Values) -> Values:
        olds = self.state[name].inputs if name in self.state else {}
        checked = provider.check(inputs, olds, name=name, type=TYPE, randomSeed=name.encode().ljust(32))
        assert [(failure.property, failure.reason) for failure in checked.failures] == []
        return from_struct(checked.inputs)

    def _create(self, provider: Served, name: str, news: Values) -> Held:
        try:
            created = provider.create(news)
        except grpc.RpcError as error:
            self.state[name] = _left_behind(error, news)
            raise
        return Held(created.id, news, from_struct(created.properties))

    def _update(self, provider: Served, name: str, held: Held, news: Values) -> Held:
        try:
            updated = provider.update(held.id, held.outputs, news, old_inputs=held.inputs)
        except grpc.RpcError as error:
            self.state[name] = _left_behind(error, news)
            raise
        return Held(held.id, news, from_struct(updated.properties))

    def _operate(self, work: Callable[[Served], None]) -> Report:
        report = Report()
        handler = logging.Handler()
        handler.emit = lambda record: report.messages.append(record.getMessage())  # type: ignore[method-assign]
        logger = logging.getLogger("pagerduty_native.framework")
        logger.addHandler(handler)
        logger.propagate = False
        try:
            with self._serve() as provider:
                work(provider)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNKNOWN:  # That of all errors for users.
                raise
            report.failed = error.details()
        except StepError as error:
            report.failed = str(error)
        finally:
            logger.removeHandler(handler)
            logger.propagate = True
        return report


def _about(provider: Served, name: str) -> None:
    provider.urn = f"urn:pulumi:dev::test::{TYPE}::{name}"


def _change(provider: Served, held: Held, news: Values) -> str:
    diff = provider.diff(held.inputs, held.outputs, news, held.id)
    assert not diff.deleteBeforeReplace
    if diff.changes == pb.DiffResponse.DIFF_NONE:
        return "same"
    return "replace" if diff.replaces else "update"


def _delete(provider: Served, name: str, held: Held) -> None:
    _about(provider, name)
    provider.delete(held.id, held.outputs)


def _left_behind(error: Any, news: Values) -> Held:
    """Return the state after an error that reports a partly done operation. Raises any other error."""
    packed = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    if packed is None:
        raise error
    details = pb.ErrorResourceInitFailed()
    assert status_pb2.Status.FromString(packed).details[0].Unpack(details)
    return Held(details.id, news, from_struct(details.properties), unfinished=True)
