"""Waits: their messages, their cancellation, and deadlines that leave no time for them."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from pagerduty_native.api.errors import CancelledError, DeadlineError
from pagerduty_native.api.waiting import Waiting

from tests.support import HANG_SECONDS
from tests.support.fake_time import FakeTime


def test_long_waits_show_a_message() -> None:
    time = FakeTime()
    time.wait(12.3, "for PagerDuty's rate limit")
    time.wait(2.0, "a moment")
    assert time.told == ["waiting 12 s for PagerDuty's rate limit"]
    assert time.waits == [12.3, 2.0]


def test_a_cancellation_ends_a_wait_at_once_and_those_to_come() -> None:
    cancelled = threading.Event()
    waiting = Waiting(cancelled)
    threading.Timer(0.05, cancelled.set).start()
    for _ in range(2):
        with pytest.raises(CancelledError, match="canceled while waiting for something"):
            waiting.wait(HANG_SECONDS, "for something")


def test_a_wait_that_would_end_after_the_deadline_is_not_begun() -> None:
    time = FakeTime(deadline=1010)
    time.wait(9, "a while")
    with pytest.raises(DeadlineError, match="not enough time left to wait 2 s"):
        time.wait(2, "a while")
    assert time.seconds_left(60) == pytest.approx(1)
    assert time.seconds_left(0.5) == pytest.approx(0.5)
    with time.overtime(20):
        time.wait(2, "a while")
        assert time.seconds_left(60) == pytest.approx(18)
    with pytest.raises(DeadlineError):
        time.seconds_left(60)


def test_without_a_deadline_there_is_always_time() -> None:
    time = FakeTime()
    time.wait(1e6, "long")
    assert time.seconds_left(60) == 60


def test_a_lock_is_waited_for_until_it_is_free() -> None:
    lock, waiting = threading.Lock(), Waiting()
    lock.acquire()
    threading.Timer(0.05, lock.release).start()
    with waiting.acquire(lock, "for a namesake"):
        assert lock.locked()
    assert not lock.locked()


def test_a_lock_that_is_free_is_had_even_if_no_time_is_left() -> None:
    lock, waiting = threading.Lock(), Waiting(deadline=lambda: time.monotonic() - 1)
    with waiting.acquire(lock, "for a namesake"):
        assert lock.locked()


def test_the_deadline_ends_a_wait_for_a_lock() -> None:
    lock = threading.Lock()
    began = time.monotonic()
    waiting = Waiting(deadline=lambda: began + 0.1)
    with lock, pytest.raises(DeadlineError, match="the time ran out while waiting for a namesake"):  # noqa: SIM117
        with waiting.acquire(lock, "for a namesake"):
            pass
    assert time.monotonic() - began >= 0.1
    assert not lock.locked()


def test_a_cancellation_ends_a_wait_for_an_event() -> None:
    cancelled, event = threading.Event(), threading.Event()
    waiting = Waiting(cancelled)
    threading.Timer(0.05, cancelled.set).start()
    with pytest.raises(CancelledError, match="canceled while waiting for an answer"):
        waiting.until(event.wait, "for an answer")


def test_an_event_that_is_set_ends_the_wait() -> None:
    event = threading.Event()
    threading.Thread(target=event.set).start()
    Waiting().until(event.wait, "for an answer")


def test_how_long_something_may_take() -> None:
    time = FakeTime(deadline=1010)
    assert (time.seconds_left(5), time.seconds_left(20)) == (5, 10)
    assert FakeTime().seconds_left(20) == 20
    for deadline in (1000, 999):
        with pytest.raises(DeadlineError, match=r"^no time is left$"):
            FakeTime(deadline=deadline).seconds_left(5)


@pytest.mark.parametrize(
    ("deadline", "slices"),
    [
        pytest.param(None, [0.25] * 4, id="none"),
        pytest.param(1010.0, [0.25] * 4, id="far away"),
        pytest.param(1000.6, [0.25, 0.25, 0.1], id="near"),
        pytest.param(1000.0, [0.0], id="now"),
        pytest.param(999.0, [0.0], id="over"),
    ],
)
def test_a_wait_for_another_thread_looks_now_and_then_whether_to_go_on(
    deadline: float | None, slices: list[float]
) -> None:
    """Else a cancellation, or the end of the time, would be noticed when the other thread is done."""
    time, waited = FakeTime(deadline=deadline), list[float]()

    def attempt(seconds: float) -> bool:
        waited.append(seconds)
        time._time += seconds
        return len(waited) == 4

    if len(slices) == 4:
        time.until(attempt, "for a namesake")
    else:
        with pytest.raises(DeadlineError, match=r"^the time ran out while waiting for a namesake$"):
            time.until(attempt, "for a namesake")
    assert waited == pytest.approx(slices)


def test_time_that_is_just_not_enough() -> None:
    """A wait that ends at the deadline leaves no time for the call after it."""
    time = FakeTime(deadline=1010)
    with pytest.raises(DeadlineError, match=r"^there is not enough time left to wait 10 s a while$"):
        time.wait(10, "a while")
    assert time.told == []


def test_overtime_is_of_one_thread_and_ends() -> None:
    """Overtime is for repairs after the deadline; other threads gain nothing."""
    waiting = Waiting(deadline=lambda: time.monotonic() - 1)
    with waiting.overtime(60):
        assert 0 < waiting.seconds_left(100) <= 60
        with ThreadPoolExecutor(1) as pool, pytest.raises(DeadlineError):
            pool.submit(waiting.seconds_left, 100).result()
    with pytest.raises(DeadlineError):
        waiting.seconds_left(100)


def test_overtime_does_not_shorten_the_time() -> None:
    time = FakeTime(deadline=1010)
    with time.overtime(5):
        assert time.seconds_left(100) == 10


def test_a_wait_of_no_time_takes_none() -> None:
    waits = list[float | None]()

    class Cancelled(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            return False

    for seconds in (0.0, -5.0):
        Waiting(Cancelled()).wait(seconds, "a moment")
    assert waits == [0.0, 0.0]


def test_a_wait_works_without_a_listener() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(CancelledError, match=r"^canceled while waiting a while$"):
        Waiting(cancelled).wait(3, "a while")
