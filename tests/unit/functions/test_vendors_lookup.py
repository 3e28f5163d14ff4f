"""Vendors by name: what only some accounts have, and what PagerDuty's own search leaves out."""

from __future__ import annotations

import pytest
from pagerduty_native.api.account import Account
from pagerduty_native.framework.errors import ProviderError
from pagerduty_native.functions.vendors import GetVendor, GetVendorArgs, GetVendors, GetVendorsArgs

from tests.support.fake_client import FakeClient

VENDORS = {"PZQ6AUS": "Amazon CloudWatch", "PKAPG94": "Sentry"}


@pytest.mark.parametrize("name", ["GitHub", "gitlab", " Jenkins "])
def test_a_message_says_that_a_vendor_needs_aiops(name: str) -> None:
    """PagerDuty/terraform-provider-pagerduty #675."""
    with pytest.raises(ProviderError, match="PagerDuty lists this vendor only for accounts with AIOps"):
        GetVendor(Account(FakeClient(VENDORS).client)).invoke(GetVendorArgs(name=name, id=None))


def test_with_aiops_it_is_found() -> None:
    account = Account(FakeClient({**VENDORS, "PGITHUB": "GitHub"}).client)
    assert GetVendor(account).invoke(GetVendorArgs(name="GitHub", id=None)).id == "PGITHUB"


@pytest.mark.parametrize(
    ("query", "ids", "calls"),
    [
        pytest.param(None, ["PZQ6AUS", "PKAPG94"], ["/vendors"], id="all"),
        pytest.param("sent", ["PKAPG94"], ["/vendors?query=sent"], id="found"),
        pytest.param("nothing", [], ["/vendors?query=nothing", "/vendors"], id="looked for in the index, too"),
    ],
)
def test_vendors(query: str | None, ids: list[str], calls: list[str]) -> None:
    pagerduty = FakeClient(VENDORS)
    result = GetVendors(Account(pagerduty.client)).invoke(GetVendorsArgs(query=query))
    assert [vendor.id for vendor in result.vendors] == ids
    assert pagerduty.calls == calls
