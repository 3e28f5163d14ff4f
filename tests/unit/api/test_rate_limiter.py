"""The rate limit: bursts as the API allows them, waits only where it must, and everybody held back by a refusal."""

from __future__ import annotations

from typing import Any

import pytest
from pagerduty_native.api.rate_limit import RateLimiter


class Caller:
    """Somebody who asks a limiter, by a clock that the tests turn."""

    def __init__(self, calls_per_minute: int = 960) -> None:
        self.limiter = RateLimiter(calls_per_minute, chance=lambda: 1.0)
        self.now = 0.0

    def ask(self) -> float:
        return self.limiter.ask(self.now)

    def answer(self, status: int = 200, *, sent: float | None = None, **ratelimit: Any) -> None:
        headers = {f"ratelimit-{name}": str(value) for name, value in ratelimit.items()}
        self.limiter.note(self.now if sent is None else sent, self.now, status, headers)

    def call(self, status: int = 200, **ratelimit: Any) -> None:
        assert self.ask() == 0
        self.answer(status, **ratelimit)


@pytest.mark.parametrize(
    "headers",
    [{}, {"limit": "many", "remaining": "nan"}, {"limit": 960, "remaining": 900}, {"limit": 3, "remaining": 2}],
    ids=["none", "no numbers", "a higher limit", "the same limit"],
)
def test_the_setting_counts_with_any_response(headers: dict[str, Any]) -> None:
    caller = Caller(calls_per_minute=3)
    for _ in range(3):
        caller.call(**headers)
        caller.now += 1
    assert caller.ask() == pytest.approx(57)
    caller.now = 60
    caller.call(**headers)
    assert caller.ask() == pytest.approx(1)


def test_the_default_setting_counts_too() -> None:
    caller = Caller()
    for _ in range(960):
        caller.call(limit=960, remaining=900, reset=60)
    assert caller.ask() == 60


def test_a_lower_limit_of_the_responses_counts_instead() -> None:
    caller = Caller()
    for _ in range(5):
        caller.call()
        caller.now += 1
    caller.call(limit=2, remaining=1, reset=60)
    assert caller.ask() == pytest.approx(59), "one minute after the last but one"
    caller.now += 60
    caller.call(limit=960, remaining=9, reset=60)
    for _ in range(100):
        caller.call(limit=960, remaining=9, reset=60)


def test_a_limit_of_nothing_lets_one_call_a_minute_through() -> None:
    caller = Caller()
    caller.call(limit=0, remaining=1, reset=60)
    assert caller.ask() == pytest.approx(60)
    caller.now = 60
    caller.call(limit=960, remaining=959, reset=60)
    assert caller.ask() == 0


def test_calls_wait_for_the_reset_once_nothing_remains() -> None:
    caller = Caller()
    caller.call(limit=960, remaining=2, reset=12)
    assert [caller.ask(), caller.ask(), caller.ask()] == [0, 0, 0]
    caller.answer(limit=960, remaining=0, reset=12)
    caller.answer(limit=960, remaining=1, reset=12)
    assert caller.ask() == pytest.approx(12)
    caller.now = 12
    assert caller.ask() == 0


def test_a_refusal_holds_everybody_back_for_as_long_as_it_says() -> None:
    caller = Caller()
    assert [caller.ask(), caller.ask()] == [0, 0]
    caller.now = 1
    caller.answer(429, sent=0, limit=960, remaining=0, reset=7)
    caller.answer(429, sent=0.5, limit=960, remaining=0, reset=7)
    assert caller.ask() == pytest.approx(7)
    caller.now = 8
    assert caller.ask() == 0


def test_bare_refusals_hold_back_longer_each_time_up_to_a_minute() -> None:
    caller = Caller()
    pauses = []
    for _ in range(8):
        caller.call(429)
        pauses.append(caller.ask())
        caller.now += pauses[-1]
    assert pauses == [pytest.approx(seconds) for seconds in (1, 2, 4, 8, 16, 32, 60, 60)]
    caller.call(200)
    caller.call(429)
    assert caller.ask() == pytest.approx(1)


def test_refusals_of_calls_in_flight_count_once() -> None:
    caller = Caller()
    assert [caller.ask() for _ in range(8)] == [0] * 8
    caller.now = 1
    for _ in range(8):
        caller.answer(429, sent=0)
    assert caller.ask() == pytest.approx(1)


@pytest.mark.parametrize("reset", [1_790_000_000, "soon", -5, pytest.param(10**400, id="more than a float holds")])
def test_a_wait_never_exceeds_a_minute(reset: object) -> None:
    caller = Caller()
    caller.call(limit=960, remaining=0, reset=reset)
    assert 0 < caller.ask() <= 60


@pytest.mark.parametrize("half", [{"limit": 1}, {"remaining": 0, "reset": 30}])
def test_half_of_the_headers_tell_nothing(half: dict[str, Any]) -> None:
    caller = Caller(calls_per_minute=2)
    for _ in range(2):
        caller.call(**half)
    assert caller.ask() == 60
