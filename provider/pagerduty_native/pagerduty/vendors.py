"""Vendors: the kinds of alert sources that PagerDuty knows. https://developer.pagerduty.com/api-reference (Vendors)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .names import containing, folded
from .once import Once

if TYPE_CHECKING:
    from .client import Client

# How many calls the whole index takes: PagerDuty has nearly 400 vendors.
INDEX_CALLS = 4


@dataclass(frozen=True)
class Vendor:
    """A vendor as the API describes it. name: without the stray blanks that some have."""

    id: str
    name: str
    generic_service_type: str | None
    description: str | None
    website_url: str | None
    integration_guide_url: str | None


class Vendors:
    """Vendors do not change while a deployment runs: what was asked once is not asked again.

    One call finds a vendor, until as many were made as the whole index takes: then that is read, and answers all else.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._by_id: dict[str, Vendor] = {}
        self._vendor = Once[Vendor]()
        self._search = Once[list[Vendor]]()
        self._index = Once[list[Vendor]]()
        self._all: list[Vendor] | None = None
        self._calls = 0

    def get(self, id: str) -> Vendor:
        """The vendor with this ID. Raises NotFoundError where there is none."""
        if id not in self._by_id and self._calls >= INDEX_CALLS:
            self.all()
        return self._by_id.get(id) or self._vendor.get(id, lambda: self._ask(id))

    def search(self, text: str) -> list[Vendor]:
        """The vendors whose names contain `text`, whatever its case."""
        return self._search.get(folded(text), lambda: self._containing(text.strip()))

    def all(self) -> list[Vendor]:
        """Every vendor: a call for each hundred."""
        self._all = self._index.get("", lambda: self._read({}))
        return self._all

    def _containing(self, text: str) -> list[Vendor]:
        if self._all is None and self._calls < INDEX_CALLS:
            # `query` is not documented: what it lets through is looked at again, and what it leaves out counts only
            # where something was found.
            found = containing(text, self._read({"query": text}))
            if found:
                return found
        return containing(text, self.all())

    def _ask(self, id: str) -> Vendor:
        self._calls += 1
        vendor = self._client.get(f"/vendors/{quote(id, safe='')}", lambda body: _vendor(body["vendor"]))
        self._by_id[id] = vendor
        return vendor

    def _read(self, params: dict[str, str]) -> list[Vendor]:
        vendors: list[Vendor] = []
        for page in self._client.pages("/vendors", "vendors", _vendor, params):
            self._calls += 1
            vendors += page
        self._by_id.update({vendor.id: vendor for vendor in vendors})
        return vendors


def _vendor(body: Mapping[str, Any]) -> Vendor:
    return Vendor(
        id=body["id"],
        name=body["name"].strip(),
        generic_service_type=body.get("generic_service_type"),
        description=body.get("description"),
        website_url=body.get("website_url"),
        integration_guide_url=body.get("integration_guide_url"),
    )
