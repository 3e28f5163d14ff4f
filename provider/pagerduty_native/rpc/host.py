"""What the provider's other side may know of the engine: whether it gave up, who is to be told, how long there is.

It needs no word about requests: each thread serves one call of the engine at a time.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from google.protobuf import struct_pb2

from pagerduty_native.redaction import redact

from .engine import Engine
from .errors import readable
from .values import Values, from_struct, secret_texts

# The property values in requests, by the names of their fields.
_VALUES = ("news", "properties", "olds", "inputs", "old_inputs", "args")


@dataclass(frozen=True)
class _Call:
    """A call of the engine. deadline: by `time.monotonic()`, or None where there is none."""

    request: object
    deadline: float | None

    @property
    def urn(self) -> str:
        urn: str = getattr(self.request, "urn", "")
        return urn

    def values(self) -> Iterator[Values]:
        for name in _VALUES:
            struct = getattr(self.request, name, None)
            if isinstance(struct, struct_pb2.Struct):
                yield from_struct(struct)


_NO_CALL = _Call(None, None)
_call = contextvars.ContextVar("call", default=_NO_CALL)


class Host:
    """The engine, as a package's `configure` gets it for the client that it makes.

    cancelled: set when the engine cancels (Ctrl-C); from then on nothing should wait.
    secret_names: of the properties that are secret wherever they stand, marked or not.
    """

    def __init__(self, engine: Engine, secret_names: Collection[str] = ()) -> None:
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
def serving(request: object) -> Iterator[None]:
    """While it lasts, this thread works for a request of the engine. A timeout of 0 is none."""
    timeout: float = getattr(request, "timeout", 0.0)
    deadline = time.monotonic() + timeout if timeout > 0 else None
    token = _call.set(_Call(request, deadline))
    try:
        yield
    finally:
        _call.reset(token)
