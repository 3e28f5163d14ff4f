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
from collections.abc import Callable, Iterator
from typing import TypeVar

from .client import Client, Page
from .errors import (
    AppTokenError,
    InterruptedCallError,
    NotFoundError,
    PagerDutyError,
    RateLimitedError,
    UnauthorizedError,
    UnconfirmedNotFoundError,
)
from .integration import Integration
from .paths import service_path
from .service_pages import choose
from .snapshots import NO_PAGE, Everything, Known, Snapshot, listed_snapshot, service_snapshot

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
