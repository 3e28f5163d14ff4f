"""Inbound integrations of services. https://developer.pagerduty.com/api-reference (Services, Integrations)"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .bulk_reads import BulkReads, Everything
from .client import Client
from .creation import Creator
from .errors import InvalidInputError, NotFoundError, PagerDutyError
from .integration import Integration, integration_from
from .integration_types import ANY_WITH_VENDOR
from .paths import integration_path, service_path
from .vendors import Vendors


class Integrations:
    """The integrations of an account. Reads share calls (bulk_reads.py); creations are made once (creation.py).

    vendors: what is known of vendors. warn: takes a message for the person who is waiting. beyond: whether the account
    was seen to have services that PagerDuty does not list.
    """

    def __init__(self, client: Client, vendors: Vendors, warn: Callable[[str], object]) -> None:
        self._client = client
        self._vendors = vendors
        self._warn = warn
        self.beyond = False
        self._bulk_reads = BulkReads(client)
        self._creator = Creator(client, self._look, self._bulk_reads.seen, warn)

    def create(self, service_id: str, integration: Mapping[str, Any]) -> Integration:
        """Create an integration on a service. integration: the API's fields; `type` may be absent beside a `vendor`.

        Raises UnsettledError if it cannot be told whether it was created.
        """
        if integration.get("type"):
            return self._create(service_id, integration)
        vendor_id = integration["vendor"]["id"]
        try:
            return self._create(service_id, {**integration, "type": self._type_with(vendor_id) or ANY_WITH_VENDOR})
        except InvalidInputError as error:
            # With a vendor PagerDuty is not known to mind the type. Should it, the vendor's kind gives the right one.
            if not error.is_about("type"):
                raise
            with contextlib.suppress(PagerDutyError):
                self._vendors.get(vendor_id)
            if not (generic_type := self._type_with(vendor_id)):
                raise
            return self._create(service_id, {**integration, "type": generic_type})

    def _type_with(self, vendor_id: str) -> str | None:
        """The generic type of a vendor's kind, if a lookup told it before."""
        vendor = self._vendors.known(vendor_id)
        return vendor.generic_type if vendor else None

    def _create(self, service_id: str, integration: Mapping[str, Any]) -> Integration:
        path, body = service_path(service_id, "integrations"), {"integration": integration}
        created = self._creator.create(
            service_id, integration, lambda: self._client.post(path, body, _parsing(service_id))
        )
        self._bulk_reads.written(service_id, created.id)
        return created

    def get(
        self, service_id: str, id: str, enough: Callable[[Integration], bool] = lambda _integration: True
    ) -> Integration:
        """An integration, as it was a minute ago at the most. Raises NotFoundError if its service has none such.

        enough: whether what a bulk read tells of it will do. If not, it is read singly.
        """
        found = self._bulk_reads.find(service_id, id)
        if found is None or not enough(found):
            found = self.read(service_id, id)
        self._creator.take(found)
        return found

    def read(self, service_id: str, id: str) -> Integration:
        """An integration, as it is right now, by a call of its own. Raises NotFoundError if it is not there."""
        return self._client.get(integration_path(service_id, id), _parsing(service_id))

    def update(self, service_id: str, id: str, integration: Mapping[str, Any]) -> Integration:
        """Change the fields of an integration that are given; the others stay as they are."""
        body = {"integration": integration}
        try:
            changed = self._client.put(integration_path(service_id, id), body, _parsing(service_id))
        finally:
            self._bulk_reads.written(service_id, id)
        self._creator.take(changed)
        return changed

    def delete(self, service_id: str, id: str) -> None:
        """Delete an integration. Raises NotFoundError if there was none."""
        try:
            self._client.delete(integration_path(service_id, id))
        finally:
            self._bulk_reads.written(service_id, id)

    def of(self, service_id: str) -> list[Integration]:
        """The integrations of a service. Raises NotFoundError if there is no such service."""
        snapshot = self._bulk_reads.of(service_id)
        if snapshot.missing:
            raise NotFoundError(404, None, f"There is no service {service_id}", ())
        return [*snapshot.integrations.values(), *self._singly(snapshot.partial.values())]

    def all(self, told: Callable[[int], object] = lambda _pages: None) -> list[Integration]:
        """Every integration of every service that the token may see: a call for each hundred services.

        Of one that does not come whole with its service, no more than ID, type and name may be there. told: takes how
        many hundreds were read so far. `beyond` tells whether there are services that PagerDuty does not list.
        """
        everything = self._everything("Integrations of the others are not listed", told)
        return [*everything.whole, *everything.partial]

    def find_moved(self, service_id: str, id: str, key: str | None) -> Integration | None:
        """Where an integration is that its service has no more: the one with the same ID, else with the same key.

        People can move integrations to other services in the web app. Looks through the whole account, once.
        key: the integration's key as it was last known. Returns None if the integration is gone.
        """
        everything = self._everything(f"Whether {service_id}.{id} was moved to one of the others is not known")
        for each in everything.partial:
            if each.id == id and each.service_id != service_id:
                return self.read(each.service_id, id)
        return _moved(everything.whole, service_id, id, key)

    def known_elsewhere(self, service_id: str, id: str, key: str | None) -> Integration | None:
        """The same as `find_moved`, from what was read before: makes no call."""
        return _moved(self._bulk_reads.known(), service_id, id, key)

    def _everything(self, otherwise: str, told: Callable[[int], object] = lambda _pages: None) -> Everything:
        """otherwise: what it means if there are services that PagerDuty does not list."""
        everything = self._bulk_reads.everything(told)
        self.beyond = everything.beyond
        if everything.beyond:
            self._warn(f"The account has more services than the 10000 that PagerDuty lists. {otherwise}.")
        return everything

    def _look(self, service_id: str, name: str) -> list[Integration]:
        """The integrations that a service has at this moment; those of other names may be left out."""
        snapshot = self._bulk_reads.look(service_id)
        alike = [each for each in snapshot.partial.values() if each.name.strip() == name.strip()]
        return [*snapshot.integrations.values(), *self._singly(alike)]

    def _singly(self, partial: Iterable[Integration]) -> list[Integration]:
        return [self.read(each.service_id, each.id) for each in partial]


def _moved(integrations: Iterable[Integration], service_id: str, id: str, key: str | None) -> Integration | None:
    elsewhere = [each for each in integrations if (each.service_id, each.id) != (service_id, id)]
    by_id = (each for each in elsewhere if each.id == id)
    by_key = (each for each in elsewhere if key and each.integration_key == key)
    return next(by_id, None) or next(by_key, None)


def _parsing(service_id: str) -> Callable[[Any], Integration]:
    """What parses the API's response about one integration of a service."""
    return lambda body: integration_from(body["integration"], service_id)
