"""The provider's settings for the command line: options over a stack's configuration over the environment."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click

from pagerduty_native.api.account import Account
from pagerduty_native.cli import states as pulumi_cli
from pagerduty_native.cli.terminal import clear, tell
from pagerduty_native.framework import Host, ProviderError, properties_of
from pagerduty_native.framework.config import check_settings, with_defaults
from pagerduty_native.framework.declare import Property, Scalar
from pagerduty_native.framework.values import Values, reveal
from pagerduty_native.package import PACKAGE
from pagerduty_native.settings import Settings, configure, explain

Command = TypeVar("Command", bound=Callable[..., Any])


class Terminal:
    """Shows messages on standard error, in the place of the engine."""

    def log(self, severity: str, message: str, urn: str, *, ephemeral: bool = False) -> None:  # noqa: ARG002
        if severity != "DEBUG":
            tell(f"warning: {message}" if severity == "WARNING" else message)


def _option_properties() -> list[Property]:
    """List the settings that are options: none is secret or contains a secret."""
    return [each for each in properties_of(Settings) if isinstance(each.type, Scalar) and not each.field.secret]


def _option(property_: Property) -> str:
    return "--" + property_.attribute.replace("_", "-")


def settings_options(command: Command) -> Command:
    """Add the options that every command has: the provider's settings, and the stack to take them from."""
    for each in reversed(_option_properties()):
        description = each.field.description.replace("`", "")
        option = _option(each)
        flag = each.type == Scalar(bool)
        choices = click.Choice(list(each.field.allowed)) if each.field.allowed else None
        command = click.option(option, each.attribute, is_flag=flag, type=choices, default=None, help=description)(
            command
        )
    stack = click.option(
        "--stack",
        metavar="NAME",
        help="Take the settings, including the token, from this stack's configuration, instead of from the stack that "
        "is selected in the project of this folder. Needs the Pulumi CLI.",
    )
    return stack(command)


@contextlib.contextmanager
def account_of(options: dict[str, Any]) -> Iterator[Account]:
    """Open the account that the options, the stack and the environment name. Errors become messages."""
    host = Host(Terminal(), PACKAGE.secret_names)
    try:
        yield configure(_settings(options, host), host)
    except ProviderError as error:
        raise click.ClickException(host.for_user(str(error))) from None
    except Exception as error:
        if (message := explain(error)) is None:
            raise
        raise click.ClickException(host.for_user(message)) from None
    finally:
        clear()


def find_stack(options: dict[str, Any]) -> str | None:
    """Return the stack to take settings from: that of the option, else the one selected in the project of this folder.

    A selected stack that cannot be read is named, and the settings come from the environment.
    """
    if "found_stack" not in options:
        stack = options.get("stack")
        if stack is None:
            try:
                if stack := pulumi_cli.selected_stack():
                    tell(f"note: using the settings of the selected stack {stack}")
            except click.ClickException as error:
                tell(f"note: {error.message} So the settings come from the environment.")
        options["found_stack"] = stack
    found: str | None = options["found_stack"]
    return found


def _settings(options: dict[str, Any], host: Host) -> Settings:
    stack = find_stack(options)
    given: Values = dict(pulumi_cli.configuration(stack, PACKAGE.name)) if stack else {}
    for each in _option_properties():
        if options.get(each.attribute) is not None:
            given[each.name] = options[each.attribute]
    checked = check_settings(Settings, given, os.environ)
    host.hide_secrets_of({name: reveal(value) for name, value in checked.inputs.items()})
    if checked.failures:
        message = " ".join(_as_options(each.reason) for each in checked.failures)
        if any(
            f"`{_option(each)}`" in message and options.get(each.attribute) is not None for each in _option_properties()
        ):
            raise click.UsageError(host.for_user(message), click.get_current_context(silent=True))
        raise ProviderError(message)
    if not {"token", "useAppOauthScopedToken"} & checked.inputs.keys():
        raise click.ClickException(
            "There is no token. Set it here with `export PAGERDUTY_TOKEN=…`, or take that of a stack with "
            "`--stack NAME`."
        )
    return with_defaults(Settings, checked.inputs)


def _as_options(message: str) -> str:
    """Replace the names of settings in a message by those of their options."""
    for each in _option_properties():
        message = re.sub(rf"`{each.name}`", f"`{_option(each)}`", message)
    return message
