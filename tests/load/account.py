"""An account with many services, in a process of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from tools.bench.emulator import Emulator, served

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
    with served(services, LATENCY_MILLISECONDS) as (url, pid):
        yield Account(url, pid, services)
