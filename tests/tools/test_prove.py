"""Long runs: what `make prove` tries is there, and its table says what happened. It takes an hour, so little is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.prove import HEAD, PARTS, Part, main, row, run

PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


def test_a_table_of_what_passed_and_what_failed() -> None:
    part = Part("kills", "tests/kills", "{} kills")
    assert (
        row(part, "51 passed, 1 skipped in 66.60s", good=True, seconds=66) == "| kills | 51 kills | no failure | 1.1 |"
    )
    failed = row(part, "2 failed, 48 passed, 1 error in 9s", good=False, seconds=9)
    assert failed == "| kills | 51 kills | 3 of 51 failed | 0.1 |"


def test_a_run_of_nothing_is_no_success() -> None:
    outcome = run(Part("none", "tests/none", "{} cases", processes=0))
    assert outcome.row.startswith("| none | 0 cases | 0 of 0 failed | ")
    assert not outcome.good
    assert outcome.figures == []


def test_figures_are_shown_as_they_were_recorded(tmp_path: Path) -> None:
    file = tmp_path / "test_figures.py"
    file.write_text("def test_it(record_property):\n    record_property('figures', '| a |\\n| --- |\\n| <1 |')\n")
    outcome = run(Part("figures", str(file), "{} cases", processes=0))
    assert outcome.row.startswith("| figures | 1 cases | no failure | ")
    assert outcome.good
    assert outcome.figures == ["| a |\n| --- |\n| <1 |"]


def test_an_unknown_part_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["live"])
    assert "there is no part live; choose from lives, engine, kills" in capsys.readouterr().err


def test_the_page_tells_of_every_part() -> None:
    """And of its variables, which tests take."""
    assert HEAD.splitlines()[0] in PAGE
    for name, part in PARTS.items():
        assert (ROOT / part.tests).exists()
        assert f"| {part.name} |" in PAGE
        assert f"`make prove PARTS={name}`" in PAGE
        sources = "".join(
            each.read_text() for folder in ("tests", "emulator/tests") for each in (ROOT / folder).rglob("*.py")
        )
        assert all(re.search(rf'environ\.get\("{variable}"', sources) for variable in part.environ)
