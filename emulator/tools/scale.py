"""Measures the emulator with many services and integrations: emulator/docs/operation.md, "Scale".

python emulator/tools/scale.py [--services 10000] [--integrations 50000] [--rounds 100]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from pagerduty_emulator import Emulator
from pagerduty_emulator.api.integrations import rows
from pagerduty_emulator.database import now

TOKEN = {"Authorization": "Token token=scale"}


def fill(database: Path, services: int, integrations: int) -> None:
    """Make a file with services and integrations, evenly on them; every tenth integration receives e-mail."""
    emulator = Emulator(database=database, services=services)
    ids = [service["id"] for service in emulator.services()]
    with emulator.database.transaction():
        for number in range(integrations):
            mail = number % 10 == 0
            rows.add(
                emulator.database,
                {
                    "id": f"PI{number:07d}",
                    "service_id": ids[number % len(ids)],
                    "vendor_id": "PZQ6AUS",
                    "type": f"{'generic_email' if mail else 'event_transformer_api'}_inbound_integration",
                    "is_email": mail,
                    "name": f"Integration {number}",
                    "integration_key": None if mail else f"{number:032x}",
                    "integration_email": f"m{number}@acme.pagerduty.com" if mail else None,
                    "email_settings": "{}" if mail else None,
                    "created_at": now(),
                },
            )
    emulator.close()


@contextmanager
def serving(database: Path) -> Iterator[tuple[str, int]]:
    """Serve the file by the command. Yields its address and its process id."""
    command = [sys.executable, "-m", "pagerduty_emulator", "--port", "0", "--database", str(database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield (process.stdout or sys.stdin).readline().split()[-1], process.pid
        finally:
            process.terminate()


def memory(pid: int) -> int:
    """Return the memory of a process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


def cpu(pid: int) -> float:
    """Return the processor time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(what: str, pid: int, rounds: int, act: Callable[[int], requests.Response]) -> None:
    """Print how long something takes, and what of it the emulator computes."""
    times = []
    computed = cpu(pid)
    for number in range(rounds):
        started = time.perf_counter()
        answer = act(number)
        times.append((time.perf_counter() - started) * 1000)
        answer.raise_for_status()
    computed = (cpu(pid) - computed) * 1000 / rounds
    print(f"| {what} | {statistics.median(times):.1f} | {statistics.quantiles(times, n=20)[-1]:.1f} | {computed:.1f} |")


def main() -> None:
    """Fill a file, serve it, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=10_000)
    parser.add_argument("--integrations", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "account.db"
        fill(database, options.services, options.integrations)
        with serving(database) as (url, pid), requests.Session() as session:
            session.headers.update(TOKEN)
            ask(session, url, pid, options.rounds, min(options.services, 10_000) - 100)


def ask(session: requests.Session, url: str, pid: int, rounds: int, last: int) -> None:
    """Measure request by request; `last` is the offset of the last page that can be had."""
    page, path = f"{url}/services?limit=100&include[]=integrations", f"{url}/services/PCHECKT/integrations"
    new = {"integration": {"type": "events_api_v2_inbound_integration", "name": "New"}}
    event = {"event_action": "trigger", "payload": {"summary": "x", "source": "x", "severity": "info"}}
    asked: dict[str, Callable[[int], requests.Response]] = {
        "the first 100 services with their integrations": lambda _: session.get(page),
        "the last 100, with the total": lambda _: session.get(f"{page}&offset={last}&total=true"),
        "100 services by a query": lambda _: session.get(f"{page}&query=9"),
        "one service": lambda _: session.get(f"{url}/services/PCHECKT"),
        "a new integration": lambda _: session.post(path, json=new),
        "an event": lambda n: session.post(f"{url}/v2/enqueue", json={**event, "routing_key": f"{n * 10 + 1:032x}"}),
    }
    started = memory(pid)
    print("| | median, ms | slowest of 20, ms | of it computed, ms |\n| --- | --- | --- | --- |")
    for what, act in asked.items():
        measured(what, pid, rounds, act)
    warm = memory(pid)
    for number in range(10 * rounds):
        asked["the first 100 services with their integrations"](number)
    print(
        f"\nMemory: {started} MB at the start, {warm} MB after these, {memory(pid)} MB after {10 * rounds} pages more."
    )


if __name__ == "__main__":
    main()
