"""An account's integrations with their services, and which of them are chosen."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, TypeVar

import click

from pagerduty_native.id_rules import id_of
from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.errors import ForbiddenError, InvalidInputError, NotFoundError
from pagerduty_native.pagerduty.integration import Integration
from pagerduty_native.pagerduty.limits import LAST_OFFSET, PAGE_LIMIT
from pagerduty_native.pagerduty.names import folded
from pagerduty_native.pagerduty.paths import is_id
from pagerduty_native.pagerduty.services import Service
from pagerduty_native.rpc import nearest

from .progress import clear, progress

Command = TypeVar("Command", bound=Callable[..., Any])

KINDS = {
    "service": "Only integrations of services with this name or ID",
    "team": "Only integrations of services that belong to the team with this name or ID",
    "vendor": "Only integrations of the vendor with this name or ID",
    "name": "Only integrations with this name or ID",
}


@dataclass(frozen=True)
class Entry:
    """An integration with its service."""

    integration: Integration
    service: Service

    @property
    def id(self) -> str:
        """SERVICE_ID.INTEGRATION_ID, as in Pulumi's state."""
        return id_of(self.integration)

    def words(self, kind: str) -> list[str]:
        """What a filter's patterns are compared with, by the filter's name."""
        match kind:
            case "service":
                return [self.service.id, self.service.name]
            case "team":
                return [word for team in self.service.teams for word in (team.id, team.name)]
            case "vendor":
                return [self.integration.vendor_id or "", self.integration.vendor_name or ""]
            case _:
                return [self.integration.id, self.id, self.integration.name]


@dataclass(frozen=True)
class Filters:
    """Patterns as the shell has them, regardless of case. One of each kind that is given must match."""

    patterns: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, options: dict[str, Any]) -> Filters:
        return cls({kind: options[kind] for kind in KINDS if options.get(kind)})

    def allow(self, entry: Entry) -> bool:
        return all(
            any(_matches(pattern, entry.words(kind)) for pattern in patterns)
            for kind, patterns in self.patterns.items()
        )

    def idle(self, entries: Iterable[Entry]) -> Iterator[str]:
        """What to say of patterns that match nothing at all."""
        known = list(entries)
        for kind, patterns in self.patterns.items():
            words = sorted({word for entry in known for word in entry.words(kind) if word})
            for pattern in patterns:
                if not _matches(pattern, words):
                    near = nearest(pattern, words, most=3)
                    did_you_mean = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
                    yield f"--{kind} {pattern!r} matches none of the {len(known)} integrations.{did_you_mean}"


def filter_options(command: Command) -> Command:
    """The options that choose among an account's integrations."""
    for kind, meaning in reversed(KINDS.items()):
        text = f"{meaning}, or matching a shell pattern such as 'prod-*'. Repeatable."
        command = click.option(f"--{kind}", kind, multiple=True, metavar="PATTERN", help=text)(command)
    return command


def _matches(pattern: str, words: Iterable[str]) -> bool:
    return any(word and fnmatchcase(folded(word), folded(pattern)) for word in words)


@dataclass(frozen=True)
class Inventory:
    """What the token may see of an account. beyond: whether there are services that PagerDuty does not list."""

    entries: list[Entry]
    services: list[Service]
    beyond: bool

    @property
    def unlisted(self) -> str | None:
        """What to say of services that are not in it, and what to do; None if all are."""
        if not self.beyond:
            return None
        return (
            f"all services beyond the first {LAST_OFFSET:,}, which are all that PagerDuty lists. --service and --team "
            "with the ID of one read it; `adopt --from` finds what another provider manages on any service."
        )


def read(account: Account, filters: Filters) -> Inventory:
    """Every integration that the token may see, by name: two calls for each hundred services.

    If the account has more services than PagerDuty lists, those that filters name by ID are read, too.
    """
    services = {
        each.id: each for each in account.services.all(lambda count: progress(f"Reading the services: {count:,}…"))
    }
    calls = -(-len(services) // PAGE_LIMIT)

    def told(pages: int) -> None:
        progress(f"Reading the integrations of {len(services):,} services: call {pages:,} of {max(calls, pages):,}…")

    integrations = account.integrations.all(told)
    if account.integrations.beyond:
        for service, found in _unlisted(account, filters, services):
            services[service.id] = service
            integrations += found
    clear()
    entries = [
        Entry(each, services.get(each.service_id) or Service(each.service_id, each.service_id, None))
        for each in integrations
    ]
    entries.sort(key=lambda each: (folded(each.service.name), folded(each.integration.name), each.id))
    return Inventory(entries, list(services.values()), account.integrations.beyond)


def _unlisted(
    account: Account, filters: Filters, listed: Mapping[str, Service]
) -> Iterator[tuple[Service, list[Integration]]]:
    """Services that PagerDuty does not list, and that filters name by their own IDs or their teams'."""
    for kind, ask in (("service", lambda one: [account.services.get(one)]), ("team", account.services.of_team)):
        for pattern in filter(is_id, filters.patterns.get(kind, ())):
            # A name that looks like an ID is no error.
            with contextlib.suppress(ForbiddenError, InvalidInputError, NotFoundError):
                for service in ask(pattern):
                    if service.id not in listed:
                        yield service, account.integrations.of(service.id)
