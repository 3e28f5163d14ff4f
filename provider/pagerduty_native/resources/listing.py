"""Which integrations a listing gives."""

from __future__ import annotations

from collections.abc import Iterator

from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.inventory import Filters, is_pattern
from pagerduty_native.pagerduty.snapshots import Snapshot
from pagerduty_native.rpc import Listed, ProviderError, field, nearest, object_type


@object_type
class ListArgs:
    """What chooses among the integrations; all of it must fit."""

    service: str | None = field(
        "Integrations of this service alone: its ID, its name, or a pattern such as `prod-*`, in any case."
    )
    team: str | None = field(
        "Integrations of this team's services alone: the team's ID, its name, "
        "or a pattern such as `prod-*`, in any case."
    )
    vendor: str | None = field(
        "Integrations of this vendor alone: its ID, its name, or a pattern such as `prod-*`, in any case."
    )
    name: str | None = field(
        "Integrations of this name alone: the name, "
        "or a pattern such as `prod-*`, in any case, or the integration's ID."
    )


def listed(account: Account, args: ListArgs) -> Iterator[Listed]:
    """The integrations that are chosen, service by service.

    Raises ProviderError if there is no service of the name or ID that is given. Warns of what else matches nothing.
    """
    given = {"service": args.service, "team": args.team, "vendor": args.vendor, "name": args.name}
    filters = Filters({kind: (text,) for kind, text in given.items() if text is not None})
    looked_at: list[Snapshot] = []
    found = False
    for snapshot, chosen in account.inventory.by_service(filters):
        looked_at.append(snapshot)
        for entry in chosen:
            found = True
            yield Listed(entry.integration.full_id, entry.integration.name)
    if not found:
        _tell_unmatched(account, filters, looked_at)


def _tell_unmatched(account: Account, filters: Filters, services: list[Snapshot]) -> None:
    for kind, pattern, words in filters.unmatched(services):
        hint = "".join(f" Did you mean {near!r}?" for near in nearest(pattern, words))
        message = f"`{kind}`: {pattern!r} matches nothing of the {len(services)} services that were looked at.{hint}"
        if kind == "service" and not is_pattern(pattern):
            raise ProviderError(message)
        account.warn(message)
