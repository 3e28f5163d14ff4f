"""Nothing that anybody else wrote steers a terminal, or hides in it."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pagerduty_emulator import Emulator
from pagerduty_native.cli import cli

from .documents import bridged, stack_export, terraform, terraform_show

# A title for the window, and colors, in 7 and 8 bits; directions; ends of lines; a tag; a mark without a width.
HOSTILE = "\x1b]0;x\x07 \x9b31m \x85 \u202e \u2066 \u2028 \u2029 \x7f \U000e0041 \u200b \ufeff \r\n\t"


def hidden(text: str) -> set[str]:
    return {each for each in text if each != "\n" and unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"}}


def account(emulator: Emulator, text: str) -> None:
    """Everything that an account says about its services holds this text."""
    integration = {
        "id": "PI1",
        "type": f"{text}_inbound_integration",
        "name": text,
        "service": {"id": "PS1", "type": "service_reference"},
        "vendor": {"id": "PV1", "type": "vendor_reference", "summary": text},
        "integration_key": "KEY",
        "html_url": f"https://acme.pagerduty.com/{text}",
    }
    service = {"id": "PS1", "name": text, "html_url": f"https://{text}/x", "integrations": [integration]}
    refusal = {"error": {"message": text}}
    emulator.faults.clear()
    emulator.inject("status", "GET", "/services", times=None, status=200, body={"services": [service], "more": False})
    emulator.inject("status", "GET", "/users/me", times=None, status=200, body={"user": {"role": text}})
    emulator.inject("status", "GET", "/vendors", times=None, status=403, body=refusal)
    emulator.inject("status", "GET", "/services/PS2/**", times=None, status=403, body=refusal)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=5)
@given(st.text(max_size=12))
@example(HOSTILE)
def test_no_output_has_hidden_characters(emulator: Emulator, text: str) -> None:
    account(emulator, text)
    state = Path("state.json")
    commands: list[list[str]] = [
        ["check"],
        ["list"],
        ["list", "--json"],
        ["list", "--service", text],
        ["adopt"],
        ["adopt", "--program", "python", "-o", "import.json", "--program-output=-", "--force"],
        ["adopt", "--program", "yaml", "-o", "import.json", "--program-output=-", "--force", "--name", f"*{text}"],
        ["adopt", "--from", "state.json", "--forget-script", "-", "-o", "import.json", "--force"],
        ["adopt", "--from", f"{text}.json".replace("\0", "")],
        ["adopt", "--parent", text],
        ["list", f"--{text}"],
        [text],
        [f"--{text}"],
    ]
    held: tuple[dict[str, Any], ...] = (bridged(text, "PI1", "PS1"), bridged(text, "PI2", "PS2"))
    for documents in (stack_export, terraform_show):
        entries = held if documents is stack_export else (terraform(f'a.b["{text}"]', "PI1", "PS1"),)
        assert documents(Path(), *entries) == str(state)
        for command in commands:
            own = ["--api-url-override", emulator.url] if command[0] in {"check", "list", "adopt"} else []
            result = CliRunner().invoke(cli, [*command, *own])
            assert result.exception is None or isinstance(result.exception, SystemExit), command
            assert hidden(result.stdout_bytes.decode() + result.stderr_bytes.decode()) == set(), command
    emulator.faults.clear()


def test_escaped_text_stays_readable(emulator: Emulator) -> None:
    account(emulator, "a\x7f\u202eb\x9bc")
    arguments = ["--api-url-override", emulator.url]
    shown = CliRunner().invoke(cli, ["list", *arguments]).stdout
    assert re.search(
        r"PS1\.PI1  a \\u202eb\\u009bc +a \\u202eb\\u009bc +a \\u202eb\\u009bc  a \\u202eb\\u009bc$", shown
    )
    (described,) = json.loads(CliRunner().invoke(cli, ["list", "--json", *arguments]).stdout)
    assert described["name"] == "a\x7f\u202eb\x9bc"


def test_a_usage_error_keeps_its_exit_code_and_usage() -> None:
    result = CliRunner().invoke(cli, ["adopt", "--parent", "\u202ex"])
    assert result.exit_code == 2
    assert "Usage: " in result.stderr
    result = CliRunner().invoke(cli, ["\u202ex"])
    assert (result.exit_code, "No such command '\\u202ex'" in result.stderr) == (2, True)


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_help_is_shown_as_it_is(arguments: list[str]) -> None:
    assert CliRunner().invoke(cli, arguments).output.count("Usage: ") == 1
