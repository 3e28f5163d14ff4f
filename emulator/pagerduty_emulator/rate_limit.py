"""PagerDuty's rate limits: so many REST calls a minute for each token, so many events for each integration key."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass, field

from .settings import DEFAULT_RATE_LIMIT, Settings

MAX_CALLERS = 10_000  # tokens, and integration keys, that are counted


@dataclass(frozen=True)
class Allowance:
    """A caller's allowance, as in the `ratelimit-*` headers."""

    admitted: bool
    limit: int
    remaining: int
    reset: int
    """Whole seconds until calls come back."""

    def headers(self) -> dict[str, str]:
        """Return the headers of every REST answer."""
        return {
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(self.remaining),
            "ratelimit-reset": str(self.reset),
        }


@dataclass
class _Window:
    started: float = 0.0
    calls: int = 0
    times: deque[float] = field(default_factory=deque)


def _window(windows: dict[str, _Window], caller: str) -> _Window:
    """Return the window of a caller; the oldest ones go when there are too many."""
    if caller not in windows and len(windows) >= MAX_CALLERS:
        del windows[next(iter(windows))]
    return windows.setdefault(caller, _Window())


class RateLimiter:
    """Counts calls for each token and events for each key; `Settings` says how many are admitted."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._windows: dict[str, _Window] = {}
        self._event_windows: dict[str, _Window] = {}

    def admit(self, token: str) -> Allowance:
        """Count a call of `token` and says whether it is admitted."""
        limit = self.settings.rate_limit
        if limit is None:
            # Nothing is enforced: an account at rest, so that a client that follows the headers
            # is not slowed down by them.
            reset = math.ceil(self.settings.rate_limit_window)
            return Allowance(True, DEFAULT_RATE_LIMIT, DEFAULT_RATE_LIMIT - 1, reset)
        window = _window(self._windows, token)
        if self.settings.rate_limit_kind == "sliding":
            return self._sliding(window, limit, time.monotonic())
        return self._fixed(window, limit, time.monotonic())

    def admits_event(self, key: str) -> bool:
        """Count an event of an integration key and says whether it is admitted.

        "Calculated over a 60 second window looking back from the current time" (PagerDuty's developer-docs, Events
        API Rate Limits).
        """
        limit = self.settings.events_rate_limit
        if limit is None:
            return True
        window = _window(self._event_windows, key)
        return self._sliding(window, limit, time.monotonic()).admitted

    def clear(self) -> None:
        """Forgets every call."""
        self._windows.clear()
        self._event_windows.clear()

    def _fixed(self, window: _Window, limit: int, now: float) -> Allowance:
        """Return a window begins with the first call after the last one ended."""
        if now - window.started >= self.settings.rate_limit_window:
            window.started, window.calls = now, 0
        reset = math.ceil(window.started + self.settings.rate_limit_window - now)
        if window.calls >= limit:
            return Allowance(False, limit, 0, reset)
        window.calls += 1
        return Allowance(True, limit, limit - window.calls, reset)

    def _sliding(self, window: _Window, limit: int, now: float) -> Allowance:
        """Each call counts for one window's length from its own time."""
        length = self.settings.rate_limit_window
        while window.times and now - window.times[0] >= length:
            window.times.popleft()
        oldest = window.times[0] if window.times else now
        reset = math.ceil(oldest + length - now)
        if len(window.times) >= limit:
            return Allowance(False, limit, 0, reset)
        window.times.append(now)
        return Allowance(True, limit, limit - len(window.times), reset)
