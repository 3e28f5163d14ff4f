"""Asking once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pagerduty_native.api.errors import CancelledError, DeadlineError, NotFoundError
from pagerduty_native.api.waiting import Once, Waiting

from tests.support import HANG_SECONDS


def test_a_value_that_is_not_kept_is_computed_again() -> None:
    once = Once[list[int]](Waiting(), keep=bool)
    answers = iter([[], [1], [2]])
    assert [once.get("key", lambda: next(answers)) for _ in range(3)] == [[], [1], [1]]


def test_a_failure_is_raised_and_asked_again() -> None:
    once = Once[int](Waiting())

    def fail() -> int:
        raise NotFoundError(404, None, "gone", ())

    with pytest.raises(NotFoundError):
        once.get("key", fail)
    assert once.get("key", lambda: 1) == 1


@pytest.mark.parametrize(
    ("error", "shared"), [(NotFoundError(404, None, "gone", ()), True), (DeadlineError("late"), False)]
)
def test_a_failure_is_shared_unless_it_is_the_other_threads_own(error: Exception, shared: bool) -> None:
    asking, go_on = threading.Event(), threading.Event()

    class Noticed(Waiting):
        """Lets the first thread go on once the second one waits for it."""

        def until(self, attempt: Callable[[float], bool], purpose: str) -> None:
            go_on.set()
            super().until(attempt, purpose)

    once = Once[int](Noticed())

    def fail() -> int:
        asking.set()
        assert go_on.wait(HANG_SECONDS)
        raise error

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(once.get, "key", fail)
        assert asking.wait(HANG_SECONDS)
        second = pool.submit(once.get, "key", lambda: 1)
        assert first.exception() is error
        if shared:
            theirs = second.exception()
            assert theirs is not error, "an exception collects the frames of each thread that raises it"
            assert (type(theirs), str(theirs), vars(theirs)) == (type(error), str(error), vars(error))
        else:
            assert second.result() == 1


def test_other_keys_are_not_waited_for() -> None:
    once = Once[int](Waiting())

    def nested() -> int:
        return once.get("other", lambda: 1) + 1

    assert once.get("key", nested) == 2


def test_a_cancellation_is_everybodys_in_the_end() -> None:
    def cancelled() -> int:
        raise CancelledError("cancelled")

    once = Once[int](Waiting())
    for _ in range(2):
        with pytest.raises(CancelledError):
            once.get("key", cancelled)


@pytest.fixture
def slow() -> Iterator[tuple[Once[int], Waiting, threading.Event]]:
    """A question that another thread asks and that is not answered; how this one waits; what cancels it."""
    cancelled, asking, go_on = threading.Event(), threading.Event(), threading.Event()
    deadlines = {threading.get_ident(): time.monotonic() + 0.1}
    waiting = Waiting(cancelled, deadline=lambda: deadlines.get(threading.get_ident()))
    once = Once[int](waiting)

    def ask() -> int:
        asking.set()
        assert go_on.wait(HANG_SECONDS)
        return 1

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(once.get, "key", ask)
        assert asking.wait(HANG_SECONDS)
        yield once, waiting, cancelled
        go_on.set()
        assert other.result() == 1


def test_the_deadline_ends_a_wait_for_another_thread(slow: tuple[Once[int], Waiting, threading.Event]) -> None:
    once, _, _ = slow
    with pytest.raises(DeadlineError, match="ran out while waiting for the response to another resource's request"):
        once.get("key", lambda: 2)


def test_a_cancellation_ends_a_wait_for_another_thread(slow: tuple[Once[int], Waiting, threading.Event]) -> None:
    once, waiting, cancelled = slow
    cancelled.set()
    with waiting.overtime(60), pytest.raises(CancelledError):
        once.get("key", lambda: 2)
