"""Asking once, however many threads want to know."""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

from pagerduty_native.api.errors import CancelledError, DeadlineError, InterruptedCallError, PagerDutyError

# Nobody needs to know of shorter waits.
UNTOLD_SECONDS = 2.0
# How soon a thread that waits for another one notices that all was cancelled.
LOOK_AGAIN_SECONDS = 0.25


class Waiting:
    """Waits for the calls of one client, on whichever thread a call is made.

    cancelled: ends every wait, those to come as well.
    tell: takes a message for the person who is waiting.
    deadline: when the time of this thread's work is over, by `now()`; None where it may take any time.
    """

    def __init__(
        self,
        cancelled: threading.Event | None = None,
        tell: Callable[[str], object] = lambda _message: None,
        deadline: Callable[[], float | None] = lambda: None,
    ) -> None:
        self._cancelled = cancelled or threading.Event()
        self._tell = tell
        self._deadline = deadline
        self._thread = threading.local()

    def now(self) -> float:
        """A clock that only ever goes forward, in seconds."""
        return time.monotonic()

    def wait(self, seconds: float, purpose: str) -> None:
        """Let some time pass. purpose: what comes after "waiting 12 s ".

        Raises CancelledError as soon as all is cancelled, and DeadlineError at once where the time would not suffice.
        """
        deadline = self._this_deadline()
        if deadline is not None and self.now() + seconds >= deadline:
            raise DeadlineError(f"there is not enough time left to wait {seconds:.0f} s {purpose}")
        if seconds > UNTOLD_SECONDS:
            self._tell(f"waiting {seconds:.0f} s {purpose}")
        if self._pass(seconds):
            raise CancelledError(f"canceled while waiting {purpose}")

    def until(self, attempt: Callable[[float], bool], purpose: str) -> None:
        """Wait for what another thread does: `until(event.wait, …)`.

        attempt: waits for so many seconds at most, and returns whether that came which is waited for; it is made once
        even if no time is left. purpose: what comes after "waiting ".

        Raises CancelledError soon after all is cancelled, and DeadlineError when the time of this thread is over.
        """
        while not attempt(self._slice()):
            if self._pass(0.0):
                raise CancelledError(f"canceled while waiting {purpose}")
            deadline = self._this_deadline()
            if deadline is not None and self.now() >= deadline:
                raise DeadlineError(f"the time ran out while waiting {purpose}")

    @contextlib.contextmanager
    def acquire(self, lock: threading.Lock, purpose: str) -> Iterator[None]:
        """Hold a lock, once it is free. Raises as `until` does."""
        self.until(lambda seconds: lock.acquire(timeout=seconds), purpose)
        try:
            yield
        finally:
            lock.release()

    @contextlib.contextmanager
    def overtime(self, seconds: float) -> Iterator[None]:
        """While it lasts, this thread has at least so many seconds, whatever the deadline."""
        self._thread.overtime = self.now() + seconds
        try:
            yield
        finally:
            del self._thread.overtime

    def seconds_left(self, most: float) -> float:
        """How long something may take that takes `most` seconds at most. Raises DeadlineError where no time is left."""
        deadline = self._this_deadline()
        if deadline is None:
            return most
        left = deadline - self.now()
        if left <= 0:
            raise DeadlineError("no time is left")
        return min(left, most)

    def _slice(self) -> float:
        """How long to wait before looking whether to go on."""
        deadline = self._this_deadline()
        left = LOOK_AGAIN_SECONDS if deadline is None else deadline - self.now()
        return min(max(left, 0.0), LOOK_AGAIN_SECONDS)

    def _this_deadline(self) -> float | None:
        deadline = self._deadline()
        return None if deadline is None else max(deadline, getattr(self._thread, "overtime", deadline))

    def _pass(self, seconds: float) -> bool:
        """Let the time pass; True as soon as all is cancelled."""
        return self._cancelled.wait(max(seconds, 0.0))


Value = TypeVar("Value")


class Once(Generic[Value]):
    """Values by key: whoever asks while another does waits for that answer, and shares it, or how it failed.

    A failure is not kept: the next one asks again. Other keys are not waited for.
    waiting: how it waits; a client's own knows the user's deadline, and when all is cancelled.
    keep: whether a value is kept for those who come later.
    """

    def __init__(self, waiting: Waiting, *, keep: Callable[[Value], bool] = lambda _value: True) -> None:
        self._waiting = waiting
        self._keep = keep
        self._lock = threading.Lock()
        self._futures: dict[Hashable, Future[Value]] = {}

    def get(self, key: Hashable, ask: Callable[[], Value]) -> Value:
        """The value of a key, which `ask` finds out. Raises what `ask` raises, and as `Waiting.until` does."""
        while True:
            with self._lock:
                future = self._futures.get(key)
                if future is None:
                    mine = self._futures[key] = Future()
            if future is None:
                return self._ask(key, mine, ask)
            self._waiting.until(functools.partial(_ends, future), "for a response that another resource asked for")
            error = future.exception()
            if isinstance(error, InterruptedCallError):
                continue  # The other one's time was over, not necessarily this one's.
            if isinstance(error, PagerDutyError):
                raise error.copy()
            return future.result()

    def _ask(self, key: Hashable, future: Future[Value], ask: Callable[[], Value]) -> Value:
        try:
            value = ask()
        except BaseException as error:
            self._forget(key)
            future.set_exception(error)
            raise
        if not self._keep(value):
            self._forget(key)
        future.set_result(value)
        return value

    def _forget(self, key: Hashable) -> None:
        with self._lock:
            del self._futures[key]


def _ends(future: Future[Value], seconds: float) -> bool:
    """Wait for a future; returns whether it has ended."""
    return bool(wait([future], seconds).done)
