"""Vendors: requested in as few calls as possible, and never twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from pagerduty_native.api.client import PAGE_LIMIT
from pagerduty_native.api.errors import NotFoundError
from pagerduty_native.api.lookups import CALLS_BEFORE_INDEX, Vendor, Vendors
from pagerduty_native.api.parse import InvalidIdError

from tests.support import HANG_SECONDS
from tests.support.fake_client import FakeClient

KNOWN = {"PZQ6AUS": "Amazon CloudWatch", "PKAPG94": "Sentry", "PMONGO1": " MongoDB Cloud Alerts"}


@pytest.fixture
def pagerduty() -> FakeClient:
    return FakeClient(KNOWN)


@pytest.fixture
def vendors(pagerduty: FakeClient) -> Vendors:
    return Vendors(pagerduty.client)


def names(found: list[Vendor]) -> list[str]:
    return [vendor.name for vendor in found]


def test_a_search_is_one_call(vendors: Vendors, pagerduty: FakeClient) -> None:
    assert names(vendors.search(" CloudWatch ")) == ["Amazon CloudWatch"]
    assert pagerduty.calls == ["/vendors?query=CloudWatch"]


def test_the_same_search_is_not_made_twice(vendors: Vendors, pagerduty: FakeClient) -> None:
    assert vendors.search("cloudwatch") == vendors.search(" CLOUDWATCH")
    assert vendors.search("nothing") == vendors.search("nothing") == []
    assert pagerduty.calls == ["/vendors?query=cloudwatch", "/vendors?query=nothing"]


def test_stray_blanks_are_taken_off(vendors: Vendors) -> None:
    assert names(vendors.search("mongodb")) == ["MongoDB Cloud Alerts"]


def test_a_vendor_that_a_search_found_needs_no_call(vendors: Vendors, pagerduty: FakeClient) -> None:
    vendors.search("cloudwatch")
    assert vendors.get("PZQ6AUS").name == "Amazon CloudWatch"
    assert len(pagerduty.calls) == 1


def test_a_search_does_not_rely_on_the_undocumented_filter() -> None:
    assert names(Vendors(FakeClient(KNOWN, filters=False).client).search("cloudwatch")) == ["Amazon CloudWatch"]


def test_a_filter_that_is_ignored_gave_the_whole_index() -> None:
    pagerduty = FakeClient({f"P{number}": f"Vendor {number}" for number in range(450)}, filters=False)
    vendors = Vendors(pagerduty.client)
    assert vendors.search("nothing") == []
    assert len(vendors.all()) == 450
    assert names(vendors.search("Vendor 449")) == ["Vendor 449"]
    assert pagerduty.calls == ["/vendors?query=nothing"]


def test_a_vendor_of_an_earlier_lookup_is_known_without_a_call(vendors: Vendors, pagerduty: FakeClient) -> None:
    assert vendors.known("PKAPG94") is None
    vendors.search("sentry")
    assert vendors.known("PKAPG94") == vendors.get("PKAPG94")
    assert len(pagerduty.calls) == 1


def test_after_some_calls_the_index_answers_all_else(pagerduty: FakeClient, vendors: Vendors) -> None:
    for number in range(20):
        pagerduty.add(f"PX{number}", f"Vendor {number}")
    for number in range(20):
        assert vendors.get(f"PX{number}").name == f"Vendor {number}"
        assert names(vendors.search(f"vendor {number}"))
    assert len(pagerduty.calls) <= CALLS_BEFORE_INDEX + 1


def test_with_all_vendors_known_nothing_is_asked_any_more(vendors: Vendors, pagerduty: FakeClient) -> None:
    assert len(vendors.all()) == len(vendors.all()) == 3
    assert names(vendors.search("sentry")) == ["Sentry"]
    assert vendors.get("PKAPG94").name == "Sentry"
    assert pagerduty.calls == ["/vendors"]


def test_the_index_is_read_once_so_many_calls_were_made(pagerduty: FakeClient, vendors: Vendors) -> None:
    for number in range(CALLS_BEFORE_INDEX + 2):
        pagerduty.add(f"PX{number}", f"Vendor {number}")
        vendors.get(f"PX{min(number, CALLS_BEFORE_INDEX)}")
    assert pagerduty.calls == [*(f"/vendors/PX{number}" for number in range(CALLS_BEFORE_INDEX)), "/vendors"]


def test_each_page_of_a_search_is_a_call() -> None:
    paged = FakeClient({f"P{number}": f"Vendor {number}" for number in range(CALLS_BEFORE_INDEX - 1)}, page_size=1)
    vendors = Vendors(paged.client)
    assert len(vendors.search("vendor")) == CALLS_BEFORE_INDEX - 1
    paged.add("PX1", "Other")
    paged.add("PX2", "Another")
    assert vendors.get("PX1").name == "Other"
    assert vendors.get("PX2").name == "Another"
    assert paged.calls == ["/vendors?query=vendor", "/vendors/PX1", "/vendors"]


def test_a_known_vendor_never_needs_the_index(pagerduty: FakeClient, vendors: Vendors) -> None:
    for number in range(CALLS_BEFORE_INDEX):
        pagerduty.add(f"PX{number}", f"Vendor {number}")
        vendors.get(f"PX{number}")
    assert vendors.get("PX0").name == "Vendor 0"
    assert "/vendors" not in pagerduty.calls


def test_the_index_is_every_page() -> None:
    vendors = Vendors(FakeClient(KNOWN, page_size=2).client)
    assert [each.id for each in vendors.all()] == list(KNOWN)
    assert vendors.known("PZQ6AUS")


def test_a_page_that_is_full_is_not_taken_for_the_whole_index() -> None:
    """A filter that looks at more than the name would give such a page, too."""
    pagerduty = FakeClient({f"P{number}": f"Vendor {number}" for number in range(PAGE_LIMIT)}, filters=False)
    vendors = Vendors(pagerduty.client)
    vendors.search("vendor 1")
    vendors.search("vendor 2")
    assert pagerduty.calls == ["/vendors?query=vendor 1", "/vendors?query=vendor 2"]


def test_a_vendor_as_the_api_has_it(pagerduty: FakeClient, vendors: Vendors) -> None:
    """The fields as they were recorded: TF #1007."""
    pagerduty.more = {
        "generic_service_type": "api",
        "description": "Alerts.",
        "website_url": "https://example.com",
        "integration_guide_url": "https://example.com/guide",
    }
    found = vendors.get("PKAPG94")
    assert found == Vendor("PKAPG94", "Sentry", *pagerduty.more.values())
    assert vendors.known("PKAPG94") == found


def test_absent_fields_of_a_vendor_are_none(vendors: Vendors) -> None:
    assert vendors.get("PKAPG94") == Vendor("PKAPG94", "Sentry", None, None, None, None)


def test_a_vendor_is_requested_once(vendors: Vendors, pagerduty: FakeClient) -> None:
    assert vendors.get("PKAPG94") is vendors.get("PKAPG94")
    assert pagerduty.calls == ["/vendors/PKAPG94"]


def test_an_unknown_vendor(vendors: Vendors) -> None:
    with pytest.raises(NotFoundError):
        vendors.get("PNOSUCH")


def test_an_id_cannot_reach_another_path(vendors: Vendors, pagerduty: FakeClient) -> None:
    with pytest.raises(InvalidIdError):
        vendors.get("../services?x=")
    assert pagerduty.calls == []


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda vendors: vendors.get("PKAPG94"), id="get"),
        pytest.param(lambda vendors: vendors.search("sentry"), id="search"),
        pytest.param(lambda vendors: vendors.all(), id="all"),
    ],
)
def test_concurrent_lookups_of_a_vendor_share_one_response(
    ask: Callable[[Vendors], object], vendors: Vendors, pagerduty: FakeClient
) -> None:
    pagerduty.hold.clear()
    together = threading.Barrier(8)

    def ask_together(_: int) -> object:
        together.wait(HANG_SECONDS)
        return ask(vendors)

    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(ask_together, range(8))
        pagerduty.hold.set()
    first, *others = answers
    assert all(each == first for each in others)
    assert len(pagerduty.calls) == 1


def test_lookups_of_other_vendors_do_not_wait(vendors: Vendors, pagerduty: FakeClient) -> None:
    pagerduty.hold.clear()
    with ThreadPoolExecutor(2) as pool:
        pool.map(vendors.get, ["PKAPG94", "PZQ6AUS"])
        calls = [pagerduty.called.get(timeout=HANG_SECONDS) for _ in range(2)]
        pagerduty.hold.set()
    assert sorted(calls) == ["/vendors/PKAPG94", "/vendors/PZQ6AUS"]


def test_a_failure_is_shared_but_not_kept(vendors: Vendors, pagerduty: FakeClient) -> None:
    pagerduty.hold.clear()
    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(vendors.get, "PNONE00") for _ in range(2)]
        pagerduty.called.get(timeout=HANG_SECONDS)
        pagerduty.hold.set()
    assert all(isinstance(each.exception(), NotFoundError) for each in asking)
    pagerduty.add("PNONE00", "Late")
    assert vendors.get("PNONE00").name == "Late"
