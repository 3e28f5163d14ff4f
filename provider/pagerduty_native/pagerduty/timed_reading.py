"""Reading an HTTP response within the time for it as a whole.

A socket's own timeout begins anew whenever something comes, so a response that comes byte by byte would never end.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import math
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any


class _Deadline(threading.local):
    """When the time of this thread's response is over, by `time.monotonic()`."""

    until = math.inf


_deadline = _Deadline()


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """While it lasts, this thread reads no `TimedResponse` longer: TimeoutError is raised in the middle of it."""
    _deadline.until = time.monotonic() + seconds
    try:
        yield
    finally:
        _deadline.until = math.inf


class _TimedReader(io.RawIOBase):
    """What comes over a socket: each time something is waited for, there is only so much time as is left."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._at_once = connected.gettimeout()
        self._raw = connected.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def readinto(self, buffer: Any) -> int | None:
        left = _deadline.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        if left < (math.inf if self._at_once is None else self._at_once):
            self._socket.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedSocket:
    """All that an HTTP response wants of a socket."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._socket))


class TimedResponse(http.client.HTTPResponse):
    """A response, headers and body, that is read as long as `within` allows and no longer."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(_TimedSocket(sock), *args, **kwargs)  # type: ignore[arg-type]
