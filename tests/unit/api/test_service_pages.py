"""Pages of services: which to ask for, and whether to ask for one at all."""

from __future__ import annotations

import pytest
from pagerduty_native.api.bulk import MOST_PAGES, ServicePages, choose
from pagerduty_native.api.errors import PagerDutyError, ServerError

DOWN = ServerError(503, None, "Down", ())


@pytest.mark.parametrize(
    ("services", "pages", "chosen"),
    [
        pytest.param(0, ServicePages(), "service", id="first a service"),
        pytest.param(1, ServicePages(), "page", id="then the first page"),
        pytest.param(9, ServicePages(failure=DOWN), "service", id="pages fail"),
        pytest.param(9, ServicePages(total=1, asked=1), "service", id="all pages are read"),
        pytest.param(3, ServicePages(total=5, asked=1), "service", id="fewer services than other pages"),
        pytest.param(4, ServicePages(total=5, asked=1), "page", id="as many services as other pages"),
        pytest.param(1, ServicePages(asked=1, under_way=1), "page", id="one page, and nobody knows of others"),
        pytest.param(2, ServicePages(asked=3, failed=[1]), "service", id="three pages and nobody knows of others"),
        pytest.param(3, ServicePages(asked=3, failed=[1]), "page", id="as many services as pages"),
        pytest.param(MOST_PAGES, ServicePages(total=MOST_PAGES, asked=1), "page", id="as many pages as there can be"),
        pytest.param(999, ServicePages(total=MOST_PAGES + 1, asked=1), "service", id="more pages than there can be"),
    ],
)
def test_what_to_ask_for(services: int, pages: ServicePages, chosen: str) -> None:
    assert choose(services, pages) == chosen


@pytest.mark.parametrize(
    ("number", "more", "services", "total"),
    [
        (0, False, None, 1),
        (0, False, 999, 1),
        (0, True, 101, 2),
        (0, True, 200, 2),
        (0, True, 201, 3),
        (2, True, 100, 4),
        (0, True, None, None),
        (MOST_PAGES - 2, True, None, None),
        (MOST_PAGES - 1, True, None, MOST_PAGES + 1),
        (MOST_PAGES - 1, True, 99_999, 1000),
    ],
)
def test_how_many_pages_there_are(number: int, more: bool, services: int | None, total: int | None) -> None:
    pages = ServicePages(under_way=2)
    pages.put(number, more=more, services=services)
    assert (pages.total, pages.under_way) == (total, 1)
    assert pages.beyond is (total is not None and total > MOST_PAGES)


def test_pages_are_taken_in_their_order_and_those_that_failed_again() -> None:
    pages = ServicePages(total=3)
    assert [pages.take(), pages.take(), pages.under_way] == [0, 1, 2]
    pages.put_back(0, DOWN)
    assert (pages.failed, pages.under_way, pages.available, pages.complete) == ([0], 1, True, False)
    assert [pages.take(), pages.take(), pages.under_way] == [0, 2, 3]
    assert (pages.available, pages.complete) == (False, False)
    for number in range(3):
        pages.put(number, more=number < 2, services=None)
    assert (pages.under_way, pages.available, pages.complete) == (0, False, True)


@pytest.mark.parametrize("later", [None, ServerError(500, None, "Other", ())])
def test_the_newest_failure_is_kept_and_who_gave_up_is_none(later: PagerDutyError | None) -> None:
    pages = ServicePages(under_way=2)
    pages.put_back(0, DOWN)
    pages.put_back(1, later)
    assert pages.failure is (later or DOWN)


def test_while_the_total_is_not_known_one_page_is_asked_for_at_a_time() -> None:
    pages = ServicePages()
    assert pages.available
    pages.take()
    assert not pages.available
    pages.put(0, more=True, services=None)
    assert pages.available
