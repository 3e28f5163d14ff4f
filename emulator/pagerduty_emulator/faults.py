"""Faults that are injected into answers: what networks and servers do on bad days."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from .patterns import matches

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
    "huge",
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
    a proxy's error page. empty: no body. huge: `size` bytes of JSON."""

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
    """The status answered: 503 unless told for `status` and `html`; the real one for `empty`,
    `huge` (200 where the request was not handled)."""

    body: Any = None
    """For `status`: JSON, or a string that is sent as it is. Default: the API's error object."""

    headers: dict[str, str] = field(default_factory=dict)
    """Headers added to the answer."""

    seconds: float = 30.0
    """For `delay` and `drip`."""

    bare: bool = False
    """For `rate_limit`: no body, no headers."""

    size: int = 20_000_000
    """For `huge`, in bytes."""

    id: int = 0
    """Given when it is added."""

    hits: int = 0
    """How many requests it met."""

    @property
    def strikes_after_commit(self) -> bool:
        """`after_commit` with its default filled in."""
        if self.after_commit is None:
            return self.kind in _AFTER_COMMIT_BY_DEFAULT
        return self.after_commit

    def as_json(self) -> dict[str, Any]:
        """All fields."""
        return asdict(self)


class Faults:
    """The faults in force, in the order in which they were added; the first that matches strikes."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._next_id = 1
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Puts a fault in force; ValueError where its kind is unknown."""
        if fault.kind not in KINDS:
            raise ValueError(f"unknown fault {fault.kind!r}; known: {', '.join(KINDS)}")
        with self._lock:
            fault.id = self._next_id
            self._next_id += 1
            self._faults.append(fault)
        return fault

    def remove(self, fault_id: int) -> bool:
        """Ends a fault; says whether there was one."""
        with self._lock:
            before = len(self._faults)
            self._faults = [fault for fault in self._faults if fault.id != fault_id]
            return len(self._faults) < before

    def clear(self) -> None:
        """Ends all."""
        with self._lock:
            self._faults.clear()
            self._next_id = 1

    def all(self) -> list[Fault]:
        """All that were added and not removed, also those that are used up."""
        with self._lock:
            return list(self._faults)

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault that meets this request, counted."""
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
