"""Asking once, however many threads want to know."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

from .errors import InterruptedCallError

Value = TypeVar("Value")


class Once(Generic[Value]):
    """Values by key: whoever asks while another does waits for that answer, and shares it, or how it failed.

    A failure is not kept: the next one asks again. Other keys are not waited for.
    keep: whether a value is kept for those who come later.
    """

    def __init__(self, keep: Callable[[Value], bool] = lambda _value: True) -> None:
        self._keep = keep
        self._lock = threading.Lock()
        self._futures: dict[Hashable, Future[Value]] = {}

    def get(self, key: Hashable, ask: Callable[[], Value]) -> Value:
        while True:
            with self._lock:
                future = self._futures.get(key)
                if future is None:
                    mine = self._futures[key] = Future()
            if future is None:
                return self._ask(key, mine, ask)
            try:
                return future.result()
            except InterruptedCallError:  # The other one's time was over, not necessarily this one's.
                continue

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
