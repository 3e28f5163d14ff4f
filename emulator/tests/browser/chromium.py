"""The browser of these tests: the machine's own, because none is downloaded."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

VARIABLE = "CHROMIUM"
NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser", "chrome", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
MISSING = (
    "no browser on this machine: install Chromium (`apt-get install chromium` on Debian, `snap install chromium` on "
    f"Ubuntu) or Chrome, or set {VARIABLE} to the path of one"
)


def require() -> str:
    """The path of one. Without, the tests are skipped; but in CI, which is to have one, they fail."""
    path = find()
    if path is None and os.environ.get("CI"):
        pytest.fail(MISSING)
    if path is None:
        pytest.skip(MISSING)
    return path


def find() -> str | None:
    """The path of a Chromium or Chrome, or None."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return chosen
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in (*found, *PLACES) if path and Path(path).exists()), None)
