"""What `adopt` does with each integration: write it, skip it as managed, or leave it out, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pagerduty_native.configuration import explain
from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.errors import ForbiddenError, NotFoundError
from pagerduty_native.pagerduty.paths import is_id
from pagerduty_native.pagerduty.quoting import quoted
from pagerduty_native.pagerduty.services import Service

from .inventory import Entry, Filters
from .names import readable_name, slug, unique_names
from .states import Held, State


@dataclass(frozen=True)
class Candidate:
    """An integration that may be adopted. wanted: the name that it would have. held: what an old state has of it."""

    entry: Entry
    wanted: str
    held: Held | None = None


@dataclass
class Plan:
    """adopted: the ID in Pulumi's state by the resource's name. managed: how many each state manages.

    left_out: a line for each, which tells why. filtered: how many the filters leave out. forgotten: what the old state
    is to lose.
    """

    adopted: dict[str, str] = field(default_factory=dict)
    managed: Counter[str] = field(default_factory=Counter)
    left_out: list[str] = field(default_factory=list)
    filtered: int = 0
    forgotten: list[Held] = field(default_factory=list)


def from_account(entries: Iterable[Entry]) -> list[Candidate]:
    """Every integration of the account."""
    return [Candidate(each, readable_name(each.service.name, each.integration.name)) for each in entries]


def from_state(held: Iterable[Held], entries: Iterable[Entry], account: Account, plan: Plan) -> list[Candidate]:
    """What an old state holds, as far as the account still has it; what it has not is left out of the plan."""
    by_id = {each.integration.id: each for each in entries}
    found: dict[str, Candidate] = {}
    for each in held:
        if each.id in found:
            plan.left_out.append(f"{quoted(each.address)}: {found[each.id].entry.id} is in the state twice")
        elif entry := by_id.get(each.id) or _singly(each, account, plan):
            wanted = slug(each.name) if each.provider == "terraform" else each.name
            found[each.id] = Candidate(entry, wanted, each)
    return list(found.values())


def _singly(held: Held, account: Account, plan: Plan) -> Entry | None:
    """An integration that is on no service that PagerDuty lists for this token."""
    where = f"{quoted(held.address)} ({quoted(held.service or '?')}.{quoted(held.id)})"
    if not (held.service and is_id(held.service) and is_id(held.id)):
        plan.left_out.append(f"{where}: the account has no integration with this ID")
        return None
    try:
        found = account.integrations.get(held.service, held.id)
        return Entry(found, Service(found.service_id, found.service_id, None))
    except NotFoundError:
        reason = "it is no longer in PagerDuty, or the token may not see its service"
    except ForbiddenError as error:
        reason = explain(error) or ""
    plan.left_out.append(f"{where}: {reason}")
    return None


def complete(plan: Plan, candidates: Iterable[Candidate], filters: Filters, managing: Iterable[State]) -> None:
    """Decide about each candidate. managing: the states that may manage it already."""
    states = list(managing)
    owners = {held.id: state.source for state in reversed(states) for held in state.held}
    names = _names(candidates, states)
    for each in candidates:
        integration_id = each.entry.integration.id
        if not filters.allow(each.entry):
            plan.filtered += 1
            continue
        if integration_id in owners:
            plan.managed[owners[integration_id]] += 1
        else:
            plan.adopted[names[integration_id]] = each.entry.id
        if each.held:
            plan.forgotten.append(each.held)


def _names(candidates: Iterable[Candidate], states: Iterable[State]) -> Mapping[str, str]:
    """Names by integration ID. Filters do not change them."""
    taken = {held.id: held.name for state in states for held in state.of("pagerduty-native")}
    return unique_names({each.entry.integration.id: each.wanted for each in candidates}, taken)
