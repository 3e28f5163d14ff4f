"""Comparing creation times with a moment, by PagerDuty's clock."""

from __future__ import annotations

import pytest
from pagerduty_native.api.create import created_since

# PagerDuty's clock said 12:00:00 when ours, which counts seconds, was at 500.
DATE = "Mon, 01 Jan 2024 12:00:00 GMT"


@pytest.mark.parametrize(
    ("moment", "created_at", "since"),
    [
        pytest.param(490, "2024-01-01T11:59:50Z", True, id="then"),
        pytest.param(490, "2024-01-01T11:59:48Z", True, id="two seconds before, which clocks may differ by"),
        pytest.param(490, "2024-01-01T11:59:47Z", None, id="before, but a gateway's clock may be fast"),
        pytest.param(490, "2024-01-01T11:57:48Z", None, id="two minutes before"),
        pytest.param(490, "2024-01-01T11:57:47Z", False, id="before"),
        pytest.param(490, "2024-01-01T12:59:50+01:00", True, id="in another time zone"),
        pytest.param(490, "2024-01-01T11:59:50+01:00", False, id="before, in another time zone"),
        pytest.param(490, "2024-01-01T11:59:50", True, id="in none"),
        pytest.param(490, "2024-01-01T13:00:00Z", True, id="after"),
        pytest.param(490, None, None, id="not told"),
        pytest.param(490, "yesterday", None, id="no time"),
    ],
)
def test_since_compares_with_the_servers_clock(moment: float, created_at: str | None, since: bool | None) -> None:
    assert created_since(moment, created_at, (DATE, 500)) is since


@pytest.mark.parametrize(
    "date", [None, "noon", "Mon, 01 Jan 2024 99999999999:00:00 GMT", "Mon, 01 Jan 2024 12:00:00 +9999"]
)
def test_without_a_usable_date_header_the_answer_is_unknown(date: str | None) -> None:
    assert created_since(490, "2024-01-01T12:00:00Z", (date, 500) if date else None) is None
