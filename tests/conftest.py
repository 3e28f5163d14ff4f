"""Fixtures that tests share: the CLI with the plugin installed, an emulator, and stacks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pagerduty_emulator
import pagerduty_native
import pytest
from pagerduty_emulator import Emulator

from tests import support
from tests.support.stack import Stack, environment

ROOT = support.ROOT
TOOLS = support.TOOLS
PLUGIN = Path(sys.executable).with_name("pulumi-resource-pagerduty-native" + (".exe" if os.name == "nt" else ""))
COMMAND = PLUGIN.with_name(PLUGIN.name.replace("pulumi-resource-", ""))
# Not the one of the person who runs the tests. Stacks have others.
os.environ["PULUMI_HOME"] = str(ROOT / ".tools" / "pulumi-home")
TOKEN = "u+TestTokenThatMustNotShow"


# Started first, or all would wait for them at the end: folders and files, the slowest first.
SLOW = (
    "tests/packages",
    "tests/documents/test_playground.py",
    "tests/engine/test_integration_properties.py",
    "tests/responses",
    "tests/lifecycles",
    "tests/engine",
    "tests/examples",
    "tests/documents",
    "tests/kills",
    "tests/load",
    "tests/sdk",
    "tests/tools",
    "emulator/tests",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = [str(ROOT / each) for each in SLOW]

    def rank(item: pytest.Item) -> int:
        return next((number for number, place in enumerate(places) if str(item.path).startswith(place)), len(places))

    items.sort(key=rank)


@pytest.fixture(scope="session")
def environ(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of the CLI, with the plugin under test installed."""
    environ = environment(tmp_path_factory.mktemp("pulumi-home"), TOOLS, Path(sys.executable).parent)
    subprocess.run(
        ["pulumi", "plugin", "install", "resource", "pagerduty-native", pagerduty_native.__version__, "--file", PLUGIN],
        env=environ,
        check=True,
        capture_output=True,
    )
    return environ


@pytest.fixture(scope="session")
def served() -> Iterator[Emulator]:
    """One emulator for each test process; tests take `emulator`."""
    with pagerduty_emulator.serve() as emulator:
        yield emulator


@pytest.fixture
def emulator(served: Emulator) -> Emulator:
    """A PagerDuty account with a dozen services, as new."""
    served.reset()
    return served


@pytest.fixture
def new_stack(tmp_path: Path, environ: dict[str, str], emulator: Emulator) -> Callable[..., Stack]:
    """Makes stacks whose provider talks to the emulator; keyword arguments are further settings."""

    def new(name: str = "stack", **settings: str) -> Stack:
        folder = tmp_path / name
        folder.mkdir()
        config = {"apiUrlOverride": emulator.url, **settings}
        return Stack(
            folder,
            environ | {"PAGERDUTY_TOKEN": TOKEN},
            {f"pagerduty-native:{key}": value for key, value in config.items()},
        )

    return new


@pytest.fixture
def stack(new_stack: Callable[..., Stack]) -> Stack:
    return new_stack()
