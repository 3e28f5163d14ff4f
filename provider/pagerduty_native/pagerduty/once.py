"""Asking once, however many threads want to know."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

from .errors import InterruptedCallError, PagerDutyError
from .waiting import Waiting

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
