"""Calls to PagerDuty's REST API: authorized, rate limited, retried and parsed."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from pagerduty_native.api.errors import (
    NotFoundError,
    PagerDutyError,
    RateLimitedError,
    UnauthorizedError,
    UnintelligibleResponseError,
    UnreachableError,
)
from pagerduty_native.api.gone import ReadIds, confirmed
from pagerduty_native.api.parse import (
    NOT_DOCUMENTED,
    READ_TIMEOUT_SECONDS,
    Request,
    Response,
    items,
    kind,
)
from pagerduty_native.api.rate_limit import RateLimiter
from pagerduty_native.api.waiting import Waiting

# The longest page, and the last offset of a page: https://developer.pagerduty.com/docs/pagination
PAGE_LIMIT = 100
LAST_OFFSET = 10_000
# https://developer.pagerduty.com/docs/rest-api-rate-limits
CALLS_PER_MINUTE = 960
# Returns the Authorization header's value, or "" for none. The argument is the value that a 401 refused, or None. It is
# returned again if there is no other.
Authorization = Callable[[str | None], str]

Parsed = TypeVar("Parsed")


@dataclass(frozen=True)
class Retries:
    """How often and for how long calls are retried. The policy is in the docstring of `Client`."""

    attempts: int = 7
    creations: int = 3
    first_attempts: int = 4
    first_pause: float = 0.5
    longest_pause: float = 16.0
    total_seconds: float = 180.0
    limited_seconds: float = 600.0

    def pause(self, failures: int, chance: float) -> float:
        """Return the pause after this many failures. chance: from 0 to 1, the part of the longest pause."""
        return chance * min(self.first_pause * 2.0 ** (failures - 1), self.longest_pause)

    def allow(self, error: PagerDutyError, failures: int, seconds: float, *, responded: bool) -> bool:
        """Return whether to try again.

        Args:
            error: The error of the last attempt.
            failures: The attempts that have failed so far.
            seconds: The time since the first attempt.
            responded: The API has responded to any call yet.
        """
        if not error.transient:
            return False
        if isinstance(error, RateLimitedError):
            return seconds < self.limited_seconds
        no_connection = isinstance(error, UnreachableError) and not error.perhaps_done
        attempts = self.first_attempts if no_connection and not responded else self.attempts
        return failures < attempts and seconds < self.total_seconds


class TokenAuthorization:
    """Returns the header for a REST API key: https://developer.pagerduty.com/docs/authentication"""

    def __init__(self, token: str) -> None:
        self._header = f"Token token={token}"

    def __call__(self, _refused: str | None = None) -> str:
        return self._header


def anonymous(_refused: str | None = None) -> str:
    """Return no Authorization header."""
    return ""


@dataclass(frozen=True)
class Page(Generic[Parsed]):
    """A page of an index.

    more: more pages follow. total: the number of items on all pages, or None. odd: the items that cannot be parsed,
    which are not in `items`.
    """

    items: list[Parsed]
    more: bool
    total: int | None
    odd: list[Any] = field(default_factory=list)


class Client:
    """PagerDuty's REST API for one account. Safe to share among threads.

    Every method raises `PagerDutyError`s (errors.py). NotFoundError means that PagerDuty has no such object (gone.py).
    `parse` makes the result from the response's JSON. If it raises a KeyError, TypeError, …, the response counts as one
    that is not PagerDuty's.

    Retries:

    - A GET, PUT or DELETE is retried if the network fails or no response comes in time; after a 408 or 5xx; after a
      response that is cut off, empty or not PagerDuty's; and after a 400 with words that are known to be transient
      (`errors.TRANSIENT_REFUSALS`). A retried DELETE that finds nothing has done its work.
    - A POST is retried only if it created nothing: no connection was made, or the response was a 408, 429 or such a
      400. Any other failure is settled by reading (create.py), at most `creations` times with fifteen seconds of
      reading between two of them, so that a persistent 500 is reported within a minute.
    - Nothing else is retried: no other 4xx, no certificate that cannot be verified, no request that cannot be built.
      After a 401 an app gets a new token, once (auth.py).
    - There are at most `attempts`, and none begins after `total_seconds`. While the API has never responded and no
      connection can be made, its address is probably wrong, and there are at most `first_attempts`.
    - The pause before retry n is random, from 0 to `first_pause` · 2^(n-1), at most `longest_pause` (exponential
      backoff with full jitter): half a second to sixteen, and 16 s together on average.
    - A 429 does not count as an attempt. It is waited for in rate_limit.py, and given up after `limited_seconds`.

    urllib3's Retry and tenacity do not fit: a pause must end with a cancellation and the deadline, and a response that
    cannot be parsed must count.

    Args:
        authorization: Returns the Authorization header, such as `TokenAuthorization`.
        api_url: The API's address, without a slash at the end.
        user_agent: The User-Agent header.
        verify: Verify TLS certificates.
        waiting: Waits, and shows messages to the user.
        retries: The numbers of the policy above.
        limiter: Keeps to the rate limit; clients with the same token share one.
        read_seconds: How long a response may take.
        redact: Hides secrets in text from outside.
        chance: Returns a random number from 0 to 1.
    """

    def __init__(
        self,
        authorization: Authorization,
        *,
        api_url: str,
        user_agent: str = "pagerduty-native",
        verify: bool = True,
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
        # The newest Date of a response, and the time by `time.monotonic()` when it came.
        self.newest_date: tuple[str, float] | None = None
        self._authorization = authorization
        self._limiter = limiter or RateLimiter(CALLS_PER_MINUTE)
        self._read_seconds = read_seconds
        self._chance = chance
        # Importing requests takes longer than everything else at the plugin's start, so it waits until it is needed.
        from pagerduty_native.api.transport import Transport  # noqa: PLC0415

        self._transport = Transport(api_url=api_url, user_agent=user_agent, verify=verify, redact=redact)
        self._responded = threading.Event()

    @property
    def allowance(self) -> tuple[int, int] | None:
        """The calls that PagerDuty allows in a minute, and how many of them remain; None if it does not say."""
        return self._limiter.allowance

    @property
    def scopes(self) -> str | None:
        """The scopes that an app's token was granted; None for a REST API key, or if they are not known."""
        scopes: str | None = getattr(self._authorization, "scopes", None)
        return scopes

    def get(
        self,
        path: str,
        parse: Callable[[Any], Parsed],
        params: Mapping[str, Any] | None = None,
        *,
        attempts: int | None = None,
        read_ids: ReadIds | None = None,
    ) -> Parsed:
        """Make a GET request.

        Args:
            path: The path.
            parse: Makes the result.
            params: The query.
            attempts: The most attempts, if not the usual number.
            read_ids: Reads the IDs in the list that the object belongs to, in case of a 404.
        """
        request = Request("GET", path, params=params)
        return self._repeat(lambda: self._call(request, parse, read_ids), attempts=attempts)

    def put(
        self,
        path: str,
        body: Mapping[str, Any],
        parse: Callable[[Any], Parsed],
        *,
        read_ids: ReadIds | None = None,
    ) -> Parsed:
        """Make a PUT request."""
        return self._repeat(lambda: self._call(Request("PUT", path, body=body), parse, read_ids))

    def post(self, path: str, body: Mapping[str, Any], parse: Callable[[Any], Parsed]) -> Parsed:
        """Make a POST request. If an error is `perhaps_done`, the caller has to find out if it was done."""
        return self._repeat(lambda: self._call(Request("POST", path, body=body), parse), idempotent=False)

    def form(self, path: str, fields: Mapping[str, str], parse: Callable[[Any], Parsed]) -> Parsed:
        """Send a form that changes nothing, so that it can be retried."""
        return self._repeat(lambda: self._call(Request("POST", path, form=fields), parse))

    def delete(self, path: str, *, read_ids: ReadIds | None = None) -> None:
        """Make a DELETE request. Raises NotFoundError, but not if an attempt without a response deleted the object."""
        is_retry = False

        def attempt() -> None:
            nonlocal is_retry
            try:
                self._call(Request("DELETE", path), lambda body: body, read_ids)
            except NotFoundError:
                if not is_retry:
                    raise
            except PagerDutyError as error:
                is_retry = is_retry or error.perhaps_done
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
        """Read a page of an index, counted from 0: the list under `key`, with each item parsed.

        Items that cannot be parsed are left out, but if none can be parsed, that is an error.
        """

        def parse_page(body: Any) -> Page[Parsed]:
            total = body.get("total")
            listed, found, odd = items(body, key), [], []
            for item in listed:
                try:
                    found.append(parse(item))
                except NOT_DOCUMENTED:
                    odd.append(item)
            if listed and not found:
                raise TypeError(key)
            more = body.get("more")
            if more is None:
                more = len(listed) == PAGE_LIMIT
            if not isinstance(more, bool):
                raise TypeError("more")
            return Page(found, more, total if isinstance(total, int) else None, odd)

        window = {"limit": PAGE_LIMIT, "offset": number * PAGE_LIMIT}
        return self.get(path, parse_page, {**(params or {}), **window}, attempts=attempts)

    def pages(
        self,
        path: str,
        key: str,
        parse: Callable[[Any], Parsed],
        params: Mapping[str, Any] | None = None,
        *,
        leave_out: Callable[[Any], object],
    ) -> Iterator[list[Parsed]]:
        """Iterate over the pages of an index, reading them as they are needed.

        leave_out: called with each item that cannot be parsed.
        """
        for number in range(LAST_OFFSET // PAGE_LIMIT):
            page = self.page(path, key, parse, number, params)
            for item in page.odd:
                leave_out(item)
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
                is_limited = isinstance(error, RateLimitedError)
                if not is_limited:
                    failures += 1
                seconds = self.waiting.now() - began
                if error.perhaps_done and not idempotent:
                    raise
                if not retries.allow(error, failures, seconds, responded=self._responded.is_set()):
                    raise
                if not is_limited:  # rate_limit.py waits for a 429.
                    self.pause(failures, error)

    def _call(self, request: Request, parse: Callable[[Any], Parsed], read_ids: ReadIds | None = None) -> Parsed:
        """Make one call, and a second one if an app's token was refused and could be renewed."""
        header = self._authorization(None)
        response = self._response(request, header)
        if isinstance(response.error, UnauthorizedError):
            renewed = self._authorization(header)
            if renewed != header:
                header = renewed
                response = self._response(request, header)
        if isinstance(response.error, NotFoundError) and not response.error.by_pagerduty and header:
            response = confirmed(
                request, response, self.api_url, read_ids, lambda another: self._response(another, header)
            )
        if response.error is not None:
            raise response.error
        try:
            return parse(response.body)
        except NOT_DOCUMENTED as error:
            # Not the body itself, which may contain keys.
            found = f"no {error}" if isinstance(error, KeyError) else kind(response.body)
            problem = "not with what the API documents"
            raise UnintelligibleResponseError(self.api_url, response.status, found, problem) from None

    def _response(self, request: Request, authorization: str) -> Response:
        self._limiter.wait(self.waiting)
        sent = self.waiting.now()
        response = self._transport.send(request, authorization, self.waiting.seconds_left(self._read_seconds))
        self._limiter.note(sent, self.waiting.now(), response.status, response.headers)
        self._responded.set()
        if date := response.headers.get("Date"):
            self.newest_date = date, response.received
        return response
