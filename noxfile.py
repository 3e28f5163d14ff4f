"""Unit and protocol tests with the oldest and the newest dependencies, on each Python: `make compatibility`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import nox

ROOT = Path(__file__).parent
TEST_TOOLS = ("pytest", "pytest-xdist", "filelock", "hypothesis", "httpx")

nox.options.error_on_missing_interpreters = False


def lower_bounds() -> list[str]:
    """Return the oldest version of each declared dependency, as pip takes it, except for the test tools."""
    declared: list[str] = []
    for file in (ROOT / "pyproject.toml", ROOT / "emulator" / "pyproject.toml"):
        project = tomllib.loads(file.read_text())["project"]
        declared += project["dependencies"]
        for extra in project.get("optional-dependencies", {}).values():
            declared += extra
    found = (re.match(r"([\w.-]+)[^;]*>=([\d.]+)", each) for each in declared)
    return sorted({f"{each[1]}=={each[2]}" for each in found if each and each[1] not in TEST_TOOLS})


@nox.session(python=["3.11", "3.12", "3.13", "3.14"])
@nox.parametrize("dependencies", ["oldest", "newest"])
def tests(session: nox.Session, dependencies: str) -> None:
    """Run the tests of modules and of the protocol; Pythons that the machine does not have are skipped."""
    locked = (ROOT / "tools" / "requirements-dev.txt").read_text().splitlines()
    bounds = [each for each in locked if each.partition("==")[0] in TEST_TOOLS]
    if dependencies == "oldest":
        bounds += lower_bounds()
    constraints = Path(session.create_tmp()) / "constraints.txt"
    constraints.write_text("\n".join(bounds))
    session.install("--constraint", str(constraints), "-e", ".", "-e", "./emulator[pytest,tls]", *TEST_TOOLS)
    session.run(
        *("pytest", "--quiet", "--numprocesses=2", "-p", "no:cacheprovider", "-p", "no:anyio"),
        *("tests/unit", "tests/protocol", "--ignore=tests/protocol/test_mutations.py"),
        *session.posargs,
    )
