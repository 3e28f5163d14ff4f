"""The measuring: one provider's works with N integrations, its start, and the machine."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import load
from .emulator import emulator
from .figures import NO_CHECKPOINTS, RATE_LIMIT, STARTS, Figures, Start
from .stack import FOLDER, KIB_IN_MIB, Provider, Stack, environment

# The engine then writes its state only at the end.
WITHOUT_CHECKPOINTS = {"PULUMI_EXPERIMENTAL": "1", "PULUMI_SKIP_CHECKPOINTS": "1"}


def measure(provider: Provider, n: int, way: str) -> Iterator[Figures]:
    """All works with `n` integrations, in their order."""
    with emulator(limited=way == RATE_LIMIT) as pagerduty, scratch() as folder:
        environ = WITHOUT_CHECKPOINTS if way == NO_CHECKPOINTS else {}
        stack = Stack(provider, folder, pagerduty.url, environ)
        service_ids = pagerduty.service_ids()
        stack.take_usage()
        pagerduty.calls()

        def work(name: str, *arguments: str) -> Figures:
            before = load.moment(pagerduty.pid)
            # A token for each, as the limit is counted by token: none is to wait for what the one before it used.
            stack.pulumi(*arguments, token=name)
            after = load.moment(pagerduty.pid)
            cpu_seconds, peak_mib = stack.take_usage()
            calls, refused = pagerduty.calls()
            seconds = after.at - before.at
            return Figures(name, n, way, calls, refused, seconds, cpu_seconds, peak_mib, load.others(before, after))

        stack.write(service_ids, n)
        created = work("create", "up", "--yes", "--skip-preview")
        yield made(created, pagerduty.count_of_integrations() == n)
        pagerduty.calls()
        yield work("preview", "preview", "--expect-no-changes")

        before = stack.states()
        # Count the changes in the state; the bridged provider's refresh may show changes, too.
        refreshed = work("refresh", "refresh", "--yes", "--skip-preview")
        after = stack.states()
        changed = sum(content(before[urn]) != content(state) for urn, state in after.items())
        yield replace(refreshed, states_changed=changed)

        stack.write(service_ids, n, renamed=0)
        yield work("rename", "up", "--yes", "--skip-preview")
        destroyed = work("destroy", "destroy", "--yes", "--skip-preview")
        yield made(destroyed, pagerduty.count_of_integrations() == 0)


def made(figures: Figures, is_so: bool) -> Figures:
    """Return the figures, provided that the work was done."""
    if not is_so:
        sys.exit(f"{figures.work} of {figures.n} integrations did not leave what it should at the emulator")
    return figures


def content(state: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a resource's state that the provider decides; the engine changes some of the rest."""
    return {name: state.get(name) for name in ("id", "inputs", "outputs")}


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Return a folder for one run: several runs can go on at once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=FOLDER))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure_start(plugin: Path, times: int = STARTS) -> Start:
    """How a plugin starts, without an engine. The first time does not count: it may compile."""
    start_once(plugin)
    before = load.moment()
    starts = [start_once(plugin) for _ in range(times)]
    return Start(
        seconds=statistics.median(each.seconds for each in starts),
        cpu_seconds=statistics.median(each.cpu_seconds for each in starts),
        idle_mib=statistics.median(each.idle_mib for each in starts),
        others=load.others(before, load.moment()),
    )


def start_once(plugin: Path) -> Start:
    started = time.perf_counter()
    with subprocess.Popen([plugin], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout  # noqa: S101 (for mypy)
        process.stdout.readline()
        seconds = time.perf_counter() - started
        time.sleep(0.5)
        status = Path(f"/proc/{process.pid}/status").read_text()
        cpu_seconds = load.cpu_seconds(process.pid)
        process.terminate()
    resident = re.search(r"VmRSS:\s+(\d+) kB", status)
    return Start(seconds, cpu_seconds, int(resident[1]) / KIB_IN_MIB if resident else 0, others=0)


def machine() -> dict[str, str]:
    """Describe the machine and the versions."""
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    pulumi = subprocess.run(["pulumi", "version"], env=environment(), check=True, capture_output=True, text=True)
    return {
        "CPU": f"{cpu[1] if cpu else 'unknown'}, {os.cpu_count()} cores",
        "Pulumi": pulumi.stdout.strip(),
        "grpcio": importlib.metadata.version("grpcio"),
        "Python": ".".join(map(str, sys.version_info[:3])),
    }
