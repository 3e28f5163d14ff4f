"""The share of the machine's CPU that others use while something is measured.

The load average would not tell: it counts the benchmark itself, and what ended a while ago.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
CPUS = os.cpu_count() or 1
# Columns of /proc/stat's first line.
IDLE, IOWAIT = 3, 4


@dataclass(frozen=True)
class Moment:
    """at: seconds on some clock. idle: of all CPUs together. own: what the benchmark's processes used."""

    at: float
    idle: float
    own: float


def moment(*pids: int) -> Moment:
    """Now. pids: those of the benchmark's processes that it did not wait for yet."""
    own = os.times()
    ended = own.children_user + own.children_system
    running = sum(cpu_seconds(pid) for pid in pids)
    return Moment(time.perf_counter(), idle_seconds(), own.user + own.system + ended + running)


def others(before: Moment, after: Moment) -> float:
    """Return the share of the machine's CPU, from 0 to 1, that others used between two moments."""
    there = (after.at - before.at) * CPUS
    return max(there - (after.idle - before.idle) - (after.own - before.own), 0) / there


def idle_seconds() -> float:
    """Linux measures them. The other columns are only samples, too coarse for what takes half a second."""
    _, *columns = Path("/proc/stat").read_text().partition("\n")[0].split()
    return (int(columns[IDLE]) + int(columns[IOWAIT])) / TICKS


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds and memory of a running process."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS
