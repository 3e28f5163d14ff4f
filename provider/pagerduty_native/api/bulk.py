"""Read many integrations with few calls.

One call reads an integration, a service with its integrations, or a page of the index: 100 services with theirs.
`BulkReads.find` decides as it goes, because nobody knows which integrations will be read:

- The first read reads its service. The next service's reads the first page, which says how many pages there are.
- After that, services are read until they are as many as the other pages. Then pages are read.

So the calls are never more than twice the best choice in hindsight, every service or every page, in any order and from
any number of threads. An integration that these reads lack, or list without its key, is read by a call of its own:
absence here proves nothing.
"""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pagerduty_native.api.client import LAST_OFFSET, PAGE_LIMIT, Client
from pagerduty_native.api.errors import (
    FATAL,
    InterruptedCallError,
    NotFoundError,
    PagerDutyError,
    UnconfirmedNotFoundError,
    odd_integration,
    skipped,
    warning_once,
)
from pagerduty_native.api.lookups import Service, service_from
from pagerduty_native.api.parse import NOT_DOCUMENTED, id_or_empty, items, path_of, text
from pagerduty_native.api.records import Integration, integration_from, integration_from_texts
from pagerduty_native.api.waiting import Once

MAX_PAGES = LAST_OFFSET // PAGE_LIMIT
# Bulk reads stay fresh for this long, from the last page on. An operation of the engine has a client of its own; this
# is for a client that lives longer.
FRESH_SECONDS = 60.0
# An integration can be read by a call of its own, so a bulk read need not be tried often.
ATTEMPTS = 2
WITH_INTEGRATIONS = {"include[]": "integrations"}


@dataclass
class Snapshot:
    """A service with its integrations as they were read, by their IDs.

    partial: integrations without key and address, or that cannot be parsed. Each needs a call of its own.
    odd: the IDs of the integrations that cannot be parsed, "" for each without an ID.
    only_references: all integrations came as references.
    changed: the provider has written to the service since.
    """

    service: Service
    integrations: dict[str, Integration] = field(default_factory=dict)
    partial: dict[str, Integration] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    only_references: bool = False
    changed: bool = False

    @property
    def all(self) -> list[Integration]:
        return [*self.integrations.values(), *self.partial.values()]


class BulkReads:
    """Reads of services with their integrations, shared by all threads and kept for a minute."""

    def __init__(self, client: Client, warn: Callable[[str], object]) -> None:
        self._client = client
        self._warn_once = warning_once(warn)
        self._lock = threading.Lock()
        self._cache = _Cache(fresh_until=-float("inf"))
        self._reading_service = Once[Snapshot](client.waiting, keep=lambda _snapshot: False)
        self._reading_page = Once[None](client.waiting, keep=lambda _nothing: False)
        # The number of our writes so far, and of the newest one to each service and integration.
        self._write_count = 0
        self._last_write: dict[str, int] = {}
        # False once a service listed references only.
        self._lists_integrations = True

    def find(self, service_id: str, id: str) -> Integration | None:
        """Find an integration; None if it has to be read by a call of its own."""
        while True:
            with self._lock:
                cache = self._fresh_cache()
                if snapshot := cache.services.get(service_id):
                    return snapshot.integrations.get(id)
                if service_id in cache.failed or not self._lists_integrations:
                    return None
                number = None if service_id in cache.requested else cache.page_to_read()
                if number is None:
                    cache.requested.add(service_id)
                else:
                    cache.start(number)
            try:
                if number is None:
                    return self._service(cache, service_id).integrations.get(id)
                self._read_page(cache, number)
            except FATAL:
                raise
            except PagerDutyError:  # A call for the integration may succeed, or fail with a clearer error.
                continue

    def service(self, service_id: str) -> Snapshot:
        """Get a service with its integrations, as our own writes left them. Raises NotFoundError."""
        while True:
            with self._lock:
                cache = self._fresh_cache()
                cache.requested.add(service_id)
            snapshot = self._service(cache, service_id)
            if not snapshot.changed:
                return snapshot

    def services(self) -> Iterator[Snapshot]:
        """Iterate over every service of the account with its integrations, reading pages as they are needed.

        If a page cannot be read, the error is raised for every thread that asks within the next minute.
        """
        seen: set[str] = set()  # A service moves to the next page if another is added before it.
        for number in itertools.count():
            page = self._page(number)
            if page is None:
                return
            for snapshot in page:
                if snapshot.service.id not in seen:
                    seen.add(snapshot.service.id)
                    yield snapshot

    def cached(self) -> list[Snapshot]:
        """List the services that were read so far, without a call."""
        with self._lock:
            return list(self._cache.services.values())

    @property
    def has_unlisted_services(self) -> bool:
        """True if the account is known to have more services than PagerDuty lists."""
        with self._lock:
            return (self._cache.page_count or 0) > MAX_PAGES

    @property
    def has_skipped_services(self) -> bool:
        """True if a page that was read lists a service that cannot be parsed."""
        with self._lock:
            return self._cache.skips_services

    def read_now(self, service_id: str) -> Snapshot:
        """Read a service with its integrations at this very moment."""
        try:
            return self._read_service(service_id)
        except (*FATAL, NotFoundError, UnconfirmedNotFoundError):
            raise
        except PagerDutyError:  # The response may be too large. References are smaller.
            path = path_of("services", service_id)
            return self._client.get(path, lambda body: _snapshot(body["service"], service_id))

    def forget(self, service_id: str, id: str) -> None:
        """Forget an integration that was just created, changed or deleted, also if it is being read right now."""
        with self._lock:
            self._write_count += 1
            self._last_write[service_id] = self._last_write[id] = self._write_count
            self._cache.failed.pop(service_id, None)
            if snapshot := self._cache.services.get(service_id):
                snapshot.changed = True
                # Others may be iterating over the dictionary, so it is replaced.
                snapshot.integrations = {each.id: each for each in snapshot.integrations.values() if each.id != id}

    def _fresh_cache(self) -> _Cache:
        now = self._client.waiting.now()
        if now >= self._cache.fresh_until:
            self._cache = _Cache(now + FRESH_SECONDS)
        return self._cache

    def _service(self, cache: _Cache, service_id: str) -> Snapshot:
        """Get a service from the cache, or read it. Concurrent calls share one read."""

        def read() -> Snapshot:
            with self._lock:
                snapshot = cache.services.get(service_id)
                failed = cache.failed.get(service_id)
                writes = self._write_count
            if snapshot and not snapshot.changed:
                return snapshot
            if isinstance(failed, NotFoundError):
                raise failed.copy()
            try:
                snapshot = self._read_service(service_id)
            except InterruptedCallError:
                raise
            except PagerDutyError as error:
                with self._lock:
                    cache.failed[service_id] = error
                raise
            with self._lock:
                self._keep(cache, service_id, snapshot, writes)
            return snapshot

        return self._reading_service.get(service_id, read)

    def _read_service(self, service_id: str) -> Snapshot:
        snapshot = self._client.get(
            path_of("services", service_id),
            lambda body: _snapshot(body["service"], service_id),
            WITH_INTEGRATIONS,
            attempts=ATTEMPTS,
        )
        self._warn_of_odd(snapshot)
        return snapshot

    def _page(self, number: int) -> list[Snapshot] | None:
        """Get the services on a page, after reading those before it; None after the last page."""
        while True:
            with self._lock:
                cache = self._fresh_cache()
                if number in cache.pages:
                    return [cache.services[each] for each in cache.pages[number]]
                if cache.has_all_pages:
                    return None
                if cache.page_error:
                    raise cache.page_error.copy()
                unread = cache.next_page()
                cache.start(unread)
            self._read_page(cache, unread)

    def _read_page(self, cache: _Cache, number: int) -> None:
        """Read a page of services into the cache. Concurrent calls share one read."""

        def read() -> None:
            with self._lock:
                writes = self._write_count
                if number in cache.pages:
                    return
            params = {**WITH_INTEGRATIONS, "total": "true"}
            try:
                page = self._client.page("/services", "services", _snapshot, number, params, attempts=ATTEMPTS)
            except InterruptedCallError:  # The time of this thread is over, not that of the others.
                raise
            except PagerDutyError as error:
                with self._lock:
                    cache.page_error = error
                raise
            for item in page.odd:
                self._warn_once(skipped("services", id_or_empty(item)))
            for snapshot in page.items:
                self._warn_of_odd(snapshot)
            with self._lock:
                cache.skips_services = cache.skips_services or bool(page.odd)
                cache.add_page(number, [each.service.id for each in page.items], page.total, more=page.more)
                cache.fresh_until = self._client.waiting.now() + FRESH_SECONDS
                for snapshot in page.items:
                    self._keep(cache, snapshot.service.id, snapshot, writes)

        self._reading_page.get(number, read)

    def _keep(self, cache: _Cache, service_id: str, snapshot: Snapshot, writes: int) -> None:
        """Keep a snapshot, without the integrations that were written since. writes: the count before the read."""
        snapshot.changed = self._last_write.get(service_id, 0) > writes
        snapshot.integrations = {
            each.id: each for each in snapshot.integrations.values() if self._last_write.get(each.id, 0) <= writes
        }
        cache.services[service_id] = snapshot
        if snapshot.only_references:
            self._lists_integrations = False

    def _warn_of_odd(self, snapshot: Snapshot) -> None:
        """Warn of integrations that cannot be parsed, once of each."""
        for each in snapshot.odd:
            self._warn_once(odd_integration(each, f"service {snapshot.service.id}"))


@dataclass
class _Cache:
    """Services and pages that were read since the cache was new.

    requested: the IDs of the services that were read by calls of their own.
    failed: the errors of services whose call failed, by their IDs.
    pages: the IDs of the services on each page.
    page_count: the number of pages of the account, once it is known.
    started: how many pages were started, the first ones. A page that is not in `pages` is in flight, or its read ended
    early.
    page_error: the error of a page that could not be read. No page is read after it.
    skips_services: a page lists a service that cannot be parsed.
    """

    fresh_until: float
    services: dict[str, Snapshot] = field(default_factory=dict)
    requested: set[str] = field(default_factory=set)
    failed: dict[str, PagerDutyError] = field(default_factory=dict)
    pages: dict[int, list[str]] = field(default_factory=dict)
    page_count: int | None = None
    started: int = 0
    page_error: PagerDutyError | None = None
    skips_services: bool = False

    @property
    def has_all_pages(self) -> bool:
        """True if all pages that PagerDuty lists were read."""
        return self.page_count is not None and len(self.pages) >= min(self.page_count, MAX_PAGES)

    def page_to_read(self) -> int | None:
        """Choose the page to read for the next service; None to read the service by a call of its own."""
        if self.page_error or self.has_all_pages:
            return None
        next_page = self.next_page()
        if next_page < self.started:  # It may have the service, or say how many pages there are.
            return next_page
        page_count = self.page_count or self.started + 1
        if page_count > MAX_PAGES or len(self.requested) < max(page_count - 1, 1):
            return None
        return next_page

    def next_page(self) -> int:
        """Choose the next page to start, or one to wait for: the next ones depend on it, or all are started."""
        can_start = self.started < min(self.page_count or MAX_PAGES, MAX_PAGES)
        waiting_for = next((number for number in range(self.started) if number not in self.pages), None)
        if waiting_for is None or (can_start and self.page_count is not None):
            return self.started
        return waiting_for

    def start(self, number: int) -> None:
        self.started = max(self.started, number + 1)

    def add_page(self, number: int, service_ids: list[str], service_count: int | None, *, more: bool) -> None:
        self.pages[number] = service_ids
        if not more:
            self.page_count = number + 1
        elif service_count is not None:
            self.page_count = max(math.ceil(service_count / PAGE_LIMIT), number + 2)
        elif number + 1 >= MAX_PAGES:
            self.page_count = number + 2


def _snapshot(body: Mapping[str, Any], id: str | None = None) -> Snapshot:
    """Parse a service with its integrations. id: the ID in the request."""
    # Only lists of services need the name.
    service = service_from({**body, "name": body.get("name") or body["id"]}, id)
    snapshot = Snapshot(service)
    listed = items(body, "integrations")
    references = 0
    for each in listed:
        try:
            is_reference = text(each, "type").endswith("_reference")
            integration = integration_from(each, service.id)
        except NOT_DOCUMENTED:
            odd_id = id_or_empty(each)
            snapshot.odd.append(odd_id)
            if odd_id:
                snapshot.partial[odd_id] = integration_from_texts(each, service.id)
            continue
        if is_reference:
            references += 1
        if not is_reference and (integration.integration_key or integration.integration_email):
            snapshot.integrations[integration.id] = integration
        else:
            snapshot.partial[integration.id] = integration
    snapshot.only_references = bool(listed) and references == len(listed)
    return snapshot
