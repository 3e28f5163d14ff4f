"""The output of `--help`."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from pagerduty_native.cli import cli


@pytest.mark.parametrize("command", [[], ["adopt"], ["check"], ["list"]], ids=["all", "adopt", "check", "list"])
def test_help_keeps_its_lines(command: list[str]) -> None:
    result = CliRunner().invoke(cli, [*command, "--help"])
    assert result.exit_code == 0
    assert "\\b" not in result.output
    if command != ["check"]:
        assert "\n    pagerduty-native" in result.output or "\n    0  success\n" in result.output
