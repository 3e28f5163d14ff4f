"""PagerDuty's rate limit, kept to by asking before each call.

Libraries do not fit: pyrate-limiter knows fixed rates alone, and neither it nor urllib3's Retry nor tenacity (stamina)
can follow what the responses say is left, or hold all threads back when one of them is refused.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Mapping

MINUTE = 60.0
# How soon to look again for what another call's response will tell.
LOOK_AGAIN_SECONDS = 0.02
# The pause after a refusal that does not say how long, doubled with each further one.
FIRST_PAUSE_SECONDS = 1.0
MOST_DOUBLINGS = 6


class RateLimiter:
    """Tells when a call may go out, for all threads of a client together.

    - Before the first response, and where responses say nothing of a limit, `calls_per_minute` calls go out in any
      minute, as fast as they come; so they do where that is less than the limit that the responses tell.
    - The responses' `ratelimit-remaining` is followed, less the calls that are under way. Once nothing remains, calls
      wait for `ratelimit-reset`; then one goes out alone, and its response says how many may follow. So it makes no
      difference whether calls come back all at once or one by one, nor who else uses them up.
    - A refusal (429) holds back every call for as long as it says, or else for 1 s, 2 s, 4 s, … to a minute, half of it
      at random, so that two processes do not meet again. What was under way by then does not count as a further
      refusal.

    https://developer.pagerduty.com/docs/rest-api-rate-limits
    """

    def __init__(
        self, calls_per_minute: int, *, minute: float = MINUTE, chance: Callable[[], float] = random.random
    ) -> None:
        self._calls_per_minute = calls_per_minute
        self._minute = minute
        self._chance = chance
        self._lock = threading.Lock()
        self._last_minute: deque[float] = deque()
        self._under_way = 0
        # As the newest response told: how many calls are allowed in a minute, and how many of them are left.
        self._limit: int | None = None
        self._left: int | None = None
        self._newest_sent = 0.0
        self._closed_until = 0.0
        self._closed_at = 0.0
        self._refusals = 0

    def ask(self, now: float) -> float:
        """Ask for a call. Returns 0 where it may go out (and then it is counted), else after how long to ask again."""
        with self._lock:
            delay = self._delay(now)
            if delay <= 0:
                self._under_way += 1
                self._last_minute.append(now)
                if self._left is not None:
                    self._left -= 1
            return delay

    def note(self, sent: float, now: float, status: int | None, headers: Mapping[str, str]) -> None:
        """Take note of a response to a call that was sent at `sent`; status None where none came."""
        with self._lock:
            self._under_way -= 1
            reset = _number(headers, "ratelimit-reset")
            if status == 429:  # noqa: PLR2004
                self._refused(sent, now, reset)
            elif status is not None:
                self._refusals = 0
                self._note(sent, now, headers, reset)

    @property
    def allowance(self) -> tuple[int, int] | None:
        """How many calls a minute are allowed, and how many of them are left, if the responses tell."""
        with self._lock:
            return None if self._limit is None or self._left is None else (self._limit, self._left)

    def _delay(self, now: float) -> float:
        if now < self._closed_until:
            return self._closed_until - now
        if self._left is not None and self._left <= 0 and self._under_way:
            return LOOK_AGAIN_SECONDS
        while self._last_minute and now - self._last_minute[0] >= self._minute:
            self._last_minute.popleft()
        counts = self._limit is None or self._calls_per_minute < self._limit
        if counts and len(self._last_minute) >= self._calls_per_minute:
            return self._last_minute[0] + self._minute - now
        return 0.0

    def _note(self, sent: float, now: float, headers: Mapping[str, str], reset: int | None) -> None:
        limit, left = _number(headers, "ratelimit-limit"), _number(headers, "ratelimit-remaining")
        if limit is None or left is None:
            self._left = None
            return
        self._limit = limit
        if sent >= self._newest_sent:  # Older responses come late and know nothing of the calls since.
            self._newest_sent = sent
            self._left = left - self._under_way
        if left <= 0:
            self._close(now, self._seconds(reset) or FIRST_PAUSE_SECONDS)

    def _refused(self, sent: float, now: float, reset: int | None) -> None:
        if sent < self._closed_at:
            return
        pause = min(FIRST_PAUSE_SECONDS * 2**self._refusals, self._minute)
        self._refusals = min(self._refusals + 1, MOST_DOUBLINGS)
        self._left = 0
        self._close(now, self._seconds(reset) or pause * (1 + self._chance()) / 2)

    def _close(self, now: float, seconds: float) -> None:
        self._closed_at = now
        self._closed_until = max(self._closed_until, now + seconds)

    def _seconds(self, reset: int | None) -> float:
        """How long until calls come back; never longer than a minute, whatever the response says."""
        return float(min(reset or 0, self._minute))


def _number(headers: Mapping[str, str], name: str) -> int | None:
    try:
        return max(int(headers[name]), 0)
    except (KeyError, ValueError):
        return None
