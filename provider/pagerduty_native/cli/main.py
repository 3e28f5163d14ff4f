"""Starts the command `pagerduty-native`."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from pagerduty_native.rpc.messages_only import import_messages_only


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command and exit. arguments: those of the process by default."""
    import_messages_only()
    from .group import cli  # noqa: PLC0415

    options: dict[str, Any] = {"prog_name": "pagerduty-native"}
    sys.exit(cli.main(arguments, **options))
