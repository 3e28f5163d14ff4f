"""Runs the tests with the oldest and the newest dependencies that are declared, on each Python. `make compatibility`.

Every combination has a virtual environment of its own, which is deleted afterwards: the provider and the emulator from
this checkout, and each dependency either at its lower bound or as new as can be. The tests are those of modules and of
the protocol, and one with the real engine, if the CLI is here. A combination that fails does not keep the others from
running; the end of its output is shown, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import requires
from pathlib import Path

from tools.prove import counted

ROOT = Path(__file__).parents[1]
HEAD = "| Python | dependencies | tests | result | minutes |\n| --- | --- | --- | --- | --- |"
DISTRIBUTIONS = ("pulumi-resource-pagerduty-native", "pagerduty-emulator")
INSTALLED = ("-e", ".", "-e", "./emulator[pytest,tls]")
TEST_TOOLS = ("pytest", "pytest-xdist", "filelock", "hypothesis", "httpx")
TESTS = ("tests/unit", "tests/protocol", "--ignore=tests/protocol/test_mutations.py")
ENGINE_TEST = "tests/engine/test_integration_lifecycle.py::test_rename_updates_in_place"
# Plugins that are not needed. An old anyio's does not load into a new pytest.
QUIETLY = ("-p", "no:cacheprovider", "-p", "no:anyio")
OLDEST_PYTHON = (3, 10)
TIMEOUT_SECONDS = 1200


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pythons", nargs="*", help="the versions to try, such as 3.10 (default: all that are here)")
    chosen = parser.parse_args(words).pythons
    here = pythons()
    if unknown := sorted({*chosen} - here.keys()):
        parser.error(f"there is no Python {', '.join(unknown)} here; there are {', '.join(here)}")
    print(f"the lower bounds: {' '.join(lower_bounds())}", flush=True)
    rows, good = [], True
    for version in chosen or here:
        for which, constraints in (("oldest", lower_bounds()), ("newest", [])):
            print(f"Python {version}, {which} dependencies", flush=True)
            row, passed = tried(here[version], version, which, constraints)
            rows.append(row)
            good = good and passed
    print("\n" + "\n".join([HEAD, *rows]))
    sys.exit(0 if good else 1)


def pythons() -> dict[str, Path]:
    """Every Python of this machine that is supported, by its version, such as 3.10: on the PATH, or pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    on_path = (shutil.which(f"python3.{minor}") for minor in range(OLDEST_PYTHON[1], 30))
    found: dict[tuple[int, int], Path] = {}
    for each in (*sorted(pyenv.glob("*/bin/python")), *map(Path, filter(None, on_path))):
        told = ran([each, "-c", "import sys, venv, ensurepip; print(*sys.version_info[:2])"]).stdout.split()
        if [each.isdecimal() for each in told] == [True, True] and (
            version := (int(told[0]), int(told[1]))
        ) >= OLDEST_PYTHON:
            found.setdefault(version, each)
    return {f"{major}.{minor}": found[major, minor] for major, minor in sorted(found)}


def lower_bounds() -> list[str]:
    """The oldest version of each declared dependency, as pip takes it; but for what runs the tests."""
    declared = [each for distribution in DISTRIBUTIONS for each in requires(distribution) or []]
    matches = (re.match(r"([\w.-]+)[^;]*>=([\d.]+)", each) for each in declared)
    return sorted({f"{match[1]}=={match[2]}" for match in matches if match and match[1] not in TEST_TOOLS})


def test_tools() -> list[str]:
    """What runs the tests, in the versions that it does elsewhere."""
    locked = (ROOT / "tools" / "requirements-dev.txt").read_text().splitlines()
    return [each for each in locked if each.partition("==")[0] in TEST_TOOLS]


def tried(python: Path, version: str, which: str, constraints: list[str]) -> tuple[str, bool]:
    """Try a combination. Returns its row of the table, and whether all went well."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "venv"
        bounds = Path(folder) / "constraints.txt"
        bounds.write_text("\n".join([*constraints, *test_tools()]))
        own = environment / "bin" / "python"
        tests = [*TESTS, *([ENGINE_TEST] if (ROOT / ".tools" / "bin" / "pulumi").exists() else [])]
        output = ""
        commands: list[list[str | Path]] = [
            [python, "-m", "venv", environment],
            [own, "-m", "pip", "install", "--quiet", "--constraint", bounds, *INSTALLED, *TEST_TOOLS],
            [own, "-m", "pytest", "--quiet", "--numprocesses=2", *QUIETLY, *tests],
        ]
        for command in commands:
            done = ran(command)
            output = done.stdout
            if done.returncode != 0:
                print(output[-5000:], flush=True)
                break
    return row(version, which, output, good=done.returncode == 0, seconds=time.monotonic() - started)


def ran(command: list[str | Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )


def row(version: str, which: str, output: str, *, good: bool, seconds: float) -> tuple[str, bool]:
    """A combination's row of the table, and whether all went well. output: pytest's, or that of what failed before."""
    tests, failed = counted(output)
    good = good and tests > 0
    result = "pass" if good else f"{failed} fail" if tests else "cannot be installed"
    return f"| {version} | {which} | {tests} | {result} | {seconds / 60:.1f} |", good


if __name__ == "__main__":
    main()
