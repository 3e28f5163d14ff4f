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

import functools
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from pagerduty_native.api.client import LAST_OFFSET, PAGE_LIMIT, Client, Page
from pagerduty_native.api.errors import (
    AppTokenError,
    InterruptedCallError,
    NotFoundError,
    PagerDutyError,
    RateLimitedError,
    UnauthorizedError,
    UnconfirmedNotFoundError,
)
from pagerduty_native.api.lookups import Service, service_from
from pagerduty_native.api.parse import NOT_DOCUMENTED, id_or_empty, items, service_path, text
from pagerduty_native.api.records import Integration, integration_from, odd_integration

MOST_PAGES = LAST_OFFSET // PAGE_LIMIT


@dataclass
class ServicePages:
    """The pages of the account's services. total: how many there are, once that is known.

    failure: why a page could not be read. After that, pages are asked for only if nothing else does.
    """

    total: int | None = None
    asked: int = 0
    under_way: int = 0
    failed: list[int] = field(default_factory=list)
    failure: PagerDutyError | None = None

    @property
    def complete(self) -> bool:
        """Whether all pages that PagerDuty gives were read."""
        return self.asked >= self._readable and not self.failed and not self.under_way

    @property
    def available(self) -> bool:
        """Whether there is a page to ask for now. While the total is unknown, one page says whether another follows."""
        if self.failed:
            return True
        return self.asked < self._readable and not (self.total is None and self.under_way)

    @property
    def beyond(self) -> bool:
        """Whether the account has more services than PagerDuty lists."""
        return self.total is not None and self.total > MOST_PAGES

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
        elif number + 1 >= MOST_PAGES:
            self.total = number + 2

    def put_back(self, number: int, failure: PagerDutyError | None) -> None:
        """Take note of a page that could not be read, and why; None if only the one who asked gave up."""
        self.under_way -= 1
        self.failed.append(number)
        self.failure = failure or self.failure


def choose(services: int, pages: ServicePages) -> Literal["service", "page"]:
    """What to ask for if nothing so far answers a read. services: how many were asked for."""
    if pages.failure or pages.complete:
        return "service"
    if not pages.asked:
        return "page" if services else "service"
    total = pages.total or pages.asked + 1
    return "page" if total <= MOST_PAGES and services >= total - 1 else "service"


@dataclass
class Snapshot:
    """A service with its integrations as they were read, by their IDs.

    service: None only if it is missing.
    partial: those without a key and an address, or that cannot be parsed, so that each needs a call of its own.
    odd: the IDs of those that cannot be parsed, "" for each without an ID.
    only_references: whether all that was read are references.
    changed: whether we wrote to the service since. missing: whether there was no such service.
    """

    service: Service | None = None
    integrations: dict[str, Integration] = field(default_factory=dict)
    partial: dict[str, Integration] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    only_references: bool = False
    changed: bool = False
    missing: bool = False

    @property
    def all(self) -> list[Integration]:
        return [*self.integrations.values(), *self.partial.values()]


@dataclass(frozen=True)
class Everything:
    """Every service's integrations. beyond: whether there are services that PagerDuty does not list."""

    services: list[Snapshot]
    beyond: bool

    @property
    def whole(self) -> list[Integration]:
        return [each for service in self.services for each in service.integrations.values()]

    @property
    def partial(self) -> list[Integration]:
        return [each for service in self.services for each in service.partial.values()]


@dataclass
class Known:
    """What was read in bulk, until it is too old."""

    fresh_until: float
    services: dict[str, Snapshot] = field(default_factory=dict)
    pages: ServicePages = field(default_factory=ServicePages)
    # The IDs of the services on each page.
    listed: dict[int, list[str]] = field(default_factory=dict)
    services_asked: int = 0
    services_under_way: set[str] = field(default_factory=set)
    # Services that cannot be read at once.
    unreadable: set[str] = field(default_factory=set)

    def page(self, number: int) -> list[Snapshot] | None:
        """The services on a page, which is `NO_PAGE` after the last one; None if it was not read yet."""
        if number in self.listed:
            return [self.services[each] for each in self.listed[number]]
        return NO_PAGE if self.pages.complete else None


NO_PAGE: list[Snapshot] = []


def service_snapshot(body: Any, id: str) -> Snapshot:
    """What the API's response about one service tells of it. id: the one that was asked for."""
    return listed_snapshot(body["service"], id)[1]


def listed_snapshot(service: Mapping[str, Any], id: str | None = None) -> tuple[str, Snapshot]:
    """The ID of a service in an index, and what is told of it there."""
    bodies = items(service, "integrations")
    # Nothing but a listing needs the name.
    described = service_from({**service, "name": service.get("name") or service["id"]}, id)
    snapshot = Snapshot(described)
    references = 0
    for body in bodies:
        try:
            is_reference = text(body, "type").endswith("_reference")
            integration = integration_from(body, described.id)
        except NOT_DOCUMENTED:
            snapshot.odd.append(odd_id := id_or_empty(body))
            if odd_id:
                snapshot.partial[odd_id] = odd_integration(body, described.id)
            continue
        references += is_reference
        whole = not is_reference and (integration.integration_key or integration.integration_email)
        (snapshot.integrations if whole else snapshot.partial)[integration.id] = integration
    snapshot.only_references = bool(bodies) and references == len(bodies)
    return described.id, snapshot


Told = TypeVar("Told")

# What was read in bulk is used for so long after it, or after the last page, if that is later. An operation of the
# engine has a client of its own; this is for a client that lives longer.
FRESH_SECONDS = 60.0
# What cannot be read in bulk can be read singly, so it is not tried for long.
ATTEMPTS = 2
# How soon a thread that waits for another one's call looks for itself.
LOOK_AGAIN_SECONDS = 0.25
WITH_INTEGRATIONS = {"include[]": "integrations"}


class BulkReads:
    """What is known of the account's integrations, had with as few calls as can be, for all threads together."""

    def __init__(self, client: Client, warn: Callable[[str], object]) -> None:
        self._client = client
        self._warn = warn
        # The warnings so far.
        self._warned: dict[str, object] = {}
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
            except (AppTokenError, InterruptedCallError, RateLimitedError, UnauthorizedError):
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

    def everything(self) -> Everything:
        """Every integration of the account, as far as there are pages.

        If a page cannot be read, that is raised for every thread that asks within the next minute.
        """

        def all_pages(known: Known) -> Everything | None:
            complete = known.pages.complete
            return Everything(list(known.services.values()), beyond=known.pages.beyond) if complete else None

        return self._once_read(all_pages)

    def by_page(self) -> Iterator[Snapshot]:
        """Every service of the account with its integrations, each page of them asked for when it is wanted.

        If a page cannot be read, that is raised as `everything` does.
        """
        seen: set[str] = set()  # A service moves to the next page if another is added before it.
        for number in itertools.count():
            page = self._once_read(functools.partial(Known.page, number=number))
            if page is NO_PAGE:
                return
            for snapshot in page:
                if snapshot.service and snapshot.service.id not in seen:
                    seen.add(snapshot.service.id)
                    yield snapshot

    @property
    def beyond(self) -> bool:
        """Whether there are services that PagerDuty does not list, as far as that is known."""
        with self._changed:
            return self._known.pages.beyond

    def _once_read(self, told: Callable[[Known], Told | None]) -> Told:
        """What the pages tell, as soon as so many of them are read that it is not None."""
        while True:
            with self._changed:
                known = self._current()
                if (found := told(known)) is not None:
                    return found
                if known.pages.failure:
                    raise known.pages.failure.copy()
                if not known.pages.available:
                    self._wait_for_others()
                    continue
                ask = self._asking_for_page(known)
            ask()

    def seen(self, service_id: str) -> set[str]:
        """The IDs of the integrations that a service was seen to have."""
        with self._changed:
            snapshot = self._known.services.get(service_id)
            return {each.id for each in snapshot.all} if snapshot else set()

    def known(self) -> list[Integration]:
        """Every integration that was read in bulk so far."""
        with self._changed:
            return [each for service in self._known.services.values() for each in service.integrations.values()]

    def look(self, service_id: str) -> Snapshot:
        """A service's integrations at this very moment."""
        parse = functools.partial(service_snapshot, id=service_id)
        try:
            snapshot = self._client.get(service_path(service_id), parse, WITH_INTEGRATIONS, attempts=ATTEMPTS)
            self._warn_of_odd(snapshot)
            return snapshot
        except (AppTokenError, InterruptedCallError, NotFoundError, RateLimitedError, UnauthorizedError):
            raise
        except UnconfirmedNotFoundError:
            raise
        except PagerDutyError:  # too large, perhaps
            return self._client.get(service_path(service_id), parse)

    def _warn_of_odd(self, snapshot: Snapshot) -> None:
        """Warn of integrations that cannot be parsed, once of each."""
        service_id = snapshot.service.id if snapshot.service else ""
        for each in snapshot.odd:
            if each:
                self._warn_once(
                    f"The integration {service_id}.{each} is listed with values that PagerDuty's API does not "
                    "document. The provider uses only its ID."
                )
            else:
                self._warn_once(f"The service {service_id} lists an integration without an ID. The provider skips it.")

    def _warn_once(self, message: str) -> None:
        news = object()
        if self._warned.setdefault(message, news) is news:
            self._warn(message)

    def written(self, service_id: str, id: str) -> None:
        """Forget an integration that was just created, changed or deleted, also where it is being read right now."""
        with self._changed:
            self._writes += 1
            self._written[service_id] = self._written[id] = self._writes
            if snapshot := self._known.services.get(service_id):
                snapshot.changed = True
                # Others may be iterating over the dictionary, so it is replaced.
                snapshot.integrations = {name: each for name, each in snapshot.integrations.items() if name != id}

    def _current(self) -> Known:
        now = self._client.waiting.now()
        if now >= self._known.fresh_until and not self._known.pages.under_way:
            self._known = Known(now + FRESH_SECONDS)
        return self._known

    def _others_may_answer(self, known: Known, service_id: str) -> bool:
        """Whether another thread is asking for what this one needs, or for what decides what to ask for."""
        if service_id in known.services_under_way:
            return True
        return known.pages.under_way > 0 and not known.pages.available and not known.pages.failure

    def _wait_for_others(self) -> None:
        """Wait for a change or a moment: a notice that comes just as a wait ends is lost, so look again in any case."""
        self._changed.wait(self._client.waiting.seconds_left(LOOK_AGAIN_SECONDS))
        self._client.waiting.wait(0.0, "for a response that another resource asked for")

    def _asking_for_service(self, known: Known, service_id: str) -> Callable[[], None]:
        """Announce that this thread asks for a service, and return what does so."""
        known.services_asked += 1
        known.services_under_way.add(service_id)
        writes = self._writes

        def ask() -> None:
            snapshot: Snapshot | None = None
            try:
                parse = functools.partial(service_snapshot, id=service_id)
                snapshot = self._client.get(service_path(service_id), parse, WITH_INTEGRATIONS, attempts=ATTEMPTS)
                self._warn_of_odd(snapshot)
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
            failure: PagerDutyError | None = None
            params = {**WITH_INTEGRATIONS, "total": "true"}
            try:
                page = self._client.page("/services", "services", listed_snapshot, number, params, attempts=ATTEMPTS)
                for service_id in page.odd:
                    self._warn_once(
                        f"The service {service_id or '?'} is listed with values that PagerDuty's API does not "
                        "document. The provider skips it."
                    )
                for _, snapshot in page.items:
                    self._warn_of_odd(snapshot)
            except InterruptedCallError:  # The time of this thread is over, not that of the others.
                raise
            except PagerDutyError as error:
                failure = error
                raise
            finally:
                with self._changed:
                    if page:
                        known.pages.put(number, more=page.more, services=page.total)
                        known.listed[number] = [service_id for service_id, _ in page.items]
                        known.fresh_until = max(known.fresh_until, self._client.waiting.now() + FRESH_SECONDS)
                        for service_id, snapshot in page.items:
                            self._keep(known, service_id, snapshot, writes)
                    else:
                        known.pages.put_back(number, failure)
                    self._changed.notify_all()

        return ask

    def _keep(self, known: Known, service_id: str, snapshot: Snapshot, writes: int) -> None:
        """Keep what was read, but for what we wrote since. writes: how many there were before it was asked for."""
        snapshot.changed = self._written.get(service_id, 0) > writes
        for each in [each for each in snapshot.integrations if self._written.get(each, 0) > writes]:
            del snapshot.integrations[each]
        known.services[service_id] = snapshot
        if snapshot.only_references:
            self._bulk_works = False
