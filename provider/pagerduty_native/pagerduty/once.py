"""Asking once, however many threads want to know."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Key = TypeVar("Key")
Answer = TypeVar("Answer")


class Once(Generic[Key, Answer]):
    """Answers by key: whoever asks while another does waits for that answer, and shares it, or how it failed.

    A failure is not kept: the next one asks again. Other keys are not waited for.
    """

    def __init__(self) -> None:
        self._answers: dict[Key, Future[Answer]] = {}
        self._lock = threading.Lock()

    def __call__(self, key: Key, ask: Callable[[], Answer]) -> Answer:
        with self._lock:
            first = key not in self._answers
            answer = self._answers.setdefault(key, Future())
        if first:
            try:
                answer.set_result(ask())
            except BaseException as error:
                del self._answers[key]
                answer.set_exception(error)
                raise
        return answer.result()
