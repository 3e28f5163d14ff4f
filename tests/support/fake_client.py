"""A client that answers from a list and counts: what goes through it, and nothing more."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from pagerduty_native.api.client import Client
from pagerduty_native.api.errors import api_error
from pagerduty_native.api.waiting import Waiting

from . import HANG_SECONDS


class FakeClient:
    """PagerDuty's vendors, whose `query` filters by a part of the name, or (`filters=False`) not at all.

    page_size: how many are on a page. more: each vendor's fields beside ID and name.
    calls: what was asked, in order; called: the same, to wait for. hold: answers wait until it is set.
    """

    def __init__(self, vendors: Mapping[str, str], *, filters: bool = True, page_size: int = 1000) -> None:
        self.waiting = Waiting()
        self.calls: list[str] = []
        self.called: queue.Queue[str] = queue.Queue()
        self.hold = threading.Event()
        self.hold.set()
        self._names = dict(vendors)
        self._filters = filters
        self._page_size = page_size
        self.more: dict[str, str] = {}

    @property
    def client(self) -> Client:
        return cast("Client", self)

    def add(self, vendor: str, name: str) -> None:
        self._names[vendor] = name

    def get(self, path: str, parse: Callable[[Any], Any]) -> Any:
        self._asked(path)
        vendor = path.removeprefix("/vendors/")
        if vendor not in self._names:
            raise api_error(404, {"error": {"message": "Vendor Not Found", "code": 2100}})
        return parse({"vendor": {"id": vendor, "name": self._names[vendor], **self.more}})

    def pages(
        self, path: str, key: str, parse: Callable[[Any], Any], params: Mapping[str, Any], **_warn: Any
    ) -> Iterator[list[Any]]:
        assert (path, key) == ("/vendors", "vendors")
        query = params.get("query")
        self._asked(path if query is None else f"{path}?query={query}")
        wanted = query.casefold() if query and self._filters else ""
        found = [{"id": vendor, "name": name} for vendor, name in self._names.items() if wanted in name.casefold()]
        for start in range(0, len(found) or 1, self._page_size):
            yield [parse(each) for each in found[start : start + self._page_size]]

    def _asked(self, what: str) -> None:
        self.calls.append(what)
        self.called.put(what)
        assert self.hold.wait(HANG_SECONDS)
