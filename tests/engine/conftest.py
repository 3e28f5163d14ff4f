"""What every engine test needs: the CLI with the plugin installed, an emulator, and a stack."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pagerduty_emulator
import pagerduty_native
import pytest

from .stack import Stack, environment

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".tools" / "bin"
PLUGIN = Path(sys.executable).with_name("pulumi-resource-pagerduty-native")
TOKEN = "u+TestTokenThatMustNotShow"


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


@pytest.fixture
def emulator() -> Iterator[Any]:
    """A PagerDuty account of the test's own, with a dozen services."""
    with pagerduty_emulator.serve() as served:
        yield served


@pytest.fixture
def new_stack(tmp_path: Path, environ: dict[str, str], emulator: Any) -> Callable[..., Stack]:
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
