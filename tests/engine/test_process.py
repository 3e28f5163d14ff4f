"""The plugin's process: it ends when the engine does, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from pagerduty_emulator import Emulator

from tests.support import HANG_SECONDS, wait_for
from tests.support.stack import Stack

SERVICE = "PCHECKT"
PLUGIN = "pulumi-resource-pagerduty-native"


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds processes in /proc")
def test_the_plugin_ends_when_the_engine_is_killed(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type="events_api_v2_inbound_integration")
    emulator.inject("delay", "POST", seconds=HANG_SECONDS)
    cli = subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"],
        cwd=stack.folder,
        env=stack.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: emulator.requests.count("POST") == 1)
        assert _processes(stack, PLUGIN)
        cli.kill()
        cli.wait()
        wait_for(lambda: not _processes(stack, PLUGIN))
    finally:
        cli.kill()
        # Pulumi's own language host outlives a killed CLI.
        for process in _processes(stack, "pulumi-language-"):
            os.kill(process, signal.SIGTERM)


def test_the_plugin_ends_with_the_engine(stack: Stack) -> None:
    stack.integration(service=SERVICE, type="events_api_v2_inbound_integration")
    stack.up()
    assert not _processes(stack, PLUGIN)


def _processes(stack: Stack, name: str) -> list[int]:
    """The processes of a name that were started for this test's stack."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            mine = os.fsencode(stack.folder) in (process / "environ").read_bytes()
        except OSError:
            continue
        if mine and name.encode() in command:
            found.append(int(process.name))
    return found
