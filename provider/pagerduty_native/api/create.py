"""Creating an integration once, though PagerDuty's POST is not idempotent and responses get lost."""

from __future__ import annotations

import contextlib
import threading
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pagerduty_native.api.client import Client
from pagerduty_native.api.errors import PagerDutyError, UnsettledError
from pagerduty_native.api.records import TYPES, Integration, takes_email

# The service is looked at so often, after these pauses in seconds, before an integration counts as not created:
# PagerDuty may still be at work on it.
PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 7.5)
# Looking what became of a creation may take so long, even when the user's deadline is over.
SETTLING_SECONDS = 20.0


@dataclass(frozen=True, eq=False)
class Wanted:
    """What is to be created.

    seen: the IDs that its service was known to have. began: when, by `time.monotonic()`. is_held: whether what has an
    ID, with that of its service, belongs to another resource.
    """

    service_id: str
    fields: Mapping[str, Any]
    seen: set[str]
    began: float
    is_held: Callable[[str], bool]

    @property
    def name(self) -> str:
        return str(self.fields.get("name") or "")

    def is_named(self, integration: Integration) -> bool:
        return same_name(integration.name) == same_name(self.name)

    def is_like(self, integration: Integration) -> bool:
        """Return whether this can have become that integration, whatever PagerDuty made of its name."""
        if integration.id in self.seen or self.is_held(_id(integration)):
            return False
        if vendor_id := (self.fields.get("vendor") or {}).get("id"):  # Then PagerDuty sets the vendor's own type.
            return (integration.vendor_id or "").casefold() == str(vendor_id).casefold()
        asked = str(self.fields.get("type") or "")
        if asked not in TYPES:  # What PagerDuty makes of a type that is not known here is not known either.
            return True
        same_kind = integration.takes_email == takes_email(asked)
        return integration.type == asked or (integration.vendor_id is not None and same_kind)


@dataclass(frozen=True)
class Look:
    """What a service has that a creation may have made.

    alike: what may be it. found: what certainly is. in_flight: other creations there whose POST has not ended.
    """

    alike: list[Integration] = field(default_factory=list)
    found: Integration | None = None
    in_flight: list[Wanted] = field(default_factory=list)


class Creator:
    """Creates integrations, each once.

    A POST without a response may have created something. So its service is looked at, for integrations with the same
    vendor (the same type if there is none), which were created since the attempt began by PagerDuty's own clock, were
    not there before as far as is known, and belong to nobody else in this process.

    - One with the same name: it is adopted, with a warning that names it. Without an idempotency key, one of the same
      name that somebody else made in the same seconds looks the same.
    - None, looked for six times in fifteen seconds: the POST is made again, as often as `Retries` allow. If it
      succeeds, the service is looked at once more, and a second integration is warned of.
    - Several with the same name, one whose time of creation is uncertain, one with another name (PagerDuty may have
      changed it), no response to the look either, or anything else that ends this before the end is known:
      UnsettledError.

    Nothing is ever deleted. Creations with equal names on one service go one after the other, so that each finds its
    own. An integration with the name of another creation under way on the service is that one's; before one with any
    other name counts, all POSTs that are in flight to the service have ended.
    """

    def __init__(
        self,
        client: Client,
        look: Callable[[str, Container[str]], list[Integration]],
        seen: Callable[[str], set[str]],
        warn: Callable[[str], object],
    ) -> None:
        """look: the integrations that a service has now; some of those with given IDs may be left out.

        seen: the IDs of those that it was known to have.
        """
        self._client = client
        self._look = look
        self._seen = seen
        self._warn = warn
        # The IDs of integrations that belong to somebody.
        self._taken: set[str] = set()
        self._lock = threading.Lock()
        # By service and name: who creates such a one now, and how many want to.
        self._names: dict[tuple[str, Any], threading.Lock] = {}
        self._wanting: Counter[tuple[str, Any]] = Counter()
        # By service: creations under way, and those that ended unsettled; and the ones whose POST is in flight.
        self._under_way: defaultdict[str, list[Wanted]] = defaultdict(list)
        self._posting: defaultdict[str, list[Wanted]] = defaultdict(list)
        self._posted = threading.Condition(self._lock)

    def create(
        self,
        service_id: str,
        fields: Mapping[str, Any],
        post: Callable[[], Integration],
        is_held: Callable[[str], bool] = lambda _id: False,
    ) -> Integration:
        """Create an integration. fields: as the API has them. post: makes the call. is_held: as in `Wanted`."""
        with self._one_at_a_time(service_id, fields.get("name")):
            wanted = Wanted(service_id, fields, self._seen(service_id), time.monotonic(), is_held)
            with self._registered(wanted):
                try:
                    created = self._post(wanted, post)
                except PagerDutyError as error:
                    if not error.perhaps_done:
                        raise
                    created = self._settled(wanted, error, post)
                self.take(created.id)
                return created

    def take(self, id: str) -> None:
        """Take note that the integration with an ID belongs to somebody."""
        self._taken.add(id)

    def _settled(self, wanted: Wanted, error: PagerDutyError, post: Callable[[], Integration]) -> Integration:
        """What a POST without a response created, or else another POST. error: why there was no response."""
        failures = 1
        while True:
            with self._client.waiting.overtime(SETTLING_SECONDS):
                found = self._find(wanted, error)
            if found is not None:
                self._warn(
                    f"PagerDuty did not say whether it created {wanted.name!r} on the service {wanted.service_id} "
                    f"({error}). {_id(found)} has the same name and was created in the meantime, so it was "
                    "adopted. If somebody else created it at the same time, give this one another name."
                )
                return found
            seconds = time.monotonic() - wanted.began
            retries = self._client.retries
            if failures >= retries.creations or not retries.allow(error, failures, seconds, responded=True):
                raise _unsettled(wanted, error, "it was not there when the provider looked for it") from error
            try:
                self._client.pause(failures, error)
                created = self._post(wanted, post)
            except PagerDutyError as again:
                if not again.perhaps_done:
                    raise _unsettled(wanted, error, f"the next attempt failed: {again}") from again
                error = again
                failures += 1
                continue
            self._warn_of_another(wanted, created)
            return created

    def _find(self, wanted: Wanted, error: PagerDutyError) -> Integration | None:
        """Look for what was created by a POST without a response; None if nothing was."""
        look = Look()
        try:
            for pause in PAUSES:
                if pause:
                    self._client.waiting.wait(pause, f"for PagerDuty to finish ({error})")
                look = self._alike(wanted)
                if look.found:
                    return look.found
            # Other POSTs that are in flight may have made what has another name.
            while look.in_flight and any(not wanted.is_named(each) for each in look.alike):
                self._await(look.in_flight)
                look = self._alike(wanted)
                if look.found:
                    return look.found
        except PagerDutyError as failure:
            raise _unsettled(wanted, error, f"looking for it failed: {failure}", look.alike) from failure
        if look.alike:
            shown = [each.id if wanted.is_named(each) else f"{each.id} (named {each.name!r})" for each in look.alike]
            raise _unsettled(wanted, error, f"it may be {' or '.join(shown)}", look.alike) from error
        return None

    def _alike(self, wanted: Wanted) -> Look:
        there = self._look(wanted.service_id, {*wanted.seen, *self._taken})
        service = wanted.service_id.casefold()
        with self._lock:  # What another creation made until now is taken, or its POST is still in flight.
            others = [each for each in self._under_way[service] if each is not wanted]
            in_flight = [each for each in self._posting[service] if each is not wanted]
            free = [each for each in there if each.id not in self._taken and wanted.is_like(each)]
        since = {each.id: self._client.server_clock.since(wanted.began, each.created_at) for each in free}
        # No later look has to read these singly.
        wanted.seen.update(each.id for each in free if since[each.id] is False)
        named = [each for each in free if wanted.is_named(each) and since[each.id] is not False]
        if len(named) == 1 and since[named[0].id]:
            return Look(named, named[0])
        renamed = [
            each
            for each in free
            if since[each.id] and not wanted.is_named(each) and not any(other.is_named(each) for other in others)
        ]
        return Look(named + renamed, None, in_flight)

    def _warn_of_another(self, wanted: Wanted, created: Integration) -> None:
        """Warn of what an attempt without a response created in spite of all looks, beside what is created now."""
        names = {same_name(wanted.name), same_name(created.name)}
        try:
            with self._client.waiting.overtime(SETTLING_SECONDS):
                alike = self._alike(wanted).alike
                others = [each for each in alike if each.id != created.id and same_name(each.name) in names]
        except PagerDutyError as failure:
            self._warn(
                f"{_id(created)} was created at the second attempt. Whether the first one created a second "
                f"{wanted.name!r} on the same service could not be determined: {failure}."
            )
            return
        if others:
            self._warn(
                f"PagerDuty created {wanted.name!r} twice, as the first attempt got no response: {_id(created)}, which "
                f"is in the state now, and {' and '.join(map(_id, others))}, which is not. Delete the other one, or "
                "adopt it with the resource option `import`."
            )

    @contextlib.contextmanager
    def _registered(self, wanted: Wanted) -> Iterator[None]:
        """Let other creations know of this one, also afterwards if it ends unsettled."""
        under_way = self._under_way[wanted.service_id.casefold()]
        with self._lock:
            under_way.append(wanted)
        unsettled = False
        try:
            yield
        except UnsettledError:
            unsettled = True
            raise
        finally:
            with self._lock:
                if not unsettled:
                    under_way.remove(wanted)

    def _post(self, wanted: Wanted, post: Callable[[], Integration]) -> Integration:
        posting = self._posting[wanted.service_id.casefold()]
        with self._lock:
            posting.append(wanted)
        try:
            created = post()
            self.take(created.id)
            return created
        finally:
            with self._lock:
                posting.remove(wanted)
                self._posted.notify_all()

    def _await(self, others: list[Wanted]) -> None:
        """Wait until the POSTs of other creations on the same service have ended."""
        posting = self._posting[others[0].service_id.casefold()]

        def ended(seconds: float) -> bool:
            with self._posted:
                return self._posted.wait_for(lambda: not any(each in posting for each in others), seconds)

        self._client.waiting.until(ended, "for other integrations on the same service to be created")

    @contextlib.contextmanager
    def _one_at_a_time(self, service_id: str, name: Any) -> Iterator[None]:
        """Hold back other creations with this name on this service."""
        key = (service_id.casefold(), same_name(str(name or "")))
        with self._lock:
            lock = self._names.setdefault(key, threading.Lock())
            self._wanting[key] += 1
        try:
            with self._client.waiting.acquire(lock, "for another integration with the same name to be created"):
                yield
        finally:
            with self._lock:
                self._wanting[key] -= 1
                if not self._wanting[key]:
                    del self._names[key], self._wanting[key]


def same_name(name: str) -> str:
    """Return a form of a name that does not change if PagerDuty composes characters or squeezes blanks."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _id(integration: Integration) -> str:
    return f"{integration.service_id}.{integration.id}"


def _unsettled(
    wanted: Wanted, error: PagerDutyError, problem: str, candidates: Iterable[Integration] = ()
) -> UnsettledError:
    return UnsettledError(
        f"PagerDuty may have created the integration {wanted.name!r} on the service {wanted.service_id}: no response "
        f"confirmed it ({error}), and {problem}",
        candidates=tuple(map(_id, candidates)),
    )
