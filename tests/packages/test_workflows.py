"""The workflows for GitHub, which nothing here can run, at least name what there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

WORKFLOWS = ROOT / ".github" / "workflows"
SYSTEMS = {"ubuntu": "linux", "macos": "darwin", "windows": "windows"}


def load(name: str) -> dict[str, Any]:
    workflow: dict[str, Any] = yaml.safe_load((WORKFLOWS / name).read_text())
    return workflow


@pytest.mark.parametrize("name", ["ci.yml", "release.yml", "account.yml"])
def test_files_and_jobs_that_are_named_are_there(name: str) -> None:
    text, jobs = (WORKFLOWS / name).read_text(), load(name)["jobs"]
    for path in re.findall(r"(?:\./\.github|tools|tests|provider|sdk|emulator)(?:/[\w.-]+)+", text):
        folder = Path(path.removeprefix("./"))
        generated = folder.parts[-1].startswith("v") and folder.parts[:2] == ("sdk", "go")
        assert generated or (ROOT / folder).exists(), path
    for target in re.findall(r"run: make ([\w-]+)", text):
        assert f"\n{target}:" in (ROOT / "Makefile").read_text()
    for job in jobs.values():
        needs = job.get("needs", [])
        assert set([needs] if isinstance(needs, str) else needs) <= jobs.keys()


def test_there_is_an_archive_for_each_system_that_the_cli_knows() -> None:
    archives = {
        each["archive"]: each["os"] for each in load("release.yml")["jobs"]["archive"]["strategy"]["matrix"]["include"]
    }
    assert archives.keys() == {"linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64", "windows-amd64"}
    for archive, runner in archives.items():
        assert SYSTEMS[runner.split("-")[0]] == archive.split("-")[0]


def test_nothing_is_published_before_everything_is_tested_and_the_archives_are_there() -> None:
    jobs = load("release.yml")["jobs"]
    assert set(jobs["github"]["needs"]) == {"test", "archive", "packages"}
    for name in ("pypi", "npm", "nuget", "maven"):
        assert jobs[name]["needs"] == "github"
