"""Vendors: the kinds of alert sources that PagerDuty knows. https://developer.pagerduty.com/api-reference (Vendors)"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .bodies import id_of, text, text_or_none
from .client import Client
from .integration_types import GENERIC_EMAIL, GENERIC_EVENTS_API
from .limits import PAGE_LIMIT
from .names import containing, folded
from .once import Once
from .paths import vendor_path

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
