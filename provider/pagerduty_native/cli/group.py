"""The command `pagerduty-native` with its commands."""

from __future__ import annotations

import click

from pagerduty_native import __version__

from .adopt import adopt
from .check import check
from .list import list_


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="pagerduty-native")
def cli() -> None:
    """Look at a PagerDuty account, and bring its integrations under Pulumi's management.

    Nothing is ever written to PagerDuty, and no integration key is ever shown or stored.

    \b
    The token comes from the environment (PAGERDUTY_TOKEN) or from a stack's configuration (--stack), never
    from an option. The provider's other settings are options, environment variables, or the stack's.

    \b
    Exit codes:
      0  all was done
      1  nothing was done: a message says why
      2  an option or argument is wrong
      3  done, but something was left out, which is listed

    \b
    Completion for your shell:
      bash  eval "$(_PAGERDUTY_NATIVE_COMPLETE=bash_source pagerduty-native)"
      zsh   eval "$(_PAGERDUTY_NATIVE_COMPLETE=zsh_source pagerduty-native)"
      fish  _PAGERDUTY_NATIVE_COMPLETE=fish_source pagerduty-native | source
    """  # noqa: D301 (click wants the character)


for command in (check, list_, adopt):
    cli.add_command(command)
