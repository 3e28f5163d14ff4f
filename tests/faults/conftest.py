"""The provider as the engine calls it, against an account with faults. Waits take no time, answers may take little."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.configuration import Settings
from pagerduty_native.package import PACKAGE
from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.client import Client, TokenAuthorization
from pagerduty_native.pagerduty.retries import Retries
from pagerduty_native.rpc.host import Host

from tests.conftest import TOKEN
from tests.support.fake_time import FakeTime
from tests.support.provider import Provider, serving
from tests.support.stack import TYPE

# How long an answer may take, where one is late on purpose: the others take some milliseconds.
READ_SECONDS = 0.25


@contextlib.contextmanager
def provider_of(emulator: Emulator, time: FakeTime, read_seconds: float) -> Iterator[Provider]:
    def configure(_settings: Settings, host: Host) -> Account:
        client = Client(
            TokenAuthorization(TOKEN),
            api_url=emulator.url,
            waiting=time,
            retries=Retries(attempts=4),
            read_seconds=read_seconds,
        )
        return Account(client, host.warn)

    with serving(dataclasses.replace(PACKAGE, configure=configure), TYPE) as provider:
        provider.configure(token=TOKEN)
        yield provider


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def provider(emulator: Emulator, time: FakeTime, request: pytest.FixtureRequest) -> Iterator[Provider]:
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    late = str(parameters.get("fault", "")).startswith("timeout")
    with provider_of(emulator, time, READ_SECONDS if late else 10.0) as provider:
        yield provider
