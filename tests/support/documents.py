"""Reading documents for people, and doing what they say."""

from __future__ import annotations

import re
import shutil
import subprocess
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest
from pagerduty_emulator import Emulator

from . import HANG_SECONDS
from .killing import killed
from .stack import Stack

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


def sh(commands: str, folder: Path, environ: Mapping[str, str], stdin: int = subprocess.DEVNULL) -> str:
    """Run commands as a person does in a shell, and return what they say. stdin: what they read from."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env=dict(environ),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def killed_while_creating(stack: Stack, emulator: Emulator, victim: str, **environ: str) -> str:
    """Kill a process once `pulumi up` created an integration that its state does not know. Returns what was shown.

    victim: "plugin", or "cli". environ: more variables.
    """
    emulator.inject("delay", "POST", "/services/*/integrations", seconds=HANG_SECONDS, after_commit=True)
    before = len(emulator.integrations())
    return killed(
        stack, ["up", "--skip-preview"], victim, lambda: len(emulator.integrations()) > before, environ=environ
    )
