"""The share of the machine's CPU that others use while something is measured.

The load average would not tell: it counts the benchmark itself, and what ended a while ago.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
# The columns of /proc/stat's first line that are no work: what guests use is in "user" already.
IDLE, IOWAIT, GUEST = 3, 4, 8


@dataclass(frozen=True)
class Moment:
    """at: seconds on some clock. busy: CPU seconds of the whole machine. own: those of the benchmark's processes."""

    at: float
    busy: float
    own: float


def moment(*pids: int) -> Moment:
    """Now. pids: those of the benchmark's processes that are no children of it that have ended."""
    own = os.times()
    ended = own.children_user + own.children_system
    running = sum(cpu_seconds(pid) for pid in pids)
    return Moment(time.perf_counter(), busy_seconds(), own.user + own.system + ended + running)


def others(before: Moment, after: Moment) -> float:
    """The share of the machine's CPU, from 0 to 1, that others used between two moments."""
    spent = (after.busy - before.busy) - (after.own - before.own)
    return max(spent, 0) / ((after.at - before.at) * (os.cpu_count() or 1))


def busy_seconds() -> float:
    _, *columns = Path("/proc/stat").read_text().partition("\n")[0].split()
    return sum(int(ticks) for index, ticks in enumerate(columns[:GUEST]) if index not in (IDLE, IOWAIT)) / TICKS


def cpu_seconds(pid: int) -> float:
    """What a running process used."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS
