"""An account with many services, in a process of its own."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from tools.bench.emulator import Emulator

PAGE = 100
LATENCY_MILLISECONDS = 2


class Account(Emulator):
    """The benchmark's emulator, with more services than fit on a page. services: how many."""

    def __init__(self, url: str, pid: int, services: int) -> None:
        super().__init__(url, pid)
        self._services = services

    def service_ids(self) -> list[str]:
        return [each["id"] for each in self._all_services()]

    def count_of_integrations(self) -> int:
        return sum(len(each["integrations"]) for each in self._all_services())

    def _all_services(self) -> Iterator[dict[str, Any]]:
        for offset in range(0, self._services, PAGE):
            yield from self._json("GET", f"/services?limit={PAGE}&offset={offset}&include[]=integrations")["services"]


@contextlib.contextmanager
def account(services: int) -> Iterator[Account]:
    """An account that ends with this process, however that ends."""
    options = ["--port", "0", "--services", str(services), "--latency", str(LATENCY_MILLISECONDS)]
    process = subprocess.Popen(
        [sys.executable, "-m", "pagerduty_emulator", "--exit-on-stdin-eof", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        # When this ends, so does its stdin.
        yield Account(process.stdout.readline().split()[-1], process.pid, services)
