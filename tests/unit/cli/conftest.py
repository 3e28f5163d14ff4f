"""The command line in this process, on an account with a few integrations."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pagerduty_emulator import Emulator
from pagerduty_native.cli import cli

from tests.support.account import post_integration

TOKEN = "u+TestTokenThatMustNotShow"
CLOUDWATCH = "PZQ6AUS"
SENTRY = "PKAPG94"
EMAIL = "PBPQJ1M"

Run = Callable[..., Result]
Create = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TOKEN", "SERVICE_REGION", "CLIENT_ID", "CLIENT_SECRET", "SUBDOMAIN"):
        monkeypatch.delenv(f"PAGERDUTY_{name}", raising=False)
    monkeypatch.setenv("PAGERDUTY_TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def create(emulator: Emulator) -> Create:
    """Makes an integration of a vendor, and returns it as the API does."""

    def create(service: str, name: str, vendor: str = CLOUDWATCH) -> dict[str, Any]:
        made = post_integration(emulator, service, type="any", name=name, vendor=vendor)
        emulator.requests.clear()
        return made

    return create


@pytest.fixture
def run(emulator: Emulator) -> Run:
    """Runs a command on the emulator. No output and no file may show the token or a key."""

    def run(*arguments: str, exit_code: int = 0) -> Result:
        result = CliRunner().invoke(cli, [*arguments, "--api-url-override", emulator.url])
        assert result.exit_code == exit_code, result.output
        assert "Traceback" not in result.output
        files = "".join(each.read_text(errors="replace") for each in Path().glob("*.*"))
        for secret in (TOKEN, *keys(emulator)):
            assert secret not in result.output + files
        return result

    return run


def keys(emulator: Emulator) -> list[str]:
    return [each["integration_key"] for each in emulator.integrations() if each.get("integration_key")]


def adopted(result: Result) -> dict[str, str]:
    """Return the IDs by name in the file for `pulumi import` on standard output."""
    return {each["name"]: each["id"] for each in json.loads(result.stdout)["resources"]}
