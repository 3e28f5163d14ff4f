"""The decisions of `adopt` about each integration: write it, skip it as managed, or leave it out, and why."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pagerduty_native.api.account import Account
from pagerduty_native.api.errors import (
    ApiError,
    NotFoundError,
    PagerDutyError,
    RateLimitedError,
    UnauthorizedError,
    quoted,
)
from pagerduty_native.api.integrations import Entry, Filters
from pagerduty_native.api.lookups import Service
from pagerduty_native.api.parse import is_id
from pagerduty_native.cli.states import Held, State
from pagerduty_native.settings import explain

MAX_CHARACTERS = 80


def slug(text: str) -> str:
    """Write a text in lower-case ASCII letters, digits and dashes; empty if that leaves nothing."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_CHARACTERS].rstrip("-")


def readable_name(service: str, integration: str) -> str:
    """Join the names of a service and its integration, without repeating the service's."""
    first, second = slug(service), slug(integration)
    if second == first or second.startswith(f"{first}-") or not first:
        return second
    return f"{first}-{second}" if second else first


def unique_names(wanted: Mapping[str, str], taken: Mapping[str, str]) -> dict[str, str]:
    """Name each integration, by its ID: the wanted name, followed by the ID if others want the same.

    wanted: by integration ID. taken: names that resources have already, by the IDs of their integrations.
    """
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for names in (wanted, taken):
        for integration_id, name in names.items():
            owners[same_variable(name)].add(integration_id)
    return {each: _unique(name, each, len(owners[same_variable(name)]) > 1) for each, name in wanted.items()}


def _unique(name: str, id: str, shared: bool) -> str:
    if not name:
        return f"integration-{id}"
    return f"{name}-{id}" if shared else name


def same_variable(name: str) -> str:
    """Reduce a name to the letters and digits that make its variable in a generated program."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())


GONE = "it is no longer in PagerDuty, or the token has no access to its service"


@dataclass(frozen=True)
class Candidate:
    """An integration that may be adopted. wanted: its name, if no other has that. held: its entries in an old state."""

    entry: Entry
    wanted: str
    held: list[Held] = field(default_factory=list)


@dataclass(frozen=True)
class LeftOut:
    """Something that is not adopted though it should be, and why."""

    what: str
    reason: str


@dataclass
class Plan:
    """adopted: integrations by their resources' names. managed: those that a state manages, with the state's source.

    left_out: what could not be done. unlisted: services that were not read, in words. filtered: what the filters leave
    out. forgotten: what the old state is to lose.
    """

    adopted: dict[str, Entry] = field(default_factory=dict)
    managed: list[tuple[Entry, str]] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    filtered: list[Entry] = field(default_factory=list)
    forgotten: list[Held] = field(default_factory=list)
    unlisted: str | None = None

    def leave_out(self, name: str, reason: str) -> None:
        """Do not adopt what was to have this name after all."""
        entry = self.adopted.pop(name)
        self.forgotten = [each for each in self.forgotten if each.id != entry.integration.id]
        self.left_out.append(LeftOut(f"{entry.id} ({quoted(entry.integration.name)})", reason))


def from_account(entries: Iterable[Entry]) -> list[Candidate]:
    """Propose every integration of the account."""
    return [Candidate(each, readable_name(each.service.name, each.integration.name)) for each in entries]


def from_state(old: Iterable[Held], entries: Iterable[Entry], account: Account, plan: Plan) -> list[Candidate]:
    """Find the integrations that an old state holds and the account still has. The plan leaves out the rest."""
    by_id = {each.integration.id: each for each in entries}
    held = list(old)
    leaving = {each.id for each in held if each.leaving and each.id}
    found: dict[str, Candidate] = {}
    for each in held:
        if each.leaving:
            plan.left_out.append(LeftOut(_place(each), _leaving(each)))
        elif each.id in leaving:
            plan.left_out.append(LeftOut(_place(each), "the state has it a second time, to be deleted"))
        elif each.id in found:
            found[each.id].held.append(each)
            first = quoted(found[each.id].held[0].address)
            plan.left_out.append(LeftOut(_place(each), f"it is in the state twice, and adopted once, from {first}"))
        elif entry := by_id.get(each.id) or _singly(each, account, plan):
            wanted = slug(each.name) if each.provider == "terraform" else each.name
            found[each.id] = Candidate(entry, wanted, [each])
    return list(found.values())


def _leaving(held: Held) -> str:
    if held.provider == "terraform":
        return "a deposed object, which the next `terraform apply` deletes"
    return "a pending deletion, which the next `pulumi up` makes"


def _place(held: Held) -> str:
    return f"{quoted(held.address)} ({quoted(held.service or '?')}.{quoted(held.id or '?')})"


def _singly(held: Held, account: Account, plan: Plan) -> Entry | None:
    """Read an integration of a service that PagerDuty does not list for this token."""
    where = _place(held)
    if not (held.service and is_id(held.service) and is_id(held.id)) or "-" in held.id:  # the UUID of one that is gone
        plan.left_out.append(LeftOut(where, "the account has no integration with this ID"))
        return None
    try:
        found = account.integrations.get(held.service, held.id)
        return Entry(found, Service(found.service_id, found.service_id, None))
    except PagerDutyError as error:
        plan.left_out.append(LeftOut(where, why_not(error)))
        return None


def why_not(error: PagerDutyError) -> str:
    """Explain why an integration could not be read. Raises the error again if it concerns all of them."""
    if isinstance(error, NotFoundError):
        return GONE
    if isinstance(error, (UnauthorizedError, RateLimitedError)) or not isinstance(error, ApiError):
        raise error
    return explain(error) or ""


def complete(plan: Plan, candidates: Iterable[Candidate], filters: Filters, managing: Iterable[State]) -> None:
    """Decide about each candidate. managing: the states that may manage it already."""
    states = list(managing)
    owners = {held.id: state.source for state in reversed(states) for held in state.held}
    names = _names(candidates, states)
    for each in candidates:
        integration_id = each.entry.integration.id
        if not filters.allow(each.entry):
            plan.filtered.append(each.entry)
            continue
        if integration_id in owners:
            plan.managed.append((each.entry, owners[integration_id]))
        else:
            plan.adopted[names[integration_id]] = each.entry
        plan.forgotten += each.held


def _names(candidates: Iterable[Candidate], states: Iterable[State]) -> Mapping[str, str]:
    """Return the names by integration ID. Filters do not change them."""
    taken = {held.id: held.name for state in states for held in state.of("pagerduty-native")}
    return unique_names({each.entry.integration.id: each.wanted for each in candidates}, taken)
