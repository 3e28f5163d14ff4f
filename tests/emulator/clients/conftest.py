"""An emulator over TLS, as PagerDuty is."""

from collections.abc import Iterator

import pagerduty_emulator
import pytest
from pagerduty_emulator import Emulator


@pytest.fixture(scope="module")
def _secure() -> Iterator[Emulator]:
    with pagerduty_emulator.serve(tls=True) as emulator:
        yield emulator


@pytest.fixture
def secure(_secure: Emulator) -> Emulator:
    """An account as new, over TLS."""
    _secure.reset()
    return _secure
