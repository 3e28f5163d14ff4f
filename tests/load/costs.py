"""Costs of a stack's life: the real engine, with our provider and with one that does nothing.

Without checkpoints: else most of the time is the engine's, which writes the whole state at each step.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.bench.measure import WITHOUT_CHECKPOINTS, scratch
from tools.bench.stack import OURS, Stack, write_command, write_wrapped

from . import nothing
from .account import account

ON_EACH_SERVICE = 10
WORKS = {
    "create": ("up", "--yes", "--skip-preview"),
    "preview": ("preview",),
    "refresh": ("refresh", "--yes", "--skip-preview"),
    "destroy": ("destroy", "--yes", "--skip-preview"),
}


@dataclass(frozen=True)
class Cost:
    """The costs of one piece of work.

    work: of WORKS. n: integrations. calls: of PagerDuty's API. seconds: of the whole run of the CLI.
    cpu_seconds, peak_mib: of the plugin. left: how many integrations there are afterwards.
    """

    work: str
    n: int
    calls: int
    seconds: float
    cpu_seconds: float
    peak_mib: float
    left: int


def of_ours(n: int) -> Iterator[Cost]:
    """Each work with so many integrations, ten on each service."""
    services = -(-n // ON_EACH_SERVICE)
    with account(services) as pagerduty, scratch() as folder:
        stack = Stack(OURS, folder, pagerduty.url, WITHOUT_CHECKPOINTS)
        stack.write(pagerduty.service_ids(), n)
        stack.take_usage()
        pagerduty.calls()
        for work in WORKS:
            seconds = run(stack, work)
            calls = sum(pagerduty.calls()[0].values())
            left = pagerduty.count_of_integrations()
            pagerduty.calls()
            yield Cost(work, n, calls, seconds, *stack.take_usage(), left)


def of_nothing(n: int) -> Iterator[Cost]:
    """The same with a provider that does nothing."""
    with scratch() as folder:
        stack = Stack(OURS, folder, "http://127.0.0.1:1", WITHOUT_CHECKPOINTS)
        (stack.program / "Pulumi.yaml").write_text(json.dumps(things(install_nothing(folder, stack.usage), n)))
        stack.take_usage()
        for work in WORKS:
            seconds = run(stack, work)
            yield Cost(work, n, 0, seconds, *stack.take_usage(), 0)


def run(stack: Stack, work: str) -> float:
    """How many seconds the CLI takes."""
    started = time.perf_counter()
    stack.pulumi(*WORKS[work])
    return time.perf_counter() - started


def install_nothing(folder: Path, usage: Path) -> Path:
    """The folder of the provider that does nothing, wrapped as ours is."""
    plugin = folder / "nothing"
    plugin.mkdir()
    write_command(plugin / "nothing", sys.executable, nothing.__file__)
    write_wrapped(plugin / "pulumi-resource-nothing", plugin / "nothing", usage)
    return plugin


def things(plugin: Path, n: int) -> dict[str, Any]:
    """A program of so many things, as like the benchmark's of integrations as may be."""
    resources = {
        f"alerts{index}": {
            "type": "nothing:Thing",
            "properties": {
                "service": f"P{index // ON_EACH_SERVICE:06d}",
                "vendor": "PZQ6AUS",
                "name": f"Alerts {index}",
            },
        }
        for index in range(n)
    }
    plugins = {"providers": [{"name": "nothing", "path": str(plugin)}]}
    return {"name": "bench", "runtime": "yaml", "plugins": plugins, "resources": resources}
