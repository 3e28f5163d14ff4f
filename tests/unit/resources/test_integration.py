"""What an Integration decides without PagerDuty: its inputs, its differences, its ID."""

from __future__ import annotations

import pytest
from pagerduty_native.pagerduty.account import Account
from pagerduty_native.resources.integration import Integration, IntegrationArgs, IntegrationState
from pagerduty_native.rpc.check import check_inputs
from pagerduty_native.rpc.declarations import decode
from pagerduty_native.rpc.diff import Changes, changes_of
from pagerduty_native.rpc.errors import Failure, ProviderError
from pagerduty_native.rpc.values import UNKNOWN, Value, Values

from tests.support.fake_client import FakeClient

GENERIC = "generic_events_api_inbound_integration"
GENERIC_EMAIL = "generic_email_inbound_integration"
CLOUDWATCH_TYPE = "event_transformer_api_inbound_integration"
V2 = "events_api_v2_inbound_integration"

PAGERDUTY = FakeClient({})
INTEGRATION = Integration(Account(PAGERDUTY.client))


@pytest.mark.parametrize(
    "id",
    [
        pytest.param("", id="empty"),
        pytest.param("PE1U9CH", id="the integration's alone"),
        pytest.param("PQL78HM.", id="no integration"),
        pytest.param(".PE1U9CH", id="no service"),
        pytest.param("PQL78HM/PE1U9CH", id="slash"),
        pytest.param("PQL78HM.PE1U9CH.PE1U9CH", id="three parts"),
    ],
)
def test_an_id_of_another_form_is_answered_with_the_right_one(id: str) -> None:
    with pytest.raises(ProviderError) as raised:
        INTEGRATION.read(id, decode(IntegrationState, {}))
    assert str(raised.value) == (
        f"{id!r} is not the ID of an integration: write SERVICE_ID.INTEGRATION_ID, such as PQL78HM.PE1U9CH. Both are "
        "in the URL of the integration's page: …/services/PQL78HM/integrations/PE1U9CH."
    )
    assert PAGERDUTY.calls == []


def test_neither_vendor_nor_type() -> None:
    assert check_inputs(IntegrationArgs, {"service": "P1", "name": "alerts"}).failures == [
        Failure(
            "vendor",
            "Either `vendor` or `type` is required: set the ID of a vendor, which the function `getVendor` finds by "
            "its name, or a type such as `events_api_v2_inbound_integration`.",
        )
    ]


@pytest.mark.parametrize(
    ("vendor", "kept"),
    [
        pytest.param("PZQ6AUS", "PZQ6AUS", id="id"),
        pytest.param({"id": "PZQ6AUS", "name": "Amazon CloudWatch", "x": 1.0}, "PZQ6AUS", id="object"),
        pytest.param(UNKNOWN, UNKNOWN, id="unknown"),
    ],
)
def test_a_vendor_is_kept_as_its_id(vendor: Value, kept: Value) -> None:
    checked = check_inputs(IntegrationArgs, {"service": "P1", "name": "alerts", "vendor": vendor})
    assert (checked.inputs["vendor"], checked.failures) == (kept, [])


def test_a_vendor_object_needs_its_id() -> None:
    (failure,) = check_inputs(IntegrationArgs, {"service": "P1", "name": "a", "vendor": {"name": "Sentry"}}).failures
    assert (failure.property, failure.reason[:22]) == ("vendor", "`vendor.id` is require")


def test_all_that_is_wrong_with_the_e_mail_settings_is_said_at_once_whatever_else_is_unknown() -> None:
    inputs: Values = {
        "service": "P1",
        "name": "alerts",
        "vendor": UNKNOWN,
        "integrationEmail": "alerts",
        "emailFilters": [{"subjectMode": UNKNOWN, "bodyMode": "match"}],
        "emailParsers": [
            {"action": "trigger", "matchPredicate": {"type": "all", "children": []}, "valueExtractors": []}
        ],
    }
    assert [failure.reason for failure in check_inputs(IntegrationArgs, inputs).failures] == [
        "`integrationEmail` must be an e-mail address, such as alerts@SUBDOMAIN.pagerduty.com.",
        "`emailFilters[0].bodyRegex` is required if `bodyMode` is `match`.",
        "exactly one of `emailParsers[0].valueExtractors` must have the `valueName` `incident_key`, got 0.",
        "`emailParsers[0].matchPredicate.children` must not be empty if `type` is `all`.",
    ]


def changes(olds: Values, news: Values, **server: Value) -> Changes:
    """The changes, after PagerDuty has made `server` of the old inputs."""
    common: Values = {"service": "P1", "name": "alerts"}
    found = changes_of(IntegrationArgs, {**common, **olds}, {**common, **news})
    state = decode(IntegrationState, {**common, **olds, **server})
    INTEGRATION.diff(found, state, decode(IntegrationArgs, {**common, **news}))
    return found


@pytest.mark.parametrize(
    ("olds", "servers_type", "news"),
    [
        pytest.param({"vendor": "V"}, CLOUDWATCH_TYPE, {"vendor": "V"}, id="left to the vendor"),
        pytest.param({"vendor": "V"}, CLOUDWATCH_TYPE, {"vendor": "V", "type": CLOUDWATCH_TYPE}, id="said as it is"),
        pytest.param({"vendor": "V"}, CLOUDWATCH_TYPE, {"vendor": "V", "type": GENERIC}, id="generic for the vendor"),
        pytest.param({"vendor": "V"}, GENERIC_EMAIL, {"vendor": "V", "type": GENERIC_EMAIL}, id="generic e-mail"),
        pytest.param(
            {"vendor": "V", "type": GENERIC}, CLOUDWATCH_TYPE, {"vendor": "V", "type": CLOUDWATCH_TYPE}, id="exact now"
        ),
        pytest.param({"vendor": "V", "type": GENERIC}, CLOUDWATCH_TYPE, {"vendor": "V"}, id="no longer said"),
        pytest.param({"type": V2}, V2, {"type": V2}, id="no vendor"),
    ],
)
def test_the_type_that_the_server_made_is_no_difference(olds: Values, servers_type: str, news: Values) -> None:
    assert changes(olds, news, type=servers_type).by_property == {}


@pytest.mark.parametrize(
    ("olds", "servers_type", "news", "expected"),
    [
        pytest.param({"type": GENERIC}, GENERIC, {"type": V2}, {"type"}, id="another type"),
        pytest.param({"type": V2}, V2, {"type": GENERIC}, {"type"}, id="generic without a vendor"),
        pytest.param({"vendor": "V"}, CLOUDWATCH_TYPE, {"vendor": "V", "type": V2}, {"type"}, id="not the vendor's"),
        pytest.param({"vendor": "V"}, GENERIC_EMAIL, {"vendor": "V", "type": GENERIC}, {"type"}, id="no longer e-mail"),
        pytest.param({"vendor": "V"}, CLOUDWATCH_TYPE, {"vendor": "W"}, {"vendor"}, id="another vendor"),
        pytest.param({"vendor": "V", "type": V2}, V2, {"type": V2}, {"vendor"}, id="vendor removed"),
        pytest.param({"type": V2}, V2, {"type": V2, "service": "P2"}, {"service"}, id="another service"),
    ],
)
def test_replaces(olds: Values, servers_type: str, news: Values, expected: set[str]) -> None:
    found = changes(olds, news, type=servers_type)
    assert found.replaces == set(found.by_property) == expected
