"""Vendors: the kinds of alert sources that PagerDuty knows. https://developer.pagerduty.com/api-reference (Vendors)"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pagerduty_native.api.client import PAGE_LIMIT, Client
from pagerduty_native.api.parse import id_of, objects_or_none, service_path, text, text_or_none, vendor_path
from pagerduty_native.api.records import GENERIC_EMAIL, GENERIC_EVENTS_API
from pagerduty_native.api.waiting import Once


class Named(Protocol):
    @property
    def name(self) -> str: ...


Found = TypeVar("Found", bound=Named)


def folded(name: str) -> str:
    """Return the form in which names are compared: letters and their accents as one character each, whatever case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).strip().casefold())


def containing(text: str, named: Iterable[Found]) -> list[Found]:
    """Those whose names contain a text."""
    wanted = folded(text)
    return [each for each in named if wanted in folded(each.name)]


@dataclass(frozen=True)
class Team:
    """A team as its services tell of it."""

    id: str
    name: str


@dataclass(frozen=True)
class Service:
    id: str
    name: str
    html_url: str | None
    teams: tuple[Team, ...] = ()


class Services:
    """The services of an account. What was found is not asked for again; what was not may have been created since."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._service = Once[Service](client.waiting)
        self._search = Once[list[Service]](client.waiting, keep=bool)
        self._index = Once[list[Service]](client.waiting, keep=lambda _services: False)

    def get(self, id: str) -> Service:
        """The service with this ID. Raises NotFoundError if there is none."""
        return self._service.get(
            id, lambda: self._client.get(service_path(id), lambda body: service_from(body["service"], id))
        )

    def search(self, text: str) -> list[Service]:
        """The services whose names contain `text`, whatever its case; none if PagerDuty's own search finds none."""
        query = {"query": text.strip()}
        return self._search.get(folded(text), lambda: containing(text, self._read(query)))

    def all(self) -> list[Service]:
        """Every service of the account that the token may see: a call for each hundred."""
        return self._index.get("", lambda: self._read({}))

    def of_team(self, team_id: str) -> list[Service]:
        """The services of a team, also those that `all` does not reach."""
        return self._read({"team_ids[]": team_id})

    def _read(self, params: dict[str, str]) -> list[Service]:
        # A service moves to the next page if another is added before it.
        pages = self._client.pages("/services", "services", service_from, params)
        return list({service.id: service for page in pages for service in page}.values())


def service_from(body: Mapping[str, Any], id: str | None = None) -> Service:
    """The service that the API describes. Raises as `bodies` does if it is not that. id: the one that was asked for."""
    teams = tuple(
        Team(id_of(each), text_or_none(each, "summary") or "") for each in objects_or_none(body, "teams") or ()
    )
    return Service(id=id_of(body, id), name=text(body, "name"), html_url=text_or_none(body, "html_url"), teams=teams)


# After so many calls the whole index is read, which then answers all else. PagerDuty has over 400 vendors, on five
# pages or more; nothing but the number of calls depends on it.
CALLS_BEFORE_INDEX = 5


@dataclass(frozen=True)
class Vendor:
    """A vendor as the API describes it. name: without the stray blanks that some have."""

    id: str
    name: str
    generic_service_type: str | None
    description: str | None
    website_url: str | None
    integration_guide_url: str | None

    @property
    def generic_type(self) -> str | None:
        """The generic type of integrations of its kind, if that is told: a hint, as PagerDuty sets the vendor's own."""
        if self.generic_service_type is None:
            return None
        return GENERIC_EMAIL if self.generic_service_type == "email" else GENERIC_EVENTS_API


class Vendors:
    """Vendors do not change while a deployment runs: what was asked once is not asked again.

    One call finds a vendor, until about as many were made as the whole index takes: then that is read, and answers all
    else.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._by_id: dict[str, Vendor] = {}
        self._vendor = Once[Vendor](client.waiting)
        self._search = Once[list[Vendor]](client.waiting)
        self._index = Once[list[Vendor]](client.waiting)
        self._all: list[Vendor] | None = None
        self._calls = 0

    def get(self, id: str) -> Vendor:
        """The vendor with this ID. Raises NotFoundError if there is none."""
        if id not in self._by_id and self._calls >= CALLS_BEFORE_INDEX:
            self.all()
        return self._by_id.get(id) or self._vendor.get(id, lambda: self._ask(id))

    def known(self, id: str) -> Vendor | None:
        """The vendor with this ID if a lookup told of it before. Makes no call."""
        return self._by_id.get(id)

    def search(self, text: str) -> list[Vendor]:
        """The vendors whose names contain `text`, whatever its case; none if PagerDuty's own search finds none."""
        if self._all is not None or self._calls >= CALLS_BEFORE_INDEX:
            return containing(text, self.all())
        return self._search.get(folded(text), lambda: self._containing(text.strip()))

    def all(self) -> list[Vendor]:
        """Every vendor: a call for each hundred."""
        if self._all is None:
            self._all = self._index.get("", lambda: self._read({}))
        return self._all

    def _containing(self, text: str) -> list[Vendor]:
        # `query` is not documented. What it lets through is looked at again.
        listed = self._read({"query": text})
        found = containing(text, listed)
        if len(listed) > max(PAGE_LIMIT, len(found)):  # So it was ignored, and this is the whole index.
            self._all = listed
        return found

    def _ask(self, id: str) -> Vendor:
        self._calls += 1
        vendor = self._client.get(vendor_path(id), lambda body: _vendor(body["vendor"], id))
        self._by_id[id] = vendor
        return vendor

    def _read(self, params: dict[str, str]) -> list[Vendor]:
        vendors: dict[str, Vendor] = {}
        for page in self._client.pages("/vendors", "vendors", _vendor, params):
            self._calls += 1
            vendors.update({vendor.id: vendor for vendor in page})
        self._by_id.update(vendors)
        return list(vendors.values())


def _vendor(body: Mapping[str, Any], id: str | None = None) -> Vendor:
    told = functools.partial(text_or_none, body)
    return Vendor(
        id=id_of(body, id),
        name=text(body, "name").strip(),
        generic_service_type=told("generic_service_type"),
        description=told("description"),
        website_url=told("website_url"),
        integration_guide_url=told("integration_guide_url"),
    )
