"""A provider, and a PagerDuty whose responses are mutated."""

from __future__ import annotations

import contextlib
import dataclasses
import random
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import grpc
from pagerduty_emulator import Emulator
from pagerduty_emulator.http import Answer, Request
from pagerduty_native.api.account import Account
from pagerduty_native.api.auth import AppAuthorization
from pagerduty_native.api.client import Authorization, Client, TokenAuthorization, anonymous
from pagerduty_native.framework.context import Host
from pagerduty_native.framework.testing import Refusal, Served, serving
from pagerduty_native.package import PACKAGE
from pagerduty_native.settings import Settings

from tests.conftest import TOKEN
from tests.support.fake_time import FakeTime
from tests.support.stack import TYPE

from . import mutations
from .server import Reply, Server

# A response takes milliseconds.
READ_SECONDS = 15.0
SKIPS = re.compile("The provider (skips it|uses only its ID)")
SECRET = "client-secret-that-must-not-show"


class Run:
    """A provider, and a PagerDuty whose responses are mutated at a rate. seen: the mutated ones of this operation."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.emulator = Emulator(services=12)
        self.time = FakeTime()
        self.warnings: list[str] = []
        self.rate = 0.0
        self.mutated = 0
        self.calls = 0
        self.seen: list[tuple[str, mutations.Response]] = []
        # True after a response with wrong values, in this operation or an earlier one: the provider keeps some of them.
        self.has_lied = False
        # True after a warning that the provider leaves out an item of a list.
        self.has_skipped = False
        self.server = Server(self.emulator, self._respond)
        self.emulator.url = self.server.url
        self._paths = [(pattern, endpoint.route) for pattern, endpoint in self.server._endpoints]

    @contextlib.contextmanager
    def provider(self) -> Iterator[Served]:
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            with serving(dataclasses.replace(PACKAGE, configure=self._configure), TYPE) as provider:
                yield provider
        finally:
            self.server.shutdown()
            thread.join()
            self.server.server_close()
            self.emulator.close()

    def _configure(self, _settings: Settings, host: Host) -> Account:
        def client(authorization: Authorization) -> Client:
            return Client(
                authorization,
                api_url=self.server.url,
                waiting=self.time,
                read_seconds=READ_SECONDS,
                chance=self.chance.random,
            )

        authorization: Authorization = TokenAuthorization(TOKEN)
        if self.chance.random() < 0.3:
            authorization = AppAuthorization(client(anonymous), "app", SECRET, "acme")
        return Account(client(authorization), lambda message: self.warnings.append(host.for_user(message)))

    def _respond(self, request: Request, answer: Callable[[], Answer]) -> Reply:
        self.calls += 1
        if self.chance.random() >= self.rate:
            return mutations.good(answer()).reply
        path = next((route for pattern, route in self._paths if pattern.fullmatch(request.path)), "")
        response = mutations.mutated(self.chance, request, path, answer)
        self.mutated += 1
        self.seen.append((request.method, response))
        self.has_lied |= response.lies
        return response.reply

    def lied(self, *, omissions: bool = False) -> bool:
        """Return whether a response had wrong values, or (omissions) lacked an optional value."""
        return any(each.lies or (omissions and each.omits) for _, each in self.seen)

    def may_lack(self) -> bool:
        """Return whether a result may be wrong, or may lack an item that a warning named."""
        return self.has_lied or self.has_skipped

    def there(self) -> dict[str, dict[str, Any]]:
        """Every integration as PagerDuty has it, by its ID."""
        return {each["id"]: each for each in self.emulator.integrations()}

    def attempt(self, call: Callable[[], Any]) -> tuple[Any, Refusal | None]:
        """Make a call of the engine while all, most or few responses are mutated. Returns what comes of it."""
        self.time.wait(100.0, "")  # What was read before is too old now.
        self.warnings.clear()
        self.time.told.clear()
        self.seen.clear()
        self.calls = 0
        self.rate = self.chance.choice([1.0, 0.7, 0.3])
        try:
            return call(), None
        except grpc.RpcError as error:
            return None, Refusal(cast("grpc.Call", error))
        finally:
            self.rate = 0.0
            self.has_skipped |= any(SKIPS.search(each) for each in self.warnings)
