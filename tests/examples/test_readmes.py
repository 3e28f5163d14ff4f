"""The READMEs of the examples: what they say to type is what the tests do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from .toolchains import EXAMPLES

FOLDERS = sorted(path.parent for path in EXAMPLES.glob("*/README.md"))
# What tests/examples does, in one way or another.
KNOWN = [
    r"pulumi (up|preview|stack init dev)",
    r"pagerduty-native adopt --stack dev --managed-by dev --output import.json --program python --force",
    r"pulumi import --file import.json --generate-code=false --stack dev",
    r"pulumi stack output keys --show-secrets",
    r"pulumi config set (aws:region \S+|service \w+|keyVersion 2)",
    r"pulumi config set --secret (pagerduty-native:token|usToken|euToken) YOUR-(OTHER-)?API-KEY",
    r"npm install|pip install -r requirements.txt|pytest",
    r'python onboard.py Checkout Sentry "Amazon CloudWatch"',
]


def test_every_example_is_listed() -> None:
    text = (EXAMPLES / "README.md").read_text()
    for folder in EXAMPLES.iterdir():
        if folder.is_dir():
            assert f"[{folder.name}]({folder.name})" in text, folder.name
            assert folder in FOLDERS, f"{folder.name} has no README.md"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_commands(folder: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", (folder / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    (commands,) = blocks
    for command in commands.splitlines():
        assert any(re.fullmatch(known, command) for known in KNOWN), command
    for project in folder.rglob("Pulumi.yaml"):
        declared = yaml.safe_load(project.read_text()).get("config", {})
        for key in re.findall(r"pulumi config set (?:--secret )?(\w+) ", commands):
            assert key in declared, f"{key} is not declared in {project}"
