"""`make test-account`, with the emulator as the account."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from pagerduty_emulator import Emulator

from tools.account.__main__ import main
from tools.account.facts import FACTS, Fact

SERVICE, SERVICE2 = "PCHECKT", "PAYMNT2"
TOKEN = "u+CanaryOfTheToken"
ROW = re.compile(r"^(agreed|disagreed|not tried) +(\S.*)$", re.MULTILINE)


@dataclass
class Run:
    """The result of a run. code: its exit code. shown: its output. slept: the pauses that it made."""

    code: int
    shown: str
    slept: list[float]

    def outcome(self, name: str) -> str:
        return self.row(name)[0]

    def row(self, name: str) -> tuple[str, str]:
        """The outcome of a fact, and its row."""
        (fact,) = [each for each in FACTS if each.name == name]
        ((outcome, row),) = [row for row in ROW.findall(self.shown) if says(fact, row[1])]
        return outcome, row

    def ways(self) -> dict[str, set[str]]:
        """The ways of each setting that rows of guesses name."""
        found: dict[str, set[str]] = {}
        for setting, way in re.findall(r"\[(\w+)=(.*)\]$", self.shown, re.MULTILINE):
            found.setdefault(setting, set()).add(way)
        return found

    def disagreed(self) -> list[str]:
        return [row for outcome, row in ROW.findall(self.shown) if outcome == "disagreed"]


def says(fact: Fact, row: str) -> bool:
    beginning = f"{fact.section:<10} {fact.says}"
    return row.startswith(beginning) and re.match(r"$|: | \[", row[len(beginning) :]) is not None


Runner = Callable[..., Run]


@pytest.fixture
def run(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Runner:
    """Runs `python -m tools.account` in this process, without the engine unless `only` says otherwise."""
    for name in ("PAGERDUTY_CLIENT_ID", "PAGERDUTY_CLIENT_SECRET", "PAGERDUTY_SUBDOMAIN", "PAGERDUTY_SERVICE_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PAGERDUTY_TOKEN", TOKEN)
    monkeypatch.setenv("PAGERDUTY_API_URL", emulator.url)
    emulator.settings.html_urls = "pagerduty"

    def start(*words: str, only: str = "calls", yes: bool = True) -> Run:
        slept: list[float] = []
        given = [*words, f"--only={only}", f"--folder={tmp_path / 'account'}", *(["--yes"] if yes else [])]
        if "--clean" not in words and not any(each.startswith("--service=") for each in words):
            given.append(f"--service={SERVICE}")
        code = main(given, sleep=slept.append)
        captured = capsys.readouterr()
        return Run(code, captured.out + captured.err, slept)

    return start
