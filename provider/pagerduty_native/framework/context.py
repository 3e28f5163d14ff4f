"""The engine, as the client of a provider sees it: cancellation, messages, deadlines.

Each thread serves one call of the engine at a time. The call is kept in a context variable, so that clients do not pass
requests around.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from pagerduty_native.framework.errors import readable
from pagerduty_native.framework.values import Values, secret_texts
from pagerduty_native.redaction import Redaction

Severity = Literal["DEBUG", "INFO", "WARNING"]


class Log(Protocol):
    """Shows messages to the user."""

    def log(self, severity: Severity, message: str, urn: str, *, ephemeral: bool = False) -> None: ...


@dataclass
class Call:
    """A call of the engine.

    Attributes:
        urn: The URN of the resource, or "".
        values: Reads all property values in the request.
        deadline: The end of the call by `time.monotonic()`, or None.
        private: Further texts that no message may show.

    """

    urn: str
    values: Callable[[], Iterable[Values]]
    deadline: float | None
    private: frozenset[str] = frozenset()
    # Made for the first message, and again when the provider's own secrets change.
    _redaction: tuple[frozenset[str], Redaction] | None = None

    def redaction(self, own_secrets: frozenset[str], secret_names: Collection[str]) -> Redaction:
        """Return what hides the secrets of the call and of the provider."""
        if self._redaction is None or self._redaction[0] != own_secrets:
            texts = (secret_texts(values, secret_names) for values in self.values())
            self._redaction = own_secrets, Redaction(own_secrets.union(self.private, *texts))
        return self._redaction[1]


_NO_CALL = Call("", lambda: (), None)
_call = contextvars.ContextVar("call", default=_NO_CALL)


class Host:
    """The engine, which `configure` gets for the client.

    Secrets of the settings and of the current call are hidden in all messages.

    Attributes:
        cancelled: Set when the user presses Ctrl-C. Nothing should wait from then on.

    """

    def __init__(self, engine: Log, secret_names: Collection[str] = ()) -> None:
        self.cancelled = threading.Event()
        self._engine = engine
        # The names of properties that are secret even if a value is not marked.
        self._secret_names = secret_names
        self._own_secrets: frozenset[str] = frozenset()

    def debug(self, message: str) -> None:
        """Log a message that `pulumi up --debug` shows."""
        self._log("DEBUG", message)

    def info(self, message: str) -> None:
        """Show a message beside the current resource."""
        self._log("INFO", message)

    def warn(self, message: str) -> None:
        """Show a warning beside the current resource."""
        self._log("WARNING", message)

    def status(self, message: str) -> None:
        """Show a message in the status line of the current resource, until the next one."""
        self._log("INFO", message, ephemeral=True)

    def deadline(self) -> float | None:
        """Return when the resource's `customTimeouts` end the current call, by `time.monotonic()`."""
        return _call.get().deadline

    def hide(self, text: str) -> None:
        """Hide a text in all further messages, such as a token that the client requested."""
        self._own_secrets |= {text}

    def redact(self, text: str) -> str:
        """Hide secrets in a text from outside, such as the body of a response."""
        return self._redaction().of_text(text)

    def for_user(self, message: str) -> str:
        """Hide secrets in a message for the user, and shorten it."""
        return readable(self._redaction().of_message(message))

    def hide_secrets_of(self, settings: Values) -> None:
        """Hide the secrets in settings, from the program or the environment, in all further messages."""
        self._own_secrets |= secret_texts(settings, self._secret_names)

    def hide_in_this_call(self, texts: Iterable[str]) -> None:
        """Hide texts in the messages of the current call."""
        _call.get().private = frozenset(texts)

    def _log(self, severity: Severity, message: str, *, ephemeral: bool = False) -> None:
        self._engine.log(severity, self.for_user(message), _call.get().urn, ephemeral=ephemeral)

    def _redaction(self) -> Redaction:
        return _call.get().redaction(self._own_secrets, self._secret_names)


@contextlib.contextmanager
def serving(call: Call) -> Iterator[None]:
    """Make `call` the current call of this thread."""
    token = _call.set(call)
    try:
        yield
    finally:
        _call.reset(token)
