"""`pagerduty-native check` and `pagerduty-native list`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import click

from pagerduty_native.api.account import Account
from pagerduty_native.api.errors import ForbiddenError, quoted
from pagerduty_native.api.integrations import Entry, Filters
from pagerduty_native.api.lookups import Service
from pagerduty_native.cli.inventory import (
    NOT_FOR_THIS_TOKEN,
    account_of,
    filter_options,
    filters_of,
    find_stack,
    read,
    settings_options,
)
from pagerduty_native.cli.terminal import PARTIAL_SUCCESS, show, tell, visible
from pagerduty_native.framework import encode
from pagerduty_native.functions.integrations import IntegrationSummary
from pagerduty_native.settings import explain

# One whose name every account's index of vendors has.
SOME_VENDOR = "Amazon CloudWatch"
NEEDED_TO_WRITE = "services.write"
# Of the roles in PagerDuty's OpenAPI description of a user, those that no key lets write.
READ_ONLY_ROLES = {"read_only_user", "read_only_limited_user"}
REGIONS = {"pagerduty.com": "us", "eu.pagerduty.com": "eu"}


@click.command(short_help="Check the token: account, permissions, rate limit.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object instead of lines.")
@settings_options
def check(*, as_json: bool, **options: Any) -> None:
    """Check the token: which account it belongs to, what it may do, and how many calls are left.

    Nothing is written to PagerDuty. It makes a call for each hundred services, and two more. The exit code is 3 if
    a permission is missing that the provider may need.
    """
    with account_of(options, find_stack(options["stack"])) as account:
        inventory = read(account, Filters())
        refused_lookups = _refused_lookups(account)
        scopes = account.client.scopes
        role = _role(account) if scopes is None else None
        limit, left = account.client.allowance or (None, None)
    services = [each.service for each in inventory.snapshots]
    count = len(inventory.entries)
    unread = inventory.unread
    subdomain, region, description = _account(services)
    token, may_write, refused_writes = _writing(scopes, role)
    missing = [each for each in (refused_lookups, refused_writes) if each]
    reads = {"services": True, "integrations": True, "vendors": not refused_lookups, "orchestrations": not unread}
    lines = {
        "API": account.client.api_url,
        "Account": description,
        "Token": token,
        "May read": ", ".join(name for name, may_read in reads.items() if may_read),
        "May write": may_write,
        "Rate limit": "unknown" if limit is None else f"{left:,} of {limit:,} calls left this minute",
        "Services": f"{len(services):,}",
        "Integrations": f"{count:,}",
    }
    document = {
        "apiUrl": account.client.api_url,
        "subdomain": subdomain,
        "region": region,
        "role": role,
        "scopes": None if scopes is None else scopes.split(),
        "readsVendors": not refused_lookups,
        "readsEventOrchestrations": not unread,
        "writesIntegrations": False if refused_writes else (None if scopes is None else True),
        "callsPerMinute": limit,
        "callsLeft": left,
        "services": len(services),
        "integrations": count,
        "missing": missing,
    }
    if as_json:
        show(json.dumps(document, indent=2))
    else:
        for name, text in lines.items():
            show(f"{name:14}{text}")
        if not services:
            show("The token sees no services: the account has none, or the token's user or team has no access.")
        for each in missing:
            tell(f"missing: {each}")
        if unread:
            tell(f"note: without event orchestrations. {unread}")
    if missing:
        raise click.exceptions.Exit(PARTIAL_SUCCESS)


def _refused_lookups(account: Account) -> str | None:
    """Explain why vendors cannot be looked up, with the remedy; None if they can."""
    try:
        account.vendors.search(SOME_VENDOR)
    except ForbiddenError as error:
        return f"{explain(error)} Until then `getVendor` fails, and programs have to use the IDs of vendors."
    return None


def _role(account: Account) -> str | None:
    """Read the role of the token's user; None for a key of the account."""
    try:
        return account.client.get("/users/me", lambda body: str(body["user"]["role"]))
    except NOT_FOR_THIS_TOKEN:  # 400 for an account's key: the OpenAPI description
        return None


def _writing(scopes: str | None, role: str | None) -> tuple[str, str, str | None]:
    """Describe the token, what it may write, and why not, with the remedy, if something says so."""
    if scopes is not None:
        if NEEDED_TO_WRITE in scopes.split():
            return f"good, of an app: {scopes}", "integrations", None
        missing = (
            f"The app lacks the scope {NEEDED_TO_WRITE}: `pulumi preview` works, `pulumi up` does not. Scopes are set "
            "in PagerDuty: Integrations, App Registration, the app, Scoped OAuth."
        )
        return f"good, of an app: {scopes}", "no", missing
    if role in READ_ONLY_ROLES:
        missing = (
            f"The token's user has the role {role}, which may only read: `pulumi preview` works, `pulumi up` does not. "
            "Use the key of a user who may edit services, or one of the account."
        )
        return f"good, of a user with the role {role}", "no", missing
    if role:
        may_write = "what the user may edit, unless the key is read-only, which PagerDuty does not show"
        return f"good, of a user with the role {quoted(role)}", may_write, None
    return "good", "unknown: PagerDuty refuses a read-only key of an account only when something is written", None


def _account(services: Iterable[Service]) -> tuple[str | None, str | None, str]:
    """Take the account's subdomain and region, and both in words, from the URL of a service's page."""
    page = next((each.html_url for each in services if each.html_url), None)
    if page is None:
        return None, None, "unknown: no service has a URL"
    host = page.partition("://")[2].partition("/")[0]
    subdomain, _, domain = host.partition(".")
    if domain not in REGIONS:
        return None, None, quoted(host or page)
    return subdomain, REGIONS[domain], f"{subdomain} ({host}), region {REGIONS[domain]}"


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
    with account_of(options, find_stack(options["stack"])) as account:
        inventory = read(account, filters)
    entries = inventory.entries
    inventory.warn_of_idle(filters)
    chosen = [each for each in entries if filters.allow(each)]
    if as_json:
        show(json.dumps([_described(each) for each in chosen], indent=2))
    elif not chosen:
        tell(f"None of the {len(entries)} integrations matches." if entries else "No integrations.")
    else:
        for line in _table([HEADINGS, *map(_row, chosen)]):
            show(line)
    if inventory.unread:
        tell(f"note: event orchestrations are left out. {inventory.unread}")
    if inventory.unlisted:
        tell(f"Left out {inventory.unlisted}")
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
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
