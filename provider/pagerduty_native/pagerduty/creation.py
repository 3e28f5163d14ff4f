"""Creating an integration once, though PagerDuty's POST is not idempotent and responses get lost."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .client import Client
from .errors import PagerDutyError, UnsettledError
from .integration import Integration
from .integration_types import TYPES, takes_email

# The service is looked at so often, after these pauses in seconds, before an integration counts as not created:
# PagerDuty may still be at work on it.
PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 7.5)
# Looking what became of a creation may take so long, even when the user's deadline is over.
SETTLING_SECONDS = 20.0


@dataclass(frozen=True)
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

    def is_like(self, integration: Integration) -> bool:
        """Whether this can have become that integration."""
        if integration.id in self.seen or integration.name.strip() != self.name.strip():
            return False
        if self.is_held(_id(integration)):
            return False
        if vendor_id := (self.fields.get("vendor") or {}).get("id"):  # Then PagerDuty sets the vendor's own type.
            return bool(integration.vendor_id == vendor_id)
        asked = str(self.fields.get("type") or "")
        if asked not in TYPES:  # What PagerDuty makes of a type that is not known here is not known either.
            return True
        same_kind = integration.takes_email == takes_email(asked)
        return integration.type == asked or (integration.vendor_id is not None and same_kind)


class Creator:
    """Creates integrations, each once.

    A POST without a response may have created something. So its service is looked at, for an integration with the same
    name and the same vendor (the same type if there is none), which was created since the attempt began by PagerDuty's
    own clock, was not there before as far as is known, and belongs to nobody else in this process.

    - One such integration: it is adopted, with a warning that names it. Without an idempotency key, one of the same
      name that somebody else made in the same seconds looks the same.
    - None, looked for six times in fifteen seconds: the POST is made again, as often as `Retries` allow. If it
      succeeds, the service is looked at once more, and a second integration is warned of.
    - Several, one whose time of creation cannot be told, no response to the look either, or anything else that ends
      this before the end is known: UnsettledError.

    Nothing is ever deleted. Creations with equal names on one service go one after the other, so that each finds its
    own.
    """

    def __init__(
        self,
        client: Client,
        look: Callable[[str, str], list[Integration]],
        seen: Callable[[str], set[str]],
        warn: Callable[[str], object],
    ) -> None:
        """look: the integrations of a service with a name, now. seen: the IDs of those that it was known to have."""
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
            try:
                created = post()
            except PagerDutyError as error:
                if not error.perhaps_done:
                    raise
                created = self._settled(wanted, error, post)
            self.take(created.id)
            return created

    def take(self, id: str) -> None:
        """Take note that the integration with an ID belongs to somebody."""
        self._taken.add(id)

    def is_taken(self, id: str) -> bool:
        """Whether the integration with an ID belongs to somebody, as far as is known."""
        return id in self._taken

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
                created = post()
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
        for pause in PAUSES:
            try:
                if pause:
                    self._client.waiting.wait(pause, f"for PagerDuty to finish ({error})")
                alike = self._alike(wanted)
            except PagerDutyError as failure:
                raise _unsettled(wanted, error, f"looking for it failed: {failure}") from failure
            if [since for _, since in alike] == [True]:
                return alike[0][0]
            if alike:
                ids = tuple(each.id for each, _ in alike)
                raise _unsettled(wanted, error, f"it may be {' or '.join(ids)}", ids) from error
        return None

    def _alike(self, wanted: Wanted) -> list[tuple[Integration, bool | None]]:
        """What may have been created: each with whether it was created since the attempt began, None if not known."""
        there = self._look(wanted.service_id, wanted.name)
        alike = [each for each in there if wanted.is_like(each) and each.id not in self._taken]
        since = [self._client.server_clock.since(wanted.began, each.created_at) for each in alike]
        return [(each, made) for each, made in zip(alike, since, strict=True) if made is not False]

    def _warn_of_another(self, wanted: Wanted, created: Integration) -> None:
        """Warn of what an attempt without a response created in spite of all looks, beside what is created now."""
        try:
            with self._client.waiting.overtime(SETTLING_SECONDS):
                others = [each for each, _ in self._alike(wanted) if each.id != created.id]
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
    def _one_at_a_time(self, service_id: str, name: Any) -> Iterator[None]:
        """Hold back other creations with this name on this service."""
        key = (service_id, name)
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


def _id(integration: Integration) -> str:
    return f"{integration.service_id}.{integration.id}"


def _unsettled(wanted: Wanted, error: PagerDutyError, problem: str, candidates: tuple[str, ...] = ()) -> UnsettledError:
    return UnsettledError(
        f"PagerDuty may have created the integration {wanted.name!r} on the service {wanted.service_id}: no response "
        f"confirmed it ({error}), and {problem}",
        candidates=tuple(f"{wanted.service_id}.{each}" for each in candidates),
    )
