"""A long life of one plugin process: its memory, its file descriptors and its threads stay what they are.

SOAK is the number of integrations that are taken through their lives; `make prove` has as many as make as many calls as
PagerDuty admits in an hour. Time itself is not compressed: what would happen only as it passes is not shown.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from pagerduty_emulator import Emulator
from pagerduty_emulator.faults import FaultKind
from pagerduty_native.framework.testing import Caller, refusal
from pagerduty_native.framework.values import Values
from pagerduty_native.framework.wire import from_struct

from tests.conftest import TOKEN
from tests.protocol.test_process import plugin, port_of
from tests.support.stack import TYPE
from tools.bench.cells import table

LIVES = int(os.environ.get("SOAK", "160"))
# Resources in flight at a time, as for the engine on two cores. The plugin is measured between portions, when idle.
PARALLEL = 8
PORTIONS = 20
# The first portions fill caches, connections and pools; the others are compared by quarters.
WARM_UP = PORTIONS // 5
QUARTER = (PORTIONS - WARM_UP) // 4
# Less than a kilobyte for each integration: it keeps the IDs of what it made. A short run still fills what fills first.
MOST_MIB = 5.0 if "SOAK" in os.environ else 6.0
SERVICES = ("PCHECKT", "PCDNE10")
GET_SERVICE = "pagerduty-native:index:getService"
# One in each portion; each is retried at once, or almost.
FAULTS: list[tuple[FaultKind, str | None]] = [("reset", "GET"), ("truncated_body", None), ("empty", None)]
REQUESTS_OF_A_LIFE = 14


@dataclass(frozen=True)
class Sample:
    """Measure the plugin while it is idle."""

    mib: float
    descriptors: int
    threads: int


def sample(pid: int) -> Sample:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    fields = dict(line.split(":", 1) for line in status.splitlines())
    descriptors = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 (a folder of numbers)
    return Sample(int(fields["VmRSS"].split()[0]) / 1024, descriptors, int(fields["Threads"]))


def live(caller: Caller, number: int) -> None:
    """All that the engine asks about an integration, from its first preview on, and what it does wrong meanwhile."""
    service, other = SERVICES[number % 2], SERVICES[1 - number % 2]
    written: Values = {"service": service, "type": "events_api_v2_inbound_integration", "name": f"Alerts {number}"}
    inputs: Values = from_struct(caller.check(written).inputs)
    assert caller.check({**written, "servise": service}).failures
    caller.create(inputs, preview=True)
    made = caller.create(inputs)
    state: Values = from_struct(made.properties)
    assert caller.read(made.id, state, inputs).id == made.id
    renamed: Values = from_struct(caller.check({**written, "name": "Renamed"}, inputs).inputs)
    assert not caller.diff(inputs, state, renamed, made.id).replaces
    assert caller.diff(inputs, state, {**inputs, "service": other}, made.id).replaces
    caller.update(made.id, state, renamed, preview=True)
    state = from_struct(caller.update(made.id, state, renamed).properties)
    caller.invoke(GET_SERVICE, name="Checkout")
    caller.delete(made.id, state)
    assert not caller.read(made.id, state, renamed).id
    assert "not found" in refusal(lambda: caller.update(made.id, state, inputs)).message.lower()


@contextlib.contextmanager
def configured(emulator: Emulator) -> Iterator[tuple[int, grpc.Channel]]:
    """The plugin in a process of its own, and a channel to it."""
    with plugin() as process, grpc.insecure_channel(f"127.0.0.1:{port_of(process)}") as channel:
        Caller(channel, TYPE, "alerts").configure(token=TOKEN, apiUrlOverride=emulator.url)
        yield process.pid, channel


def soak(emulator: Emulator) -> list[Sample]:
    """All lives, with a sample after each portion of them."""
    samples = []
    with configured(emulator) as (pid, channel), ThreadPoolExecutor(PARALLEL) as pool:
        callers = [Caller(channel, TYPE, f"alerts{number}") for number in range(LIVES)]
        for portion in range(PORTIONS):
            kind, method = FAULTS[portion % len(FAULTS)]
            emulator.inject(kind, method, "/services/**", skip=portion)
            list(pool.map(live, callers[portion::PORTIONS], range(portion, LIVES, PORTIONS)))
            emulator.faults.clear()
            samples.append(sample(pid))
    return samples


@pytest.mark.skipif(sys.platform != "linux", reason="it reads what a process has where Linux shows it")
def test_a_long_life(emulator: Emulator, figures: Callable[[str], None]) -> None:
    measured = soak(emulator)[WARM_UP:]
    quarters = [measured[start : start + QUARTER] for start in range(0, len(measured), QUARTER)]
    mib = [statistics.median(each.mib for each in quarter) for quarter in quarters]
    descriptors = [max(each.descriptors for each in quarter) for quarter in quarters]
    threads = [max(each.threads for each in quarter) for quarter in quarters]
    rows = [
        ("memory, MiB", *(f"{each:.1f}" for each in mib)),
        ("file descriptors, at most", *descriptors),
        ("threads, at most", *threads),
    ]
    told = f"{LIVES * REQUESTS_OF_A_LIFE} requests of the engine, which made {len(emulator.requests)} API calls:\n\n"
    figures(told + table(["", "1st quarter", "2nd", "3rd", "4th"], rows))
    assert emulator.integrations() == []
    assert mib[-1] - mib[0] <= MOST_MIB
    # Pools may grow until there is one for each of those that go on at a time, which need not be so from the first on.
    assert descriptors[-1] <= descriptors[0] + PARALLEL
    assert threads[-1] <= threads[0] + PARALLEL
