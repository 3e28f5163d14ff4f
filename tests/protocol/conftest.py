"""Providers that serve."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from google._upb import _message
from pagerduty_emulator import Emulator
from pagerduty_native.framework.testing import FakeEngine, Served, serving
from pagerduty_native.framework.values import Values
from pagerduty_native.framework.wire import from_struct
from pagerduty_native.package import PACKAGE

from tests.conftest import TOKEN
from tests.support import library
from tests.support.stack import TYPE


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("PAGERDUTY_", "LIBRARY_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _messages_as_deep_as_in_the_plugin() -> Iterator[None]:
    """Pulumi's SDK, which tests load and the plugin does not, lets protobuf read messages of any depth."""
    _message.SetAllowOversizeProtos(False)
    yield
    _message.SetAllowOversizeProtos(True)


def created(provider: Served, inputs: Values) -> tuple[str, Values]:
    """Return the ID and the outputs of a new integration."""
    response = provider.create(inputs)
    return response.id, from_struct(response.properties)


@pytest.fixture
def unconfigured() -> Iterator[Served]:
    with serving(PACKAGE, TYPE) as provider:
        yield provider


@pytest.fixture
def provider(unconfigured: Served, emulator: Emulator) -> Served:
    """The provider, configured for the account."""
    unconfigured.configure(token=TOKEN, apiUrlOverride=emulator.url)
    return unconfigured


@pytest.fixture
def books() -> Iterator[Served]:
    """A provider of something else, on framework/ alone."""
    with serving(library.PROVIDER, "library:index:Book", name="emma") as served:
        served.configure()
        yield served


@pytest.fixture
def engine() -> Iterator[tuple[FakeEngine, str]]:
    engine = FakeEngine()
    with engine.listening() as address:
        yield engine, address
