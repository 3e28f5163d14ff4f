"""What PagerDuty's refusals of an integration mean, and what else a person has to know of one: and what to do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.errors import InvalidInputError, NotFoundError, PagerDutyError
from pagerduty_native.rpc import ProviderError

# What PagerDuty's words call a property.
_FIELDS = {"integrationEmail": "integration email", "vendor": "vendor", "type": "type", "name": "name"}


@contextlib.contextmanager
def explained(account: Account, service: str, vendor: str | None, id: str | None = None) -> Iterator[None]:
    """While it lasts, a refusal becomes a ProviderError with words for the user. Looks the vendor up, if there is one.

    service, vendor: the IDs that were sent. id: the resource's, if it was there already.
    """
    try:
        yield
    except InvalidInputError as error:
        raise ProviderError(_of_vendor(account, vendor) or _of_input(error)) from error
    except NotFoundError as error:
        if id is not None:
            raise ProviderError(
                f"PagerDuty no longer has the integration {id} ({error}): it was deleted, or moved to another service. "
                "Run `pulumi refresh`, which finds out which of the two, and then `pulumi up`."
            ) from error
        raise ProviderError(_of_vendor(account, vendor) or _of_service(account, error, service)) from error


def left_where_it_is(id: str, moved_id: str) -> str:
    """The warning that there was nothing to delete by this ID, as the integration was moved."""
    return (
        f"{id} was not deleted: somebody moved it to another service, where its ID is {moved_id}. It stays there, with "
        "its key."
    )


def without_key(id: str) -> str:
    """Make the warning that no response to a write had the integration's key."""
    return (
        f"PagerDuty's responses about {id} had no integration key, so `integrationKey` and `integrationUrl` are not in "
        "the state. Run `pulumi refresh` before something uses them."
    )


def deleted_or_moved(id: str, error: PagerDutyError) -> str:
    """The error about a missing integration when the account cannot be searched for it."""
    return (
        f"PagerDuty no longer has the integration {id}: it was deleted, or moved to another service. The provider "
        f"could not find out which, because it could not read all services ({error}). The state is unchanged. Try "
        "again later; if you know that the integration was deleted, remove it from the state with `pulumi state "
        "delete`."
    )


def nothing_to_import(id: str) -> str:
    """The warning about an ID that nothing has, after which the engine says only that it does not exist."""
    return (
        f"PagerDuty has no integration {id}, or this token has no access to it. `pagerduty-native list` shows the IDs "
        "of all integrations."
    )


def _of_vendor(account: Account, vendor: str | None) -> str | None:
    """The message that there is no such vendor, if there is none."""
    with contextlib.suppress(PagerDutyError):  # Then the refusal that is to be explained says more.
        try:
            if vendor:
                account.vendors.get(vendor)
        except NotFoundError:
            return (
                f"`vendor`: PagerDuty has no vendor with the ID {vendor!r}. The function `getVendor` finds the ID of a "
                "vendor by its name."
            )
    return None


def _of_service(account: Account, error: NotFoundError, service: str) -> str:
    path = urlsplit(account.client.api_url).path
    address = f" Or `apiUrlOverride` is wrong: its path, {path}, is put before those of the API." if path else ""
    return (
        f"`service`: PagerDuty has no service with the ID {service!r}, or this token has no access to it. The function "
        f"`getService` finds the ID of a service by its name, and `pagerduty-native list` shows IDs.{address} "
        f"PagerDuty said: {error}."
    )


def _of_input(error: InvalidInputError) -> str:
    named = next((f"`{name}`: " for name, field in _FIELDS.items() if error.is_about(field)), "")
    return f"{named}PagerDuty refused the integration: {error}.{_hint(error)}"


def _hint(error: InvalidInputError) -> str:
    """What to do if PagerDuty's words alone do not tell."""
    words = " ".join(error.errors).casefold()
    if "integration email cannot be empty" in words:
        return " This kind of integration requires `integrationEmail`, an address in your account's domain."
    if words.startswith("vendor can't be blank"):
        return " This type requires `vendor`: the function `getVendor` finds the ID of a vendor."
    if words.startswith("type") and "vendor" in words:
        return " The vendor determines whether an integration receives e-mail: omit `type`, and it follows the vendor."
    if "integration email" in words and "taken" in words:
        return (
            " Another integration has this address. If that is the one being replaced, set the resource option "
            "`deleteBeforeReplace`."
        )
    return ""
