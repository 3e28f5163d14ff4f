"""The pytest fixture `pagerduty`: one emulator a session, a clean account a test.

pytest loads this module in every run on a machine that has this package, so nothing heavy is imported before a test
asks for the fixture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .emulator import Emulator


@pytest.fixture(scope="session")
def pagerduty_options() -> dict[str, Any]:
    """Return the arguments of `pagerduty_emulator.serve`; override it with `return {"seed": "account.yaml"}`."""
    return {}


@pytest.fixture(scope="session")
def _pagerduty_served(pagerduty_options: dict[str, Any]) -> Iterator[Emulator]:
    """Return the emulator of this process: of the session, or of each of xdist's workers."""
    from .serving.server import serve  # noqa: PLC0415 (most runs need none of it)

    with serve(**pagerduty_options) as emulator:
        yield emulator


@pytest.fixture
def pagerduty(_pagerduty_served: Emulator) -> Emulator:
    """Return a PagerDuty account as new, served at `pagerduty.url`.

    What a test changes, `pagerduty.settings` among it, is as before in the next one.
    """
    _pagerduty_served.reset()
    return _pagerduty_served
