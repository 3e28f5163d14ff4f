"""PagerDuty's rate limit: how long each call waits before it is sent, also after a 429.

No library fits: pyrate-limiter has fixed rates only, and neither it nor urllib3's Retry nor tenacity follows the
headers of responses, or holds back all threads after one refusal.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Mapping

from pagerduty_native.api.waiting import Waiting

MINUTE = 60.0
# The pause after a 429 that does not say how long. Each further one doubles it.
FIRST_PAUSE_SECONDS = 1.0
MAX_DOUBLINGS = 6


class RateLimiter:
    """Decides when a call may be sent, for all threads of a client together.

    - In any minute `calls_per_minute` calls are sent, without pauses between them. If the responses name a lower limit,
      it counts instead.
    - When a response says that no calls remain, the next call waits for its `ratelimit-reset`.
    - A 429 holds back every call for as long as it says. If it does not say, the pause is 1 s, 2 s, 4 s, … up to a
      minute, half of it random, so that two processes do not collide again. The 429s of calls in flight count once.

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
        # The limit and the remaining calls, from the newest response.
        self._allowance: tuple[int, int] | None = None
        self._closed_until = 0.0
        self._closed_at = 0.0
        self._refusals = 0

    def wait(self, waiting: Waiting) -> None:
        """Wait until a call may be sent, and count it. Raises CancelledError and DeadlineError."""
        while delay := self.ask(waiting.now()):
            waiting.wait(delay, "for PagerDuty's rate limit")

    def ask(self, now: float) -> float:
        """Return 0 and count a call if it may be sent now; otherwise the seconds until the next try."""
        with self._lock:
            if now < self._closed_until:
                return self._closed_until - now
            while self._last_minute and now - self._last_minute[0] >= self._minute:
                self._last_minute.popleft()
            limit, _ = self._allowance or (self._calls_per_minute, 0)
            # At least one, or no call would ever learn that the limit was raised.
            most = max(min(self._calls_per_minute, limit), 1)
            if len(self._last_minute) >= most:
                return self._last_minute[-most] + self._minute - now
            self._last_minute.append(now)
            return 0.0

    def note(self, sent: float, now: float, status: int, headers: Mapping[str, str]) -> None:
        """Learn from the response to a call. sent: the time when it was sent."""
        with self._lock:
            reset = min(_number(headers, "ratelimit-reset") or 0, self._minute)
            if status == 429:  # noqa: PLR2004
                if sent >= self._closed_at:
                    pause = min(FIRST_PAUSE_SECONDS * 2**self._refusals, self._minute)
                    self._refusals = min(self._refusals + 1, MAX_DOUBLINGS)
                    self._close(now, reset or pause * (1 + self._chance()) / 2)
                return
            self._refusals = 0
            limit, left = _number(headers, "ratelimit-limit"), _number(headers, "ratelimit-remaining")
            self._allowance = None if limit is None or left is None else (limit, left)
            if self._allowance and left == 0:
                self._close(now, reset or FIRST_PAUSE_SECONDS)

    @property
    def allowance(self) -> tuple[int, int] | None:
        """The calls that are allowed in a minute, and how many of them remain; None if the responses do not say."""
        with self._lock:
            return self._allowance

    def _close(self, now: float, seconds: float) -> None:
        self._closed_at = now
        self._closed_until = max(self._closed_until, now + seconds)


def _number(headers: Mapping[str, str], name: str) -> int | None:
    try:
        return max(int(headers[name]), 0)
    except (KeyError, ValueError):
        return None
