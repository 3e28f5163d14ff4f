"""The program that a person would have written for adopted integrations, before it is written in a language."""

from __future__ import annotations

import dataclasses
import itertools
import keyword
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pagerduty_native.functions.get_vendor import GetVendor, GetVendorArgs
from pagerduty_native.pagerduty.account import Account
from pagerduty_native.pagerduty.errors import ForbiddenError, PagerDutyError
from pagerduty_native.pagerduty.inventory import Entry
from pagerduty_native.pagerduty.services import Service
from pagerduty_native.resources.email import FILTERED, EmailFilter
from pagerduty_native.resources.integration import Integration, IntegrationArgs, IntegrationState
from pagerduty_native.rpc import ProviderError, decode, properties_of

from .names import same_variable, slug
from .plan import GONE, Plan, why_not
from .terminal import clear, progress, tell

# Words that cannot be variables in Python, that YAML does not read as texts, or that a program needs; in lower case.
_YAML_WORDS = {"n", "no", "null", "off", "on", "y", "yes"}
RESERVED = {"pagerduty", "pulumi", *_YAML_WORDS, *map(str.casefold, keyword.kwlist)}


@dataclass(frozen=True)
class Lookup:
    """A call of getService or getVendor. variable: words with dashes between them, for each language to join."""

    kind: Literal["service", "vendor"]
    name: str
    variable: str


@dataclass(frozen=True)
class Id:
    """An ID in a program. lookup: the call that finds it; None to write the ID itself, with the name in a comment."""

    id: str
    name: str
    lookup: Lookup | None


@dataclass(frozen=True)
class Declaration:
    """A resource. properties: by their Python names, each an `Id`, a text, or a list of declared objects."""

    name: str
    variable: str
    properties: dict[str, Any]


@dataclass(frozen=True)
class Program:
    lookups: list[Lookup]
    declarations: list[Declaration]


def program_for(account: Account, plan: Plan, services: Iterable[Service]) -> Program:
    """The program for what is adopted. What cannot be read any more is left out of the plan."""
    states = dict(_read(account, plan))
    variables = Variables()
    names = {name: variables.take(slug(name), "integration", each.integration_id) for name, each in states.items()}
    ids = _Ids(account, services, variables)
    declarations = [
        Declaration(name, names[name], ids.in_place_of_names(plan.adopted[name], _properties(state)))
        for name, state in states.items()
    ]
    return Program(ids.lookups, declarations)


def _read(account: Account, plan: Plan) -> Iterator[tuple[str, IntegrationState]]:
    """What `pulumi import` will read, by the resources' names. Only of what takes e-mail it is not known already."""
    resource = Integration(account)
    for number, (name, entry) in enumerate(list(plan.adopted.items()), start=1):
        progress(f"Reading the properties: {number:,} of {len(plan.adopted):,}…")
        try:
            found = resource.read(entry.id, decode(IntegrationState, {}))
        except PagerDutyError as error:
            plan.leave_out(name, why_not(error))
            continue
        if found is None:
            plan.leave_out(name, GONE)
        else:
            yield name, found.state
    clear()


def _properties(state: IntegrationState) -> dict[str, Any]:
    """What of a state a person writes: what is there, but not what follows from the rest of it."""
    found = {each.attribute: getattr(state, each.attribute) for each in properties_of(IntegrationArgs)}
    if found["vendor"]:
        del found["type"]
    if found["email_filters"]:
        found["email_filters"] = [_without_defaults(each) for each in found["email_filters"]]
    return {name: value for name, value in found.items() if value}


def _without_defaults(email_filter: EmailFilter) -> EmailFilter:
    modes = (f"{name}_mode" for name in FILTERED)
    return dataclasses.replace(
        email_filter, **{mode: None for mode in modes if getattr(email_filter, mode) == "always"}
    )


class Variables:
    """Variables of a program, each once, whether its language writes `amazon_cloudwatch` or `amazonCloudwatch`."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, words: str, kind: str, id: str) -> str:
        """The words if they can be a variable and are free, else with the kind of thing, else with its ID as well."""
        start = words if words[:1].isalpha() else f"{kind}-{words or id.lower()}"
        wanted = (start, f"{start}-{kind}", f"{start}-{id.lower()}")
        others = (f"{start}-{kind}-{number}" for number in itertools.count(2))
        free = next(each for each in itertools.chain(wanted, others) if self._is_free(each, kind))
        self._taken.add(same_variable(free))
        return free

    def _is_free(self, words: str, kind: str) -> bool:
        return words.casefold() not in {kind, *RESERVED} and same_variable(words) not in self._taken


class _Ids:
    """IDs by names: as the program's functions will find them, or else as they are.

    services: all that the account has. lookups: those that the program needs so far.
    """

    def __init__(self, account: Account, services: Iterable[Service], variables: Variables) -> None:
        self._account = account
        self._services: defaultdict[str, list[str]] = defaultdict(list)
        for each in services:
            self._services[each.name].append(each.id)
        self._variables = variables
        self._known: dict[tuple[str, str], Id] = {}
        self._vendors_refused = False

    @property
    def lookups(self) -> list[Lookup]:
        """Services first, as they are the program's chapters."""
        found = [each.lookup for each in self._known.values() if each.lookup]
        return sorted(found, key=lambda each: each.kind)

    def in_place_of_names(self, entry: Entry, properties: dict[str, Any]) -> dict[str, Any]:
        """An integration's properties, with `Id`s of its service and vendor."""
        named = {"service": entry.service.name, "vendor": entry.integration.vendor_name}
        ids = {kind: self._id(kind, properties[kind], name or "") for kind, name in named.items() if kind in properties}
        return {**properties, **ids}

    def _id(self, kind: Any, id: str, name: str) -> Id:
        if (kind, id) not in self._known:
            name = "" if name == id else name  # A service without a name has its ID there.
            found = name and (self._services[name] == [id] if kind == "service" else self._found_vendor(name) == id)
            lookup = Lookup(kind, name, self._variables.take(slug(name), kind, id)) if found else None
            self._known[kind, id] = Id(id, name, lookup)
        return self._known[kind, id]

    def _found_vendor(self, name: str) -> str | None:
        if self._vendors_refused:
            return None
        progress(f"Looking up the vendor {name}…")
        try:
            return GetVendor(self._account).invoke(GetVendorArgs(name=name, id=None)).id
        except ProviderError:  # It is hidden from this account, or has a name that others have, too.
            return None
        except ForbiddenError:
            self._vendors_refused = True
            tell("note: the token may not look up vendors, so that the program has their IDs.")
            return None
