"""Find services and vendors by ID or by a part of the name.

https://developer.pagerduty.com/api-reference (Services, Vendors)
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pagerduty_native.api.client import PAGE_LIMIT, Client
from pagerduty_native.api.errors import skipped, warning_once
from pagerduty_native.api.parse import id_of, id_or_empty, objects_or_none, path_of, text, text_or_empty, text_or_none
from pagerduty_native.api.records import GENERIC_EMAIL, GENERIC_EVENTS_API
from pagerduty_native.api.waiting import Once

# After this many calls for vendors their whole index is read. PagerDuty has over 400 vendors, on five pages or more.
CALLS_BEFORE_INDEX = 5


class Named(Protocol):
    """Any object with an ID and a name."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


Found = TypeVar("Found", bound=Named)


def folded(name: str) -> str:
    """Return the form in which names are compared: without case, with a letter and its accents as one character."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).strip().casefold())


class Listed(list[Found]):
    """The objects of a list.

    left_out: the names of the others, which cannot be parsed, by their IDs. Both are "" if unknown.
    page_count: how many calls it took.
    """

    def __init__(
        self, found: Iterable[Found] = (), left_out: Mapping[str, str] | None = None, page_count: int = 1
    ) -> None:
        super().__init__(found)
        self.left_out = left_out or {}
        self.page_count = page_count


def containing(text: str, listed: Listed[Found]) -> Listed[Found]:
    """List the objects with names that contain a text, in any case. Those that cannot be parsed stay left out."""
    wanted = folded(text)
    return Listed((each for each in listed if wanted in folded(each.name)), listed.left_out)


def read_index(
    client: Client,
    path: str,
    key: str,
    parse: Callable[[Any], Found],
    params: Mapping[str, str],
    *,
    warn: Callable[[str], object],
) -> Listed[Found]:
    """Read an index: the list under `key`, with each item parsed. Warn of each item that cannot be parsed."""
    left_out: dict[str, str] = {}

    def leave_out(item: Any) -> None:
        own_id = id_or_empty(item)
        left_out[own_id] = text_or_empty(item, "name") if own_id else ""
        warn(skipped(key, own_id))

    pages = [*client.pages(path, key, parse, params, leave_out=leave_out)]
    # An object moves to the next page if another is added before it.
    return Listed({each.id: each for page in pages for each in page}.values(), left_out, len(pages))


@dataclass(frozen=True)
class Team:
    """A team, as its services describe it."""

    id: str
    name: str


@dataclass(frozen=True)
class Service:
    """A service, without its integrations."""

    id: str
    name: str
    html_url: str | None
    teams: tuple[Team, ...] = ()


class Services:
    """The services of an account. Services that were found are kept; others may have been created since."""

    def __init__(self, client: Client, warn: Callable[[str], object] = lambda _message: None) -> None:
        self._client = client
        self._warn_once = warning_once(warn)
        self._service = Once[Service](client.waiting)
        self._search = Once[Listed[Service]](client.waiting, keep=bool)
        self._index = Once[Listed[Service]](client.waiting, keep=lambda _services: False)

    def get(self, id: str) -> Service:
        """Get a service. Raises NotFoundError."""
        return self._service.get(
            id, lambda: self._client.get(path_of("services", id), lambda body: service_from(body["service"], id))
        )

    def search(self, text: str) -> Listed[Service]:
        """List the services with names that contain a text, in any case. PagerDuty's own search has to find them."""
        query = {"query": text.strip()}
        return self._search.get(folded(text), lambda: containing(text, self._read(query)))

    def all(self) -> Listed[Service]:
        """List every service that the token may see, with a call for each 100."""
        return self._index.get("", lambda: self._read({}))

    def of_team(self, team_id: str) -> Listed[Service]:
        """List the services of a team, also beyond the last page of `all`."""
        return self._read({"team_ids[]": team_id})

    def _read(self, params: dict[str, str]) -> Listed[Service]:
        return read_index(self._client, "/services", "services", service_from, params, warn=self._warn_once)


def service_from(body: Mapping[str, Any], id: str | None = None) -> Service:
    """Parse a service. Raises one of `NOT_DOCUMENTED`. id: the ID in the request."""
    teams = tuple(
        Team(id_of(each), text_or_none(each, "summary") or "") for each in objects_or_none(body, "teams") or ()
    )
    return Service(id=id_of(body, id), name=text(body, "name"), html_url=text_or_none(body, "html_url"), teams=teams)


@dataclass(frozen=True)
class Vendor:
    """A vendor. name: without the stray blanks that some names have."""

    id: str
    name: str
    generic_service_type: str | None
    description: str | None
    website_url: str | None
    integration_guide_url: str | None

    @property
    def generic_type(self) -> str | None:
        """A type for its integrations, or None. PagerDuty replaces it by the vendor's own type."""
        if self.generic_service_type is None:
            return None
        return GENERIC_EMAIL if self.generic_service_type == "email" else GENERIC_EVENTS_API


class Vendors:
    """The vendors of PagerDuty. They do not change during a deployment, so every response is kept.

    One call finds a vendor. After about as many calls as the whole index takes, the index is read.
    """

    def __init__(self, client: Client, warn: Callable[[str], object] = lambda _message: None) -> None:
        self._client = client
        self._warn_once = warning_once(warn)
        self._by_id: dict[str, Vendor] = {}
        self._vendor = Once[Vendor](client.waiting)
        self._search = Once[Listed[Vendor]](client.waiting)
        self._index = Once[Listed[Vendor]](client.waiting)
        self._all: Listed[Vendor] | None = None
        self._calls = 0

    def get(self, id: str) -> Vendor:
        """Get a vendor. Raises NotFoundError."""
        if id not in self._by_id and self._calls >= CALLS_BEFORE_INDEX:
            self.all()
        return self._by_id.get(id) or self._vendor.get(id, lambda: self._read_one(id))

    def known(self, id: str) -> Vendor | None:
        """Get a vendor from an earlier lookup, without a call; None if there was none."""
        return self._by_id.get(id)

    def search(self, text: str) -> Listed[Vendor]:
        """List the vendors with names that contain a text, in any case. PagerDuty's own search has to find them."""
        if self._all is not None or self._calls >= CALLS_BEFORE_INDEX:
            return containing(text, self.all())
        return self._search.get(folded(text), lambda: self._containing(text.strip()))

    def all(self) -> Listed[Vendor]:
        """List every vendor, with a call for each 100."""
        if self._all is None:
            self._all = self._index.get("", lambda: self._read({}))
        return self._all

    def _containing(self, text: str) -> Listed[Vendor]:
        # `query` is not documented, so its results are checked.
        listed = self._read({"query": text})
        found = containing(text, listed)
        if len(listed) > max(PAGE_LIMIT, len(found)):  # `query` was ignored, so this is the whole index.
            self._all = listed
        return found

    def _read_one(self, id: str) -> Vendor:
        self._calls += 1
        vendor = self._client.get(path_of("vendors", id), lambda body: _vendor(body["vendor"], id))
        self._by_id[id] = vendor
        return vendor

    def _read(self, params: dict[str, str]) -> Listed[Vendor]:
        vendors = read_index(self._client, "/vendors", "vendors", _vendor, params, warn=self._warn_once)
        self._calls += vendors.page_count
        self._by_id.update({vendor.id: vendor for vendor in vendors})
        return vendors


def _vendor(body: Mapping[str, Any], id: str | None = None) -> Vendor:
    optional = functools.partial(text_or_none, body)
    return Vendor(
        id=id_of(body, id),
        name=text(body, "name").strip(),
        generic_service_type=optional("generic_service_type"),
        description=optional("description"),
        website_url=optional("website_url"),
        integration_guide_url=optional("integration_guide_url"),
    )
