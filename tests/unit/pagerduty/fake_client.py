"""A client that answers from a list and counts: what goes through it, and nothing more."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any, cast

from pagerduty_native.pagerduty.client import Client
from pagerduty_native.pagerduty.errors import api_error


class FakeClient:
    """PagerDuty's vendors, whose `query` filters by a part of the name, or (`filters=False`) not at all.

    calls: what was asked, in order. hold: answers wait until it is set.
    """

    def __init__(self, vendors: Mapping[str, str], *, filters: bool = True) -> None:
        self.calls: list[str] = []
        self.hold = threading.Event()
        self.hold.set()
        self._names = vendors
        self._filters = filters

    @property
    def client(self) -> Client:
        return cast("Client", self)

    def get(self, path: str) -> Any:
        self._called(path)
        vendor = path.removeprefix("/vendors/")
        if vendor not in self._names:
            raise api_error(404, {"error": {"message": "Vendor Not Found", "code": 2100}})
        return {"vendor": {"id": vendor, "name": self._names[vendor]}}

    def pages(self, path: str, key: str, params: Mapping[str, Any]) -> Iterator[list[Any]]:
        assert (path, key) == ("/vendors", "vendors")
        query = params.get("query")
        self._called(path if query is None else f"{path}?query={query}")
        wanted = query.casefold() if query and self._filters else ""
        yield [{"id": vendor, "name": name} for vendor, name in self._names.items() if wanted in name.casefold()]

    def _called(self, what: str) -> None:
        self.calls.append(what)
        assert self.hold.wait(10)
