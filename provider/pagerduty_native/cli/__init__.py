"""The command line `pagerduty-native`, for people: check a token, list integrations, adopt them into a stack."""

from __future__ import annotations

import io
import sys
import traceback
from typing import NoReturn

import click

from pagerduty_native import __version__
from pagerduty_native.cli.adopt import adopt
from pagerduty_native.cli.overview import check, list_
from pagerduty_native.cli.terminal import Group, tell

__all__ = ["cli", "main"]


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="pagerduty-native")
def cli() -> None:
    """Inspect a PagerDuty account, and bring its integrations under Pulumi's management.

    Nothing is ever written to PagerDuty, and no integration key is ever shown or stored.

    The token comes from a stack's configuration (--stack, or the stack that is selected in the project of this
    folder) or from the environment (PAGERDUTY_TOKEN), never from an option. The provider's other settings can be given
    as options, too.

    \b
    Exit codes:
      0  success
      1  failure: nothing was done, and a message says why
      2  wrong option or argument
      3  partial success: what was left out or is missing is listed

    \b
    Completion for your shell:
      bash  eval "$(_PAGERDUTY_NATIVE_COMPLETE=bash_source pagerduty-native)"
      zsh   eval "$(_PAGERDUTY_NATIVE_COMPLETE=zsh_source pagerduty-native)"
      fish  _PAGERDUTY_NATIVE_COMPLETE=fish_source pagerduty-native | source
    """  # noqa: D301 (click wants the character)


for command in (check, list_, adopt):
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run a command and exit. arguments: those of the process by default."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Names have characters that not every terminal has.
            stream.reconfigure(errors="backslashreplace")
    try:
        cli.main(arguments, prog_name="pagerduty-native")
    except Exception as error:  # noqa: BLE001 (its text may quote secrets)
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.filename.rpartition('pagerduty_native')[2]}:{place.lineno}"
        tell(f"Error: this is a bug: {type(error).__name__} at {where}. Please report it.")
        sys.exit(1)
