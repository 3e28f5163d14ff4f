"""PagerDuty's rate limit, kept to by asking before each call.

Libraries do not fit: pyrate-limiter knows fixed rates alone, and neither it nor urllib3's Retry nor tenacity (stamina)
can follow what the responses say, or hold all threads back when one of them is refused.
"""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Mapping

MINUTE = 60.0
# The pause after a refusal that does not say how long, doubled with each further one.
FIRST_PAUSE_SECONDS = 1.0
MAX_DOUBLINGS = 6


class RateLimiter:
    """Decides when a call may go out, for all threads of a client together.

    - `calls_per_minute` calls go out in any minute, as fast as they come; fewer if the responses name a lower limit.
    - When a response says that nothing remains, calls wait for its `ratelimit-reset`.
    - A refusal (429) holds back every call for as long as it says, or else for 1 s, 2 s, 4 s, … to a minute, half of it
      at random, so that two processes do not meet again. The refusals of calls that were in flight by then count once.

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
        # The limit and the calls that are left, as the newest response has them.
        self._allowance: tuple[int, int] | None = None
        self._closed_until = 0.0
        self._closed_at = 0.0
        self._refusals = 0

    def ask(self, now: float) -> float:
        """Return 0 if a call may go out, which counts it; else the seconds after which to ask again."""
        with self._lock:
            if now < self._closed_until:
                return self._closed_until - now
            while self._last_minute and now - self._last_minute[0] >= self._minute:
                self._last_minute.popleft()
            limit, _ = self._allowance or (self._calls_per_minute, 0)
            # At least one, or no call would ever find out that the limit was raised.
            most = max(min(self._calls_per_minute, limit), 1)
            if len(self._last_minute) >= most:
                return self._last_minute[-most] + self._minute - now
            self._last_minute.append(now)
            return 0.0

    def note(self, sent: float, now: float, status: int, headers: Mapping[str, str]) -> None:
        """Take note of a response to a call that was sent at `sent`."""
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
        """How many calls a minute are allowed, and how many of them are left, if the responses say so."""
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
