"""Functions over the protocol."""

from __future__ import annotations

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native import __version__
from pagerduty_native.rpc.values import Secret, Values, from_struct

from .provider import Provider, failures, refusal

GET_VENDOR = "pagerduty-native:index:getVendor"


@pytest.mark.parametrize("arguments", [{"name": "Cloudwatch"}, {"id": "PZQ6AUS"}])
def test_a_result(provider: Provider, arguments: Values) -> None:
    response = provider.invoke(GET_VENDOR, **arguments)
    assert failures(response) == []
    result = from_struct(getattr(response, "return"))
    assert (result["id"], result["name"], result["genericServiceType"]) == ("PZQ6AUS", "Amazon CloudWatch", "api")
    assert result["websiteUrl"] == "https://aws.amazon.com/cloudwatch"


def test_the_same_lookup_is_one_call_however_often_it_is_made(provider: Provider, emulator: Emulator) -> None:
    for name in ("Cloudwatch", "cloudwatch ", "CLOUDWATCH"):
        provider.invoke(GET_VENDOR, name=name)
    provider.invoke(GET_VENDOR, id="PZQ6AUS")
    assert emulator.requests.counts() == {"GET /vendors": 1}


def test_failures_of_the_arguments_are_reported_together(provider: Provider, emulator: Emulator) -> None:
    response = provider.invoke(GET_VENDOR, nmae="Sentry", id=4711.0)
    assert failures(response) == [
        ("nmae", "There is no property `nmae`. Did you mean `name`?"),
        ("id", "`id` must be a string, got the number 4711."),
    ]
    assert len(emulator.requests) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"name": "Cloudwach"}, "matches 'Cloudwach'. Did you mean 'Amazon CloudWatch'", id="misspelt"),
        pytest.param({"name": "Events API v2"}, "is not a vendor but a type", id="type"),
        pytest.param({"name": "amazon"}, "vendors match 'amazon': 'Amazon CloudWatch' (PZQ6AUS), ", id="several"),
        pytest.param({"id": "PNONE00"}, "`id`: PagerDuty has no vendor with the ID 'PNONE00'.", id="unknown id"),
        pytest.param({"name": Secret("hush-hush")}, "vendors matches '[secret]'.", id="secret"),
    ],
)
def test_what_is_not_found_is_explained(provider: Provider, arguments: Values, message: str) -> None:
    error = refusal(lambda: provider.invoke(GET_VENDOR, **arguments))
    assert message in error.message
    assert "hush" not in error.message


def test_an_unknown_function(provider: Provider) -> None:
    error = refusal(lambda: provider.invoke("pagerduty-native:index:getVender"))
    assert error.message == (
        f"pagerduty-native {__version__} has no function pagerduty-native:index:getVender; "
        f"it has pagerduty-native:index:getVendor."
    )
