"""Examples as stacks on the real engine, against the emulator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pagerduty_emulator import Emulator

from tests.conftest import TOKEN
from tests.stack import Stack

from . import toolchains


class Example(Stack):
    """A stack of an example, in a copy of its folder."""

    def program(self, **sections: Any) -> None:
        """The program is the example's own."""

    @property
    def project(self) -> str:
        name: str = yaml.safe_load((self.folder / "Pulumi.yaml").read_text())["name"]
        return name


@pytest.fixture
def new_example(tmp_path: Path, environ: dict[str, str], emulator: Emulator) -> Callable[..., Example]:
    """Makes stacks of examples; keyword arguments are their settings."""

    def new(name: str, environ_: Mapping[str, str] | None = None, **settings: str) -> Example:
        # Beside the SDKs, as in the checkout.
        folder = toolchains.copy(toolchains.EXAMPLES / name, tmp_path / "examples" / name)
        if not (tmp_path / "sdk").exists():
            (tmp_path / "sdk").symlink_to(toolchains.SDK, target_is_directory=True)
        project = yaml.safe_load((folder / "Pulumi.yaml").read_text())["name"]
        return Example(
            folder,
            {**environ, "PAGERDUTY_TOKEN": TOKEN, **(environ_ or {})},
            {
                "pagerduty-native:apiUrlOverride": emulator.url,
                **{f"{project}:{key}": value for key, value in settings.items()},
            },
        )

    return new
