"""What was read of services with their integrations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .bodies import NOT_DOCUMENTED, id_or_empty, items, text
from .integration import Integration, integration_from, odd_integration
from .service_pages import ServicePages
from .services import Service, service_from


@dataclass
class Snapshot:
    """A service with its integrations as they were read, by their IDs.

    service: None only if it is missing.
    partial: those without a key and an address, or that cannot be parsed, so that each needs a call of its own.
    odd: the IDs of those that cannot be parsed, "" for each without an ID.
    only_references: whether all that was read are references.
    changed: whether we wrote to the service since. missing: whether there was no such service.
    """

    service: Service | None = None
    integrations: dict[str, Integration] = field(default_factory=dict)
    partial: dict[str, Integration] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    only_references: bool = False
    changed: bool = False
    missing: bool = False

    @property
    def all(self) -> list[Integration]:
        return [*self.integrations.values(), *self.partial.values()]


@dataclass(frozen=True)
class Everything:
    """Every service's integrations. beyond: whether there are services that PagerDuty does not list."""

    services: list[Snapshot]
    beyond: bool

    @property
    def whole(self) -> list[Integration]:
        return [each for service in self.services for each in service.integrations.values()]

    @property
    def partial(self) -> list[Integration]:
        return [each for service in self.services for each in service.partial.values()]


@dataclass
class Known:
    """What was read in bulk, until it is too old."""

    fresh_until: float
    services: dict[str, Snapshot] = field(default_factory=dict)
    pages: ServicePages = field(default_factory=ServicePages)
    # The IDs of the services on each page.
    listed: dict[int, list[str]] = field(default_factory=dict)
    services_asked: int = 0
    services_under_way: set[str] = field(default_factory=set)
    # Services that cannot be read at once.
    unreadable: set[str] = field(default_factory=set)

    def page(self, number: int) -> list[Snapshot] | None:
        """The services on a page, which is `NO_PAGE` after the last one; None if it was not read yet."""
        if number in self.listed:
            return [self.services[each] for each in self.listed[number]]
        return NO_PAGE if self.pages.complete else None


NO_PAGE: list[Snapshot] = []


def service_snapshot(body: Any, id: str) -> Snapshot:
    """What the API's response about one service tells of it. id: the one that was asked for."""
    return listed_snapshot(body["service"], id)[1]


def listed_snapshot(service: Mapping[str, Any], id: str | None = None) -> tuple[str, Snapshot]:
    """The ID of a service in an index, and what is told of it there."""
    bodies = items(service, "integrations")
    # Nothing but a listing needs the name.
    described = service_from({**service, "name": service.get("name") or service["id"]}, id)
    snapshot = Snapshot(described)
    references = 0
    for body in bodies:
        try:
            is_reference = text(body, "type").endswith("_reference")
            integration = integration_from(body, described.id)
        except NOT_DOCUMENTED:
            snapshot.odd.append(odd_id := id_or_empty(body))
            if odd_id:
                snapshot.partial[odd_id] = odd_integration(body, described.id)
            continue
        references += is_reference
        whole = not is_reference and (integration.integration_key or integration.integration_email)
        (snapshot.integrations if whole else snapshot.partial)[integration.id] = integration
    snapshot.only_references = bool(bodies) and references == len(bodies)
    return described.id, snapshot
