"""`pagerduty-native check`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import click

from pagerduty_native.configuration import explain
from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.errors import ForbiddenError, InvalidInputError, NotFoundError
from pagerduty_native.pagerduty.inventory import Filters
from pagerduty_native.pagerduty.quoting import quoted
from pagerduty_native.pagerduty.services import Service

from .inventory import read
from .settings import account_of, settings_options
from .terminal import show

INCOMPLETE = 3
# One whose name every account's index of vendors has.
SOME_VENDOR = "Amazon CloudWatch"
NEEDED_TO_WRITE = "services.write"
# Of the roles in PagerDuty's OpenAPI description of a user, those that no key lets write.
READ_ONLY_ROLES = {"read_only_user", "read_only_limited_user"}
WIDTH = 14


@click.command(short_help="Check the token: account, permissions, rate limit.")
@settings_options
def check(**options: Any) -> None:
    """Check the token: which account it belongs to, what it may do, and how many calls are left.

    Nothing is written to PagerDuty. It makes a call for each hundred services, and two more. The exit code is 3 if
    a permission is missing that the provider may need.
    """
    with account_of(options) as account:
        inventory = read(account, Filters())
        services, integrations = inventory.services, inventory.entries
        lookups = _refused_lookups(account)
        role = _role(account)
        writes = _refused_writes(account, role)
        missing = [each for each in (lookups, writes) if each]
        _tell("API", account.client.api_url)
        _tell("Account", _account(services))
        _tell("Token", _token(account, role))
        _tell("May read", f"services, integrations{'' if lookups else ', vendors'}")
        _tell("May write", "no" if writes else _may_write(account, role))
        _tell("Rate limit", _allowance(account))
        _tell("Services", f"{len(services):,}")
        _tell("Integrations", f"{len(integrations):,}")
    if not services:
        show("The token sees no services: the account has none, or the token's user or team has no access.")
    for each in missing:
        show(f"missing: {each}", err=True)
    if missing:
        raise click.exceptions.Exit(INCOMPLETE)


def _tell(name: str, text: str) -> None:
    show(f"{name:{WIDTH}}{text}")


def _refused_lookups(account: Account) -> str | None:
    """Why vendors cannot be looked up, and what to do; None if they can."""
    try:
        account.vendors.search(SOME_VENDOR)
    except ForbiddenError as error:
        return f"{explain(error)} Until then `getVendor` fails, and programs have to use the IDs of vendors."
    return None


def _role(account: Account) -> str | None:
    """The role of the user whose key the token is; None for an app's token, and for a key of the account."""
    if account.client.scopes is not None:
        return None
    try:
        return account.client.get("/users/me", lambda body: str(body["user"]["role"]))
    except (InvalidInputError, ForbiddenError, NotFoundError):  # 400 for an account's key: the OpenAPI description
        return None


def _token(account: Account, role: str | None) -> str:
    if account.client.scopes is not None:
        return f"good, of an app: {account.client.scopes}"
    return f"good, of a user with the role {quoted(role)}" if role else "good"


def _refused_writes(account: Account, role: str | None) -> str | None:
    """Why integrations cannot be written, and what to do; None if nothing says so."""
    if role in READ_ONLY_ROLES:
        return (
            f"The token's user has the role {role}, which may only read: `pulumi preview` works, `pulumi up` does not. "
            "Use the key of a user who may edit services, or one of the account."
        )
    scopes = account.client.scopes
    if scopes is None or NEEDED_TO_WRITE in scopes.split():
        return None
    return (
        f"The app lacks the scope {NEEDED_TO_WRITE}: `pulumi preview` works, `pulumi up` does not. Scopes are set in "
        "PagerDuty: Integrations, App Registration, the app, Scoped OAuth."
    )


def _may_write(account: Account, role: str | None) -> str:
    if account.client.scopes is not None:
        return "integrations"
    if role:
        return "what the user may edit"
    return "unknown: PagerDuty refuses a read-only key of an account only when something is written"


def _allowance(account: Account) -> str:
    if account.client.allowance is None:
        return "unknown"
    limit, left = account.client.allowance
    return f"{left:,} of {limit:,} calls left this minute"


def _account(services: Iterable[Service]) -> str:
    """The account and its region, as the pages of its services tell them."""
    page = next((each.html_url for each in services if each.html_url), None)
    if page is None:
        return "unknown, as no service tells it"
    try:
        address = urlsplit(page)
    except ValueError:
        return quoted(page)
    host = address.hostname or page
    subdomain, _, rest = host.partition(".")
    if rest not in {"pagerduty.com", "eu.pagerduty.com"}:
        return quoted(address.netloc)
    return f"{subdomain} ({host}), region {'eu' if rest.startswith('eu.') else 'us'}"
