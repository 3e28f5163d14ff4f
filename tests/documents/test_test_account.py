"""docs/test-account.md does what it says, with the emulator as the account."""

from __future__ import annotations

import os
import pty
import re
import sys
from pathlib import Path

import pytest
from pagerduty_emulator import Emulator

from tests.conftest import ROOT
from tests.support.documents import Document, sh
from tools.account.journal import MARK

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no make")
PAGE = Document(ROOT / "docs" / "test-account.md")
SERVICE = "PCHECKT"


@pytest.fixture
def shell(emulator: Emulator, tmp_path: Path) -> dict[str, str]:
    """The environment of a person whose account is the emulator; the journal is elsewhere."""
    emulator.settings.html_urls = "pagerduty"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PAGERDUTY_", "PULUMI_"))}
    return {**kept, "PAGERDUTY_API_URL": emulator.url, "MAKEFLAGS": f"ACCOUNT={tmp_path / 'account'}"}


def run(commands: str, environ: dict[str, str], typed: str = "") -> str:
    """Run commands as written, on a terminal at which somebody types. Returns what is shown."""
    controller, terminal = pty.openpty()
    try:
        os.write(controller, typed.encode())
        return sh(commands.replace("YOUR-SERVICE-ID", SERVICE), ROOT, environ, terminal)
    finally:
        os.close(controller)
        os.close(terminal)


def test_every_block_is_known_here() -> None:
    assert [language for language, _ in PAGE.blocks] == ["sh", "text", "sh", "sh"]


def test_the_commands(shell: dict[str, str], emulator: Emulator, tmp_path: Path) -> None:
    shown = run(PAGE.block("export PAGERDUTY_TOKEN"), shell, "y\n")
    assert "Go on? [y/N]" in shown
    for row in PAGE.block("agreed ", "text").splitlines():
        words = re.split(r": no\b", row[11:])[0]
        assert words in shown, row
    assert re.search(r"^\d+ agreed, 0 disagreed", shown, re.MULTILINE)
    assert len(re.findall(r"^agreed +engine", shown, re.MULTILINE)) == 6
    assert emulator.integrations() == []
    assert "No run left anything." in run(PAGE.block("test-account-clean"), {**shell, "PAGERDUTY_TOKEN": "any"})


def test_the_recording(shell: dict[str, str], emulator: Emulator, tmp_path: Path) -> None:
    commands = PAGE.block("RECORD=recording.jsonl").replace("recording.jsonl", str(tmp_path / "recording"))
    assert "Go on?" not in run(commands, {**shell, "PAGERDUTY_TOKEN": "any"})
    assert len((tmp_path / "recording").read_text().splitlines()) > 100
    assert emulator.integrations() == []


def test_the_mark_and_the_parameters_are_those_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text()
    assert f"`{MARK}`" in PAGE.text
    for name in re.findall(r"^\| `([A-Z0-9]+)=", PAGE.text, re.MULTILINE):
        assert re.search(rf"^{name} :=", makefile, re.MULTILINE), name
