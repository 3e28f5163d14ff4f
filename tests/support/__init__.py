"""Helpers that several folders of tests share, those of emulator/tests too."""

from __future__ import annotations

import contextlib
import secrets
import socket
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


def free_port() -> int:
    """Choose a port that stays free until something asks for it by its number.

    Systems give higher ports to connections, and one that has ended keeps its port for a minute: Linux gives them from
    32768 on, others from 49152 on.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
