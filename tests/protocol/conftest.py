"""Providers that serve."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from google._upb import _message
from pagerduty_emulator import Emulator
from pagerduty_native.package import PACKAGE

from tests import library
from tests.conftest import TOKEN
from tests.stack import TYPE

from .provider import Provider, serving


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


@pytest.fixture
def unconfigured() -> Iterator[Provider]:
    with serving(PACKAGE, TYPE) as provider:
        yield provider


@pytest.fixture
def provider(unconfigured: Provider, emulator: Emulator) -> Provider:
    """The provider, configured for the account."""
    unconfigured.configure(token=TOKEN, apiUrlOverride=emulator.url)
    return unconfigured


@pytest.fixture
def books() -> Iterator[Provider]:
    """A provider of something else, on rpc/ alone."""
    with serving(library.PACKAGE, "library:index:Book", name="emma") as served:
        served.configure()
        yield served
