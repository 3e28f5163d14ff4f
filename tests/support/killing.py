"""Killing what takes part in a deployment, at a moment that is chosen."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping

from . import HANG_SECONDS, wait_for
from .stack import Stack


def killed(
    stack: Stack,
    arguments: list[str],
    victim: str | Callable[[], object],
    moment: Callable[[], bool],
    *,
    signal_number: int = signal.SIGKILL,
    environ: Mapping[str, str] | None = None,
) -> str:
    """Run the CLI, and send a signal once the moment has come. Returns what was shown.

    victim: "plugin", "cli", or what does it otherwise.
    """
    with subprocess.Popen(
        ["pulumi", *arguments, "--yes", "--non-interactive", "--color=never"],
        cwd=stack.folder,
        env={**stack.environ, **(environ or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as cli:
        wait_for(moment, lambda: cli.poll() is None)
        if callable(victim):
            victim()
        for process in {"cli": [cli.pid], "plugin": plugins_of(cli.pid)}.get(str(victim), []):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal_number)
        return cli.communicate(timeout=HANG_SECONDS)[0]


def plugins_of(cli: int) -> list[int]:
    """The processes of the plugin that the CLI started."""
    columns = ("-o", "pid=", "-o", "ppid=", "-o", "args=")
    listed = subprocess.run(["ps", "-eww", *columns], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [int(row[0]) for row in rows if int(row[1]) == cli and "pagerduty-native" in row[2]]
