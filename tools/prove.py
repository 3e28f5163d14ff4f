"""Runs the long versions of tests, and prints what docs/reliability.md says of each. Run by `make prove`.

Every part is a run of pytest of its own. A part that fails does not keep the others from running; its output is shown,
and the exit code is 1.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEAD = "| what | how much | result | minutes |\n| --- | --- | --- | --- |"


@dataclass(frozen=True)
class Part:
    """A run of pytest. amount: what is tried, for people; {} is the number of its tests."""

    name: str
    tests: str
    amount: str
    environ: dict[str, str] = field(default_factory=dict)


PARTS = {
    "lives": Part(
        "random lives", "tests/lifecycles/test_lives.py", "3000 programs of up to 30 steps", {"LIVES": "3000"}
    ),
    "kills": Part("kills", "tests/kills", "{} kills", {"PROVE": "1"}),
    "requests": Part(
        "mutated requests", "tests/protocol/test_mutations.py", "100,000 requests of the engine", {"PROVE": "1"}
    ),
    "responses": Part("mutated responses", "tests/responses", "40,000 responses of PagerDuty", {"PROVE": "1"}),
    "conformance": Part(
        "the emulator's conformance",
        "tests/emulator/test_conformance.py",
        "{} checks of operations, with up to 100 requests each",
        {"CONFORMANCE_EXAMPLES": "100"},
    ),
    "faults": Part("faults of the network and of PagerDuty", "tests/faults", "{} cases"),
    "lost": Part("what people could lose", "tests/engine/test_nothing_lost.py", "{} cases"),
}


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"what to run (default: all): {', '.join(PARTS)}")
    chosen = parser.parse_args(words).parts or [*PARTS]
    if unknown := sorted({*chosen} - PARTS.keys()):
        parser.error(f"there is no part {', '.join(unknown)}; choose from {', '.join(PARTS)}")
    outcomes = [run(PARTS[each]) for each in chosen]
    print("\n" + "\n".join([HEAD, *(row for row, _ in outcomes)]))
    sys.exit(0 if all(good for _, good in outcomes) else 1)


def run(part: Part) -> tuple[str, bool]:
    """Run a part. Returns its row of the table, and whether all went well."""
    print(f"{part.name}: {part.tests}", flush=True)
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--quiet", "--numprocesses=2", part.tests],
        cwd=ROOT,
        env={**os.environ, **part.environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    good = done.returncode == 0
    if not good:
        print(done.stdout, flush=True)
    return row(part, done.stdout, good=good, seconds=time.monotonic() - started), good


def row(part: Part, shown: str, *, good: bool, seconds: float) -> str:
    """A part's row of the table. shown: what pytest showed."""
    counts = {kind: int(count) for count, kind in re.findall(r"(\d+) (passed|failed|error|skipped)", shown)}
    tried = sum(count for kind, count in counts.items() if kind != "skipped")
    failed = counts.get("failed", 0) + counts.get("error", 0)
    result = "no failure" if good else f"{failed} of {tried} failed"
    return f"| {part.name} | {part.amount.format(tried)} | {result} | {seconds / 60:.1f} |"


if __name__ == "__main__":
    main()
