"""What the provider's other side may know of the engine: whether it gave up, who is to be told, how long there is.

It needs no word about requests: each thread serves one call of the engine at a time.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from pagerduty_native.redaction import redact

from .errors import readable
from .values import Values, secret_texts


class Audience(Protocol):
    """Who is told: the engine, which shows it to the user."""

    def warn(self, message: str, urn: str) -> None: ...

    def status(self, message: str, urn: str) -> None: ...


@dataclass(frozen=True)
class Call:
    """A call of the engine.

    urn: the resource that it is about, or "". values: reads all the property values that came with it.
    deadline: by `time.monotonic()`, or None where there is none.
    """

    urn: str
    values: Callable[[], Iterable[Values]]
    deadline: float | None


_NO_CALL = Call("", lambda: (), None)
_call = contextvars.ContextVar("call", default=_NO_CALL)


class Host:
    """The engine, as a package's `configure` gets it for the client that it makes.

    cancelled: set when the engine cancels (Ctrl-C); from then on nothing should wait.
    secret_names: of the properties that are secret wherever they stand, marked or not.
    """

    def __init__(self, engine: Audience, secret_names: Collection[str] = ()) -> None:
        self.cancelled = threading.Event()
        self._engine = engine
        self._secret_names = secret_names
        self._own_secrets: frozenset[str] = frozenset()

    def hide_secrets_of(self, settings: Values) -> None:
        """Let no message show what is secret in the provider's own settings, wherever they come from."""
        self._own_secrets |= secret_texts(settings, self._secret_names)

    def for_user(self, message: str) -> str:
        """A message as it may be shown: nothing secret of the settings or of this thread's call, nothing too long."""
        texts = (secret_texts(values, self._secret_names) for values in _call.get().values())
        return readable(redact(message, self._own_secrets.union(*texts)))

    def warn(self, message: str) -> None:
        """Show a warning beside the resource that this thread works for."""
        self._engine.warn(self.for_user(message), _call.get().urn)

    def status(self, message: str) -> None:
        """Show a message in the status line of the resource that this thread works for."""
        self._engine.status(self.for_user(message), _call.get().urn)

    def deadline(self) -> float | None:
        """When the user's `customTimeouts` end what this thread works for, by `time.monotonic()`."""
        return _call.get().deadline


@contextlib.contextmanager
def serving(call: Call) -> Iterator[None]:
    """While it lasts, this thread works for a call of the engine."""
    token = _call.set(call)
    try:
        yield
    finally:
        _call.reset(token)
