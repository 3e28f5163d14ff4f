"""Faults that are injected into answers: what networks and servers do on bad days."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from .patterns import is_method, is_path, matches
from .settings import MAX_SECONDS, shortened

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")

FaultKind = Literal[
    "status",
    "rate_limit",
    "reset",
    "delay",
    "drip",
    "truncated_json",
    "truncated_body",
    "html",
    "empty",
]

KINDS: tuple[str, ...] = get_args(FaultKind)

_AFTER_COMMIT_BY_DEFAULT = {"drip", "truncated_json", "truncated_body", "empty"}


@dataclass
class Fault:
    """One fault, for the requests that it matches."""

    kind: FaultKind
    """status: answer `status` with `body` and `headers`. rate_limit: a 429, without body and
    headers when `bare`. reset: the connection is reset. delay: the answer comes `seconds` later.
    drip: the body comes byte by byte, which takes `seconds`. truncated_json: half of the JSON in
    a complete HTTP message. truncated_body: the connection ends in the middle of the body. html:
    a proxy's error page. empty: no body."""

    method: str | None = None
    """The method to match, or None for any."""

    path: str | None = None
    """The path to match (`*` one part, `**` any number), or None for any."""

    times: int | None = 1
    """How many matching requests it meets; None for all."""

    skip: int = 0
    """How many matching requests pass before the first is met."""

    after_commit: bool | None = None
    """Whether the request is handled before the fault strikes. Default: only for kinds that need
    an answer to spoil (drip, truncated_json, truncated_body, empty)."""

    status: int | None = None
    """The status answered. Default: 503 for `status` and `html`; the real one for `empty`."""

    body: Any = None
    """For `status`: JSON, or a string that is sent as it is. Default: the API's error object."""

    headers: dict[str, str] = field(default_factory=dict)
    """Headers added to the answer."""

    seconds: float = 30.0
    """For `delay` and `drip`."""

    bare: bool = False
    """For `rate_limit`: no body, no headers."""

    id: int = 0
    """Given when it is added."""

    hits: int = 0
    """How many requests it met."""

    def __post_init__(self) -> None:
        """Check every field; ValueError says what is allowed."""
        for name, (allowed, fits) in CHECKS.items():
            value = getattr(self, name)
            if not fits(value):
                raise ValueError(f"{name} of a fault must be {allowed}, not {shortened(value)}")

    @property
    def strikes_after_commit(self) -> bool:
        """`after_commit` with its default filled in."""
        if self.after_commit is None:
            return self.kind in _AFTER_COMMIT_BY_DEFAULT
        return self.after_commit

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return asdict(self)


def _is_whole(value: Any, least: int, most: float = math.inf) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_seconds(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= MAX_SECONDS


def _is_headers(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(name, str)
        and isinstance(text, str)
        and HEADER_NAME.fullmatch(name)
        and HEADER_VALUE.fullmatch(text)
        and name.lower() not in ("content-length", "transfer-encoding")
        for name, text in value.items()
    )


CHECKS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "kind": (f"one of {', '.join(KINDS)}", lambda value: isinstance(value, str) and value in KINDS),
    "method": ("null or a method such as GET", lambda value: value is None or is_method(value)),
    "path": (
        "null or a path that begins with / or *, such as /services/*/integrations",
        lambda value: value is None or is_path(value),
    ),
    "times": ("null or a whole number from 1", lambda value: value is None or _is_whole(value, 1)),
    "skip": ("a whole number from 0", lambda value: _is_whole(value, 0)),
    "after_commit": ("null, true or false", lambda value: value is None or isinstance(value, bool)),
    "status": ("null or a status from 200 to 599", lambda value: value is None or _is_whole(value, 200, 599)),
    "headers": ("an object with texts, without Content-Length and Transfer-Encoding", _is_headers),
    "seconds": (f"a number from 0 to {MAX_SECONDS}", _is_seconds),
    "bare": ("true or false", lambda value: isinstance(value, bool)),
}
"""Fields of a fault: what is allowed, and the test for it."""


class Faults:
    """The faults in force, in the order in which they were added; the first that matches strikes."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._next_id = 1
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force."""
        with self._lock:
            fault.id = self._next_id
            self._next_id += 1
            self._faults.append(fault)
        return fault

    def remove(self, fault_id: int) -> bool:
        """End a fault; False if there is none."""
        with self._lock:
            before = len(self._faults)
            self._faults = [fault for fault in self._faults if fault.id != fault_id]
            return len(self._faults) < before

    def clear(self) -> None:
        """End all."""
        with self._lock:
            self._faults.clear()
            self._next_id = 1

    def all(self) -> list[Fault]:
        """Return all that were added and not removed, also those that are used up."""
        with self._lock:
            return list(self._faults)

    def strike(self, method: str, path: str) -> Fault | None:
        """Return the fault for this request, and count it."""
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                if not matches(fault.method, fault.path, method, path):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                elif fault.times is None or fault.hits < fault.times:
                    fault.hits += 1
                    return fault
        return None
