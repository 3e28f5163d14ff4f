"""Fetch what tests need from package registries: `make test` runs this before the tests, which then download nothing.

There is no time limit here. What a language of its own needs is left out if the machine lacks that language.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from emulator.tests.clients import packages

from . import ROOT, toolchains

JOBS: dict[str, Callable[[], object]] = {
    **{f"Go modules of {name}": functools.partial(toolchains.go_module, name) for name in toolchains.GO_MODULES},
    "npm packages": toolchains.aws_node_modules,
    "npm packages of the first program": lambda: toolchains.node_modules("first", toolchains.EXAMPLES / "typescript"),
    **packages.JOBS,
    "Maven artifacts": toolchains.maven_plugins,
    "Python SDKs of other providers": toolchains.python_sdks,
    "wheels": toolchains.wheels,
    "packages for another Python": toolchains.other_pythons,
}


def main() -> None:
    with ThreadPoolExecutor(2) as pool:
        failed = [name for name, error in zip(JOBS, pool.map(outcome, JOBS.values()), strict=True) if say(name, error)]
    if failed:
        sys.exit(f"not fetched: {', '.join(failed)}")


def outcome(job: Callable[[], object]) -> str:
    """Run a job; return how it failed."""
    try:
        job()
    except pytest.skip.Exception:
        return ""
    except (AssertionError, OSError) as error:
        return str(error)
    return ""


def say(name: str, error: str) -> bool:
    if error:
        sys.stderr.write(f"{name}:\n{error}\n")
    return bool(error)


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
