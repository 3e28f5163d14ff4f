"""`pagerduty-native check`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import click

from pagerduty_native.configuration import explain
from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.errors import ForbiddenError
from pagerduty_native.pagerduty.services import Service

from .inventory import progress
from .settings import account_of, settings_options

INCOMPLETE = 3
# One whose name every account's index of vendors has.
SOME_VENDOR = "Amazon CloudWatch"
NEEDED_TO_WRITE = "services.write"
WIDTH = 14


@click.command()
@settings_options
def check(**options: Any) -> None:
    """Tell what the token is good for: which account, which rights, how many calls are left.

    Nothing is written to PagerDuty. It takes two calls for each hundred services, and one more. The exit
    code is 3 if a right is missing that the provider may need.
    """
    with account_of(options) as account:
        progress("Reading services and integrations…")
        services = account.services.all()
        integrations = account.integrations.all()
        lookups = _refused_lookups(account)
        missing = [each for each in (lookups, _refused_writes(account)) if each]
        _tell("API", account.client.api_url)
        _tell("Account", _account(services))
        _tell("Token", "good" if account.client.scopes is None else f"good, of an app: {account.client.scopes}")
        _tell("May read", f"services, integrations{'' if lookups else ', vendors'}")
        _tell("May write", _may_write(account))
        _tell("Rate limit", _allowance(account))
        _tell("Services", f"{len(services):,}")
        _tell("Integrations", f"{len(integrations):,}")
    if not services:
        click.echo("The token sees no service: the account has none, or the token's user or team may not see them.")
    for each in missing:
        click.echo(f"missing: {each}", err=True)
    if missing:
        raise click.exceptions.Exit(INCOMPLETE)


def _tell(name: str, text: str) -> None:
    click.echo(f"{name:{WIDTH}}{text}")


def _refused_lookups(account: Account) -> str | None:
    """Why vendors cannot be looked up, and what to do; None if they can."""
    try:
        account.vendors.search(SOME_VENDOR)
    except ForbiddenError as error:
        return f"{explain(error)} Until then `getVendor` fails, and vendors are given by their IDs."
    return None


def _refused_writes(account: Account) -> str | None:
    scopes = account.client.scopes
    if scopes is None or NEEDED_TO_WRITE in scopes.split():
        return None
    return (
        f"The app lacks the scope {NEEDED_TO_WRITE}: `pulumi preview` works, `pulumi up` does not. Scopes are set in "
        "PagerDuty: Integrations, App Registration, the app, Scoped OAuth."
    )


def _may_write(account: Account) -> str:
    if account.client.scopes is None:
        return "not told by PagerDuty before a write: a REST API key that is read-only is refused then"
    return "no" if _refused_writes(account) else "integrations"


def _allowance(account: Account) -> str:
    if account.client.allowance is None:
        return "not told by PagerDuty"
    limit, left = account.client.allowance
    return f"{left:,} of {limit:,} calls left this minute"


def _account(services: Iterable[Service]) -> str:
    """The account and its region, as the pages of its services tell them."""
    page = next((each.html_url for each in services if each.html_url), None)
    if page is None:
        return "not told by PagerDuty, as there is no service with a page"
    host = urlsplit(page).hostname or page
    subdomain, _, rest = host.partition(".")
    if rest not in {"pagerduty.com", "eu.pagerduty.com"}:
        return urlsplit(page).netloc
    return f"{subdomain} ({host}), region {'eu' if rest.startswith('eu.') else 'us'}"
