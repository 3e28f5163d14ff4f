"""Which calls are made again, how often, and after how long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pagerduty_native.api.client import Retries
from pagerduty_native.api.errors import (
    AppTokenError,
    CancelledError,
    PagerDutyError,
    UnintelligibleResponseError,
    UnreachableError,
    UnsendableError,
    api_error,
)

URL = "https://api"
LOCKED = {"error": {"message": "Invalid", "code": 2001, "errors": ["The Account could not be locked."]}}


@given(st.integers(1, 40), st.floats(0, 1))
def test_a_pause_is_a_part_of_one_that_doubles(failures: int, chance: float) -> None:
    longest = min(0.5 * 2 ** (failures - 1), 16)
    assert Retries().pause(failures, chance) == pytest.approx(chance * longest)


def test_all_pauses_together() -> None:
    assert sum(Retries().pause(failures, 1) for failures in range(1, Retries().attempts)) == pytest.approx(31.5)


@pytest.mark.parametrize(
    ("error", "transient", "perhaps_done"),
    [
        pytest.param(UnreachableError(URL, "refused"), True, False, id="refused connection"),
        pytest.param(UnreachableError(URL, "reset", perhaps_done=True), True, True, id="reset"),
        pytest.param(UnreachableError(URL, "certificate", transient=False), False, False, id="certificate"),
        *(pytest.param(api_error(status, None), True, True, id=str(status)) for status in (500, 502, 503, 504, 599)),
        *(pytest.param(api_error(status, None), True, False, id=str(status)) for status in (408, 429)),
        *(pytest.param(api_error(status, None), False, False, id=str(status)) for status in (400, 401, 402, 403, 404)),
        *(pytest.param(api_error(status, None), False, False, id=str(status)) for status in (301, 409, 422)),
        pytest.param(api_error(400, LOCKED), True, False, id="400 that is known to be transient"),
        pytest.param(UnintelligibleResponseError(URL, 200, "<html>"), True, True, id="spoilt 200"),
        pytest.param(UnintelligibleResponseError(URL, 502, "<html>"), True, True, id="gateway's 502"),
        pytest.param(UnintelligibleResponseError(URL, 408, ""), True, False, id="gateway's 408"),
        pytest.param(UnintelligibleResponseError(URL, 403, "<html>"), False, False, id="proxy's 403"),
        pytest.param(UnsendableError("NaN"), False, False, id="unsendable"),
        pytest.param(AppTokenError(api_error(503, None), "acme"), False, False, id="no token for an app"),
        pytest.param(CancelledError("cancelled"), False, False, id="cancelled"),
    ],
)
def test_transient_errors_are_retried(error: PagerDutyError, transient: bool, perhaps_done: bool) -> None:
    assert (error.transient, error.perhaps_done) == (transient, perhaps_done)
    assert Retries().allow(error, 1, 1.0, responded=True) is transient


def test_retries_end_at_their_bounds() -> None:
    retries = Retries(attempts=3, first_attempts=2, total_seconds=60, limited_seconds=90)
    reset, refused = UnreachableError(URL, "", perhaps_done=True), UnreachableError(URL, "")
    assert retries.allow(reset, 2, 59, responded=True)
    assert not retries.allow(reset, 3, 59, responded=True)
    assert not retries.allow(reset, 2, 60, responded=True)
    assert retries.allow(reset, 2, 1, responded=False)
    assert retries.allow(refused, 2, 1, responded=True)
    assert not retries.allow(refused, 2, 1, responded=False)
    assert retries.allow(api_error(429, None), 99, 89, responded=True)
    assert not retries.allow(api_error(429, None), 0, 90, responded=True)
