"""Figures: measured, the least possible, and the bridged provider's."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

SERVICES = 100
LATENCY_SECONDS = 0.02
PAGE = 100
STARTS = 7  # the median counts

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

# Ways to run. By default, the engine writes its state at each step: its checkpoints.
CHECKPOINTS = "checkpoints"
NO_CHECKPOINTS = "no checkpoints"
RATE_LIMIT = "rate limit"
WAYS = (CHECKPOINTS, NO_CHECKPOINTS, RATE_LIMIT)

# From this share of the machine's CPU on, what else runs makes a measurement doubtful.
BUSY = 0.05


@dataclass(frozen=True)
class Figures:
    """The costs of one piece of work.

    work: of WORKS. n: integrations. way: of WAYS.
    calls: by method and path. refused: how many of them were answered with 429.
    cpu_seconds: of all processes of the plugin that the engine started. peak_mib: of the largest of them.
    others: the share of the machine's CPU, from 0 to 1, that other processes used meanwhile.
    states_changed: resources whose state is another after a refresh; None if it was not looked at.
    """

    work: str
    n: int
    way: str
    calls: dict[str, int]
    refused: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    others: float
    states_changed: int | None = None

    @property
    def total_calls(self) -> int:
        return sum(self.calls.values())


@dataclass(frozen=True)
class Start:
    """Medians of some starts of the plugin.

    seconds: to the port's line. idle_mib: resident half a second later. others: as in Figures, of all starts together.
    """

    seconds: float
    cpu_seconds: float
    idle_mib: float
    others: float


@dataclass(frozen=True)
class Measured:
    """The costs of one provider. name: with its version."""

    name: str
    start: Start
    figures: list[Figures]

    def find(self, work: str, n: int, way: str) -> Figures | None:
        """Return the figures of one piece of work, if they were measured."""
        return next((each for each in self.figures if (each.work, each.n, each.way) == (work, n, way)), None)

    def all_of(self, way: str) -> list[Figures]:
        return [each for each in self.figures if each.way == way]

    @property
    def largest(self) -> int:
        return max(each.n for each in self.figures)


@dataclass(frozen=True)
class Report:
    """A whole run.

    machine: names and values, to be shown as they are. parallel: what the engine does at once.
    bridged: the bridged provider in the same run; None if it was not given.
    """

    machine: dict[str, str]
    parallel: int
    ours: Measured
    bridged: Measured | None = None

    @property
    def peer(self) -> Measured:
        """The bridged provider: of this run, or else as it was measured once."""
        return self.bridged or KNOWN

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, json: dict[str, Any]) -> Report:
        bridged = json["bridged"] and measured_from_json(json["bridged"])
        return cls(**{**json, "ours": measured_from_json(json["ours"]), "bridged": bridged})


def measured_from_json(json: dict[str, Any]) -> Measured:
    return Measured(json["name"], Start(**json["start"]), [Figures(**each) for each in json["figures"]])


def known(key: tuple[str, int, str], calls: int, seconds: float, cpu_seconds: float, peak_mib: float) -> Figures:
    return Figures(*key, {"any": calls}, 0, seconds, cpu_seconds, peak_mib, others=0)


# Measured once on a machine of the same kind: 2 cores, 20 ms a call, 100 services, a YAML program, a local backend.
KNOWN = Measured(
    "pulumi-pagerduty 4.37",
    Start(seconds=0.07, cpu_seconds=math.nan, idle_mib=69, others=0),
    [
        known(("create", 100, CHECKPOINTS), 205, 2.0, 0.7, 89),
        known(("create", 1000, CHECKPOINTS), 2005, 86, 7.7, 97),
        known(("preview", 1000, CHECKPOINTS), 5, 4.7, 2.7, 88),
        known(("refresh", 100, CHECKPOINTS), 100, 0.9, 0.45, 87),
        known(("refresh", 1000, CHECKPOINTS), 1000, 6.0, 4.3, 95),
        known(("rename", 1000, CHECKPOINTS), 6, 70, 3.7, 88),
        known(("destroy", 1000, CHECKPOINTS), 1000, 73, 2.4, 83),
        known(("create", 1000, NO_CHECKPOINTS), 2005, 8.5, math.nan, math.nan),
        known(("destroy", 1000, NO_CHECKPOINTS), 1000, 4.4, math.nan, math.nan),
    ],
)


def least_calls(work: str, n: int) -> int:
    """Return the fewest calls that the API allows. The program looks its vendor up by name: one call."""
    return {
        "create": 1 + n,
        "preview": 1,
        "refresh": min(n, math.ceil(SERVICES / PAGE)),
        "rename": 1 + 1,
        "destroy": n,
    }[work]


def least_seconds(work: str, n: int, parallel: int, *, limited: bool) -> float:
    """Return the shortest time for so many calls under the rate limit."""
    calls = least_calls(work, n)
    if limited and calls > LIMIT_CALLS:
        waits, rest = divmod(calls - 1, LIMIT_CALLS)
        return waits * LIMIT_SECONDS + math.ceil((rest + 1) / parallel) * LATENCY_SECONDS
    return math.ceil(calls / parallel) * LATENCY_SECONDS


def two_largest(figures: Iterable[Figures], work: str, way: str) -> list[Figures]:
    """Return the figures that give the slope: none, one or two."""
    return sorted((each for each in figures if (each.work, each.way) == (work, way)), key=lambda each: each.n)[-2:]


def cpu_for_each(figures: Iterable[Figures], work: str, way: str) -> float | None:
    """CPU seconds for each integration: the slope between the two largest N, in which starting up does not count."""
    used = two_largest(figures, work, way)
    if len(used) < 2:  # noqa: PLR2004 (a slope takes two)
        return None
    smaller, larger = used
    return (larger.cpu_seconds - smaller.cpu_seconds) / (larger.n - smaller.n)
