"""Finding one thing by its name, as people write names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from pagerduty_native.api.account import Account
from pagerduty_native.api.lookups import Listed
from pagerduty_native.framework.check import check_inputs
from pagerduty_native.framework.errors import ProviderError
from pagerduty_native.framework.values import UNKNOWN, Values
from pagerduty_native.functions.matching import match
from pagerduty_native.functions.vendors import GetVendor, GetVendorArgs

from tests.support.fake_client import FakeClient


@dataclass(frozen=True)
class Thing:
    id: str
    name: str


THINGS = Listed(
    [
        Thing("1", "Datadog"),
        Thing("2", "datadog"),
        Thing("3", "Amazon CloudWatch"),
        Thing("4", "Nagios"),
        Thing("5", "Nagios XI"),
        Thing("6", " MongoDB Cloud Alerts"),
    ]
)


@pytest.mark.parametrize(
    ("name", "id"),
    [
        pytest.param("datadog", "2", id="the exact name before another's case"),
        pytest.param("amazon CLOUDWATCH", "3", id="regardless of case"),
        pytest.param(" Amazon CloudWatch ", "3", id="regardless of surrounding blanks"),
        pytest.param("MongoDB Cloud Alerts", "6", id="regardless of its own blanks"),
        pytest.param("Nagios", "4", id="the whole name before names that contain it"),
        pytest.param("nagios", "4", id="the whole name in another case before names that contain it"),
        pytest.param("Cloudwatch", "3", id="the only one that contains it"),
        pytest.param("Sentry", None, id="none"),
    ],
)
def test_a_name_matches_exactly_or_as_the_only_part(name: str, id: str | None) -> None:
    found = match(name, THINGS, "thing")
    assert (found and found.id) == id


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param(
            "DATADOG",
            "`name`: 2 things match 'DATADOG': 'Datadog' (1), 'datadog' (2). Give the full name of one, or its `id`.",
            id="same name in two cases",
        ),
        pytest.param(
            "nag",
            "`name`: 2 things match 'nag': 'Nagios' (4), 'Nagios XI' (5). Give the full name of one, or its `id`.",
            id="part of two",
        ),
    ],
)
def test_several_matches_are_listed(name: str, message: str) -> None:
    with pytest.raises(ProviderError) as raised:
        match(name, THINGS, "thing")
    assert str(raised.value) == message


def test_two_of_one_name_are_listed_with_their_ids() -> None:
    twins = Listed([Thing("1", "alarms"), Thing("2", "alarms")])
    with pytest.raises(ProviderError) as raised:
        match("alarms", twins, "integration")
    assert str(raised.value) == (
        "`name`: 2 integrations match 'alarms': 'alarms' (1), 'alarms' (2). They have the same name: give the `id` of "
        "one instead."
    )


@pytest.mark.parametrize("text", ["Cafe\u0301", "CAFE\u0301", "fe\u0301", "Caf\u00e9"])
@pytest.mark.parametrize("known", ["Caf\u00e9", "Cafe\u0301", "CAF\u00c9"])
def test_accents_are_compared_as_they_look(text: str, known: str) -> None:
    found = match(text, Listed([Thing("1", known)]), "thing")
    assert found is not None


def test_a_long_list_of_matches_is_cut() -> None:
    many = Listed(Thing(str(number), f"Service {number}") for number in range(14))
    with pytest.raises(ProviderError, match=r"14 things match .*'Service 9' \(9\) and 4 more\. Give"):
        match("service", many, "thing")


VENDORS = {
    "PZQ6AUS": "Amazon CloudWatch",
    "PKAPG94": "Sentry",
    "PULN1LU": "Elastic Alerts",
    "PNAGIO1": "Nagios",
    "PNAGIO2": "Nagios XI",
}


def look_up(pagerduty: FakeClient, **arguments: str) -> str:
    args = GetVendorArgs(name=arguments.get("name"), id=arguments.get("id"))
    return GetVendor(Account(pagerduty.client)).invoke(args).id


@pytest.mark.parametrize(
    ("arguments", "calls"),
    [
        pytest.param({"name": "Amazon CloudWatch"}, ["/vendors?query=Amazon CloudWatch"], id="name"),
        pytest.param({"name": "Cloudwatch"}, ["/vendors?query=Cloudwatch"], id="part of the name"),
        pytest.param({"id": "PZQ6AUS"}, ["/vendors/PZQ6AUS"], id="id"),
    ],
)
def test_a_vendor_is_found_with_one_call(arguments: Mapping[str, str], calls: list[str]) -> None:
    pagerduty = FakeClient(VENDORS)
    assert look_up(pagerduty, **arguments) == "PZQ6AUS"
    assert pagerduty.calls == calls


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            {"name": "Sentri"},
            "`name`: none of 5 vendors matches 'Sentri'. Did you mean 'Sentry'?",
            id="misspelt",
        ),
        pytest.param(
            {"name": "Naggios"},
            "`name`: none of 5 vendors matches 'Naggios'. Did you mean 'Nagios' or 'Nagios XI'?",
            id="misspelt, near to two",
        ),
        pytest.param({"name": "Zzz"}, "`name`: none of 5 vendors matches 'Zzz'.", id="nothing near"),
        pytest.param(
            {"id": "Datadog"},
            "`id`: PagerDuty has no vendor with the ID 'Datadog'. If it is a name, look up the ID with "
            '`getVendor(name="Datadog")`.',
            id="a name as the first argument",
        ),
        pytest.param({"id": "PNONE00"}, "`id`: PagerDuty has no vendor with the ID 'PNONE00'.", id="unknown id"),
    ],
)
def test_a_vendor_is_not_found(arguments: Mapping[str, str], message: str) -> None:
    with pytest.raises(ProviderError) as raised:
        look_up(FakeClient(VENDORS), **arguments)
    assert str(raised.value) == message


@pytest.mark.parametrize("name", ["Events API v2", "events V2", "Events_API-V2", "events_api_v2_inbound_integration"])
def test_events_api_v2_is_a_type_and_no_vendor(name: str) -> None:
    pagerduty = FakeClient(VENDORS)
    with pytest.raises(
        ProviderError, match=r'is a type of integration, not a vendor: .* "events_api_v2_inbound_integration"'
    ):
        look_up(pagerduty, name=name)
    assert pagerduty.calls == []


@pytest.mark.parametrize(
    ("arguments", "reasons"),
    [
        pytest.param({}, ["Set either the `name` or the `id` of the vendor."], id="neither"),
        pytest.param(
            {"name": "a", "id": "b"}, ["Set either the `name` or the `id` of the vendor, not both."], id="both"
        ),
        pytest.param({"name": " "}, ["`name` must not be empty (is a variable empty?)."], id="blank name"),
        pytest.param({"id": ""}, ["`id` must not be empty (is a variable empty?)."], id="empty id"),
        pytest.param({"name": UNKNOWN}, [], id="unknown"),
    ],
)
def test_invalid_arguments_are_check_failures(arguments: Values, reasons: list[str]) -> None:
    assert [failure.reason for failure in check_inputs(GetVendorArgs, arguments).failures] == reasons
