"""Creating an integration once, though PagerDuty's POST is not idempotent and answers get lost."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import PagerDutyError, UnsettledError

if TYPE_CHECKING:
    from .client import Client
    from .integrations import Integration

# Looking what became of a creation may take so long, even when the user's deadline is over.
SETTLING_SECONDS = 15.0
# How often the service is looked at before an integration counts as not created: PagerDuty may still be at work on it.
LOOKS = 2


@dataclass(frozen=True)
class Wanted:
    """What is to be created. seen: the IDs that its service was known to have. began: when, by `time.monotonic()`."""

    service_id: str
    fields: Mapping[str, Any]
    seen: set[str]
    began: float

    @property
    def name(self) -> str:
        return str(self.fields.get("name") or "")

    def is_like(self, integration: Integration) -> bool:
        """Whether this can have become that integration. With a vendor, PagerDuty sets the vendor's own type."""
        vendor_id = (self.fields.get("vendor") or {}).get("id")
        asked = str(self.fields.get("type") or "")
        same_kind = ("email" in integration.type) == ("email" in asked)
        return (
            integration.id not in self.seen
            and integration.name.strip() == self.name.strip()
            and (not vendor_id or integration.vendor_id == vendor_id)
            and (same_kind if integration.vendor_id else integration.type == asked)
        )


class Creator:
    """Creates integrations, each once.

    Where a POST may have created something but no answer says so, its service is looked at. An integration is the one
    that was to be created if it has the same name, vendor and kind of type, was created since the attempt began by
    PagerDuty's own clock, was not there before as far as is known, and belongs to nobody else in this process.

    - One such integration: it is taken.
    - None, looked at twice with a pause between: the POST is made again, as often as `Retries` allow.
    - Several, one whose time of creation cannot be told, or no answer to the look either: UnsettledError, and nothing
      is deleted.

    Creations with equal names on one service go one after the other, so that each finds its own.
    """

    def __init__(
        self, client: Client, look: Callable[[str, str], list[Integration]], seen: Callable[[str], set[str]]
    ) -> None:
        """look: the integrations of a service with a name, now. seen: the IDs of those that it was known to have."""
        self._client = client
        self._look = look
        self._seen = seen
        # The IDs of integrations that belong to somebody.
        self._taken: set[str] = set()
        self._lock = threading.Lock()
        # By service and name: who creates such a one now, and how many want to.
        self._names: dict[tuple[str, Any], threading.Lock] = {}
        self._wanting: Counter[tuple[str, Any]] = Counter()

    def create(self, service_id: str, fields: Mapping[str, Any], post: Callable[[], Integration]) -> Integration:
        """Create an integration. fields: as the API has them. post: makes the call."""
        with self._one_at_a_time(service_id, fields.get("name")):
            wanted = Wanted(service_id, fields, self._seen(service_id), time.monotonic())
            created = self._created(wanted, post)
            self.take(created)
            return created

    def take(self, integration: Integration) -> None:
        """Take note that an integration belongs to somebody."""
        self._taken.add(integration.id)

    def _created(self, wanted: Wanted, post: Callable[[], Integration]) -> Integration:
        failures = 0
        while True:
            try:
                return post()
            except PagerDutyError as error:  # noqa: PERF203 (there is a call in it)
                if not (error.transient and error.perhaps_done):
                    raise
                failures += 1
                with self._client.waiting.overtime(SETTLING_SECONDS):
                    found = self._settle(wanted, error, failures)
                if found is not None:
                    return found
                seconds = time.monotonic() - wanted.began
                if not self._client.retries.allow(error, failures, seconds, answered=True):
                    raise
                self._client.pause(failures, error)

    def _settle(self, wanted: Wanted, error: PagerDutyError, failures: int) -> Integration | None:
        """Find what was created by a POST without an answer; None where nothing was."""
        for look in range(LOOKS):
            try:
                if look:
                    self._client.pause(failures, error)
                there = self._look(wanted.service_id, wanted.name)
            except PagerDutyError as failure:
                raise _unsettled(wanted, error, f"looking for it failed: {failure}") from failure
            alike = [each for each in there if wanted.is_like(each) and each.id not in self._taken]
            made_since = [self._client.server_clock.since(wanted.began, each.created_at) for each in alike]
            candidates = [each for each, since in zip(alike, made_since, strict=True) if since is not False]
            if len(candidates) == 1 and None not in made_since:
                return candidates[0]
            if candidates:
                ids = tuple(each.id for each in candidates)
                raise _unsettled(wanted, error, f"it cannot be told whether it is {' or '.join(ids)}", ids) from error
        return None

    @contextlib.contextmanager
    def _one_at_a_time(self, service_id: str, name: Any) -> Iterator[None]:
        """Hold back other creations with this name on this service."""
        key = (service_id, name)
        with self._lock:
            lock = self._names.setdefault(key, threading.Lock())
            self._wanting[key] += 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                self._wanting[key] -= 1
                if not self._wanting[key]:
                    del self._names[key], self._wanting[key]


def _unsettled(wanted: Wanted, error: PagerDutyError, problem: str, candidates: tuple[str, ...] = ()) -> UnsettledError:
    return UnsettledError(
        f"PagerDuty may have created the integration {wanted.name!r} on the service {wanted.service_id}: no answer "
        f"said so ({error}), and {problem}",
        service_id=wanted.service_id,
        name=wanted.name,
        candidates=candidates,
    )
