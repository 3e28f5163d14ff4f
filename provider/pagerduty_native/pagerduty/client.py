"""Calls to PagerDuty's REST API: each made in its turn, repeated where that is right, and its response parsed."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from .bodies import NOT_DOCUMENTED, flag, id_or_empty, items, kind
from .errors import (
    NotFoundError,
    PagerDutyError,
    RateLimitedError,
    UnauthorizedError,
    UnconfirmedNotFoundError,
    UnintelligibleResponseError,
)
from .exchange import READ_TIMEOUT_SECONDS, Request, Response
from .limits import CALLS_PER_MINUTE, LAST_OFFSET, PAGE_LIMIT
from .rate_limiter import RateLimiter
from .retries import Retries
from .server_clock import ServerClock
from .waiting import Waiting

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
        from .transport import Transport  # noqa: PLC0415

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
                except NOT_DOCUMENTED:  # noqa: PERF203
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
            except PagerDutyError as error:  # noqa: PERF203 (there is a call in it)
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
