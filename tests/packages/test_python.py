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

from .conftest import built

PLUGIN = "pulumi-resource-pagerduty-native"
PROGRAM = """
import pulumi_pagerduty_native as pagerduty

pagerduty.Integration("alerts", service="PCHECKT", type="events_api_v2_inbound_integration")
"""


@pytest.fixture
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The executables of a virtual environment in which the SDK was installed by its name alone."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder, with_pip=True)  # Pulumi's host asks it for what is installed
    wheels = [f"--find-links={built(part)}" for part in ("plugin", "python")]
    sdk = "pulumi-pagerduty-native"
    pinned = f"--constraint={ROOT / 'tools' / 'requirements-dev.txt'}"
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "--quiet", "install", "--no-compile"]
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    # Their dependencies are the registry's, but they themselves must be those that were built.
    names = ["pulumi", "requests", "grpcio", "click", "typing-extensions", "parver", "semver"]
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


def test_the_sdk_brings_the_plugin(machine: Stack, emulator: Emulator, scripts: Path, server: str) -> None:
    """In one test, as the virtual environment takes seconds to make."""
    assert list(scripts.glob(f"{PLUGIN}*"))
    up = machine.up()
    assert up.steps("alerts") == ["create"]
    assert len(emulator.integrations("PCHECKT")) == 1
    assert "pagerduty-native" not in machine.pulumi("plugin", "ls").output, "it was found on the PATH"

    # Without it the CLI downloads the archive from where the schema's pluginDownloadURL says; here, from elsewhere.
    releases = json.loads((ROOT / "schema.json").read_text())["pluginDownloadURL"]
    machine.environ |= {
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "false",
        "PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES": f"^{re.escape(releases)}={server}",
    }
    machine.destroy()
    assert emulator.integrations("PCHECKT") == []
    assert VERSION in machine.pulumi("plugin", "ls").output
