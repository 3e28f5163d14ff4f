"""The log of requests to the emulated APIs, for exact call counts in tests and for the pages."""

from __future__ import annotations

import re
import threading
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from .patterns import matches

KEPT = 100_000  # requests; the oldest fall out first
MAX_SHOWN = 500  # characters of a path or query

KEYS = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{32}|R[0-9A-Z]{31})(?![0-9A-Za-z])", re.ASCII)
"""Integration keys, anywhere in a text."""
SECRETS = re.compile(r"key|token|secret|password", re.IGNORECASE)
"""What names of parameters have whose values are not to be shown."""


def shown_path(path: str) -> str:
    """Return a path without keys, shortened if it is long."""
    return shortened(KEYS.sub("KEY", path))


def shortened(text: str) -> str:
    """Return the beginning of a long text."""
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def shown_query(query: str) -> str:
    """Return a query without keys and other secrets, shortened if it is long."""
    pairs = (pair.partition("=") for pair in KEYS.sub("KEY", query).split("&"))
    shown = (f"{name}{sign}{'***' if sign and SECRETS.search(name) else value}" for name, sign, value in pairs)
    return shortened("&".join(shown))


@dataclass(slots=True)  # up to 100,000 of them are kept
class LoggedRequest:
    """One request to the REST, Events or OAuth API. Never holds a token or an integration key."""

    method: str
    path: str
    route: str
    """The path's template, such as `/services/{id}/integrations`."""
    query: str
    status: int | None = None
    """The status answered, or None where the connection ended without an answer."""
    fault: str | None = None
    """The kind of the fault that was injected, if one was."""
    committed: bool = False
    """Whether the request was handled (with whatever result), which a fault may prevent."""
    user_agent: str = ""
    """What the client calls itself, without anything that looks like a key."""
    received_at: float = 0.0
    """When it came, in seconds since 1970."""
    seconds: float | None = None
    """How long it took until the answer began or the connection ended without one; None until then."""
    served: bool = True
    """False if the emulator does not have this operation."""
    ignored: str = ""
    """Query parameters that were not applied, separated by commas."""

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return asdict(self)


class RequestLog:
    """The requests since the start, the last `reset()` or the last `clear()`, oldest first."""

    def __init__(self) -> None:
        self._requests: deque[LoggedRequest] = deque(maxlen=KEPT)
        self._lock = threading.Lock()

    def append(self, request: LoggedRequest) -> None:
        """Add a request; its status is filled in later."""
        with self._lock:
            self._requests.append(request)

    def clear(self, method: str | None = None, path: str | None = None, *, served: bool | None = None) -> None:
        """Delete the requests of a method and a path pattern, as `matching` selects them; by default, all."""
        with self._lock:
            kept = [item for item in self._requests if not _fits(item, method, path, served)]
            self._requests.clear()
            self._requests.extend(kept)

    def matching(
        self, method: str | None = None, path: str | None = None, *, served: bool | None = None
    ) -> list[LoggedRequest]:
        """Return those of a method and a path pattern (`*` one part of a path, `**` any number).

        `served=False` selects the operations that the emulator does not have.
        """
        return [item for item in self if _fits(item, method, path, served)]

    def count(self, method: str | None = None, path: str | None = None, *, served: bool | None = None) -> int:
        """Count the requests of a method and a path pattern, as `matching` selects them."""
        return len(self.matching(method, path, served=served))

    def counts(self) -> dict[str, int]:
        """How many there were of each kind, by `METHOD /path/{template}`."""
        return dict(Counter(f"{item.method} {item.route}" for item in self))

    def latest(self, limit: int) -> list[LoggedRequest]:
        """Return the latest, newest first."""
        with self._lock:
            return list(islice(reversed(self._requests), limit))

    def __iter__(self) -> Iterator[LoggedRequest]:
        with self._lock:
            return iter(list(self._requests))

    def __len__(self) -> int:
        return len(self._requests)

    def __getitem__(self, index: int) -> LoggedRequest:
        return self._requests[index]


def _fits(item: LoggedRequest, method: str | None, path: str | None, served: bool | None) -> bool:
    return served in (None, item.served) and matches(method, path, item.method, item.path)
