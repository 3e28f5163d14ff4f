"""Calls to PagerDuty's REST API: each made in its turn, repeated where that is right, and its response parsed."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Generic, TypeVar

from pagerduty_native.api.errors import (
    NotFoundError,
    PagerDutyError,
    RateLimitedError,
    UnauthorizedError,
    UnconfirmedNotFoundError,
    UnintelligibleResponseError,
    UnreachableError,
)
from pagerduty_native.api.parse import NOT_DOCUMENTED, flag, id_or_empty, items, kind
from pagerduty_native.api.rate_limit import RateLimiter
from pagerduty_native.api.transport import READ_TIMEOUT_SECONDS, Request, Response
from pagerduty_native.api.waiting import Waiting

# The most that the API gives, and the most it counts to: https://developer.pagerduty.com/docs/pagination
PAGE_LIMIT = 100
LAST_OFFSET = 10_000
# https://developer.pagerduty.com/docs/rest-api-rate-limits
CALLS_PER_MINUTE = 960


@dataclass(frozen=True)
class Retries:
    """How often a call is made, and for how long.

    - GET, PUT and DELETE are made again when the network fails or no response comes in time; after a 408 or 5xx; after
      a response that is cut off, empty, or not PagerDuty's; and after a 400 whose words are known to be transient
      (`errors.TRANSIENT_REFUSALS`). A DELETE that was made again and finds nothing has done its work.
    - POST is made again only where it surely created nothing: no connection was made, or the response was a 408, 429 or
      such a 400. All else is settled by looking (creation.py).
    - No other 4xx, no certificate that cannot be verified, and nothing that cannot be sent is tried again. A 401 to an
      app's token is followed by a new token, once (oauth.py).
    - `attempts` are made at most, and no further one begins after `total_seconds`. Where the API never responded and no
      connection can be made, its address is probably wrong: `first_attempts` tell.
    - A creation without a response is made `creations` times at most: between two of them, its service is looked at for
      fifteen seconds. So a persistent 500 is reported within a minute.
    - Before the n-th repetition comes a pause between 0 and `first_pause` · 2^(n-1), at most `longest_pause`
      (exponential backoff with full jitter): half a second to sixteen, and 16 s together on average.
    - A 429 is not an attempt: the limiter holds every call back for as long as PagerDuty says. After `limited_seconds`
      it is given up.

    urllib3's Retry and tenacity (stamina) do not fit: the pause must end with a cancellation and the user's deadline,
    be shared with the limiter, and bodies that are spoilt count as well.
    """

    attempts: int = 7
    creations: int = 3
    first_attempts: int = 4
    first_pause: float = 0.5
    longest_pause: float = 16.0
    total_seconds: float = 180.0
    limited_seconds: float = 600.0

    def pause(self, failures: int, chance: float) -> float:
        """The pause after so many failures, which is a part of the longest one. chance: from 0 to 1."""
        return chance * min(self.first_pause * 2.0 ** (failures - 1), self.longest_pause)

    def allow(self, error: PagerDutyError, failures: int, seconds: float, *, responded: bool) -> bool:
        """Whether to try again after an error. failures: so far. seconds: since the first try. responded: ever."""
        if not error.transient:
            return False
        if isinstance(error, RateLimitedError):
            return seconds < self.limited_seconds
        no_connection = isinstance(error, UnreachableError) and not error.perhaps_done
        attempts = self.first_attempts if no_connection and not responded else self.attempts
        return failures < attempts and seconds < self.total_seconds


# Clocks of several servers, and times cut off to whole seconds on both sides.
UNCERTAINTY = timedelta(seconds=2)
# The Date may be that of a gateway, whose clock is fast.
MAX_GATEWAY_AHEAD = timedelta(minutes=2)


class ServerClock:
    """Tells what was made after a moment, by PagerDuty's clock alone: this machine's may be wrong.

    A response's Date is PagerDuty's time before it was received. So the moment was, by PagerDuty's clock, at least as
    much before that Date as it was, by ours, before the response came.
    """

    def __init__(self) -> None:
        self._newest: tuple[str, float] | None = None

    def note(self, response: Response) -> None:
        if date := response.headers.get("Date"):
            self._newest = date, response.received

    def since(self, moment: float, created_at: str | None) -> bool | None:
        """Return whether something was created after a moment (by `time.monotonic()`), or None if that is uncertain."""
        created = created_time(created_at)
        if created is None or self._newest is None:
            return None
        date, received = self._newest
        try:
            server_time = _aware(parsedate_to_datetime(date))
            earliest = server_time - timedelta(seconds=received - moment) - UNCERTAINTY
            if created >= earliest:
                return True
            return None if created >= earliest - MAX_GATEWAY_AHEAD else False
        except (ValueError, OverflowError):
            return None


def created_time(created_at: str | None) -> datetime | None:
    """When something was created, or None where that cannot be told."""
    try:
        return _aware(datetime.fromisoformat(created_at)) if created_at else None
    except ValueError:
        return None


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


Parsed = TypeVar("Parsed")

# Gives the Authorization header's value, or "" for none. Takes the value that was refused with 401, if one was, and
# gives the same again if there is no other.
Authorization = Callable[[str | None], str]

# Says whether an index still lists the object of a request that got a 404; None if that cannot be found out.
StillListed = Callable[[], bool | None]

# The indexes, and the names of their lists. PagerDuty never answers one of them with a 404.
INDEXES = {"/services": "services", "/vendors": "vendors", "/event_orchestrations": "orchestrations"}


class TokenAuthorization:
    """The Authorization header with a REST API key: https://developer.pagerduty.com/docs/authentication"""

    def __init__(self, token: str) -> None:
        self._header = f"Token token={token}"

    def __call__(self, _refused: str | None = None) -> str:
        return self._header


def anonymous(_refused: str | None = None) -> str:
    """No Authorization header."""
    return ""


@dataclass(frozen=True)
class Page(Generic[Parsed]):
    """A page of an index.

    total: how many there are on all pages, where the API says so. odd: the IDs of items that cannot be parsed, which
    are not in `items`; "" for one whose ID cannot be parsed either.
    """

    items: list[Parsed]
    more: bool
    total: int | None
    odd: list[str] = field(default_factory=list)


class Client:
    """PagerDuty's REST API for one account; safe to share among threads.

    authorization: gives the Authorization header, such as `TokenAuthorization`.
    api_url: the API's address, without a slash at the end.
    verify: whether TLS certificates are verified.
    calls_per_minute: the most that the client makes.
    waiting: how it waits, and who is told.
    retries: when and how often a call is made again.
    read_seconds: how long a response may take.
    redact: hides secrets in text from outside.

    Each method makes a call in its turn (rate_limiter.py), and again if that is right (retries.py). `parse` makes of
    the response's JSON what is wanted; a KeyError, TypeError, … of it shows that the response is not what the API
    describes, which counts as a response that is spoilt. All methods raise `PagerDutyError`s (errors.py). NotFoundError
    means that PagerDuty has no such object; any other 404 is an UnconfirmedNotFoundError.
    """

    def __init__(
        self,
        authorization: Authorization,
        *,
        api_url: str,
        user_agent: str = "pagerduty-native",
        verify: bool = True,
        calls_per_minute: int = CALLS_PER_MINUTE,
        waiting: Waiting | None = None,
        retries: Retries | None = None,
        limiter: RateLimiter | None = None,
        read_seconds: float = READ_TIMEOUT_SECONDS,
        redact: Callable[[str], str] = str,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.api_url = api_url
        self.waiting = waiting or Waiting()
        self.retries = retries or Retries()
        self.server_clock = ServerClock()
        self._authorization = authorization
        self._limiter = limiter or RateLimiter(calls_per_minute)
        self._read_seconds = read_seconds
        self._chance = chance
        # Only now: importing `requests` takes longer than all else that a plugin does at its start.
        from pagerduty_native.api.transport import Transport  # noqa: PLC0415

        self._transport = Transport(api_url=api_url, user_agent=user_agent, verify=verify, redact=redact)
        self._responded = threading.Event()

    @property
    def allowance(self) -> tuple[int, int] | None:
        """How many calls a minute PagerDuty allows, and how many of them are left, as its responses tell."""
        return self._limiter.allowance

    @property
    def scopes(self) -> str | None:
        """The scopes that an app's token was granted; None for a REST API key, or if that is not known."""
        scopes: str | None = getattr(self._authorization, "scopes", None)
        return scopes

    def get(
        self,
        path: str,
        parse: Callable[[Any], Parsed],
        params: Mapping[str, Any] | None = None,
        *,
        attempts: int | None = None,
        still_listed: StillListed | None = None,
    ) -> Parsed:
        """attempts: how many at most, where fewer than usual do."""
        request = Request("GET", path, params=params)
        return self._repeat(lambda: self._call(request, parse, still_listed), attempts=attempts)

    def put(
        self,
        path: str,
        body: Mapping[str, Any],
        parse: Callable[[Any], Parsed],
        *,
        still_listed: StillListed | None = None,
    ) -> Parsed:
        return self._repeat(lambda: self._call(Request("PUT", path, body=body), parse, still_listed))

    def post(self, path: str, body: Mapping[str, Any], parse: Callable[[Any], Parsed]) -> Parsed:
        """Raises an error that is `perhaps_done` and `transient` where the caller must look what became of it."""
        return self._repeat(lambda: self._call(Request("POST", path, body=body), parse), idempotent=False)

    def form(self, path: str, fields: Mapping[str, str], parse: Callable[[Any], Parsed]) -> Parsed:
        """Send a form that changes nothing, and so can be sent again."""
        return self._repeat(lambda: self._call(Request("POST", path, form=fields), parse))

    def delete(self, path: str, *, still_listed: StillListed | None = None) -> None:
        """Raises NotFoundError where there was nothing to delete, not where an attempt without response deleted it."""
        failed = False

        def attempt() -> None:
            nonlocal failed
            try:
                self._call(Request("DELETE", path), lambda body: body, still_listed)
            except NotFoundError:
                if not failed:
                    raise
            except PagerDutyError as error:
                failed = failed or error.perhaps_done
                raise

        self._repeat(attempt)

    def page(
        self,
        path: str,
        key: str,
        parse: Callable[[Any], Parsed],
        number: int = 0,
        params: Mapping[str, Any] | None = None,
        *,
        attempts: int | None = None,
    ) -> Page[Parsed]:
        """One page of an index, counted from 0: the list under `key`, each item parsed.

        An item that the API does not document does not spoil the others, but it does if there are no others.
        """

        def parse_page(body: Any) -> Page[Parsed]:
            total = body.get("total")
            listed, found, odd = items(body, key), [], []
            for item in listed:
                try:
                    found.append(parse(item))
                except NOT_DOCUMENTED:
                    odd.append(id_or_empty(item))
            if listed and not found:
                raise TypeError(key)
            more = len(listed) == PAGE_LIMIT if body.get("more") is None else flag(body, "more")
            return Page(found, more, total if isinstance(total, int) else None, odd)

        window = {"limit": PAGE_LIMIT, "offset": number * PAGE_LIMIT}
        return self.get(path, parse_page, {**(params or {}), **window}, attempts=attempts)

    def pages(
        self, path: str, key: str, parse: Callable[[Any], Parsed], params: Mapping[str, Any] | None = None
    ) -> Iterator[list[Parsed]]:
        """The pages of an index, asked for as they are needed."""
        for number in range(LAST_OFFSET // PAGE_LIMIT):
            page = self.page(path, key, parse, number, params)
            yield page.items
            if not page.more:
                return
            self.waiting.wait(0.0, "for the next page")

    def pause(self, failures: int, error: PagerDutyError) -> None:
        """Wait before another attempt."""
        seconds = self.retries.pause(failures, self._chance())
        self.waiting.wait(seconds, f"to try again ({error})")

    def _repeat(self, attempt: Callable[[], Parsed], *, idempotent: bool = True, attempts: int | None = None) -> Parsed:
        retries = self.retries if attempts is None else replace(self.retries, attempts=attempts)
        began = self.waiting.now()
        failures = 0
        while True:
            try:
                return attempt()
            except PagerDutyError as error:
                limited = isinstance(error, RateLimitedError)
                failures += not limited
                seconds = self.waiting.now() - began
                if error.perhaps_done and not idempotent:
                    raise
                if not retries.allow(error, failures, seconds, responded=self._responded.is_set()):
                    raise
                if not limited:
                    self.pause(failures, error)

    def _call(
        self, request: Request, parse: Callable[[Any], Parsed], still_listed: StillListed | None = None
    ) -> Parsed:
        """Make one call, in its turn; once more if it was refused for an app's token that had to be renewed."""
        header = self._authorization(None)
        response = self._response(request, header)
        if isinstance(response.error, UnauthorizedError) and (renewed := self._authorization(header)) != header:
            header = renewed
            response = self._response(request, header)
        if isinstance(response.error, NotFoundError) and not response.error.by_pagerduty and header:
            response = self._confirmed(request, header, response, still_listed)
        if response.error is not None:
            raise response.error
        try:
            return parse(response.body)
        except NOT_DOCUMENTED as error:
            # Not the body itself: it may hold keys.
            found = f"no {error}" if isinstance(error, KeyError) else kind(response.body)
            problem = "not with what the API documents"
            raise UnintelligibleResponseError(self.api_url, response.status, found, problem) from None

    def _confirmed(
        self, request: Request, header: str, response: Response, still_listed: StillListed | None
    ) -> Response:
        """Return the response to believe, after a 404 without one of PagerDuty's codes.

        A gateway answers so while its routes are reloaded, and whatever else is at a wrong address does. Believed, it
        would remove integrations from the state, or leave them behind when they are to be deleted. So either the list
        that the object belongs to lacks it, or PagerDuty's index answers and then the same request gets a 404 again.
        Raises UnconfirmedNotFoundError otherwise.
        """

        def unconfirmed(*, transient: bool) -> UnconfirmedNotFoundError:
            refusal = response.error
            words = refusal.quotation if isinstance(refusal, NotFoundError) else ""
            return UnconfirmedNotFoundError(self.api_url, words, transient=transient)

        collection = "/" + request.path.split("/")[1]
        path = collection if collection in INDEXES else "/services"
        if request.path == path or request.method == "POST":
            raise unconfirmed(transient=False)
        listed = still_listed() if still_listed else None
        if listed:
            raise unconfirmed(transient=True)
        if listed is False:
            return response
        index = self._response(Request("GET", path, params={"limit": 1}), header)
        if isinstance(index.error, RateLimitedError):
            raise index.error
        if index.error or not (isinstance(index.body, Mapping) and isinstance(index.body.get(INDEXES[path]), list)):
            raise unconfirmed(transient=index.error is not None and index.error.transient)
        return self._response(request, header)

    def _response(self, request: Request, authorization: str) -> Response:
        while delay := self._limiter.ask(self.waiting.now()):
            self.waiting.wait(delay, "for PagerDuty's rate limit")
        sent = self.waiting.now()
        response = self._transport.send(request, authorization, self.waiting.seconds_left(self._read_seconds))
        self._limiter.note(sent, self.waiting.now(), response.status, response.headers)
        self._responded.set()
        self.server_clock.note(response)
        return response
