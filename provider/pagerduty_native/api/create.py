"""Create an integration once, although PagerDuty's POST is not idempotent and responses get lost."""

from __future__ import annotations

import threading
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from pagerduty_native.api.client import Client
from pagerduty_native.api.errors import PagerDutyError, UnsettledError
from pagerduty_native.api.records import TYPES, Integration, takes_email
from pagerduty_native.api.waiting import Alone

# The service is read after each of these pauses, in seconds, before an integration counts as not created: PagerDuty may
# still be creating it.
PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0, 7.5)
# Settling a creation may take this long, even after the user's deadline.
SETTLING_SECONDS = 20.0
# Several servers have several clocks, and times are cut off to whole seconds on both sides.
UNCERTAINTY = timedelta(seconds=2)
# The Date may be a gateway's, whose clock may be fast.
MAX_GATEWAY_AHEAD = timedelta(minutes=2)


@dataclass(eq=False)
class Wanted:
    """An integration to create.

    seen: the IDs of the integrations that its service is known to have. began: a time by `time.monotonic()`. is_held:
    returns whether an integration, given as `SERVICE_ID.INTEGRATION_ID`, belongs to another resource. in_flight: its
    POST is in flight.
    """

    service_id: str
    fields: Mapping[str, Any]
    seen: set[str]
    began: float
    is_held: Callable[[str], bool]
    in_flight: bool = False

    @property
    def name(self) -> str:
        return str(self.fields.get("name") or "")

    def is_named(self, integration: Integration) -> bool:
        return same_name(integration.name) == same_name(self.name)

    def is_like(self, integration: Integration) -> bool:
        """Return whether this may have become that integration, possibly with another name."""
        if integration.id in self.seen or self.is_held(integration.full_id):
            return False
        if vendor_id := (self.fields.get("vendor") or {}).get("id"):  # PagerDuty then sets the vendor's own type.
            return (integration.vendor_id or "").casefold() == str(vendor_id).casefold()
        wanted_type = str(self.fields.get("type") or "")
        if wanted_type not in TYPES:  # PagerDuty may have changed an unknown type.
            return True
        same_kind = integration.takes_email == takes_email(wanted_type)
        return integration.type == wanted_type or (integration.vendor_id is not None and same_kind)


@dataclass(frozen=True)
class Look:
    """The integrations of a service that a creation may have made.

    alike: integrations that may be it. found: the one that certainly is. in_flight: other creations on the service with
    a POST in flight.
    """

    alike: list[Integration] = field(default_factory=list)
    found: Integration | None = None
    in_flight: list[Wanted] = field(default_factory=list)


class Creator:
    """Creates integrations, each once.

    A POST without a response may have created an integration. So its service is read. Candidates have the same vendor
    (or, without a vendor, the same type), were created by PagerDuty's own clock since the attempt began, were not there
    before, and belong to no other resource of this process.

    - One candidate with the same name: it is adopted, with a warning that names it. There is no idempotency key, so an
      equal integration that somebody else created in the same seconds would be adopted, too.
    - No candidate in six reads over fifteen seconds: the POST is retried, as often as `Retries` allows. If that
      succeeds, the service is read once more, and a second integration is reported in a warning.
    - Several candidates with the same name, an uncertain time of creation, a candidate with another name (PagerDuty may
      have changed it), a failed read, or an interruption: UnsettledError.

    Nothing is ever deleted. Creations with equal names on one service run one after the other, so that each finds its
    own. A candidate with the name of another creation on the service belongs to that one. A candidate with any other
    name counts only after all POSTs in flight to the service have ended.

    Args:
        client: Makes the pauses.
        look: Reads the integrations that a service has now. It may leave out some of those with the given IDs.
        seen: Lists the IDs of the integrations that a service is known to have.
        warn: Shows a message to the user.
    """

    def __init__(
        self,
        client: Client,
        look: Callable[[str, Container[str]], list[Integration]],
        seen: Callable[[str], set[str]],
        warn: Callable[[str], object],
    ) -> None:
        self._client = client
        self._look = look
        self._seen = seen
        self._warn = warn
        # The IDs of integrations that belong to resources.
        self._taken: set[str] = set()
        self._lock = threading.Lock()
        self._alone = Alone(client.waiting)
        # By service: creations that run or ended unsettled.
        self._under_way: defaultdict[str, list[Wanted]] = defaultdict(list)
        self._posted = threading.Condition(self._lock)

    def create(
        self,
        service_id: str,
        fields: Mapping[str, Any],
        post: Callable[[], Integration],
        is_held: Callable[[str], bool] = lambda _id: False,
    ) -> Integration:
        """Create an integration by `post`, which may be called again. Raises UnsettledError. is_held: see `Wanted`."""
        key = (service_id.casefold(), same_name(str(fields.get("name") or "")))
        with self._alone.with_key(key, "for another integration with the same name to be created"):
            wanted = Wanted(service_id, fields, self._seen(service_id), time.monotonic(), is_held)
            with self._lock:
                self._under_way[service_id.casefold()].append(wanted)
            is_settled = True
            try:
                return self._created(wanted, post)
            except UnsettledError:
                is_settled = False
                raise
            finally:
                if is_settled:
                    with self._lock:
                        self._under_way[service_id.casefold()].remove(wanted)

    def take(self, id: str) -> None:
        """Note that an integration belongs to a resource."""
        self._taken.add(id)

    def _created(self, wanted: Wanted, post: Callable[[], Integration]) -> Integration:
        """Create it by a POST, or find the one that a POST without a response created."""
        lost: PagerDutyError | None = None  # The error of the last POST that may have created it.
        failures = 0
        while True:
            try:
                if lost:
                    self._client.pause(failures, lost)
                created = self._post(wanted, post)
            except PagerDutyError as error:
                if lost and not error.perhaps_done:
                    raise _unsettled(wanted, lost, f"the next attempt failed: {error}") from error
                if not error.perhaps_done:
                    raise
                lost = error
                failures += 1
            else:
                if lost:
                    self._warn_of_another(wanted, created)
                return created
            with self._client.waiting.overtime(SETTLING_SECONDS):
                found = self._find(wanted, lost)
            if found:
                self.take(found.id)
                self._warn(
                    f"PagerDuty did not say whether it created {wanted.name!r} on the service {wanted.service_id} "
                    f"({lost}). {found.full_id} has the same name and was created in the meantime, so it was "
                    "adopted. If somebody else created it at the same time, give this one another name."
                )
                return found
            seconds = time.monotonic() - wanted.began
            retries = self._client.retries
            if failures >= retries.creations or not retries.allow(lost, failures, seconds, responded=True):
                raise _unsettled(wanted, lost, "it was not there when the provider looked for it") from lost

    def _find(self, wanted: Wanted, error: PagerDutyError) -> Integration | None:
        """Find the integration that a POST without a response created; None if it created none."""
        look = Look()
        try:
            for pause in PAUSES:
                if pause:
                    self._client.waiting.wait(pause, f"for PagerDuty to finish ({error})")
                look = self._alike(wanted)
                if look.found:
                    return look.found
            # Another POST in flight may have made a candidate with another name.
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
        with self._lock:  # Another creation's integration is taken by now, or its POST is still in flight.
            others = [each for each in self._under_way[wanted.service_id.casefold()] if each is not wanted]
            in_flight = [each for each in others if each.in_flight]
            free = [each for each in there if each.id not in self._taken and wanted.is_like(each)]
        since = {each.id: created_since(wanted.began, each.created_at, self._client.newest_date) for each in free}
        # Later looks need not read these.
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
        """Warn if the attempt without a response created an integration after all, besides the new one."""
        names = {same_name(wanted.name), same_name(created.name)}
        try:
            with self._client.waiting.overtime(SETTLING_SECONDS):
                alike = self._alike(wanted).alike
                others = [each for each in alike if each.id != created.id and same_name(each.name) in names]
        except PagerDutyError as failure:
            self._warn(
                f"{created.full_id} was created at the second attempt. Whether the first one created a second "
                f"{wanted.name!r} on the same service could not be determined: {failure}."
            )
            return
        if others:
            ids = " and ".join(each.full_id for each in others)
            self._warn(
                f"PagerDuty created {wanted.name!r} twice, as the first attempt got no response: {created.full_id}, "
                f"which is in the state now, and {ids}, which is not. Delete the other one, or adopt it with the "
                "resource option `import`."
            )

    def _post(self, wanted: Wanted, post: Callable[[], Integration]) -> Integration:
        with self._lock:
            wanted.in_flight = True
        try:
            created = post()
            self.take(created.id)
            return created
        finally:
            with self._lock:
                wanted.in_flight = False
                self._posted.notify_all()

    def _await(self, others: list[Wanted]) -> None:
        """Wait until the POSTs of other creations have ended."""

        def ended(seconds: float) -> bool:
            with self._posted:
                return self._posted.wait_for(lambda: not any(each.in_flight for each in others), seconds)

        self._client.waiting.until(ended, "for other integrations on the same service to be created")


def created_since(moment: float, created_at: str | None, newest_date: tuple[str, float] | None) -> bool | None:
    """Return whether something was created after a moment, by PagerDuty's clock; None if that is uncertain.

    This machine's clock may be wrong. But the Date of a response is PagerDuty's time shortly before it arrived. So by
    PagerDuty's clock, the moment was at least as long before that Date as it was, by ours, before the response arrived.

    Args:
        moment: A time by `time.monotonic()`.
        created_at: PagerDuty's time of the creation.
        newest_date: The Date of a response, and when it arrived by `time.monotonic()`.
    """
    if created_at is None or newest_date is None:
        return None
    date, received = newest_date
    try:
        created = _aware(datetime.fromisoformat(created_at))
        earliest = _aware(parsedate_to_datetime(date)) - timedelta(seconds=received - moment) - UNCERTAINTY
        if created >= earliest:
            return True
        return None if created >= earliest - MAX_GATEWAY_AHEAD else False
    except (ValueError, OverflowError):
        return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def same_name(name: str) -> str:
    """Return a form of a name that does not change if PagerDuty composes characters or squeezes blanks."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _unsettled(
    wanted: Wanted, error: PagerDutyError, problem: str, candidates: Iterable[Integration] = ()
) -> UnsettledError:
    return UnsettledError(
        f"PagerDuty may have created the integration {wanted.name!r} on the service {wanted.service_id}: no response "
        f"confirmed it ({error}), and {problem}",
        candidates=tuple(each.full_id for each in candidates),
    )
