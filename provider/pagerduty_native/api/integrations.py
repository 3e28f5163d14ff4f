"""An account's integrations with their services, and which of them are chosen: for whatever lists them."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from pagerduty_native.api.bulk import ATTEMPTS, BulkReads, Snapshot
from pagerduty_native.api.client import Client
from pagerduty_native.api.create import Creator
from pagerduty_native.api.errors import (
    AppTokenError,
    InterruptedCallError,
    InvalidInputError,
    NotFoundError,
    PagerDutyError,
    RateLimitedError,
    UnauthorizedError,
    UnintelligibleResponseError,
)
from pagerduty_native.api.lookups import Service, Services, Vendors, folded
from pagerduty_native.api.parse import integration_path, service_path
from pagerduty_native.api.records import ANY_WITH_VENDOR, Integration, integration_from

# The first status that is no success.
MIN_REFUSAL = 300


class Integrations:
    """The integrations of an account. Reads share calls (bulk_reads.py); creations are made once (creation.py).

    vendors: what is known of vendors. warn: takes a message for the person who is waiting.
    """

    def __init__(self, client: Client, vendors: Vendors, warn: Callable[[str], object]) -> None:
        self._client = client
        self._vendors = vendors
        self._warn = warn
        self._bulk_reads = BulkReads(client, warn)
        self._creator = Creator(client, self._look, self._bulk_reads.seen, warn)

    def create(
        self,
        service_id: str,
        integration: Mapping[str, Any],
        is_held: Callable[[str], bool] = lambda _id: False,
    ) -> Integration:
        """Create an integration on a service. integration: the API's fields; `type` may be absent beside a `vendor`.

        is_held: whether what has an ID, with that of its service, belongs to another resource. Raises UnsettledError if
        it cannot be told whether it was created.
        """
        if integration.get("type"):
            return self._create(service_id, integration, is_held)
        vendor_id = integration["vendor"]["id"]
        try:
            with_type = {**integration, "type": self._type_with(vendor_id) or ANY_WITH_VENDOR}
            return self._create(service_id, with_type, is_held)
        except InvalidInputError as error:
            # With a vendor PagerDuty is not known to mind the type. Should it, the vendor's kind gives the right one.
            if not error.is_about("type"):
                raise
            with contextlib.suppress(PagerDutyError):
                self._vendors.get(vendor_id)
            if not (generic_type := self._type_with(vendor_id)):
                raise
            return self._create(service_id, {**integration, "type": generic_type}, is_held)

    def _type_with(self, vendor_id: str) -> str | None:
        """The generic type of a vendor's kind, if a lookup told it before."""
        vendor = self._vendors.known(vendor_id)
        return vendor.generic_type if vendor else None

    def _create(self, service_id: str, integration: Mapping[str, Any], is_held: Callable[[str], bool]) -> Integration:
        path, body = service_path(service_id, "integrations"), {"integration": integration}
        created = self._creator.create(
            service_id, integration, lambda: self._client.post(path, body, _written(service_id)), is_held
        )
        self._bulk_reads.written(service_id, created.id)
        return created

    def get(
        self, service_id: str, id: str, enough: Callable[[Integration], bool] = lambda _integration: True
    ) -> Integration:
        """An integration, as it was a minute ago at the most. Raises NotFoundError if its service has none such.

        enough: whether what a bulk read tells of it will do. If not, it is read singly.
        """
        self._creator.take(id)  # before the call, for others that are looked for meanwhile
        found = self._bulk_reads.find(service_id, id)
        if found is None or not enough(found):
            found = self.read(service_id, id)
        return found

    def read(self, service_id: str, id: str, *, attempts: int | None = None) -> Integration:
        """An integration, as it is right now, by a call of its own. Raises NotFoundError if it is not there."""
        path = integration_path(service_id, id)
        still_listed = functools.partial(self._is_listed, service_id, id)
        return self._client.get(
            path,
            lambda body: integration_from(body["integration"], service_id, id),
            attempts=attempts,
            still_listed=still_listed,
        )

    def update(self, service_id: str, id: str, integration: Mapping[str, Any]) -> Integration:
        """Change the fields of an integration that are given; the others stay as they are."""
        path, body = integration_path(service_id, id), {"integration": integration}
        still_listed = functools.partial(self._is_listed, service_id, id)
        try:
            changed = self._client.put(path, body, _written(service_id, id), still_listed=still_listed)
        finally:
            self._bulk_reads.written(service_id, id)
        self._creator.take(changed.id)
        return changed

    def delete(self, service_id: str, id: str) -> None:
        """Delete an integration. Raises NotFoundError if there was none."""
        still_listed = functools.partial(self._is_listed, service_id, id)
        try:
            self._client.delete(integration_path(service_id, id), still_listed=still_listed)
        finally:
            self._bulk_reads.written(service_id, id)

    def _is_listed(self, service_id: str, id: str) -> bool | None:
        """Whether the service's own list has an integration now; None if it cannot be read."""
        try:
            snapshot = self._bulk_reads.look(service_id)
        except NotFoundError as error:
            return False if error.by_pagerduty else None
        except (AppTokenError, InterruptedCallError, RateLimitedError, UnauthorizedError):
            raise
        except PagerDutyError:
            return None
        if id.casefold() in {each.id.casefold() for each in snapshot.all}:
            return True
        return None if "" in snapshot.odd else False

    def of(self, service_id: str) -> list[Integration]:
        """The integrations of a service. Raises NotFoundError if there is no such service."""
        return self.whole(self.on(service_id))

    def on(self, service_id: str) -> Snapshot:
        """A service with its integrations. Raises NotFoundError if there is no such service."""
        snapshot = self._bulk_reads.of(service_id)
        if snapshot.missing:
            raise NotFoundError(404, None, f"There is no service {service_id}", ())
        return snapshot

    def whole(self, snapshot: Snapshot) -> list[Integration]:
        """The integrations of a service: those that did not come whole with it are read singly."""
        return [*snapshot.integrations.values(), *self._singly(snapshot.partial.values(), snapshot.odd)]

    def everywhere(self) -> Iterator[Snapshot]:
        """Every service that the token may see, with its integrations, asked for as they are needed.

        A call for each hundred services, and one for each that we wrote to since.
        """
        for snapshot in self._bulk_reads.by_page():
            found = snapshot
            if snapshot.changed and snapshot.service:
                found = self._bulk_reads.of(snapshot.service.id)
            if not found.missing:
                yield found
        self._tell(self._bulk_reads.beyond, "Integrations of the other services are not listed")

    @property
    def beyond(self) -> bool:
        """Whether the account was seen to have services that PagerDuty does not list."""
        return self._bulk_reads.beyond

    def all(self) -> list[Integration]:
        """Every integration of every service that the token may see: a call for each hundred services.

        Of one that does not come whole with its service, no more than ID, type and name may be there.
        """
        return [each for service in self.everywhere() for each in service.all]

    def find_moved(self, service_id: str, id: str, key: str | None) -> Integration | None:
        """Where an integration is that its service has no more: the one with the same ID, else with the same key.

        People can move integrations to other services in the web app. Looks through the whole account, once.
        key: the integration's key as it was last known. Returns None if the integration is gone.
        """
        everything = self._bulk_reads.everything()
        self._tell(everything.beyond, f"Whether {service_id}.{id} was moved to one of the other services is unknown")
        for each in everything.partial:
            same = each.id == id or (key is not None and each.integration_key == key)
            if same and each.service_id != service_id:
                return self.read(each.service_id, each.id)
        return _moved(everything.whole, service_id, id, key)

    def known_elsewhere(self, service_id: str, id: str, key: str | None) -> Integration | None:
        """The same as `find_moved`, from what was read before: makes no call."""
        return _moved(self._bulk_reads.known(), service_id, id, key)

    def _tell(self, beyond: bool, otherwise: str) -> None:
        """Tell a person, if there are services that PagerDuty does not list, what that means."""
        if beyond:
            self._warn(f"The account has more services than the 10,000 that PagerDuty lists. {otherwise}.")

    def _look(self, service_id: str, known: Container[str]) -> list[Integration]:
        """The integrations that a service has at this moment; those with known IDs may be left out."""
        snapshot = self._bulk_reads.look(service_id)
        unknown = [each for each in snapshot.partial.values() if each.id not in known]
        return [*snapshot.integrations.values(), *self._singly(unknown, snapshot.odd)]

    def _singly(self, partial: Iterable[Integration], odd: Container[str]) -> list[Integration]:
        return [self._odd(each) if each.id in odd else self.read(each.service_id, each.id) for each in partial]

    def _odd(self, odd: Integration) -> Integration:
        """The integration, read by a call of its own; as it is if that cannot be parsed either."""
        try:
            return self.read(odd.service_id, odd.id, attempts=ATTEMPTS)
        except UnintelligibleResponseError as error:
            if error.status >= MIN_REFUSAL:
                raise
            return odd


def _moved(integrations: Iterable[Integration], service_id: str, id: str, key: str | None) -> Integration | None:
    elsewhere = [each for each in integrations if (each.service_id, each.id) != (service_id, id)]
    by_id = (each for each in elsewhere if each.id == id)
    by_key = (each for each in elsewhere if key and each.integration_key == key)
    return next(by_id, None) or next(by_key, None)


def _written(service_id: str, id: str | None = None) -> Callable[[Any], Integration]:
    """What parses the response about an integration of a service that was written; id: None where it is a new one.

    One on another service would be lost: its state could not be found again.
    """

    def parse(body: Any) -> Integration:
        written = integration_from(body["integration"], service_id, id)
        if written.service_id.casefold() != service_id.casefold():
            raise ValueError("service")
        return written

    return parse


# Every recorded ID is of seven or fourteen capital letters and digits.
_LIKE_AN_ID = re.compile(r"([A-Z0-9]{7}){1,2}")


@dataclass(frozen=True)
class Entry:
    """An integration with its service."""

    integration: Integration
    service: Service

    @property
    def id(self) -> str:
        """SERVICE_ID.INTEGRATION_ID."""
        return self.integration.full_id


@dataclass(frozen=True)
class Filters:
    """What chooses among integrations: patterns as the shell has them, regardless of case.

    patterns: by kind: `service`, `team` and `vendor` (each by ID or name), `name` (of the integration, or either of its
    IDs). One of each kind that is given must match.
    """

    patterns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def allow(self, entry: Entry) -> bool:
        return self.allow_service(entry.service) and self.allow_integration(entry.integration)

    def allow_service(self, service: Service) -> bool:
        return self._allow(_words_of_service(service))

    def allow_integration(self, integration: Integration) -> bool:
        return self._allow(_words_of_integration(integration))

    def unmatched(self, services: Iterable[Snapshot]) -> Iterator[tuple[str, str, list[str]]]:
        """The patterns that match nothing of these services: the kind, the pattern, and what there is instead."""
        words: dict[str, set[str]] = {kind: set() for kind in self.patterns}
        for snapshot in services:
            described = [_words_of_integration(each) for each in snapshot.all]
            if snapshot.service:
                described.append(_words_of_service(snapshot.service))
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
    """Whether a text can match others than itself."""
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


class Inventory:
    """The integrations of an account, asked for as they are needed."""

    def __init__(self, services: Services, integrations: Integrations) -> None:
        self._services = services
        self._integrations = integrations

    def by_service(self, filters: Filters) -> Iterator[tuple[Snapshot, list[Entry]]]:
        """Each service that is looked at, with those of its integrations that are chosen.

        One call where a service is given by its ID, two where it is given by its name, else one for each hundred
        services. Where the vendor matters, what does not come whole with its service is asked for, too.
        """
        for snapshot in self._given(filters.patterns.get("service", ())) or self._integrations.everywhere():
            service = snapshot.service
            if service is None or not filters.allow_service(service):
                yield snapshot, []
                continue
            found = self._integrations.whole(snapshot) if "vendor" in filters.patterns else snapshot.all
            yield snapshot, [Entry(each, service) for each in found if filters.allow_integration(each)]

    def _given(self, patterns: Iterable[str]) -> list[Snapshot]:
        """The services that are given, if each pattern stands for one; else none."""
        given = [self._one(pattern) for pattern in patterns]
        return [] if None in given else list({id(each): each for each in given if each}.values())

    def _one(self, pattern: str) -> Snapshot | None:
        """The one service that a pattern stands for, or None if it may stand for others, or for none."""
        if is_pattern(pattern):
            return None
        with contextlib.suppress(NotFoundError):
            if _LIKE_AN_ID.fullmatch(pattern):
                return self._integrations.on(pattern)
            named = [each for each in self._services.search(pattern) if folded(each.name) == folded(pattern)]
            if len(named) == 1:
                return self._integrations.on(named[0].id)
        return None
