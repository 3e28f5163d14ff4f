"""`pagerduty-native list`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import click

from pagerduty_native.api.errors import quoted
from pagerduty_native.api.integrations import Entry
from pagerduty_native.cli.inventory import filter_options, filters_of, read
from pagerduty_native.cli.settings import account_of, settings_options
from pagerduty_native.cli.terminal import PARTIAL_SUCCESS, show, visible
from pagerduty_native.framework import encode
from pagerduty_native.functions.get_integrations import IntegrationSummary

HEADINGS = ("ID", "SERVICE", "NAME", "VENDOR", "TYPE")


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list instead of a table.")
@filter_options
@settings_options
def list_(*, as_json: bool, **options: Any) -> None:
    """List the integrations of the account's services and event orchestrations, without their keys.

    The ID is what `pulumi import` takes.

    \b
    Examples:
      pagerduty-native list
      pagerduty-native list --service 'Checkout*' --vendor 'Amazon *'
      pagerduty-native list --stack prod --json | jq -r '.[].id'
    """  # noqa: D301 (click wants the character)
    filters = filters_of(options)
    with account_of(options) as account:
        inventory = read(account, filters)
    entries = inventory.entries
    for message in inventory.idle(filters):
        show(f"warning: {message}", err=True)
    chosen = [each for each in entries if filters.allow(each)]
    if as_json:
        show(json.dumps([_described(each) for each in chosen], indent=2))
    elif not chosen:
        show(f"None of the {len(entries)} integrations matches." if entries else "No integrations.", err=True)
    else:
        for line in _table([HEADINGS, *map(_row, chosen)]):
            show(line)
    if inventory.unread:
        show(f"note: event orchestrations are left out. {inventory.unread}", err=True)
    if inventory.unlisted:
        show(f"Left out {inventory.unlisted}", err=True)
        raise click.exceptions.Exit(PARTIAL_SUCCESS)


def _described(entry: Entry) -> dict[str, Any]:
    found = entry.integration
    if entry.of_orchestration:
        return {
            "id": found.id,
            "integrationId": found.id,
            "eventOrchestration": found.service_id,
            "eventOrchestrationName": entry.service.name,
            "label": found.name,
            "type": found.type,
        }
    return {
        **encode(IntegrationSummary.of(found)),
        "serviceName": entry.service.name,
        **({"vendorName": found.vendor_name} if found.vendor_name else {}),
    }


def _row(entry: Entry) -> tuple[str, ...]:
    found = entry.integration
    kind = found.type.removesuffix("_reference").removesuffix("_inbound_integration")
    others = (entry.service.name, found.name, found.vendor_name or found.vendor_id or "-", kind)
    return entry.id, *(visible(quoted(each)) for each in others)


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield _line(row, widths)


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()
