"""The command line `pagerduty-native`, for people: check a token, list integrations, adopt them into a stack."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from .group import cli

__all__ = ["cli", "main"]


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command and exit. arguments: those of the process by default."""
    options: dict[str, Any] = {"prog_name": "pagerduty-native"}
    sys.exit(cli.main(arguments, **options))
