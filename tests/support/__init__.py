"""Helpers that several folders of tests share, those of emulator/tests too."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".tools" / "bin"

# A guard against hanging, not a measure: nothing takes this long, however busy the machine is.
HANG_SECONDS = 600


def wait_for(condition: Callable[[], bool], while_: Callable[[], bool] = lambda: True) -> None:
    """Wait until a condition is true. while_: must be true until then."""
    deadline = time.monotonic() + HANG_SECONDS
    while not condition():
        assert while_() or condition(), "it ended too early"
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.01)


def doubling(seconds: float) -> Iterator[float]:
    """Times for a call, each twice the last one: until one suffices, on a machine that is busy."""
    while seconds < HANG_SECONDS:
        yield seconds
        seconds *= 2
    raise AssertionError("no time is enough")
