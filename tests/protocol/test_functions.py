"""Functions over the protocol."""

from __future__ import annotations

from typing import Any

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native import __version__
from pagerduty_native.framework.testing import FakeEngine, Served, failures, refusal, serving
from pagerduty_native.framework.values import Secret, Value, Values
from pagerduty_native.framework.wire import from_struct
from pagerduty_native.package import PACKAGE

from tests.conftest import TOKEN
from tests.support.account import post_integration
from tests.support.stack import TYPE

GET_VENDOR = "pagerduty-native:index:getVendor"
SERVICE = "PCHECKT"
EVENTS = "events_api_v2_inbound_integration"


def result(provider: Served, function: str, **arguments: Value) -> Any:
    """Return the result of a function as JSON values."""
    response = provider.invoke(f"pagerduty-native:index:{function}", **arguments)
    assert failures(response) == []
    return from_struct(getattr(response, "return"))


@pytest.mark.parametrize("arguments", [{"name": "Cloudwatch"}, {"id": "PZQ6AUS"}])
def test_get_vendor(provider: Served, arguments: Values) -> None:
    vendor = result(provider, "getVendor", **arguments)
    assert (vendor["id"], vendor["name"], vendor["genericServiceType"]) == ("PZQ6AUS", "Amazon CloudWatch", "api")
    assert vendor["websiteUrl"] == "https://aws.amazon.com/cloudwatch"


def test_get_vendors(provider: Served, emulator: Emulator) -> None:
    some = result(provider, "getVendors", query="cloudwatch")["vendors"]
    assert [vendor["id"] for vendor in some] == ["PZQ6AUS"]
    assert len(result(provider, "getVendors")["vendors"]) > 200
    emulator.requests.clear()
    assert result(provider, "getVendors", query="sentry")["vendors"]
    assert len(emulator.requests) == 0, "all are known by now"


@pytest.mark.parametrize("arguments", [{"name": "checkout"}, {"id": SERVICE}])
def test_get_service(provider: Served, emulator: Emulator, arguments: Values) -> None:
    assert result(provider, "getService", **arguments) == {
        "id": SERVICE,
        "name": "Checkout",
        "htmlUrl": f"{emulator.url}/service-directory/{SERVICE}",
    }


@pytest.fixture
def integration(provider: Served) -> dict[str, Any]:
    """An integration as functions return it, which is without its key."""
    inputs: Values = {"service": SERVICE, "vendor": "PZQ6AUS", "name": "Alarms"}
    made = provider.create(inputs)
    outputs: Any = from_struct(made.properties)
    shown = ("service", "vendor", "name", "type", "integrationId", "htmlUrl")
    return {"id": made.id, **{name: outputs[name] for name in shown}}


def test_get_integrations(provider: Served, integration: dict[str, Any]) -> None:
    assert result(provider, "getIntegrations", service=SERVICE) == {"integrations": [integration]}
    assert result(provider, "getIntegrations", service="PAYMNT2") == {"integrations": []}


@pytest.mark.parametrize("by", ["name", "part of the name", "id", "its own id"])
def test_get_integration(provider: Served, integration: dict[str, Any], by: str) -> None:
    arguments = {
        "name": {"name": "Alarms"},
        "part of the name": {"name": "alarm"},
        "id": {"id": integration["id"]},
        "its own id": {"id": integration["integrationId"]},
    }[by]
    assert result(provider, "getIntegration", service=SERVICE, **arguments) == integration


def test_the_same_lookup_is_one_call_however_often_it_is_made(provider: Served, emulator: Emulator) -> None:
    for name in ("Cloudwatch", "cloudwatch ", "CLOUDWATCH"):
        provider.invoke(GET_VENDOR, name=name)
    provider.invoke(GET_VENDOR, id="PZQ6AUS")
    assert emulator.requests.counts() == {"GET /vendors": 1}


def test_failures_of_the_arguments_are_reported_together(provider: Served, emulator: Emulator) -> None:
    response = provider.invoke(GET_VENDOR, nmae="Sentry", id=4711.0)
    assert failures(response) == [
        ("nmae", "There is no property `nmae`. Did you mean `name`?"),
        ("id", "`id` must be a string, got the number 4711."),
    ]
    assert len(emulator.requests) == 0


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        pytest.param("getVendor", {"name": "Cloudwach"}, "Did you mean 'Amazon CloudWatch'", id="misspelt vendor"),
        pytest.param("getVendor", {"name": "Events API v2"}, "is a type of integration, not a vendor", id="type"),
        pytest.param("getVendor", {"name": "amazon"}, "vendors match 'amazon': 'Amazon CloudWatch' (PZ", id="several"),
        pytest.param("getVendor", {"id": "PNONE00"}, "`id`: PagerDuty has no vendor with the ID 'PNONE00'.", id="id"),
        pytest.param("getVendor", {"name": Secret("hush-hush")}, "vendors matches '[secret]'.", id="secret"),
        pytest.param(
            "getVendor",
            {"name": "PZQ6AUS"},
            "`name`: 'PZQ6AUS' is the ID of the vendor 'Amazon CloudWatch': give it as `id`.",
            id="vendor's ID as the name",
        ),
        pytest.param(
            "getVendor",
            {"name": "PCHECKT"},
            "If it is an ID, it is not that of a vendor.",
            id="another's ID as the name",
        ),
        pytest.param("getService", {"name": "PCHECKT"}, "is the ID of the service 'Checkout'", id="ID as the name"),
        pytest.param("getService", {"name": "Chekout"}, "matches 'Chekout'. Did you mean 'Checkout'?", id="service"),
        pytest.param("getService", {"id": "PNONE00"}, "`id`: PagerDuty has no service with the ID", id="service id"),
        pytest.param("getIntegrations", {"service": "PNONE00"}, "`service`: PagerDuty has no service", id="no service"),
        pytest.param(
            "getIntegration",
            {"service": SERVICE, "name": "Alarmz"},
            "`name`: none of 1 integrations matches 'Alarmz'. Did you mean 'Alarms'?",
            id="integration",
        ),
        pytest.param(
            "getIntegration",
            {"service": SERVICE, "id": "PNONE00"},
            "`id`: the service 'PCHECKT' has no integration with the ID 'PNONE00'.",
            id="integration id",
        ),
    ],
)
@pytest.mark.usefixtures("integration")
def test_a_missing_object_is_explained(provider: Served, function: str, arguments: Values, message: str) -> None:
    error = refusal(lambda: result(provider, function, **arguments))
    assert message in error.message
    assert "hush" not in error.message


def test_an_integration_of_a_service_without_any_is_explained_with_the_next_step(provider: Served) -> None:
    error = refusal(lambda: result(provider, "getIntegration", service="PDBORD9", name="Alarms"))
    assert (
        "`name`: there are no integrations to find 'Alarms' among. `pagerduty-native list` shows the" in error.message
    )
    assert "of PDBORD9 and of all other services." in error.message


def test_an_unknown_function(provider: Served) -> None:
    error = refusal(lambda: provider.invoke("pagerduty-native:index:getVender"))
    assert error.message == (
        f"pagerduty-native {__version__} has no function pagerduty-native:index:getVender; "
        f"it has pagerduty-native:index:getVendor."
    )


@pytest.mark.parametrize(
    ("function", "path", "noun"),
    [
        ("getService", "/services", "service"),
        ("getVendor", "/vendors", "vendor"),
        ("getEventOrchestration", "/event_orchestrations", "orchestration"),
    ],
)
@pytest.mark.parametrize("odd", [("PODD123", "The {} PODD123"), (None, "One {}, without an ID,")])
def test_a_lookup_warns_of_an_item_that_it_skips(  # noqa: PLR0917
    emulator: Emulator,
    engine: tuple[FakeEngine, str],
    function: str,
    path: str,
    noun: str,
    odd: tuple[str | None, str],
) -> None:
    listed = [{"id": odd[0], "name": None}, {"id": "PGOOD12", "name": "Wanted"}]
    emulator.inject("status", "GET", path, status=200, body={f"{noun}s": listed, "more": False}, times=None)
    with serving(PACKAGE, TYPE, engine_address=engine[1]) as provider:
        provider.configure(token=TOKEN, apiUrlOverride=emulator.url)
        for _ in range(2):
            assert result(provider, function, name="Wanted")["id"] == "PGOOD12"
    (warning,) = [each.message for each in engine[0].messages]
    assert warning == (
        f"{odd[1].format(noun)} is listed with values that PagerDuty's API does not document. The provider skips it."
    )


def test_an_integration_deleted_during_a_read_is_left_out(provider: Served, emulator: Emulator) -> None:
    kept, deleted = (post_integration(emulator, SERVICE, type=EVENTS, name=name) for name in ("Kept", "Deleted"))
    references = [{**each, "type": f"{EVENTS}_reference", "integration_key": None} for each in (kept, deleted)]
    emulator.delete_integration(deleted["id"])
    body = {"service": {"id": SERVICE, "name": "Checkout", "integrations": references}}
    emulator.inject("status", "GET", f"/services/{SERVICE}", status=200, body=body)
    (found,) = result(provider, "getIntegrations", service=SERVICE)["integrations"]
    assert found["name"] == "Kept"


ORCHESTRATION = "b02e973d-9620-4e0a-9edc-00fedf7d4694"
LONGER: dict[str, Any] = {
    "id": "b02e973d-9620-4e0a-9edc-00fedf7d4695",
    "type": EVENTS,
    "name": "Wanted too",
    "label": "Wanted too",
    "integration_key": "0" * 32,
    "parameters": {"routing_key": "R0", "type": "global"},
}
# By function: the path and the name of the list, and the arguments.
LISTS: dict[str, tuple[str, str, Values]] = {
    "getService": ("/services", "services", {"name": "Wanted"}),
    "getVendor": ("/vendors", "vendors", {"name": "Wanted"}),
    "getEventOrchestration": ("/event_orchestrations", "orchestrations", {"name": "Wanted"}),
    "getEventOrchestrationIntegration": (
        f"/event_orchestrations/{ORCHESTRATION}/integrations",
        "integrations",
        {"eventOrchestration": ORCHESTRATION, "label": "Wanted"},
    ),
    "getIntegration": (f"/services/{SERVICE}", "integrations", {"service": SERVICE, "name": "Wanted"}),
}


ODD_ITEMS: dict[str, dict[str, Any]] = {
    "without a name": {"id": "PODD123", "name": 7, "label": 7},
    "without an ID": {"id": None, "name": "Wanted", "label": "Wanted"},
    "of a name with this part": {"id": "PODD123", "name": "It is wanted", "label": "It is wanted"},
}
# Values that make an item odd although its name can be read.
ODD_VALUES = {"type": 7, "html_url": 7, "description": 7, "parameters": 7, "teams": 7, "integrations": 7}


@pytest.mark.parametrize("odd", ODD_ITEMS.values(), ids=ODD_ITEMS)
@pytest.mark.parametrize("function", LISTS)
def test_a_partial_name_is_refused_while_an_odd_item_may_match(
    provider: Served, emulator: Emulator, function: str, odd: dict[str, Any]
) -> None:
    """A program would move its integration to another service, with another key."""
    path, key, arguments = LISTS[function]
    body: dict[str, Any] = {key: [{**odd, **ODD_VALUES}, LONGER]}
    if function == "getIntegration":
        body = {"service": {"id": SERVICE, "name": "Checkout", **body}, "integration": body[key][0]}
        path += "**"
    emulator.inject("status", "GET", path, status=200, body=body, times=None)
    message = refusal(lambda: provider.invoke(f"pagerduty-native:index:{function}", **arguments)).message
    assert f"({odd['id'] or 'one without an ID'})" in message
    full: Values = {name: "Wanted too" if value == "Wanted" else value for name, value in arguments.items()}
    assert result(provider, function, **full)["id"].endswith(LONGER["id"])


NAMED = {name: LISTS[name] for name in ("getService", "getVendor")}


@pytest.mark.parametrize("other", ["Elsewhere", "wanted", "Wanted"])
@pytest.mark.parametrize("function", NAMED)
def test_a_name_that_an_odd_item_has_is_refused_and_names_the_item(
    provider: Served, emulator: Emulator, function: str, other: str
) -> None:
    path, key, arguments = NAMED[function]
    body = {key: [{**ODD_VALUES, "id": "PODD123", "name": "Wanted"}, {**LONGER, "name": other}]}
    emulator.inject("status", "GET", path, status=200, body=body, times=None)
    message = refusal(lambda: provider.invoke(f"pagerduty-native:index:{function}", **arguments)).message
    assert "'Wanted' may mean one of the " in message
    assert "(PODD123)" in message
    message = refusal(lambda: provider.invoke(f"pagerduty-native:index:{function}", name="PODD123")).message
    assert message.endswith("give it as `id`.")


def test_an_odd_service_does_not_hide_which_name_is_near(provider: Served, emulator: Emulator) -> None:
    body = {"services": [{"id": "PODD123", "name": None}, {"id": SERVICE, "name": "Checkout"}]}
    emulator.inject("status", "GET", "/services", status=200, body=body, times=None)
    message = refusal(lambda: provider.invoke("pagerduty-native:index:getService", name="Chekout")).message
    assert message.endswith("Did you mean 'Checkout'?")


def test_what_other_lookups_read_changes_no_lookup(provider: Served, emulator: Emulator) -> None:
    """Lookups run in parallel: a program must not fail or succeed by their order."""
    body = {"services": [{"id": "PODD123", "name": None}, {"id": SERVICE, "name": "Checkout"}]}
    emulator.inject("status", "GET", "/services", status=200, body=body, times=2)
    refusal(lambda: provider.invoke("pagerduty-native:index:getService", name="Elsewhere"))
    assert result(provider, "getService", name="Check")["id"] == SERVICE
