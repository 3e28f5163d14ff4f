"""The integrations of an account: create, change, delete and read them, and choose among them with patterns."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from pagerduty_native.api.bulk import ATTEMPTS, BulkReads, Snapshot
from pagerduty_native.api.client import Client
from pagerduty_native.api.create import Creator
from pagerduty_native.api.errors import (
    InvalidInputError,
    NotFoundError,
    PagerDutyError,
    UnintelligibleResponseError,
    UnreadableItemsError,
)
from pagerduty_native.api.lookups import Service, Services, Vendors, folded
from pagerduty_native.api.parse import path_of
from pagerduty_native.api.records import ANY_WITH_VENDOR, EVENT_ORCHESTRATION, Integration, integration_from

# The first status that is not a success.
MIN_REFUSAL = 300
# Every recorded ID consists of seven or fourteen capital letters and digits.
_LIKE_AN_ID = re.compile(r"([A-Z0-9]{7}){1,2}")


class Integrations:
    """The integrations of an account. Safe to share among threads.

    There are four reads: `get` for one integration, `on_service` and `on_every_service` for those of services, and
    `find_moved` for an integration that its service lacks. Reads share calls (bulk.py); a creation whose response is
    lost is settled (create.py).

    Args:
        client: Makes the calls.
        vendors: The account's vendors.
        services: The account's services.
        warn: Shows a message to the user.
    """

    def __init__(self, client: Client, vendors: Vendors, services: Services, warn: Callable[[str], object]) -> None:
        self._client = client
        self._vendors = vendors
        self._services = services
        self._warn = warn
        self._bulk_reads = BulkReads(client, warn)
        self._creator = Creator(client, self._look, self._known_ids, warn)

    def create(
        self,
        service_id: str,
        fields: Mapping[str, Any],
        is_held: Callable[[str], bool] = lambda _id: False,
    ) -> Integration:
        """Create an integration on a service.

        Args:
            service_id: The service's ID.
            fields: The API's fields. `type` may be absent if there is a `vendor`.
            is_held: Returns true if an integration, given as `SERVICE_ID.INTEGRATION_ID`, belongs to another resource.

        Raises:
            UnsettledError: It may have been created, but no response confirmed it.
        """
        if fields.get("type"):
            return self._create(service_id, fields, is_held)
        vendor_id = fields["vendor"]["id"]
        try:
            with_type = {**fields, "type": self._type_with(vendor_id) or ANY_WITH_VENDOR}
            return self._create(service_id, with_type, is_held)
        except InvalidInputError as error:
            # PagerDuty is not known to check the type if there is a vendor. If it does, the vendor has the right one.
            if not error.is_about("type"):
                raise
            with contextlib.suppress(PagerDutyError):
                self._vendors.get(vendor_id)
            if not (generic_type := self._type_with(vendor_id)):
                raise
            return self._create(service_id, {**fields, "type": generic_type}, is_held)

    def update(self, service_id: str, id: str, fields: Mapping[str, Any]) -> Integration:
        """Change the given fields of an integration. The others stay as they are."""
        path, body = path_of("services", service_id, "integrations", id), {"integration": fields}
        try:
            changed = self._client.put(
                path, body, _written(service_id, id), read_ids=lambda: self._listed_ids(service_id)
            )
        finally:
            self._bulk_reads.forget(service_id, id)
        self._creator.take(changed.id)
        return changed

    def delete(self, service_id: str, id: str) -> None:
        """Delete an integration. Raises NotFoundError if there was none."""
        path = path_of("services", service_id, "integrations", id)
        try:
            self._client.delete(path, read_ids=lambda: self._listed_ids(service_id))
        finally:
            self._bulk_reads.forget(service_id, id)

    def get(
        self,
        service_id: str,
        id: str,
        *,
        is_enough: Callable[[Integration], bool] = lambda _integration: True,
        fresh: bool = False,
    ) -> Integration:
        """Get an integration, from a cache of at most a minute.

        Args:
            service_id: The service's ID.
            id: The integration's ID.
            is_enough: Returns true if an integration that was read in bulk has everything that is needed. If not, it
                is read by a call of its own.
            fresh: Always make a call of its own.

        Raises:
            NotFoundError: The service has no such integration.
        """
        self._creator.take(id)  # Before the call, for creations that look for theirs meanwhile.
        found = None if fresh else self._bulk_reads.find(service_id, id)
        return found if found and is_enough(found) else self._read(service_id, id)

    def on_service(self, service_id: str, *, complete: bool = False) -> Snapshot:
        """Get a service with its integrations, from a cache of at most a minute. Raises NotFoundError.

        Args:
            service_id: The service's ID.
            complete: Read each integration that did not come whole by a call of its own.
        """
        snapshot = self._bulk_reads.service(service_id)
        if not complete:
            return snapshot
        return replace(snapshot, integrations=self._whole(snapshot, skip_deleted=True), partial={})

    def on_every_service(self) -> Iterator[Snapshot]:
        """Iterate over every service that the token may see, with its integrations, reading as they are needed.

        This takes a call for each 100 services, and one for each that the provider has written to since.
        """
        for snapshot in self._bulk_reads.services():
            with contextlib.suppress(NotFoundError):  # It was deleted since.
                yield self._bulk_reads.service(snapshot.service.id) if snapshot.changed else snapshot
        self._warn_of_unlisted_services("Integrations of the other services are not listed")

    def find_moved(self, service_id: str, id: str, key: str | None, *, search: bool = True) -> Integration | None:
        """Find an integration that was moved to another service, by ID or by key; None if it is gone.

        People can move integrations in the web app.

        Args:
            service_id: The service that the integration was on.
            id: The integration's ID.
            key: The integration's last known key.
            search: Read the whole account. Otherwise no call is made, and only earlier reads count.

        Raises:
            UnreadableItemsError: It was not found, but some service or integration cannot be parsed.
        """
        snapshots: list[Snapshot] = []
        if search:
            snapshots += self._bulk_reads.services()
            self._warn_of_unlisted_services(
                f"Whether {service_id}.{id} was moved to one of the other services is unknown"
            )
        snapshots += self._bulk_reads.cached()  # A service that PagerDuty does not list may have been read.
        others = [each for snapshot in snapshots for each in snapshot.all if each.full_id != f"{service_id}.{id}"]
        with_id = [each for each in others if each.id == id]
        with_key = [each for each in others if key and each.integration_key == key]
        if not with_id and not with_key:
            if search and (self._bulk_reads.has_skipped_services or any("" in snapshot.odd for snapshot in snapshots)):
                raise UnreadableItemsError("services or integrations")
            return None
        found = [*with_id, *with_key][0]
        is_partial = any(found.id in snapshot.partial for snapshot in snapshots)
        return self._read(found.service_id, found.id) if search and is_partial else found

    def matching(self, filters: Filters) -> Iterator[tuple[Snapshot, list[Entry]]]:
        """Iterate over the services that have to be read, each with its integrations that match.

        This takes one call for a service given by ID, two for one given by name, and otherwise one for each 100
        services. If the vendor matters, integrations that do not come whole take a call each.
        """
        for snapshot in self._given(filters.patterns.get("service", ())) or self.on_every_service():
            service = snapshot.service
            found: Iterable[Integration] = []
            if filters.allow_service(service):
                found = snapshot.all
                if "vendor" in filters.patterns:
                    found = self._whole(snapshot, skip_deleted=True).values()
            yield snapshot, [Entry(each, service) for each in found if filters.allow_integration(each)]

    @property
    def has_unlisted_services(self) -> bool:
        """True if the account is known to have more services than PagerDuty lists."""
        return self._bulk_reads.has_unlisted_services

    def _create(self, service_id: str, fields: Mapping[str, Any], is_held: Callable[[str], bool]) -> Integration:
        path, body = path_of("services", service_id, "integrations"), {"integration": fields}
        created = self._creator.create(
            service_id, fields, lambda: self._client.post(path, body, _written(service_id)), is_held
        )
        self._bulk_reads.forget(service_id, created.id)
        return created

    def _type_with(self, vendor_id: str) -> str | None:
        """Get the generic type of a vendor's integrations, if an earlier lookup returned it."""
        vendor = self._vendors.known(vendor_id)
        return vendor.generic_type if vendor else None

    def _read(self, service_id: str, id: str, *, attempts: int | None = None) -> Integration:
        return self._client.get(
            path_of("services", service_id, "integrations", id),
            lambda body: integration_from(body["integration"], service_id, id),
            attempts=attempts,
            read_ids=lambda: self._listed_ids(service_id),
        )

    def _listed_ids(self, service_id: str) -> list[str]:
        """Read the IDs of the integrations on a service, with "" for each without one."""
        snapshot = self._bulk_reads.read_now(service_id)
        return [*snapshot.odd, *(each.id for each in snapshot.all)]

    def _known_ids(self, service_id: str) -> set[str]:
        """List the IDs of the integrations that a service had when it was last read."""
        return {
            each.id
            for snapshot in self._bulk_reads.cached()
            if snapshot.service.id.casefold() == service_id.casefold()
            for each in snapshot.all
        }

    def _look(self, service_id: str, known: Container[str]) -> list[Integration]:
        """Read the integrations that a service has at this moment. Those with known IDs may be absent."""
        snapshot = self._bulk_reads.read_now(service_id)
        unknown = {each.id: each for each in snapshot.partial.values() if each.id not in known}
        return list(self._whole(replace(snapshot, partial=unknown)).values())

    def _whole(self, snapshot: Snapshot, *, skip_deleted: bool = False) -> dict[str, Integration]:
        """Return a service's integrations by ID, after reading those that did not come whole.

        skip_deleted: leave out those that were deleted meanwhile. Otherwise, and for those that the list has with odd
        values, raise NotFoundError.
        """
        whole = dict(snapshot.integrations)
        for each in snapshot.partial.values():
            is_odd = each.id in snapshot.odd
            try:
                whole[each.id] = self._odd(each) if is_odd else self._read(each.service_id, each.id)
            except NotFoundError:
                if is_odd or not skip_deleted:
                    raise
        return whole

    def _odd(self, odd: Integration) -> Integration:
        """Read an integration by a call of its own. Return it unchanged if that response cannot be parsed either."""
        try:
            return self._read(odd.service_id, odd.id, attempts=ATTEMPTS)
        except UnintelligibleResponseError as error:
            if error.status >= MIN_REFUSAL:
                raise
            return odd

    def _given(self, patterns: Iterable[str]) -> list[Snapshot]:
        """Get the services that the patterns name, if each pattern names one; otherwise none."""
        given: dict[str, Snapshot] = {}
        for pattern in patterns:
            snapshot = self._one(pattern)
            if snapshot is None:
                return []
            given[snapshot.service.id] = snapshot
        return list(given.values())

    def _one(self, pattern: str) -> Snapshot | None:
        """Get the only service that a pattern can match; None if it may match several, or none."""
        if is_pattern(pattern):
            return None
        with contextlib.suppress(NotFoundError):
            if _LIKE_AN_ID.fullmatch(pattern):
                return self.on_service(pattern)
            named = [each for each in self._services.search(pattern) if folded(each.name) == folded(pattern)]
            if len(named) == 1:
                return self.on_service(named[0].id)
        return None

    def _warn_of_unlisted_services(self, consequence: str) -> None:
        if self._bulk_reads.has_unlisted_services:
            self._warn(f"The account has more services than the 10,000 that PagerDuty lists. {consequence}.")


@dataclass(frozen=True)
class Entry:
    """An integration with its service, or with its event orchestration in the service's place."""

    integration: Integration
    service: Service

    @property
    def of_orchestration(self) -> bool:
        return self.integration.type == EVENT_ORCHESTRATION

    @property
    def id(self) -> str:
        """SERVICE_ID.INTEGRATION_ID, or the UUID of an event orchestration's integration: what `import` takes."""
        return self.integration.id if self.of_orchestration else self.integration.full_id


@dataclass(frozen=True)
class Filters:
    """Patterns that choose among integrations: shell patterns, in any case.

    patterns: by kind, which is `service`, `team` or `vendor` (each by ID or name), or `name` (the integration's name or
    one of its IDs). One pattern of each given kind must match.
    """

    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def allow(self, entry: Entry) -> bool:
        return self.allow_service(entry.service) and self.allow_integration(entry.integration)

    def allow_service(self, service: Service) -> bool:
        return self._allow(_words_of_service(service))

    def allow_integration(self, integration: Integration) -> bool:
        return self._allow(_words_of_integration(integration))

    def unmatched(self, services: Iterable[Snapshot]) -> Iterator[tuple[str, str, list[str]]]:
        """Find the patterns that match nothing of these services. Yield kind, pattern, and the names that exist."""
        words: dict[str, set[str]] = {kind: set() for kind in self.patterns}
        for snapshot in services:
            described = [_words_of_service(snapshot.service), *map(_words_of_integration, snapshot.all)]
            for kind, known in words.items():
                known.update(*(each.get(kind, ()) for each in described))
        for kind, patterns in self.patterns.items():
            for pattern in patterns:
                if not _matches(pattern, words[kind]):
                    yield kind, pattern, sorted(words[kind] - {""})

    def _allow(self, words: Mapping[str, list[str]]) -> bool:
        return all(
            any(_matches(pattern, words[kind]) for pattern in self.patterns[kind])
            for kind in words
            if kind in self.patterns
        )


def is_pattern(text: str) -> bool:
    """Return whether a text can match others than itself."""
    return any(each in text for each in "*?[")


def _words_of_service(service: Service) -> dict[str, list[str]]:
    teams = [word for team in service.teams for word in (team.id, team.name)]
    return {"service": [service.id, service.name], "team": teams}


def _words_of_integration(integration: Integration) -> dict[str, list[str]]:
    return {
        "vendor": [integration.vendor_id or "", integration.vendor_name or ""],
        "name": [integration.id, integration.full_id, integration.name],
    }


def _matches(pattern: str, words: Iterable[str]) -> bool:
    return any(word and fnmatchcase(folded(word), folded(pattern)) for word in words)


def _written(service_id: str, id: str | None = None) -> Callable[[Any], Integration]:
    """Return a parser for the response to a write on a service. id: the integration's ID; None for a new one.

    It refuses an integration on another service, which its state could not be found by again.
    """

    def parse(body: Any) -> Integration:
        written = integration_from(body["integration"], service_id, id)
        if written.service_id.casefold() != service_id.casefold():
            raise ValueError("service")
        return written

    return parse
