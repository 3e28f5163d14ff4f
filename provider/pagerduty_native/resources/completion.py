"""Whether an Integration has all that was asked for, and what to say if not."""

from __future__ import annotations

import contextlib
from collections.abc import Container, Iterable
from dataclasses import replace
from typing import TypeVar

from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.errors import PagerDutyError
from pagerduty_native.pagerduty.integration import Integration
from pagerduty_native.rpc import InitializationFailedError, Instance, camel_case, encode, properties_of

from .mapping import EMAIL_PROPERTIES

State = TypeVar("State")


def unlike(args: object, state: object, names: Iterable[str] = EMAIL_PROPERTIES) -> list[str]:
    """Which of these properties were asked for and are not so, by their Python names."""
    named = [each for each in properties_of(type(args)) if each.attribute in names]
    if all(getattr(args, each.attribute) is None for each in named):
        return []
    asked, actual = encode(args), encode(state)
    return [
        each.attribute
        for each in named
        if each.name in asked and not each.same(asked[each.name], actual.get(each.name))
    ]


def told(account: Account, found: Integration, args: object) -> Integration:
    """The integration, read once more if the response to a write is silent about an e-mail rule that was asked for.

    A recorded one lacks `email_parsers` (go-pagerduty #315), and silence is no refusal.
    """
    if found.takes_email and any(getattr(args, name) and getattr(found, name) is None for name in EMAIL_PROPERTIES):
        with contextlib.suppress(PagerDutyError):  # It exists, whatever becomes of this.
            return account.integrations.read(found.service_id, found.id)
    return found


def with_old_name(found: Integration, old_name: str, sent: Container[str]) -> Integration:
    """The integration with its old name, if no name was sent: so that a refresh still shows that others changed it.

    With the new one in the state, nothing would ever differ from it, and that name would stay.
    """
    return found if "name" in sent else replace(found, name=old_name)


def whole(done: str, found: Integration, instance: Instance[State], args: object) -> Instance[State]:
    """The instance, if it has all that was asked for; else raises InitializationFailedError.

    done: what was done to it, such as "created". found: the same integration, as the API has it.
    """
    if names := unlike(args, instance.state):
        reason = "PagerDuty stored a different value"
        if not found.takes_email:
            reason = (
                f"PagerDuty made it an integration that receives no e-mail (type {found.type}). The vendor determines "
                "that"
            )
        raise unfinished(done, instance, names, reason)
    return instance


def unfinished(done: str, instance: Instance[State], names: Iterable[str], reason: str) -> InitializationFailedError:
    """The error that says which properties could not be set. It keeps the instance in the state, without these."""
    # What is not in the state is not as it should be, so that the next update sets it, also after a refresh.
    for name in names:
        setattr(instance.state, name, None)
    listed = ", ".join(f"`{camel_case(name)}`" for name in names)
    return InitializationFailedError(
        f"The integration was {done}, but {listed} could not be set: {reason}. The next `pulumi up` tries again.",
        id=instance.id,
        state=instance.state,
    )
