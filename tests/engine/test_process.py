"""The plugin's process: it ends when the engine does, however that ends."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from tests.stack import Stack

SERVICE = "PCHECKT"


@pytest.mark.skipif(not Path("/proc").exists(), reason="finds processes in /proc")
def test_the_plugin_ends_when_the_engine_is_killed(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type="events_api_v2_inbound_integration")
    emulator.inject("delay", "POST", seconds=60)
    cli = subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"],
        cwd=stack.folder,
        env=stack.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(lambda: emulator.requests.count("POST") == 1)
        assert _plugins(stack)
    finally:
        cli.kill()
        cli.wait()
    _wait_for(lambda: not _plugins(stack))


def test_the_plugin_ends_with_the_engine(stack: Stack) -> None:
    stack.integration(service=SERVICE, type="events_api_v2_inbound_integration")
    stack.up()
    assert not _plugins(stack)


def _plugins(stack: Stack) -> list[int]:
    """The plugin's processes that were started from this test's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            mine = os.fsencode(stack.folder) in (process / "environ").read_bytes()
        except OSError:
            continue
        if mine and b"pulumi-resource-pagerduty-native" in command:
            found.append(int(process.name))
    return found


def _wait_for(condition: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)
