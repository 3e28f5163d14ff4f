"""Runs the long versions of tests, and prints what docs/reliability.md says of each. Run by `make prove`.

Every part is a run of pytest of its own. A part that fails does not keep the others from running; its output is shown,
and the exit code is 1. Figures that tests recorded (`figures` in tests/load/conftest.py) are shown below the table.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEAD = "| what | how much | result | minutes |\n| --- | --- | --- | --- |"


@dataclass(frozen=True)
class Part:
    """A run of pytest.

    amount: what is tried, for people; {} is the number of its tests. processes: how many run them, or 0.
    """

    name: str
    tests: str
    amount: str
    environ: dict[str, str] = field(default_factory=dict)
    processes: int = 2


@dataclass(frozen=True)
class Outcome:
    """The result of a part. row: of the table. figures: tables of its own. good: whether all went well."""

    row: str
    figures: list[str]
    good: bool


PARTS = {
    "lives": Part(
        "random lives", "tests/lifecycles/test_lives.py", "1500 programs of up to 30 steps", {"LIVES": "1500"}
    ),
    "engine": Part(
        "random lives on the engine",
        "tests/lifecycles/test_engine_lives.py",
        "{} lives of 4 random steps",
        {"LIVES": "40"},
    ),
    "kills": Part("kills", "tests/kills", "{} kills", {"PROVE": "1"}),
    "requests": Part(
        "mutated requests", "tests/protocol/test_mutations.py", "100,000 requests of the engine", {"PROVE": "1"}
    ),
    "guesses": Part("what no recording settles", "tests/protocol/test_guesses.py", "{} lives", {"PROVE": "1"}),
    "responses": Part("mutated responses", "tests/responses", "40,000 responses of PagerDuty", {"PROVE": "1"}),
    "logic": Part("pure logic", "tests/unit", "{} tests, with new examples each time", {"PROVE": "1"}),
    "conformance": Part(
        "the emulator's conformance",
        "emulator/tests/test_conformance.py",
        "{} checks of operations, with up to 100 requests each",
        {"CONFORMANCE_EXAMPLES": "100"},
    ),
    "clients": Part("clients from PyPI", "emulator/tests/clients/test_python_clients.py", "{} clients", {"PROVE": "1"}),
    "faults": Part("faults of the network and of PagerDuty", "tests/faults", "{} cases"),
    "lost": Part("what people could lose", "tests/engine/test_nothing_lost.py", "{} cases"),
    "secrets": Part("search for secrets", "tests/engine/test_secrets_audit.py", "{} life of a stack, with 12 canaries"),
    "account": Part("facts on an account", "tests/account", "{} cases, each way of each guess", {"PROVE": "1"}),
    "load": Part(
        "many integrations",
        "tests/load/test_load.py",
        "stacks of 2500, 5000 and 10,000 integrations",
        {"LOAD": "2500 5000 10000"},
        processes=0,
    ),
    "stacks": Part(
        "four stacks at once",
        "tests/load/test_stacks.py",
        "4 stacks of 200 integrations on one limit",
        {"EACH_STACK": "200"},
        processes=0,
    ),
    "soak": Part(
        "a long life of one process", "tests/load/test_soak.py", "9600 integrations", {"SOAK": "9600"}, processes=0
    ),
}


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"what to run (default: all): {', '.join(PARTS)}")
    chosen = parser.parse_args(words).parts or [*PARTS]
    if unknown := sorted({*chosen} - PARTS.keys()):
        parser.error(f"there is no part {', '.join(unknown)}; choose from {', '.join(PARTS)}")
    outcomes = {name: run(PARTS[name]) for name in chosen}
    print("\n" + "\n".join([HEAD, *(each.row for each in outcomes.values())]))
    for name, outcome in outcomes.items():
        for figures in outcome.figures:
            print(f"\n{PARTS[name].name}\n\n{figures}")
    sys.exit(0 if all(each.good for each in outcomes.values()) else 1)


def run(part: Part) -> Outcome:
    """Run a part."""
    print(f"{part.name}: {part.tests}", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "--quiet", f"--numprocesses={part.processes}"),
                *(f"--junitxml={report}", "--override-ini=junit_family=xunit1", part.tests),
            ],
            cwd=ROOT,
            env={**os.environ, **part.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        figures = figures_in(report)
    good = done.returncode == 0
    if not good:
        print(done.stdout, flush=True)
    return Outcome(row(part, done.stdout, good=good, seconds=time.monotonic() - started), figures, good)


def figures_in(report: Path) -> list[str]:
    """Read the figures that tests recorded. report: JUnit's XML, if there is any."""
    if not report.exists():
        return []
    found = ET.parse(report).iterfind(".//property[@name='figures']")  # noqa: S314 (pytest has just written it)
    return [each.attrib["value"] for each in found]


def row(part: Part, shown: str, *, good: bool, seconds: float) -> str:
    """Return a part's row of the table. shown: what pytest showed."""
    tried, failed = counted(shown)
    result = "no failure" if good else f"{failed} of {tried} failed"
    return f"| {part.name} | {part.amount.format(tried)} | {result} | {seconds / 60:.1f} |"


def counted(shown: str) -> tuple[int, int]:
    """How many tests ran, and how many of them failed. shown: what pytest showed."""
    counts = {kind: int(count) for count, kind in re.findall(r"(\d+) (passed|failed|error)", shown)}
    return sum(counts.values()), counts.get("failed", 0) + counts.get("error", 0)


if __name__ == "__main__":
    main()
