"""The wheels, in a virtual environment that has nothing else: what a Python user gets from `pip install`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native import __version__ as VERSION  # noqa: N812 (as it is everywhere else)

from tests.conftest import ROOT, TOKEN, TOOLS
from tests.support import HANG_SECONDS, toolchains
from tests.support.stack import Stack, environment

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
    wheels = [f"--find-links={each}" for each in (toolchains.wheels(), built("plugin"), built("python"))]
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "--quiet", "install", "--no-compile", "--no-index"]
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    subprocess.run([*pip, *wheels, "pulumi-pagerduty-native"], env=environ, check=True)
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


EMULATOR_TEST = """
import shutil
import subprocess
import sys
import urllib.request
from importlib import metadata
from pathlib import Path

import pagerduty_emulator


def test_it_is_whole(pagerduty):
    assert Path(pagerduty_emulator.__file__).is_relative_to(sys.prefix)
    assert len(pagerduty.services()) == 12  # data/
    request = urllib.request.Request(pagerduty.url, headers={"Accept": "text/html"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=600) as page:
        # web/templates/
        assert "Checkout" in page.read().decode()
    licenses = [file.read_text() for file in metadata.files("pagerduty-emulator") if file.name == "LICENSE"]
    assert any("Apache License" in text for text in licenses)


def test_the_command_says_its_version():
    command = shutil.which("pagerduty-emulator", path=str(Path(sys.executable).parent))
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["pagerduty-emulator", metadata.version("pagerduty-emulator")]
"""


def test_the_emulator_stands_on_its_own(tmp_path: Path) -> None:
    """Its wheel has the command, the pytest plugin, what the page and the account are made from, and its license."""
    folder = tmp_path / "venv"
    venv.create(folder)
    (wheel,) = built("emulator").glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "--quiet", "install", "--no-compile", "--no-index"]
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST"))}
    subprocess.run([*pip, f"--find-links={toolchains.wheels()}", f"{wheel}[pytest]"], env=environ, check=True)
    (tmp_path / "test_emulator.py").write_text(EMULATOR_TEST, encoding="utf-8")
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [str(python), "-m", "pytest", "-p", "no:cacheprovider", "test_emulator.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=HANG_SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_the_emulators_distributions_have_no_tests() -> None:
    (wheel,) = built("emulator").glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        assert {name.split("/")[0].partition("-")[0] for name in files.namelist()} == {"pagerduty_emulator"}
    (source,) = built("emulator").glob("*.tar.gz")
    with tarfile.open(source) as archive:
        folders = {name.split("/")[1] for name in archive.getnames() if name.count("/") > 1}
    assert folders == {"pagerduty_emulator", "docs"}


def test_the_sdk_has_a_license_and_a_page_with_an_example() -> None:
    (wheel,) = built("python").glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        (license_file,) = [name for name in files.namelist() if name.endswith("/LICENSE")]
        (metadata,) = [name for name in files.namelist() if name.endswith(".dist-info/METADATA")]
        assert files.read(license_file) == (ROOT / "LICENSE").read_bytes()
        assert b"```python\nimport pulumi\n" in files.read(metadata).replace(b"\r\n", b"\n")
