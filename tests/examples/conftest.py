"""Examples as stacks on the real engine, against the emulator."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pagerduty_emulator import Emulator

from tests.conftest import TOKEN
from tests.packages.conftest import built, digest_of
from tests.support import toolchains
from tests.support.stack import Stack

from .stand_in import StandIn, write


class Example(Stack):
    """A stack of an example, in a copy of its folder."""

    def program(self, **sections: Any) -> None:
        """The program is the example's own."""

    def install(self, modules: Path) -> None:
        """Do what `npm install` does."""
        (self.folder / "node_modules").symlink_to(modules, target_is_directory=True)

    def state(self) -> dict[str, dict[str, Any]]:
        """The resources in the state by their names, secrets encrypted."""
        resources = json.loads(self.export())["deployment"]["resources"]
        return {each["urn"].rpartition("::")[-1]: each for each in resources}


def is_secret(value: Any) -> bool:
    """Return whether the engine keeps a value in a state as a secret."""
    return isinstance(value, dict) and "ciphertext" in value


@pytest.fixture(scope="session")
def stand_in_for(tmp_path_factory: pytest.TempPathFactory, environ: dict[str, str]) -> Callable[..., None]:
    """Installs a plugin in the place of another one: see stand_in.py."""

    def install(name: str, version: str, plugin_class: type[StandIn] = StandIn) -> None:
        plugin = tmp_path_factory.mktemp("plugin") / f"pulumi-resource-{name}"
        write(plugin, plugin_class)
        command = ("pulumi", "plugin", "install", "resource", name, version, "--reinstall", "--file", plugin)
        toolchains.run(*command, cwd=plugin.parent, environ=environ)

    return install


@pytest.fixture(params=toolchains.pythons())
def any_python(request: pytest.FixtureRequest, environ: dict[str, str]) -> dict[str, str]:
    """The environment of the oldest and of the newest Python of this machine, each with our packages.

    That of the tests' own Python is empty.
    """
    if toolchains.pythons()[request.param] == Path(sys.executable):
        return {}
    activated = toolchains.other_pythons().get(request.param)
    if activated is None:
        pytest.skip(f"the pinned packages have no wheels for Python {request.param}")
    packages = [built(part) for part in ("plugin", "emulator", "python")]
    folder = toolchains.MADE / "own-packages"
    with toolchains.made_once(folder, [digest_of(part) for part in ("plugin", "emulator", "python")]) as stale:
        if stale:
            shutil.rmtree(folder)
            pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
            wheels = [wheel for each in packages for wheel in each.glob("*.whl")]
            toolchains.run(*pip, "--no-compile", "--target", folder, *wheels, cwd=toolchains.MADE)
    # The CLI and the plugin stay those of this environment.
    return {
        **activated,
        "PATH": f"{activated['VIRTUAL_ENV']}/bin{os.pathsep}{environ['PATH']}",
        "PYTHONPATH": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


# The emulator's values for the placeholders that people replace.
PLACEHOLDERS = {"YOUR-SERVICE-ID": "PCHECKT", "YOUR-USER-ID": "POWNER1"}


def documented_settings(folder: Path) -> dict[str, str]:
    """The settings that the README of an example has people make before the first `pulumi up`, without secrets."""
    readme = next(path for path in (folder / "README.md", folder.parent / "README.md") if path.exists())
    before = readme.read_text().partition("pulumi up")[0]
    settings = re.findall(r"^pulumi config set (\S+) (\S+)$", before, re.MULTILINE)
    return {key: PLACEHOLDERS.get(value, value) for key, value in settings}


@pytest.fixture
def new_example(tmp_path: Path, environ: dict[str, str], emulator: Emulator) -> Callable[..., Example]:
    """Makes stacks of examples, set up as their READMEs say."""

    def new(name: str, environ_: Mapping[str, str] | None = None) -> Example:
        # Beside the SDKs, as in the checkout.
        folder = toolchains.copy(toolchains.EXAMPLES / name, tmp_path / "examples" / name)
        if not (tmp_path / "sdk").exists():
            (tmp_path / "sdk").symlink_to(toolchains.SDK, target_is_directory=True)
        project = yaml.safe_load((folder / "Pulumi.yaml").read_text())["name"]
        settings = documented_settings(toolchains.EXAMPLES / name)
        return Example(
            folder,
            {**environ, "PAGERDUTY_TOKEN": TOKEN, **(environ_ or {})},
            {
                "pagerduty-native:apiUrlOverride": emulator.url,
                **{key if ":" in key else f"{project}:{key}": value for key, value in settings.items()},
            },
        )

    return new
