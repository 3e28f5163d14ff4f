"""The provider as the engine calls it, against an account with faults. Waits take no time, answers may take little."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.api.account import Account
from pagerduty_native.api.client import Client, Retries, TokenAuthorization
from pagerduty_native.framework.context import Host
from pagerduty_native.framework.testing import Served, serving
from pagerduty_native.package import PACKAGE
from pagerduty_native.settings import Settings

from tests.conftest import TOKEN
from tests.support import HANG_SECONDS
from tests.support.fake_time import FakeTime
from tests.support.stack import TYPE

# How long a response may take that comes late on purpose.
READ_SECONDS = 0.25


class Impatient(FakeTime):
    """Waits long for a response, but not while the emulator makes one late."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__()
        self._emulator = emulator

    def seconds_left(self, most: float) -> float:
        late = [each for each in self._emulator.faults.all() if each.kind in {"delay", "drip"}]
        now = any(each.times is None or each.hits < each.times for each in late)
        return super().seconds_left(READ_SECONDS if now else most)


@contextlib.contextmanager
def provider_of(emulator: Emulator, time: FakeTime, warnings: list[str] | None = None) -> Iterator[Served]:
    def configure(_settings: Settings, host: Host) -> Account:
        client = Client(
            TokenAuthorization(TOKEN),
            api_url=emulator.url,
            waiting=time,
            retries=Retries(attempts=4),
            read_seconds=HANG_SECONDS,
        )
        return Account(client, host.warn if warnings is None else warnings.append)

    with serving(dataclasses.replace(PACKAGE, configure=configure), TYPE) as provider:
        provider.configure(token=TOKEN)
        yield provider


@pytest.fixture
def time(emulator: Emulator) -> FakeTime:
    return Impatient(emulator)


@pytest.fixture
def warnings() -> list[str]:
    """The warnings of `provider`."""
    return []


@pytest.fixture
def provider(emulator: Emulator, time: FakeTime, warnings: list[str]) -> Iterator[Served]:
    with provider_of(emulator, time, warnings) as provider:
        yield provider
