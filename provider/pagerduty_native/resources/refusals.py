"""What PagerDuty's refusals of an integration mean: the property at fault, and what to do."""

from __future__ import annotations

import contextlib

from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.errors import InvalidInputError, NotFoundError, PagerDutyError

# What PagerDuty's words call a property.
_FIELDS = {"integrationEmail": "integration email", "vendor": "vendor", "type": "type", "name": "name"}


def explained(account: Account, error: InvalidInputError | NotFoundError, service: str, vendor: str | None) -> str:
    """The message for the user. service, vendor: the IDs that were sent. Looks the vendor up, if there is one."""
    if vendor and not _vendor_exists(account, vendor):
        return (
            f"`vendor`: PagerDuty has no vendor with the ID {vendor!r}. The function `getVendor` finds the ID of a "
            "vendor by its name."
        )
    if isinstance(error, NotFoundError):
        return (
            f"`service`: PagerDuty has no service with the ID {service!r}, or this token may not see it. IDs look like "
            f"`PQL78HM`, as in the address of the service's page. PagerDuty said: {error}."
        )
    named = next((f"`{name}`: " for name, field in _FIELDS.items() if error.is_about(field)), "")
    return f"{named}PagerDuty refused the integration: {error}.{_hint(error)}"


def _hint(error: InvalidInputError) -> str:
    """What to do if PagerDuty's words alone do not tell."""
    words = " ".join(error.errors).casefold()
    if "integration email cannot be empty" in words:
        return " This kind of integration needs an address to be given: one at your account's domain."
    if words.startswith("vendor can't be blank"):
        return " This type is only for integrations with a vendor: the function `getVendor` finds its ID."
    if words.startswith("type") and "vendor" in words:
        return " The vendor decides whether an integration takes e-mail: leave `type` out, and it follows the vendor."
    if "integration email" in words and "taken" in words:
        return (
            " Another integration has this address. If it is the one that this replaces, the option "
            "`deleteBeforeReplace` frees it first."
        )
    return ""


def _vendor_exists(account: Account, vendor: str) -> bool:
    with contextlib.suppress(PagerDutyError):  # Then the refusal that is to be explained says more.
        try:
            account.vendors.get(vendor)
        except NotFoundError:
            return False
    return True
