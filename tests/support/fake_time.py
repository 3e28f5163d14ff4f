"""Time that passes only where something waits for it."""

from __future__ import annotations

from pagerduty_native.api.waiting import Waiting


class FakeTime(Waiting):
    """A clock that stands still but for waits, which take no time. messages: those shown; waits: how long each was."""

    def __init__(self, deadline: float | None = None) -> None:
        self.told: list[str] = []
        self.waits: list[float] = []
        self.is_cancelled = False
        self._time = 1000.0
        self.deadline = deadline
        super().__init__(tell=self.told.append, deadline=lambda: self.deadline)

    def now(self) -> float:
        return self._time

    def _pass(self, seconds: float) -> bool:
        if not self.is_cancelled:
            self.waits.append(seconds)
            self._time += max(seconds, 0.0)
        return self.is_cancelled
