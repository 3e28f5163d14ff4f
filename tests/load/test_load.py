"""Many integrations: what the provider takes grows as they do, and its memory hardly does.

LOAD is a list of their numbers; `make prove` has up to 10,000 on 1000 services.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from itertools import pairwise

import pytest

from tools.bench.report import table

from .costs import ON_EACH_SERVICE, WORKS, Cost, of_nothing, of_ours

SIZES = [int(word) for word in os.environ.get("LOAD", "100").split()]
PAGE = 100
MOST_MIB = 80
# Twice as many integrations take at most so many times the CPU.
MOST_GROWTH = 2.3


@pytest.mark.skipif(sys.platform != "linux", reason="it reads what a process used where Linux shows it")
def test_what_it_takes_grows_with_the_integrations(figures: Callable[[str], None]) -> None:
    """Seconds are told and no more: they are the engine's, the emulator's and the machine's."""
    ours = [cost for n in SIZES for cost in of_ours(n)]
    alone = [cost for n in SIZES for cost in of_nothing(n)] if len(SIZES) > 1 else []
    figures(told(ours, alone))
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


def told(ours: list[Cost], alone: list[Cost]) -> str:
    """A table. alone: with the provider that does nothing, or none."""
    engine = {(cost.work, cost.n): f"{cost.seconds:.1f}" for cost in alone}
    rows = [
        (
            cost.work,
            cost.n,
            cost.calls,
            f"{cost.seconds:.1f}",
            engine.get((cost.work, cost.n), "-"),
            f"{cost.cpu_seconds:.1f}",
            f"{cost.cpu_seconds / cost.n * 1000:.1f}",
            f"{cost.peak_mib:.0f}",
        )
        for work in WORKS
        for cost in ours
        if cost.work == work
    ]
    titles = ["work", "integrations", "calls", "s", "engine alone, s", "plugin CPU, s", "ms each", "peak MiB"]
    return table(titles, rows)
