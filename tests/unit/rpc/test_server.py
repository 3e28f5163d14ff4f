"""When the engine counts as gone."""

from __future__ import annotations

import errno
import queue
import socket
from typing import Any

import pytest
from pagerduty_native.rpc import server


def test_only_an_address_that_refuses_twice_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is short of sockets, or one connection that is reset, ends no deployment."""
    outcomes: list[OSError] = [
        OSError(errno.EMFILE, "too many open files"),
        ConnectionRefusedError(),
        OSError(errno.EADDRNOTAVAIL, "no address"),
        ConnectionAbortedError(),
        ConnectionRefusedError(),
    ]
    asked: list[Any] = []

    def connect(address: Any, timeout: float) -> socket.socket:
        asked.append((address, timeout))
        raise outcomes[len(asked) - 1]

    monkeypatch.setattr(socket, "create_connection", connect)
    monkeypatch.setattr(server, "_PAUSE_SECONDS", 0.0)
    ended: queue.SimpleQueue[None] = queue.SimpleQueue()
    server._wait_for_end_of("127.0.0.1:4711", ended)
    assert ended.get_nowait() is None
    assert asked == [(("127.0.0.1", 4711), 10)] * 5
