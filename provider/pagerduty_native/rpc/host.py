"""What the provider's other side may know of the engine: whether it gave up, who is to be told, how long there is.

It needs no word about requests: each thread serves one call of the engine at a time.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from .engine import Engine


@dataclass(frozen=True)
class _Call:
    """A call of the engine. deadline: by `time.monotonic()`, or None where there is none."""

    urn: str
    deadline: float | None


_NO_CALL = _Call("", None)
_call = contextvars.ContextVar("call", default=_NO_CALL)


class Host:
    """The engine, as a package's `configure` gets it for the client that it makes.

    cancelled: set when the engine cancels (Ctrl-C); from then on nothing should wait.
    """

    def __init__(self, engine: Engine) -> None:
        self.cancelled = threading.Event()
        self._engine = engine

    def warn(self, message: str) -> None:
        """Show a warning beside the resource that this thread works for."""
        self._engine.warn(message, _call.get().urn)

    def status(self, message: str) -> None:
        """Show a message in the status line of the resource that this thread works for."""
        self._engine.status(message, _call.get().urn)

    def deadline(self) -> float | None:
        """When the user's `customTimeouts` end what this thread works for, by `time.monotonic()`."""
        return _call.get().deadline


@contextlib.contextmanager
def serving(request: object) -> Iterator[None]:
    """While it lasts, this thread works for a request of the engine. A timeout of 0 is none."""
    timeout: float = getattr(request, "timeout", 0.0)
    deadline = time.monotonic() + timeout if timeout > 0 else None
    token = _call.set(_Call(getattr(request, "urn", ""), deadline))
    try:
        yield
    finally:
        _call.reset(token)
