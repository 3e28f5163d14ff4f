"""What is measured, the least that it could be, and what the bridged provider takes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

SERVICES = 100
LATENCY_SECONDS = 0.02
PAGE = 100
STARTS = 7  # of which the median counts

# PagerDuty admits 960 calls in a minute. A tenth of both makes the same pace, and shows it at a hundred integrations.
LIMIT_CALLS = 96
LIMIT_SECONDS = 6.0

WORKS = {
    "create": "`up`, creates all",
    "preview": "`preview`, no change",
    "refresh": "`refresh`, no drift",
    "rename": "`up` after it, one renamed",
    "destroy": "`destroy`",
}


@dataclass(frozen=True)
class Figures:
    """What one piece of work took.

    work: of WORKS. n: integrations. limited: whether the emulator enforced the rate limit.
    calls: by method and path. refused: how many of them were answered with 429.
    cpu_seconds: of all processes of the plugin that the engine started. peak_mib: of the largest of them.
    states_changed: resources whose state is another after a refresh; None where it was not looked at.
    """

    work: str
    n: int
    limited: bool
    calls: dict[str, int]
    refused: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    states_changed: int | None = None

    @property
    def total_calls(self) -> int:
        return sum(self.calls.values())


@dataclass(frozen=True)
class Start:
    """Medians of some starts of the plugin. seconds: to the port's line. idle_mib: resident half a second later."""

    seconds: float
    cpu_seconds: float
    idle_mib: float


@dataclass(frozen=True)
class Peer:
    """What the same work took with the bridged provider."""

    calls: int
    seconds: float
    cpu_seconds: float
    peak_mib: float


BRIDGED_VERSION = "pulumi-pagerduty 4.37"
BRIDGED_START = Start(seconds=0.07, cpu_seconds=math.nan, idle_mib=69)
# Measured once on a machine of the same kind: 2 cores, 20 ms a call, 100 services, a YAML program, a local backend.
BRIDGED = {
    ("create", 100): Peer(205, 2.0, 0.7, 89),
    ("create", 1000): Peer(2005, 86, 7.7, 97),
    ("preview", 1000): Peer(5, 4.7, 2.7, 88),
    ("refresh", 100): Peer(100, 0.9, 0.45, 87),
    ("refresh", 1000): Peer(1000, 6.0, 4.3, 95),
    ("rename", 1000): Peer(6, 70, 3.7, 88),
    ("destroy", 1000): Peer(1000, 73, 2.4, 83),
}


@dataclass(frozen=True)
class Report:
    """A whole run. machine: names and values, to be shown as they are. parallel: what the engine does at once."""

    machine: dict[str, str]
    parallel: int
    start: Start
    figures: list[Figures]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, json: dict[str, Any]) -> Report:
        figures = [Figures(**each) for each in json["figures"]]
        return cls(**{**json, "start": Start(**json["start"]), "figures": figures})


def least_calls(work: str, n: int) -> int:
    """The fewest calls that the API allows. The program looks its vendor up by name: one call where it is run."""
    return {
        "create": 1 + n,
        "preview": 1,
        "refresh": min(n, math.ceil(SERVICES / PAGE)),
        "rename": 1 + 1,
        "destroy": n,
    }[work]


def least_seconds(work: str, n: int, parallel: int, *, limited: bool) -> float:
    """The shortest time that so many calls take: some at once, and when the limit is used up a wait for its end."""
    calls = least_calls(work, n)
    if limited and calls > LIMIT_CALLS:
        waits, rest = divmod(calls - 1, LIMIT_CALLS)
        return waits * LIMIT_SECONDS + math.ceil((rest + 1) / parallel) * LATENCY_SECONDS
    return math.ceil(calls / parallel) * LATENCY_SECONDS


def cpu_for_each(figures: Iterable[Figures], work: str) -> float | None:
    """CPU seconds for each integration: the slope between the two largest N, in which starting up does not count."""
    of_work = sorted((each for each in figures if each.work == work and not each.limited), key=lambda each: each.n)
    if len(of_work) < 2:  # noqa: PLR2004 (a slope takes two)
        return None
    smaller, larger = of_work[-2:]
    return (larger.cpu_seconds - smaller.cpu_seconds) / (larger.n - smaller.n)
