"""The plugin's archive, on a machine that has the Pulumi CLI and nothing else: no Python, no checkout."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native import __version__ as VERSION  # noqa: N812 (as it is everywhere else)

from tests.conftest import TOKEN, TOOLS
from tests.support.stack import Stack
from tests.support.vault import vault

from .conftest import built

SERVICE = "PCHECKT"
INSTALL = ("plugin", "install", "resource", "pagerduty-native", VERSION)


@pytest.fixture
def machine(tmp_path: Path, emulator: Emulator) -> Stack:
    """A stack on that machine."""
    tools, home, folder = (tmp_path / name for name in ("bin", "home", "program"))
    for each in (tools, home, folder):
        each.mkdir()
    for name in ("pulumi", "pulumi-language-yaml"):
        tool = shutil.which(name, path=f"{TOOLS}{os.pathsep}{os.environ['PATH']}")
        assert tool
        (tools / Path(tool).name).symlink_to(Path(tool).resolve())
    environ = {
        **{name: os.environ[name] for name in ("SYSTEMROOT", "TEMP") if name in os.environ},  # Windows needs them
        "PATH": str(tools),
        "HOME": str(home),
        "PULUMI_HOME": str(home / ".pulumi"),
        **vault(),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DEBUG_COMMANDS": "true",
        "PAGERDUTY_TOKEN": TOKEN,
    }
    stack = Stack(folder, environ, {"pagerduty-native:apiUrlOverride": emulator.url})
    stack.integration(service=SERVICE, type="events_api_v2_inbound_integration")
    return stack


def works(stack: Stack, emulator: Emulator) -> None:
    up = stack.up()
    assert up.steps("alerts") == ["create"]
    assert "warning" not in up.output
    (made,) = emulator.integrations(SERVICE)
    resource = stack.resource()
    assert resource
    assert resource["outputs"]["integrationKey"]["plaintext"] == f'"{made["integration_key"]}"'
    stack.destroy()
    assert emulator.integrations(SERVICE) == []


def test_install_from_the_file(machine: Stack, emulator: Emulator) -> None:
    (archive,) = built("archive").glob("*.tar.gz")
    machine.pulumi(*INSTALL, "--file", str(archive))
    works(machine, emulator)


def test_install_from_a_server(machine: Stack, emulator: Emulator, server: str) -> None:
    machine.pulumi(*INSTALL, "--server", server)
    works(machine, emulator)


def test_up_downloads_it_by_itself(machine: Stack, emulator: Emulator, server: str) -> None:
    """With the address that a program gives, under the name that the CLI makes of package, version and machine."""
    options = {"version": VERSION, "pluginDownloadURL": server}
    machine.integration(options, service=SERVICE, type="events_api_v2_inbound_integration")
    works(machine, emulator)


def test_the_command_line_without_python(machine: Stack, emulator: Emulator) -> None:
    """`pulumi plugin run` starts the archive's executable with a command, which asks the CLI for the stack."""
    (archive,) = built("archive").glob("*.tar.gz")
    machine.pulumi(*INSTALL, "--file", str(archive))
    machine.up()
    (made,) = emulator.integrations(SERVICE)
    run = ["pulumi", "plugin", "run", "--kind=resource", "pagerduty-native", "--"]
    for arguments, expected in ((["list", "--json"], 1), (["adopt", "--managed-by=dev"], 0)):
        done = machine.command(*run, *arguments, "--stack=dev")
        found = json.loads(done.stdout)
        assert len(found["resources"] if isinstance(found, dict) else found) == expected
        assert made["integration_key"] not in done.stdout + done.stderr
