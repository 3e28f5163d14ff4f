"""A response is read as long as there is time for it as a whole."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from pagerduty_native.api import transport as timed_reading
from pagerduty_native.api.transport import TimedResponse, within

from tests.support import HANG_SECONDS

HEADERS = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"


@contextlib.contextmanager
def connected() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(HANG_SECONDS)
        yield ours, theirs


def test_time_that_is_just_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something may come in the last moment, and not after it."""
    now = 100.0
    monkeypatch.setattr(timed_reading, "time", SimpleNamespace(monotonic=lambda: now))
    with connected() as (ours, theirs), within(30):
        theirs.sendall(HEADERS + b"ab")
        response = TimedResponse(ours)
        response.begin()
        assert response.read(2) == b"ab"
        now = 129.9
        theirs.sendall(b"c")
        assert response.read(1) == b"c"
        now = 130.0
        theirs.sendall(b"d")
        with pytest.raises(TimeoutError):
            response.read(1)


def test_a_shorter_time_of_the_socket_is_kept() -> None:
    with connected() as (ours, _theirs), within(1000):
        ours.settimeout(0.05)
        response = TimedResponse(ours)
        with pytest.raises(TimeoutError):
            response.begin()
        assert ours.gettimeout() == 0.05


def test_nothing_is_left_of_a_time_that_is_over() -> None:
    with within(0):
        pass
    with connected() as (ours, theirs):
        theirs.sendall(HEADERS + b"abcd")
        response = TimedResponse(ours)
        response.begin()
        assert response.read() == b"abcd"
