"""A list decides if a 404 without one of PagerDuty's codes counts."""

from __future__ import annotations

import pytest
from pagerduty_native.api.errors import CancelledError, NotFoundError, PagerDutyError, ServerError, api_error
from pagerduty_native.api.gone import is_listed

NOT_FOUND = api_error(404, {"error": {"message": "Not Found", "code": 2100}})


@pytest.mark.parametrize(
    ("ids", "listed"),
    [(["P1", "P2"], True), (["p1"], True), (["P2"], False), ([], False), (["P2", ""], None), (["P1", ""], True)],
)
def test_an_item_without_an_id_may_be_the_one(ids: list[str], listed: bool | None) -> None:
    assert is_listed("P1", lambda: ids) is listed


@pytest.mark.parametrize(
    ("error", "listed"),
    [
        pytest.param(NOT_FOUND, False, id="PagerDuty has no such list"),
        pytest.param(NotFoundError(404, None, "Not Found", ()), None, id="a 404 of a gateway"),
        pytest.param(ServerError(503, None, "Down", ()), None, id="down"),
    ],
)
def test_a_list_that_cannot_be_read_proves_nothing(error: PagerDutyError, listed: bool | None) -> None:
    def read() -> list[str]:
        raise error

    assert is_listed("P1", read) is listed


def test_a_cancellation_while_the_list_is_read_is_raised() -> None:
    def read() -> list[str]:
        raise CancelledError("canceled")

    with pytest.raises(CancelledError):
        is_listed("P1", read)
