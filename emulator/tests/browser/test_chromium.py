"""The browser is found where it is; without one the tests are skipped, but fail in CI."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from . import chromium


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that is all of the PATH, on a machine without a browser."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "PLACES", ())
    monkeypatch.delenv(chromium.VARIABLE, raising=False)
    monkeypatch.delenv("CI", raising=False)
    return tmp_path


def test_without_one_they_are_skipped_with_what_to_do(bare: Path) -> None:
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"):
        chromium.require()


def test_without_one_they_fail_in_ci(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no browser on this machine"):
        chromium.require()


@pytest.mark.skipif(os.name == "nt", reason="programs are found by their extension")
@pytest.mark.parametrize("name", chromium.NAMES)
def test_one_on_the_path_is_found(bare: Path, name: str) -> None:
    browser = bare / name
    browser.touch(mode=0o755)
    assert chromium.require() == str(browser)


def test_the_one_that_is_named_comes_first(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(chromium.VARIABLE, "/opt/browser")
    assert chromium.require() == "/opt/browser"
