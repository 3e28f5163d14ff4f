"""Mutation runs: what each command in docs/mutation-score.md tries. That takes hours, so nothing is tried here."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.documents import Document
from tools import mutants

PAGE = Document(ROOT / "docs" / "mutation-score.md")
COMMANDS = [line.split("#")[0].strip() for line in PAGE.block("make mutants").splitlines()]
SURVIVOR = "pagerduty_native.framework.context.x_serving__mutmut_1"


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], float]]:
    """The mutants to try, and the minutes. Samples are of one module, and each run has a survivor."""
    made: list[tuple[list[str], float]] = []

    def run(names: list[str], minutes: float) -> bool:
        made.append((names, minutes))
        return True

    file = Path("src/pagerduty_native/framework/schema.py")

    monkeypatch.setattr(mutants, "FOLDER", tmp_path)
    monkeypatch.setattr(mutants, "run", run)
    monkeypatch.setattr(mutants, "walk_mutatable_files", lambda: [file])
    monkeypatch.setattr(mutants, "report", lambda: [(SURVIVOR, file)])
    monkeypatch.setattr(mutants, "get_diff_for_mutant", lambda _name, path: f"--- {path}\n@@ -1 +1 @@\n-# pagerduty")
    monkeypatch.chdir(tmp_path)
    return made


def make(command: str) -> None:
    """Do what `make` does, without the set-up, in this process."""
    words = ["make", "-n", *shlex.split(command)[1:]]
    told = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    (arguments,) = re.findall(r"^python tools/mutants.py (.*)$", told, re.MULTILINE)
    mutants.main(shlex.split(arguments))


def test_what_each_command_tries(tried: list[tuple[list[str], float]]) -> None:
    for command in COMMANDS:
        make(command)
    everything = ["pagerduty_native.framework.*", "pagerduty_native.api.*"]
    whole, modules, (sample, _), short, again = tried
    assert whole == (everything, 120)
    assert modules == (["pagerduty_native.api.client.*", "pagerduty_native.framework.diff.*"], 120)
    assert len(set(sample)) == 200
    assert all(re.fullmatch(r"pagerduty_native\.framework\.schema\.\w+__mutmut_\d+", each) for each in sample)
    assert short == (everything, 15)
    assert again == ([SURVIVOR], 120)
