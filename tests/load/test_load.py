"""Many integrations: what the provider takes grows as they do, and its memory hardly does.

LOAD is a list of their numbers; `make prove` has up to 10,000 on 1000 services.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from itertools import pairwise

import pytest

from tools.bench.cells import table

from .costs import ON_EACH_SERVICE, WORKS, Cost, of_nothing, of_ours

SIZES = [int(word) for word in os.environ.get("LOAD", "100").split()]
PAGE = 100
MOST_MIB = 80
# Twice as many integrations take at most so many times the CPU.
MOST_GROWTH = 2.5


@pytest.mark.skipif(sys.platform != "linux", reason="it reads what a process used where Linux shows it")
def test_what_it_takes_grows_with_the_integrations(figures: Callable[[str], None]) -> None:
    """Seconds are printed but not tested: they are the engine's, the emulator's and the machine's."""
    ours = [cost for n in SIZES for cost in of_ours(n)]
    nothings = [cost for n in SIZES for cost in of_nothing(n)] if len(SIZES) > 1 else []
    figures(told(ours, nothings))
    hold(ours)


def hold(ours: list[Cost]) -> None:
    """Check the costs, in the order of their sizes."""
    for cost in ours:
        assert cost.left == (0 if cost.work == "destroy" else cost.n)
        assert cost.peak_mib < MOST_MIB
        assert cost.calls <= most_calls(cost)
    for work in WORKS:
        for smaller, larger in pairwise(cost for cost in ours if cost.work == work):
            growth = larger.cpu_seconds / smaller.cpu_seconds
            assert growth <= MOST_GROWTH / 2 * larger.n / smaller.n, (smaller, larger)


def most_calls(cost: Cost) -> int:
    """One for each integration that is made or deleted, and a lookup of the vendor; a refresh may go on from one
    service to pages of them, and read twice as many as there are: see bulk_reads.py."""
    pages = -(-cost.n // ON_EACH_SERVICE // PAGE)
    return {"create": cost.n + 1, "preview": 1, "refresh": 2 * pages, "destroy": cost.n}[cost.work]


def told(ours: list[Cost], nothings: list[Cost]) -> str:
    """A table. nothings: with the provider that does nothing, or none."""
    beside = {(cost.work, cost.n): (f"{cost.seconds:.1f}", f"{cost.cpu_seconds:.1f}") for cost in nothings}
    rows = []
    for cost in sorted(ours, key=lambda each: [*WORKS].index(each.work)):
        seconds, cpu_seconds = beside.get((cost.work, cost.n), ("-", "-"))
        each = f"{cost.cpu_seconds / cost.n * 1000:.1f}"
        row = (cost.work, cost.n, cost.calls, f"{cost.seconds:.1f}", seconds, f"{cost.cpu_seconds:.1f}", cpu_seconds)
        rows.append((*row, each, f"{cost.peak_mib:.0f}"))
    titles = ["work", "integrations", "calls", "s", "nothing, s", "CPU, s", "nothing, CPU s", "ms each", "peak MiB"]
    return table(titles, rows)
