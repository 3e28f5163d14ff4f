"""The command line `pagerduty-native`, for people: check a token, list integrations, adopt them into a stack."""

from __future__ import annotations

import io
import sys
import traceback
from typing import Any, NoReturn

from pagerduty_native.cli.group import cli
from pagerduty_native.cli.terminal import show

__all__ = ["cli", "main"]


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command and exit. arguments: those of the process by default."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Names have characters that not every terminal has.
            stream.reconfigure(errors="backslashreplace")
    options: dict[str, Any] = {"prog_name": "pagerduty-native"}
    try:
        sys.exit(cli.main(arguments, **options))
    except Exception as error:  # noqa: BLE001 (its text may quote secrets)
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.filename.rpartition('pagerduty_native')[2]}:{place.lineno}"
        show(f"Error: this is a bug: {type(error).__name__} at {where}. Please report it.", err=True)
        sys.exit(1)
