"""The wheels, in a virtual environment that has nothing else: what a Python user gets from `pip install`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native import __version__ as VERSION  # noqa: N812 (as it is everywhere else)

from tests.conftest import ROOT, TOKEN, TOOLS
from tests.stack import Stack, environment

from .conftest import Built

PLUGIN = "pulumi-resource-pagerduty-native"
PROGRAM = """
import pulumi_pagerduty_native as pagerduty

pagerduty.Integration("alerts", service="PCHECKT", type="events_api_v2_inbound_integration")
"""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory, built: Built) -> Path:
    """The executables of a virtual environment in which the SDK was installed by its name alone."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder, with_pip=True)  # Pulumi's host asks it for what is installed
    wheels = [f"--find-links={built(part)}" for part in ("plugin", "python")]
    sdk = "pulumi-pagerduty-native"
    pinned = f"--constraint={ROOT / 'tools' / 'requirements-dev.txt'}"
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "--quiet", "install", "--no-compile"]
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    # Their dependencies are the registry's, but they themselves must be those that were built.
    names = ["pulumi", "requests", "grpcio", "typing-extensions", "parver", "semver"]
    subprocess.run([*pip, pinned, *names], env=environ, check=True)
    subprocess.run([*pip, "--no-index", *wheels, sdk], env=environ, check=True)
    return folder / ("Scripts" if os.name == "nt" else "bin")


@pytest.fixture
def machine(tmp_path: Path, emulator: Emulator, scripts: Path) -> Stack:
    """A stack with a Python program where that environment is activated."""
    environ = environment(tmp_path / "home", scripts, TOOLS) | {
        "VIRTUAL_ENV": str(scripts.parent),
        "PAGERDUTY_TOKEN": TOKEN,
    }
    del environ["PULUMI_IGNORE_AMBIENT_PLUGINS"]
    # The checkout's own environment is not there.
    own = str(Path(sys.executable).parent)
    environ["PATH"] = os.pathsep.join(each for each in environ["PATH"].split(os.pathsep) if each != own)
    folder = tmp_path / "program"
    folder.mkdir()
    stack = Stack(folder, environ, {"pagerduty-native:apiUrlOverride": emulator.url})
    stack.python(PROGRAM)
    return stack


def test_the_sdk_brings_the_plugin(machine: Stack, emulator: Emulator, scripts: Path) -> None:
    assert list(scripts.glob(f"{PLUGIN}*"))
    up = machine.up()
    assert up.steps("alerts") == ["create"]
    assert len(emulator.integrations("PCHECKT")) == 1
    assert machine.pulumi("plugin", "ls").output.count("pagerduty-native") == 0, "it was found on the PATH"


def test_without_the_plugin_the_cli_downloads_it_from_where_the_sdk_says(
    machine: Stack, emulator: Emulator, server: str
) -> None:
    """The schema's pluginDownloadURL is what the engine asks for; here its releases are elsewhere."""
    releases = json.loads((ROOT / "schema.json").read_text())["pluginDownloadURL"]
    machine.environ |= {
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "false",
        "PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES": f"^{re.escape(releases)}={server}",
    }
    machine.up()
    assert len(emulator.integrations("PCHECKT")) == 1
    assert VERSION in machine.pulumi("plugin", "ls").output
