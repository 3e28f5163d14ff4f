"""Waiting that can be cancelled and has deadlines, and calls that threads share."""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

from pagerduty_native.api.errors import CancelledError, DeadlineError, InterruptedCallError, PagerDutyError

# Shorter waits are not announced.
MAX_SILENT_SECONDS = 2.0
# How often a thread that waits for another one checks for cancellation.
POLL_SECONDS = 0.25


class Waiting:
    """Waits for the calls of one client, on any thread.

    Args:
        cancelled: Ends every wait, also later ones.
        tell: Shows a message to the user.
        deadline: Returns the deadline of this thread's work, by `now()`; None without one.
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
        """Return the time in seconds, by a clock that never goes back."""
        return time.monotonic()

    def wait(self, seconds: float, purpose: str) -> None:
        """Let some time pass.

        Args:
            seconds: How long to wait.
            purpose: The words after "waiting 12 s ".

        Raises:
            CancelledError: Everything was cancelled, before or during the wait.
            DeadlineError: The wait would not end before the deadline. This is raised at once.
        """
        deadline = self._this_deadline()
        if deadline is not None and self.now() + seconds >= deadline:
            raise DeadlineError(f"there is not enough time left to wait {seconds:.0f} s {purpose}")
        if seconds > MAX_SILENT_SECONDS:
            self._tell(f"waiting {seconds:.0f} s {purpose}")
        if self._pass(seconds):
            raise CancelledError(f"canceled while waiting {purpose}")

    def until(self, attempt: Callable[[float], bool], purpose: str) -> None:
        """Wait for another thread: `until(event.wait, …)`.

        Args:
            attempt: Waits for at most this many seconds, and returns whether the wait is over. It is called at least
                once, even if no time is left.
            purpose: The words after "waiting ".

        Raises:
            CancelledError: Everything was cancelled.
            DeadlineError: The deadline of this thread passed.
        """
        deadline = self._this_deadline()
        while True:
            left = POLL_SECONDS if deadline is None else deadline - self.now()
            if attempt(min(max(left, 0.0), POLL_SECONDS)):
                return
            if self._pass(0.0):
                raise CancelledError(f"canceled while waiting {purpose}")
            if deadline is not None and self.now() >= deadline:
                raise DeadlineError(f"the time ran out while waiting {purpose}")

    @contextlib.contextmanager
    def acquire(self, lock: threading.Lock, purpose: str) -> Iterator[None]:
        """Hold a lock, once it is free. Raises the errors of `until`."""
        self.until(lambda seconds: lock.acquire(timeout=seconds), purpose)
        try:
            yield
        finally:
            lock.release()

    @contextlib.contextmanager
    def overtime(self, seconds: float) -> Iterator[None]:
        """Give this thread at least this much time, even if the deadline is earlier."""
        self._thread.overtime = self.now() + seconds
        try:
            yield
        finally:
            del self._thread.overtime

    def seconds_left(self, most: float) -> float:
        """Return the time until the deadline, at most `most`. Raises DeadlineError if no time is left."""
        deadline = self._this_deadline()
        if deadline is None:
            return most
        left = deadline - self.now()
        if left <= 0:
            raise DeadlineError("no time is left")
        return min(left, most)

    def _this_deadline(self) -> float | None:
        deadline = self._deadline()
        return None if deadline is None else max(deadline, getattr(self._thread, "overtime", deadline))

    def _pass(self, seconds: float) -> bool:
        """Let the time pass. Return True as soon as everything is cancelled."""
        return self._cancelled.wait(max(seconds, 0.0))


class Alone:
    """Blocks of code with the same key run one after the other, on any thread."""

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting
        self._locks: dict[Hashable, threading.Lock] = {}

    def with_key(self, key: Hashable, purpose: str) -> contextlib.AbstractContextManager[None]:
        """Hold back other blocks with this key. purpose: the words after "waiting ". Raises the errors of `until`."""
        return self._waiting.acquire(self._locks.setdefault(key, threading.Lock()), purpose)


Value = TypeVar("Value")


class Once(Generic[Value]):
    """Concurrent calls with the same key share one result or exception.

    An exception is not kept, so a later call tries again. keep: returns whether to keep a value for later calls.
    """

    def __init__(self, waiting: Waiting, *, keep: Callable[[Value], bool] = lambda _value: True) -> None:
        self._waiting = waiting
        self._keep = keep
        self._lock = threading.Lock()
        self._futures: dict[Hashable, Future[Value]] = {}

    def get(self, key: Hashable, call: Callable[[], Value]) -> Value:
        """Get the value of a key, from `call` or from another thread. Raises the errors of both and of `until`."""
        while True:
            mine: Future[Value] = Future()
            with self._lock:
                future = self._futures.setdefault(key, mine)
            if future is mine:
                return self._call(key, mine, call)
            self._waiting.until(functools.partial(_ends, future), "for the response to another resource's request")
            error = future.exception()
            if isinstance(error, InterruptedCallError):
                continue  # That was the other thread's deadline, not this one's.
            if isinstance(error, PagerDutyError):
                raise error.copy()
            return future.result()

    def _call(self, key: Hashable, future: Future[Value], call: Callable[[], Value]) -> Value:
        try:
            value = call()
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
    """Wait for a future, and return whether it has ended."""
    return bool(wait([future], seconds).done)
