"""What every protocol test needs: a PagerDuty account, and providers that serve."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pagerduty_emulator
import pytest
from pagerduty_native.package import PACKAGE

from tests import library

from .provider import Provider, serving

TOKEN = "u+TestTokenThatMustNotShow"
INTEGRATION = "pagerduty-native:index:Integration"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("PAGERDUTY_", "LIBRARY_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def served_emulator() -> Iterator[pagerduty_emulator.Emulator]:
    with pagerduty_emulator.serve() as served:
        yield served


@pytest.fixture
def emulator(served_emulator: pagerduty_emulator.Emulator) -> pagerduty_emulator.Emulator:
    """A PagerDuty account with a dozen services, as if it were the test's own."""
    served_emulator.reset()
    return served_emulator


@pytest.fixture
def unconfigured() -> Iterator[Provider]:
    with serving(PACKAGE, INTEGRATION) as provider:
        yield provider


@pytest.fixture
def provider(unconfigured: Provider, emulator: pagerduty_emulator.Emulator) -> Provider:
    """The provider, configured for the account."""
    unconfigured.configure(token=TOKEN, apiUrlOverride=emulator.url)
    return unconfigured


@pytest.fixture
def books() -> Iterator[Provider]:
    """A provider of something else, on rpc/ alone."""
    with serving(library.PACKAGE, "library:index:Book", name="emma") as served:
        served.configure()
        yield served
