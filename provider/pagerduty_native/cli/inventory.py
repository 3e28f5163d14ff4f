"""The account that a command's options name, its integrations with their services, and which of them are chosen."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from pagerduty_native.api.account import Account
from pagerduty_native.api.bulk import Snapshot
from pagerduty_native.api.client import LAST_OFFSET, PAGE_LIMIT
from pagerduty_native.api.errors import ForbiddenError, InvalidInputError, NotFoundError
from pagerduty_native.api.integrations import Entry, Filters
from pagerduty_native.api.lookups import Service, folded
from pagerduty_native.api.orchestrations import Orchestration
from pagerduty_native.api.parse import is_id
from pagerduty_native.api.records import EVENT_ORCHESTRATION, Integration
from pagerduty_native.cli.states import configuration, selected_stack
from pagerduty_native.cli.terminal import Terminal, clear, progress, tell
from pagerduty_native.framework import Host, ProviderError, did_you_mean, properties_of
from pagerduty_native.framework.config import check_settings, with_defaults
from pagerduty_native.framework.declare import Property, Scalar
from pagerduty_native.framework.values import reveal
from pagerduty_native.ids import id_in
from pagerduty_native.package import PACKAGE
from pagerduty_native.settings import Settings, configure, explain

Command = TypeVar("Command", bound=Callable[..., Any])


# The settings that are options: none is secret or contains a secret.
_SETTINGS = [each for each in properties_of(Settings) if isinstance(each.type, Scalar) and not each.field.secret]


def _option(setting: Property) -> str:
    return "--" + setting.attribute.replace("_", "-")


def settings_options(command: Command) -> Command:
    """Add the options that every command has: the provider's settings, and the stack to take them from."""
    for each in reversed(_SETTINGS):
        command = click.option(
            _option(each),
            each.attribute,
            is_flag=each.type == Scalar(bool),
            type=click.Choice(list(each.field.allowed)) if each.field.allowed else None,
            default=None,
            help=each.field.description.replace("`", ""),
        )(command)
    return click.option(
        "--stack",
        metavar="NAME",
        help="Take the settings, including the token, from this stack's configuration, instead of from the stack that "
        "is selected in the project of this folder. Needs the Pulumi CLI.",
    )(command)


def find_stack(given: str | None) -> str | None:
    """Return the stack to take settings from: the given one, else the one selected in the project of this folder.

    A selected stack that cannot be read is named, and the settings come from the environment.
    """
    if given is not None:
        return given
    try:
        if selected := selected_stack():
            tell(f"note: using the settings of the selected stack {selected}")
        return selected
    except click.ClickException as error:
        _do_without_stack(error)
        return None


def _do_without_stack(error: click.ClickException) -> None:
    tell(f"note: {error.message} So the settings come from the environment.")


@contextlib.contextmanager
def account_of(options: Mapping[str, Any], stack: str | None) -> Iterator[Account]:
    """Open the account that the options, the stack and the environment name. Errors become messages."""
    host = Host(Terminal(), PACKAGE.secret_names)
    try:
        yield configure(_settings(options, stack, host), host)
    except Exception as error:
        message = str(error) if isinstance(error, ProviderError) else explain(error)
        if message is None:
            raise
        raise click.ClickException(host.for_user(message)) from None
    finally:
        clear()


def _settings(options: Mapping[str, Any], stack: str | None, host: Host) -> Settings:
    configured = {}
    try:
        configured = configuration(stack) if stack else {}
    except click.ClickException as error:  # such as a passphrase that is not that of the selected stack
        if options["stack"] is not None:
            raise
        _do_without_stack(error)
    given = {each.name: options[each.attribute] for each in _SETTINGS if options[each.attribute] is not None}
    checked = check_settings(Settings, {**configured, **given}, os.environ)
    host.hide_secrets_of({name: reveal(value) for name, value in checked.inputs.items()})
    if checked.failures:
        message = " ".join(each.reason for each in checked.failures)
        is_about_an_option = any(f"`{name}`" in message for name in given)
        for each in _SETTINGS:
            message = message.replace(f"`{each.name}`", f"`{_option(each)}`")
        if is_about_an_option:
            raise click.UsageError(host.for_user(message), click.get_current_context())
        raise ProviderError(message)
    if not {"token", "useAppOauthScopedToken"} & checked.inputs.keys():
        raise click.ClickException(
            "There is no token. Set it here with `export PAGERDUTY_TOKEN=…`, or take that of a stack with "
            "`--stack NAME`."
        )
    return with_defaults(Settings, checked.inputs)


# PagerDuty's refusals of something that this token or this account does not have.
NOT_FOR_THIS_TOKEN = (ForbiddenError, InvalidInputError, NotFoundError)

FILTERS = {
    "service": "Only integrations of services, or event orchestrations, with this name or ID",
    "team": "Only integrations of services that belong to the team with this name or ID",
    "vendor": "Only integrations of the vendor with this name or ID",
    "name": "Only integrations with this name or ID",
}


def filters_of(options: Mapping[str, Any]) -> Filters:
    """Return the filters in a command's options."""
    return Filters({kind: options[kind] for kind in FILTERS if options[kind]})


def filter_options(command: Command) -> Command:
    """Add the options that filter integrations."""
    for kind, meaning in reversed(FILTERS.items()):
        text = f"{meaning}, or matching a shell pattern such as 'prod-*'. Repeatable."
        command = click.option(f"--{kind}", kind, multiple=True, metavar="PATTERN", help=text)(command)
    return command


@dataclass(frozen=True)
class Inventory:
    """The parts of an account that the token can see.

    orchestrations: event orchestrations with their integrations, in the form of services. unread: why there are none of
    them. unlisted: the services that PagerDuty does not list, in words, with the remedy.
    """

    snapshots: list[Snapshot]
    orchestrations: list[Snapshot]
    unread: str | None
    unlisted: str | None

    @property
    def entries(self) -> list[Entry]:
        """By the names of services and integrations."""
        snapshots = [*self.snapshots, *self.orchestrations]
        found = [Entry(each, snapshot.service) for snapshot in snapshots for each in snapshot.all]
        return sorted(found, key=lambda each: (folded(each.service.name), folded(each.integration.name), each.id))

    def warn_of_idle(self, filters: Filters) -> None:
        """Show a warning for each pattern that matches nothing."""
        everything = [*self.snapshots, *self.orchestrations]
        count = sum(len(each.all) for each in everything)
        for kind, pattern, words in filters.unmatched(everything):
            meant = id_in(pattern, kind) if kind in {"service", "vendor"} else None
            hint = f" Did you mean {meant!r}?" if meant else did_you_mean(pattern, words, most=3, shown=repr)
            tell(f"warning: --{kind} {pattern!r} matches none of the {count} integrations.{hint}")


def read(account: Account, filters: Filters) -> Inventory:
    """Read every integration that the token may see: a call for each hundred services, and each event orchestration.

    If the account has more services than PagerDuty lists, those that filters name by ID are read, too.
    """
    snapshots: list[Snapshot] = []
    unlisted = None
    progress("Reading the account…")
    for snapshot in account.integrations.on_every_service():
        snapshots.append(snapshot)
        if len(snapshots) % PAGE_LIMIT == 0:
            progress(f"Reading the account: {len(snapshots):,} services…")
    if account.integrations.has_unlisted_services:
        snapshots += _unlisted(account, filters, {each.service.id for each in snapshots})
        unlisted = (
            f"all services beyond the first {LAST_OFFSET:,}, which are all that PagerDuty lists. --service and --team "
            "with the ID of one read it; `adopt --from` finds what another provider manages on any service."
        )
    orchestrations, unread = _orchestrations(account)
    clear()
    return Inventory(snapshots, orchestrations, unread, unlisted)


def _orchestrations(account: Account) -> tuple[list[Snapshot], str | None]:
    """Read the event orchestrations, or say why they cannot be read: not every token and account has them."""
    progress("Reading the event orchestrations…")
    try:
        return [_as_service(account, each) for each in account.orchestrations.all()], None
    except NOT_FOR_THIS_TOKEN as error:
        return [], explain(error)


def _as_service(account: Account, orchestration: Orchestration) -> Snapshot:
    found = {
        each.id: Integration(each.id, orchestration.id, EVENT_ORCHESTRATION, each.label)
        for each in account.orchestrations.integrations(orchestration.id)
    }
    return Snapshot(Service(orchestration.id, orchestration.name, None), found)


def _unlisted(account: Account, filters: Filters, listed: Collection[str]) -> Iterator[Snapshot]:
    """Read services that PagerDuty does not list, but that filters name by their IDs or their teams' IDs."""
    for kind in ("service", "team"):
        for pattern in filter(is_id, filters.patterns.get(kind, ())):
            # A name that looks like an ID is no error.
            with contextlib.suppress(*NOT_FOR_THIS_TOKEN):
                ids = [pattern] if kind == "service" else [each.id for each in account.services.of_team(pattern)]
                yield from (account.integrations.on_service(each) for each in ids if each not in listed)
