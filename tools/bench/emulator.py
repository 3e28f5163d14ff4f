"""The emulator in a process of its own, and what it says of the calls that came."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import requests

from .figures import LATENCY_SECONDS, LIMIT_CALLS, LIMIT_SECONDS, SERVICES


class Emulator:
    """A PagerDuty of our own. pid: of its process."""

    def __init__(self, url: str, pid: int) -> None:
        self.url = url
        self.pid = pid

    def service_ids(self) -> list[str]:
        body = self._json("GET", f"/services?limit={SERVICES}")
        return [service["id"] for service in body["services"]]

    def calls(self) -> tuple[dict[str, int], int]:
        """How often each kind of call came since the last time this was asked, and how many were refused."""
        body = self._json("GET", "/emulator/requests")
        self._json("DELETE", "/emulator/requests")
        return body["counts"], sum(each["status"] == requests.codes.too_many_requests for each in body["requests"])

    def count_of_integrations(self) -> int:
        body = self._json("GET", f"/services?limit={SERVICES}&include[]=integrations")
        return sum(len(service["integrations"]) for service in body["services"])

    def _json(self, method: str, path: str) -> Any:
        response = requests.request(method, self.url + path, headers={"Authorization": "Token token=bench"}, timeout=60)
        response.raise_for_status()
        return response.json() if response.content else None


@contextlib.contextmanager
def emulator(*, limited: bool) -> Iterator[Emulator]:
    """Return an emulator that ends with this process, however that ends."""
    limit = ["--rate-limit", str(LIMIT_CALLS), "--rate-limit-window", str(LIMIT_SECONDS)] if limited else []
    with served(SERVICES, LATENCY_SECONDS * 1000, *limit) as (url, pid):
        yield Emulator(url, pid)


@contextlib.contextmanager
def served(services: int, latency_milliseconds: float, *more: str) -> Iterator[tuple[str, int]]:
    """Return the URL and the process ID of an emulator with so many services, until this process ends."""
    options = ["--port", "0", "--services", str(services), "--latency", str(latency_milliseconds), *more]
    process = subprocess.Popen(
        [sys.executable, "-m", "pagerduty_emulator", "--exit-on-stdin-eof", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin and process.stdout  # noqa: S101, PT018 (for mypy)
        # When this ends, so does its stdin.
        yield process.stdout.readline().split()[-1], process.pid
