"""Packages of PagerDuty's clients, installed once into .tools/examples through each language's own package client."""

from __future__ import annotations

import functools
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.toolchains import MADE, copy, go_module, made_once, needs, run

CLIENTS = Path(__file__).parent
GO_MODULE = "emulator/tests/clients/go"
# Without the packages of the virtual environment that tests run in.
PYTHON = Path(sys.base_prefix, *(("python.exe",) if os.name == "nt" else ("bin", "python3")))
LIGHT_CLIENTS = ("apprise", "asyncpd", "pdh", "pypd", "tap-pagerduty")
"""Clients from PyPI with few dependencies."""


def node_clients() -> Path:
    """Return the folder with the scripts of clients from npm, and with the clients that its lock file pins."""
    needs("nodejs")
    folder, source = MADE / "clients-node", CLIENTS / "node"
    with made_once(folder, (source / "package-lock.json").read_text()) as stale:
        copy(source, folder)
        if stale:
            run(
                "npm", "ci", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts", cwd=folder, timeout=None
            )
    return folder


def java_clients() -> Path:
    """Return the folder with the jars of clients from Maven Central, in the versions of their pom.xml."""
    needs("java")
    folder, source = MADE / "clients-java", CLIENTS / "java"
    with made_once(folder, (source / "pom.xml").read_text()) as stale:
        if stale:
            shutil.rmtree(folder)
            plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
            run("mvn", "--batch-mode", "--quiet", plugin, f"-DoutputDirectory={folder}", cwd=source, timeout=None)
    return folder


def python_client(name: str, python: Path = PYTHON) -> dict[str, str]:
    """Return the environment in which a Python has a client from PyPI, in the versions of its requirements."""
    folder = MADE / f"clients-python-{name}"
    wanted = CLIENTS / "python" / f"{name}.txt"
    with made_once(folder, wanted.read_text(), str(python)) as stale:
        if stale:
            shutil.rmtree(folder)
            pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
            # This one's own packages are not the client's: without them, pip finds no conflicts.
            options = ("--ignore-installed", "--no-warn-conflicts", "--root-user-action=ignore", "--target", folder)
            run(*pip, *options, "--requirement", wanted, cwd=CLIENTS, timeout=None)
    return {"PYTHONPATH": str(folder), "PYTHONNOUSERSITE": "1"}


JOBS: dict[str, Callable[[], object]] = {
    "Go modules of PagerDuty's clients": functools.partial(go_module, GO_MODULE),
    **{f"{name} from PyPI": functools.partial(python_client, name) for name in LIGHT_CLIENTS},
    "clients of PagerDuty from npm": node_clients,
    "clients of PagerDuty from Maven Central": java_clients,
}
"""The downloads that `make fetch` does before the tests."""
