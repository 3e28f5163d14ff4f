"""Reading documents for people, and doing what they say."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import textwrap
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from pagerduty_emulator import Emulator

from tests.stack import Stack

# Blocks inside lists are indented.
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


class Document:
    """A Markdown file. blocks: its code blocks, each with its language."""

    def __init__(self, path: Path) -> None:
        self.text = path.read_text(encoding="utf-8")
        self.blocks = [(language, textwrap.dedent(code)) for _, language, code in FENCE.findall(self.text)]

    def block(self, containing: str, language: str = "sh") -> str:
        """The only code block in that language with this text in it."""
        (found,) = [code for kind, code in self.blocks if kind == language and containing in code]
        return found


NEEDS_JQ = pytest.mark.skipif(shutil.which("jq") is None, reason="no jq on this machine")


def sh(commands: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Run commands as a person does in a shell, and return what they say."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def killed_while_creating(stack: Stack, emulator: Emulator, victim: str, **environ: str) -> str:
    """Kill a process once `pulumi up` created an integration that its state does not know. Returns what was shown.

    victim: "plugin", or "cli". environ: more variables.
    """
    emulator.inject("delay", "POST", "/services/*/integrations", seconds=60, after_commit=True)
    before = len(emulator.integrations())
    with subprocess.Popen(
        ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive", "--color=never"],
        cwd=stack.folder,
        env={**stack.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as up:
        while len(emulator.integrations()) == before:
            assert up.poll() is None
            time.sleep(0.02)
        for process in [up.pid] if victim == "cli" else _plugins_of(up.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, 9)
        return up.communicate(timeout=60)[0]


def _plugins_of(cli: int) -> list[int]:
    """The processes of the plugin that the CLI started."""
    columns = ("-o", "pid=", "-o", "ppid=", "-o", "args=")
    listed = subprocess.run(["ps", "-eww", *columns], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return [int(row[0]) for row in rows if int(row[1]) == cli and "pagerduty-native" in row[2]]
