"""Reading many integrations with few calls.

What can be had, each for one call: a single integration; a service with all of its integrations; a page of a hundred
services with theirs, of which the account has P. Nobody knows what will be read next nor, at first, P. This is the
ski-rental problem, and solved as that is:

- The first read asks for its service, which costs no more than the single integration.
- The first read of another service asks for the first page, which tells P, and is likely to be all there is.
- From then on a read that nothing so far answers asks for its service, until as many services were asked for as there
  are other pages: then it asks for page after page until one answers.

For reads of d services, the best possible in hindsight is min(d, P) calls: every service, or every page. At most
min(d, P-1) services are asked for (or 1), and one page where d = 2, more only where d ≥ P, and never more than P. So it
is never more than 2·min(d, P), in whatever order and from however many threads the reads come: a read waits for a page
that is under way. (Where the API does not tell P, as many pages as services are asked for, and the same holds.)

An integration that is missing from what was read so, or lacks its key there, is asked for singly: absence in bulk
proves nothing. What cannot be had in bulk is read singly, too.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from .errors import (
    InterruptedCallError,
    NotFoundError,
    PagerDutyError,
    RateLimitedError,
    UnauthorizedError,
)
from .limits import LAST_OFFSET, PAGE_LIMIT
from .services import service_path

if TYPE_CHECKING:
    from .client import Client, Page
    from .integrations import Integration

# What was read in bulk is used for so long after it, or after the last page, if that is later. An operation of the
# engine has a client of its own; this is for a client that lives longer.
FRESH_SECONDS = 60.0
# What cannot be read in bulk can be read singly, so it is not tried for long.
ATTEMPTS = 2
# How soon a thread that waits for another one's call looks whether its own is still wanted.
LOOK_AGAIN_SECONDS = 0.5
MOST_PAGES = LAST_OFFSET // PAGE_LIMIT
WITH_INTEGRATIONS = {"include[]": "integrations"}


@dataclass
class Snapshot:
    """A service's integrations as they were read, by their IDs.

    references: the names of those of which no more is known, by their IDs.
    changed: whether we wrote to the service since. missing: whether there was no such service.
    """

    integrations: dict[str, Integration] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    changed: bool = False
    missing: bool = False


@dataclass
class Pages:
    """The pages of the account's services. total: how many there are, once that is known."""

    total: int | None = None
    asked: int = 0
    under_way: int = 0
    failed: list[int] = field(default_factory=list)
    given_up: bool = False

    @property
    def complete(self) -> bool:
        """Whether all pages were read."""
        return self.asked >= self._readable and not self.failed and not self.under_way

    @property
    def available(self) -> bool:
        """Whether there is a page to ask for now. While the total is unknown, one page says whether another follows."""
        if self.failed:
            return True
        return self.asked < self._readable and not (self.total is None and self.under_way)

    @property
    def _readable(self) -> int:
        return MOST_PAGES if self.total is None else min(self.total, MOST_PAGES)

    def take(self) -> int:
        """The number of the page to ask for."""
        self.under_way += 1
        if self.failed:
            return self.failed.pop()
        self.asked += 1
        return self.asked - 1

    def put(self, number: int, *, more: bool, services: int | None) -> None:
        """Take note of a page that was read: whether others follow, how many services there are in all."""
        self.under_way -= 1
        if not more:
            self.total = number + 1
        elif services is not None:
            self.total = max(-(-services // PAGE_LIMIT), number + 2)

    def put_back(self, number: int) -> None:
        """Take note of a page that could not be read. After that, pages are asked for only where nothing else does."""
        self.under_way -= 1
        self.failed.append(number)
        self.given_up = True


def choose(services: int, pages: Pages) -> Literal["service", "page"]:
    """What to ask for where nothing so far answers a read. services: how many were asked for."""
    if pages.given_up or pages.complete:
        return "service"
    if not pages.asked:
        return "page" if services else "service"
    total = pages.total or pages.asked + 1
    return "page" if total <= MOST_PAGES and services >= total - 1 else "service"


@dataclass
class Known:
    """What was read in bulk, until it is too old."""

    fresh_until: float
    services: dict[str, Snapshot] = field(default_factory=dict)
    pages: Pages = field(default_factory=Pages)
    services_asked: int = 0
    services_under_way: set[str] = field(default_factory=set)
    # Services that cannot be read at once.
    unreadable: set[str] = field(default_factory=set)


class Survey:
    """What is known of the account's integrations, had with as few calls as can be, for all threads together.

    parse: makes an integration of the API's description of it, given the ID of its service.
    """

    def __init__(self, client: Client, parse: Callable[[str, Any], Integration]) -> None:
        self._client = client
        self._parse = parse
        self._changed = threading.Condition()
        self._known = Known(-float("inf"))
        # Our own writes are counted; by the ID of what they changed, a service and an integration, the newest one's
        # number.
        self._writes = 0
        self._written: dict[str, int] = {}
        # Whether whole integrations come in bulk.
        self._bulk_works = True

    def find(self, service_id: str, id: str) -> Integration | None:
        """An integration, from what is read in bulk; None where it must be asked for singly."""
        while True:
            with self._changed:
                known = self._current()
                if snapshot := known.services.get(service_id):
                    return snapshot.integrations.get(id)
                if service_id in known.unreadable or not self._bulk_works:
                    return None
                if self._others_may_answer(known, service_id):
                    self._wait_for_others()
                    continue
                page = choose(known.services_asked, known.pages) == "page"
                ask = self._asking_for_page(known) if page else self._asking_for_service(known, service_id)
            try:
                ask()
            except (InterruptedCallError, RateLimitedError, UnauthorizedError):
                raise
            except PagerDutyError:  # A single read may do better, or tell better what is wrong.
                continue

    def of(self, service_id: str) -> Snapshot:
        """All integrations of a service, as our own writes left them."""
        while True:
            with self._changed:
                known = self._current()
                snapshot = known.services.get(service_id)
                if snapshot and not snapshot.changed:
                    return snapshot
                if service_id in known.services_under_way:
                    self._wait_for_others()
                    continue
                ask = self._asking_for_service(known, service_id)
            ask()

    def everything(self) -> list[Integration]:
        """Every integration of the account, as far as there are pages."""
        while True:
            with self._changed:
                known = self._current()
                if known.pages.complete:
                    return [each for snapshot in known.services.values() for each in snapshot.integrations.values()]
                if not known.pages.available:
                    self._wait_for_others()
                    continue
                ask = self._asking_for_page(known)
            ask()

    def seen(self, service_id: str) -> set[str]:
        """The IDs of the integrations that a service was seen to have."""
        with self._changed:
            snapshot = self._known.services.get(service_id)
            return {*snapshot.integrations, *snapshot.references} if snapshot else set()

    def look(self, service_id: str) -> Snapshot:
        """A service's integrations at this very moment."""
        try:
            return self._client.get(service_path(service_id), self._parse_service, WITH_INTEGRATIONS, attempts=ATTEMPTS)
        except (InterruptedCallError, NotFoundError, RateLimitedError, UnauthorizedError):
            raise
        except PagerDutyError:  # too large, perhaps
            return self._client.get(service_path(service_id), self._parse_service)

    def written(self, service_id: str, id: str) -> None:
        """Forget an integration that was just created, changed or deleted, also where it is being read right now."""
        with self._changed:
            self._writes += 1
            self._written[service_id] = self._written[id] = self._writes
            if snapshot := self._known.services.get(service_id):
                snapshot.changed = True
                snapshot.integrations.pop(id, None)

    def _current(self) -> Known:
        now = self._client.waiting.now()
        if now >= self._known.fresh_until and not self._known.pages.under_way:
            self._known = Known(now + FRESH_SECONDS)
        return self._known

    def _others_may_answer(self, known: Known, service_id: str) -> bool:
        """Whether another thread is asking for what this one needs, or for what decides what to ask for."""
        if service_id in known.services_under_way:
            return True
        return known.pages.under_way > 0 and not known.pages.available and not known.pages.given_up

    def _wait_for_others(self) -> None:
        self._changed.wait(LOOK_AGAIN_SECONDS)
        self._client.waiting.wait(0.0, "for PagerDuty's answer")

    def _asking_for_service(self, known: Known, service_id: str) -> Callable[[], None]:
        """Announce that this thread asks for a service, and return what does so."""
        known.services_asked += 1
        known.services_under_way.add(service_id)
        writes = self._writes

        def ask() -> None:
            snapshot: Snapshot | None = None
            try:
                snapshot = self._client.get(
                    service_path(service_id), self._parse_service, WITH_INTEGRATIONS, attempts=ATTEMPTS
                )
            except NotFoundError:
                snapshot = Snapshot(missing=True)
            finally:
                with self._changed:
                    known.services_under_way.discard(service_id)
                    if snapshot:
                        self._keep(known, service_id, snapshot, writes)
                    else:
                        known.unreadable.add(service_id)
                    self._changed.notify_all()

        return ask

    def _asking_for_page(self, known: Known) -> Callable[[], None]:
        """Announce that this thread asks for a page, and return what does so."""
        number = known.pages.take()
        writes = self._writes

        def ask() -> None:
            page: Page[tuple[str, Snapshot]] | None = None
            params = {**WITH_INTEGRATIONS, "total": "true"}
            try:
                page = self._client.page("/services", "services", self._parse_listed, number, params, attempts=ATTEMPTS)
            finally:
                with self._changed:
                    if page:
                        known.pages.put(number, more=page.more, services=page.total)
                        known.fresh_until = max(known.fresh_until, self._client.waiting.now() + FRESH_SECONDS)
                        for service_id, snapshot in page.items:
                            self._keep(known, service_id, snapshot, writes)
                    else:
                        known.pages.put_back(number)
                    self._changed.notify_all()

        return ask

    def _keep(self, known: Known, service_id: str, snapshot: Snapshot, writes: int) -> None:
        """Keep what was read, but for what we wrote since. writes: how many there were before it was asked for."""
        snapshot.changed = self._written.get(service_id, 0) > writes
        for each in [each for each in snapshot.integrations if self._written.get(each, 0) > writes]:
            del snapshot.integrations[each]
        known.services[service_id] = snapshot
        if snapshot.references and not snapshot.integrations:
            self._bulk_works = False

    def _parse_service(self, body: Any) -> Snapshot:
        return self._parse_listed(body["service"])[1]

    def _parse_listed(self, service: Mapping[str, Any]) -> tuple[str, Snapshot]:
        snapshot = Snapshot()
        for body in service["integrations"]:
            if _is_whole(body):
                snapshot.integrations[body["id"]] = self._parse(service["id"], body)
            else:
                snapshot.references[body["id"]] = str(body.get("name") or body.get("summary") or "")
        return service["id"], snapshot


def _is_whole(integration: Mapping[str, Any]) -> bool:
    """Whether a description is all that there is of an integration: with its key, or, of an e-mail one, its address."""
    if integration["type"].endswith("_reference"):
        return False
    return bool(integration.get("integration_email" if "email" in integration["type"] else "integration_key"))
