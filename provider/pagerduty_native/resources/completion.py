"""Whether an Integration has all that was sent, and what to say if not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.integration import Integration
from pagerduty_native.rpc import InitializationFailedError, Instance, camel_case, encode, properties_of

from .mapping import EMAIL_PROPERTIES, RULE_LISTS


def unlike(args: object, state: object, names: Iterable[str] = EMAIL_PROPERTIES) -> list[str]:
    """Return which of these properties have another value in the state than in the arguments, by their Python names."""
    named = [each for each in properties_of(type(args)) if each.attribute in names]
    if all(getattr(args, each.attribute) is None for each in named):
        return []
    asked, actual = encode(args), encode(state)
    return [
        each.attribute
        for each in named
        if each.name in asked and not each.same(asked[each.name], actual.get(each.name))
    ]


def check_whole(
    account: Account, found: Integration, state: Any, args: Any, *, done: str, names: Collection[str]
) -> None:
    """Raise InitializationFailedError if one of the named properties could not be set.

    found: the integration, as the API has it. state: the same, as its state. done: the operation, such as "created".
    """
    missing = unlike(args, state, names)
    removed = [each for each in RULE_LISTS if each in names and not getattr(args, each)]
    missing += [each for each in removed if getattr(state, each)]
    if found.takes_email and "email_filter_mode" in missing and not state.email_filters:
        # Without filters every mode lets every e-mail pass, so PagerDuty may choose one.
        missing.remove("email_filter_mode")
        account.warn(
            f"`emailFilterMode`: PagerDuty changed {args.email_filter_mode!r} to {state.email_filter_mode!r}, because "
            f"{found.full_id} has no `emailFilters`. Every e-mail passes either way. Remove `emailFilterMode`, or add "
            "`emailFilters`."
        )
    if not missing:
        return
    if found.takes_email:
        reason = (
            "PagerDuty stored a different value. The next `pulumi up` tries again. If that fails too, use the value "
            "in PagerDuty's web app, or remove the property from the program"
        )
    else:
        determines = "The vendor determines that" if args.vendor else "The type determines that"
        reason = (
            f"PagerDuty made it an integration that receives no e-mail (type {found.type}). {determines}. Remove "
            f"{' and '.join(_quoted(missing))} from the program, or use a vendor or type that receives e-mail"
        )
    raise unfinished(done, Instance(found.full_id, state), missing, reason)


def unfinished(done: str, instance: Instance[Any], names: Iterable[str], reason: str) -> InitializationFailedError:
    """Make the error for properties that could not be set. The instance is kept in the state, without them."""
    # A property that the state lacks is sent by the next update, also after a refresh.
    for name in names:
        setattr(instance.state, name, None)
    return InitializationFailedError(
        f"The integration was {done}, but {', '.join(_quoted(names))} could not be set: {reason}.",
        id=instance.id,
        state=instance.state,
    )


def _quoted(names: Iterable[str]) -> list[str]:
    return [f"`{camel_case(name)}`" for name in names]
