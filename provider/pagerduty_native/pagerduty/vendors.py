"""Vendors: the kinds of alert sources that PagerDuty knows. https://developer.pagerduty.com/api-reference (Vendors)"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from .client import Client


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
    """Vendors do not change while a deployment runs: what was asked once is not asked again."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._by_id: dict[str, Vendor] = {}
        self._searches: dict[str, list[Vendor]] = {}
        self._all: list[Vendor] | None = None
        # Whoever asks while another does waits for that answer.
        self._lock = threading.Lock()

    def get(self, id: str) -> Vendor:
        """The vendor with this ID. Raises NotFoundError where there is none."""
        with self._lock:
            if id not in self._by_id:
                body = self._client.get(f"/vendors/{quote(id, safe='')}")
                self._by_id[id] = _vendor(body["vendor"])
            return self._by_id[id]

    def search(self, text: str) -> list[Vendor]:
        """The vendors whose names contain `text`, whatever its case; one call where the API's filter works."""
        text = _folded(text)
        with self._lock:
            if self._all is not None:
                return _containing(text, self._all)
            if text not in self._searches:
                # `query` is not documented: what it leaves out is trusted only where something was found.
                found = self._read({"query": text})
                self._searches[text] = _containing(text, found)
            return self._searches[text]

    def all(self) -> list[Vendor]:
        """Every vendor: a call for each hundred."""
        with self._lock:
            if self._all is None:
                self._all = self._read({})
            return self._all

    def _read(self, params: dict[str, str]) -> list[Vendor]:
        pages = self._client.pages("/vendors", "vendors", params)
        vendors = [_vendor(body) for page in pages for body in page]
        self._by_id.update({vendor.id: vendor for vendor in vendors})
        return vendors


def _containing(folded: str, vendors: Iterable[Vendor]) -> list[Vendor]:
    return [vendor for vendor in vendors if folded in _folded(vendor.name)]


def _folded(name: str) -> str:
    return name.strip().casefold()


def _vendor(body: dict[str, Any]) -> Vendor:
    return Vendor(
        id=body["id"],
        name=body["name"].strip(),
        generic_service_type=body.get("generic_service_type"),
        description=body.get("description"),
        website_url=body.get("website_url"),
        integration_guide_url=body.get("integration_guide_url"),
    )
