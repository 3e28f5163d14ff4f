"""The READMEs of the examples: what they say to type is what the tests do."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.support.toolchains import EXAMPLES

FOLDERS = sorted(path.parent for path in EXAMPLES.glob("*/README.md"))
# Commands that tests/examples runs in one way or another.
KNOWN = [
    r"pulumi (up|preview|stack init dev)",
    r"pagerduty-native adopt --stack dev --managed-by dev --output import.json --program python --force",
    r"pulumi import --file import.json --generate-code=false --stack dev",
    r"pulumi stack output keys --show-secrets",
    r"pulumi config set (aws:region eu-central-1|keyVersion 2)",
    r"pulumi config set \S+ \S*YOUR-[A-Z-]+\S*",
    r"pulumi config set --secret \S+ YOUR-[A-Z-]+",
    r"export PAGERDUTY_TOKEN=YOUR-API-KEY",
    r"pip install -r requirements.txt|pytest",
    r'python onboard.py Checkout Sentry "Amazon CloudWatch"',
]
# In the README of them all: what tests/packages/test_folder.py, `make setup` and `new_example` do.
KNOWN_FOR_ALL = [
    r"pulumi package add ../../provider",
    r"pulumi stack init dev",
    r"make setup",
    r'export PATH="\$PWD/.tools/bin:\$PWD/.venv/bin:\$PATH"',
    r"pip install ../../emulator",
    r"pagerduty-emulator --port 8123 &",
    r"pulumi config set pagerduty-native:apiUrlOverride http://127.0.0.1:8123",
]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_every_example_is_listed() -> None:
    text = (EXAMPLES / "README.md").read_text()
    for folder in EXAMPLES.iterdir():
        if folder.is_dir():
            assert f"[{folder.name}]({folder.name})" in text, folder.name
            assert folder in FOLDERS, f"{folder.name} has no README.md"


def test_commands_for_every_example() -> None:
    text = (EXAMPLES / "README.md").read_text()
    assert "\n## Run one\n" in text, "the READMEs of the examples link to it"
    for commands in BLOCK.findall(text):
        are_known(commands, KNOWN_FOR_ALL)


def test_commands() -> None:
    for folder in FOLDERS:
        has_known_commands(folder)


def has_known_commands(folder: Path) -> None:
    text = (folder / "README.md").read_text()
    (commands,) = BLOCK.findall(text)
    are_known(commands, KNOWN)
    assert "](../README.md#run-one)" in text, f"{folder.name}: how to install is told once, in examples/README.md"
    for project in folder.rglob("Pulumi.yaml"):
        declared = yaml.safe_load(project.read_text()).get("config", {})
        set_here = set(re.findall(r"pulumi config set (?:--secret )?(\w+) ", commands))
        required = {name for name, each in declared.items() if not each.get("secret") and "default" not in each}
        assert set_here <= set(declared), project
        if "pulumi up" in commands:
            assert required <= set_here, project


def are_known(commands: str, known: list[str]) -> None:
    for command in commands.splitlines():
        assert any(re.fullmatch(each, command) for each in known), command
