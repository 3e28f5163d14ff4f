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

from pagerduty_native.framework.errors import readable
from pagerduty_native.framework.values import Values, secret_texts
from pagerduty_native.redaction import Redaction


class Audience(Protocol):
    """Who is told: the engine, which shows it to the user."""

    def warn(self, message: str, urn: str) -> None: ...

    def status(self, message: str, urn: str) -> None: ...


@dataclass
class Call:
    """A call of the engine.

    urn: the resource that it is about, or "". values: reads all the property values that came with it.
    deadline: by `time.monotonic()`, or None where there is none. private: further texts that no message may show.
    """

    urn: str
    values: Callable[[], Iterable[Values]]
    deadline: float | None
    private: frozenset[str] = frozenset()
    # Made for the first message, and again when the provider's own secrets change.
    _redaction: tuple[frozenset[str], Redaction] | None = None

    def redaction(self, own_secrets: frozenset[str], secret_names: Collection[str]) -> Redaction:
        """Hide the secrets of the call and of the provider."""
        if self._redaction is None or self._redaction[0] is not own_secrets:
            texts = (secret_texts(values, secret_names) for values in self.values())
            self._redaction = own_secrets, Redaction(own_secrets.union(self.private, *texts))
        return self._redaction[1]


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

    def hide(self, text: str) -> None:
        """Let no message show a text, such as a token that the provider got for its settings."""
        self._own_secrets |= {text}

    def hide_in_this_call(self, texts: Iterable[str]) -> None:
        """Let no message of this thread's call show these texts."""
        _call.get().private = frozenset(texts)

    def for_user(self, message: str) -> str:
        """A message without secrets of the settings or of this thread's call, and not too long."""
        return readable(self._redaction().of_message(message))

    def redact(self, text: str) -> str:
        """Text from outside, without secrets of the settings or of this thread's call."""
        return self._redaction().of_text(text)

    def _redaction(self) -> Redaction:
        return _call.get().redaction(self._own_secrets, self._secret_names)

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
