"""One item that the API does not document spoils nothing but itself."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.api import create
from pagerduty_native.api.account import Account
from pagerduty_native.api.client import Client, TokenAuthorization
from pagerduty_native.api.errors import UnintelligibleResponseError, UnreadableItemsError
from pagerduty_native.api.gone import is_listed
from pagerduty_native.api.orchestrations import Orchestrations
from pagerduty_native.framework.testing import Served, refusal
from pagerduty_native.framework.values import Values
from pagerduty_native.framework.wire import from_struct
from pulumi.runtime.proto import provider_pb2 as pb

from tests.conftest import TOKEN

SERVICE, OTHER = "PCHECKT", "PCDNE10"
INPUTS: Values = {"service": SERVICE, "type": "events_api_v2_inbound_integration", "name": "alerts"}

ODD: dict[str, dict[str, Any]] = {
    "null type": {"type": None},
    "no name but a number": {"name": 7},
    "a vendor that is a text": {"vendor": "PZQ6AUS"},
    "a vendor with an odd ID": {"vendor": {"id": "a/b"}},
    "filters that are no list": {"email_filters": {}},
    "a key that is a number": {"integration_key": 5},
    "a service that is a list": {"service": ["PCHECKT"]},
}
every_odd_item = pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
Spoil = Callable[[str, dict[str, Any] | None], None]


def response_of(emulator: Emulator, path: str) -> Any:
    request = urllib.request.Request(  # noqa: S310
        f"{emulator.url}{path}?include[]=integrations&total=true&limit=100",
        headers={"Authorization": f"Token token={TOKEN}"},
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310
        return json.load(response)


@pytest.fixture
def spoil(emulator: Emulator) -> Spoil:
    """Change fields of an integration in every response about it, as they are now; None replaces all of it by null."""

    def spoil(id: str, fields: dict[str, Any] | None) -> None:
        service = next(each["service"]["id"] for each in emulator.integrations() if each["id"] == id)
        for path, listed in (
            ("/services", lambda body: body["services"]),
            (f"/services/{service}", lambda body: [body["service"]]),
        ):
            body = response_of(emulator, path)
            for each in listed(body):
                each["integrations"] = [
                    (None if fields is None else {**item, **fields}) if item["id"] == id else item
                    for item in each["integrations"]
                ]
            emulator.inject("status", "GET", path, status=200, body=body, times=None)
        single = {"integration": {**response_of(emulator, f"/services/{service}/integrations/{id}")["integration"]}}
        if fields is not None:
            single["integration"].update(fields)
        emulator.inject("status", "GET", f"/services/{service}/integrations/{id}", status=200, body=single, times=None)

    return spoil


@pytest.fixture
def two(provider: Served, emulator: Emulator) -> list[pb.CreateResponse]:
    """Two integrations of one service."""
    return [provider.create({**INPUTS, "name": name}) for name in ("odd", "well")]


def own(made: pb.CreateResponse) -> str:
    return str(made.id.partition(".")[2])


@every_odd_item
def test_the_others_are_read_and_found_where_they_were_moved_to(
    provider: Served, emulator: Emulator, two: list[pb.CreateResponse], spoil: Spoil, odd: dict[str, Any]
) -> None:
    odd_one, well = two
    emulator.move_integration(own(well), OTHER)
    spoil(own(odd_one), odd)
    moved = provider.read(well.id, from_struct(well.properties), INPUTS)
    assert moved.id == f"{OTHER}.{own(well)}"
    message = refusal(lambda: provider.read(odd_one.id, from_struct(odd_one.properties), INPUTS)).message
    assert "not with what the API documents" in message


@every_odd_item
def test_an_odd_one_that_was_moved_does_not_count_as_deleted(
    provider: Served, emulator: Emulator, two: list[pb.CreateResponse], spoil: Spoil, odd: dict[str, Any]
) -> None:
    emulator.move_integration(own(two[0]), OTHER)
    spoil(own(two[0]), odd)
    message = refusal(lambda: provider.read(two[0].id, from_struct(two[0].properties), INPUTS)).message
    assert "it was deleted, or moved to another service" in message


@every_odd_item
def test_functions_and_listings_go_on_and_name_it(
    provider: Served,
    warnings: list[str],
    two: list[pb.CreateResponse],
    spoil: Spoil,
    odd: dict[str, Any],
) -> None:
    spoil(own(two[0]), odd)
    answer = provider.invoke("pagerduty-native:index:getIntegrations", service=SERVICE)
    listed: Any = from_struct(getattr(answer, "return"))["integrations"]
    assert {each["integrationId"] for each in listed} == {own(each) for each in two}
    responses = list(provider.stub.List(pb.ListRequest(token="pagerduty-native:index:Integration", page_size=9)))
    ids = {each.result.id for each in responses if each.WhichOneof("response") == "result"}
    assert ids == {each.id for each in two}
    (warning,) = warnings
    assert warning == (
        f"The integration {own(two[0])} of the service {SERVICE} is listed with values that PagerDuty's API does not "
        "document. The provider uses only its ID."
    )


def test_a_key_in_the_place_of_an_id_is_not_shown(
    provider: Served, warnings: list[str], two: list[pb.CreateResponse], spoil: Spoil
) -> None:
    key = "0123456789abcdef" * 2
    spoil(own(two[0]), {"id": key, "type": None})
    said = refusal(lambda: provider.invoke("pagerduty-native:index:getIntegrations", service=SERVICE)).message
    assert key not in "".join([said, *warnings])
    assert "[key]" in warnings[0]


def test_an_item_without_an_id_proves_nothing_about_another(
    provider: Served, emulator: Emulator, two: list[pb.CreateResponse], spoil: Spoil
) -> None:
    """The list does not have the other integration, but who knows what the odd item is."""
    spoil(own(two[0]), None)
    emulator.faults.all()[-1].times = 0
    emulator.inject("status", None, f"/services/{SERVICE}/integrations/{own(two[0])}", status=404, body="", times=None)
    emulator.faults.remove(emulator.faults.all()[0].id)
    emulator.inject("status", "GET", "/services", status=403, times=None)
    message = refusal(lambda: provider.delete(two[0].id, from_struct(two[0].properties))).message
    assert "nothing counts as deleted" in message
    assert provider.read(two[1].id, from_struct(two[1].properties), INPUTS).id == two[1].id


@pytest.mark.parametrize("spoilt", [{"integrations": None}, {"id": None}, {"name": 7}, {"teams": 7}])
def test_an_odd_service_does_not_spoil_its_page(
    provider: Served, emulator: Emulator, two: list[pb.CreateResponse], spoilt: dict[str, Any]
) -> None:
    emulator.move_integration(own(two[0]), OTHER)
    body = response_of(emulator, "/services")
    for each in body["services"]:
        if each["id"] not in {SERVICE, OTHER}:
            each.update(spoilt)
            break
    emulator.inject("status", "GET", "/services", status=200, body=body, times=None)
    read = provider.read(two[0].id, from_struct(two[0].properties), INPUTS)
    assert read.id == f"{OTHER}.{own(two[0])}"
    found = provider.invoke("pagerduty-native:index:getService", name="Checkout")
    assert from_struct(getattr(found, "return"))["id"] == SERVICE


def test_a_creation_without_a_response_is_not_repeated_while_what_is_listed_cannot_be_read(
    provider: Served, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service has one integration more, which PagerDuty does not show yet by a call of its own."""
    monkeypatch.setattr(create, "PAUSES", (0.0, 0.0))
    emulator.settings.bulk_integrations = "references"
    emulator.inject("reset", "POST", "/services/*/integrations", after_commit=True)
    error = {"error": {"code": 2100, "message": "Not Found"}}
    emulator.inject("status", "GET", "/services/*/integrations/*", status=404, body=error, times=None)
    message = refusal(lambda: provider.create(INPUTS)).message
    assert "may have created" in message
    assert len(emulator.integrations()) == emulator.requests.count("POST") == 1


def odd_service(service: dict[str, Any]) -> None:
    service["teams"] = 7


def without_ids(service: dict[str, Any]) -> None:
    for each in service["integrations"]:
        each["id"] = None


@pytest.mark.parametrize("spoil_service", [odd_service, without_ids])
def test_what_was_moved_to_a_service_that_cannot_be_parsed_stays_in_the_state(
    provider: Served,
    emulator: Emulator,
    two: list[pb.CreateResponse],
    spoil_service: Callable[[dict[str, Any]], None],
) -> None:
    """The next `up` would create a second one."""
    emulator.move_integration(own(two[0]), OTHER)
    body = response_of(emulator, "/services")
    spoil_service(next(each for each in body["services"] if each["id"] == OTHER))
    emulator.inject("status", "GET", "/services", status=200, body=body, times=None)
    message = refusal(lambda: provider.read(two[0].id, from_struct(two[0].properties), INPUTS)).message
    assert "could not find out which" in message
    assert "The state is unchanged" in message
    assert provider.read(two[1].id, from_struct(two[1].properties), INPUTS).id == two[1].id


def test_an_odd_vendor_does_not_spoil_its_page(provider: Served, emulator: Emulator) -> None:
    vendors = [{"id": "PODD000", "name": "Odd", "description": 7}, {"id": "PZQ6AUS", "name": "Amazon CloudWatch"}]
    emulator.inject("status", "GET", "/vendors", status=200, body={"vendors": vendors, "more": False}, times=None)
    found = provider.invoke("pagerduty-native:index:getVendor", name="Cloudwatch")
    assert from_struct(getattr(found, "return"))["id"] == "PZQ6AUS"


def test_a_page_of_100_services_with_250_integrations_each_is_read(provider: Served, emulator: Emulator) -> None:
    """That is 18 MB and more."""
    made = provider.create(INPUTS)
    emulator.move_integration(own(made), OTHER)
    body = response_of(emulator, "/services")
    (item,) = next(each["integrations"] for each in body["services"] if each["id"] == OTHER)
    for number in range(100 - len(body["services"])):
        service = f"PFULL{number:02}"
        integrations = [
            {
                **item,
                "id": f"P{number:03}{each:03}",
                "service": {"id": service},
                "integration_key": f"{each:032}",
                "x": "x" * 400,
            }
            for each in range(250)
        ]
        body["services"].append({"id": service, "name": service, "integrations": integrations})
    text = json.dumps(body)
    assert len(text) > 16_000_000
    emulator.inject("status", "GET", "/services", status=200, body=text, times=None)
    assert provider.read(made.id, from_struct(made.properties), INPUTS).id == f"{OTHER}.{own(made)}"


@pytest.mark.parametrize("services", [101, 250])
def test_a_service_that_moves_to_the_next_page_is_listed_once(
    provider: Served, emulator: Emulator, services: int
) -> None:
    """A service is added before it while the pages are read."""
    made = provider.create(INPUTS)
    for number in range(services - len(emulator.services())):
        emulator.add_service(f"Service {number:03}")
    first = response_of(emulator, "/services")
    last = {**first, "services": [first["services"][0], {"id": "PLAST00", "name": "Last", "integrations": []}]}
    checkout = next(each for each in first["services"] if each["id"] == SERVICE)
    pages = [first, {**last, "services": [checkout, *last["services"]], "more": False}]
    for body in [*pages, *pages]:
        emulator.inject("status", "GET", "/services", status=200, body={**body, "total": 101})
    responses = list(provider.stub.List(pb.ListRequest(token="pagerduty-native:index:Integration", page_size=9)))
    assert [each.result.id for each in responses if each.WhichOneof("response") == "result"] == [made.id]
    message = refusal(lambda: provider.invoke("pagerduty-native:index:getService", name="Chekout!")).message
    assert "'Checkout'?" in message


ODD_LISTED: dict[str, Any] = {
    "no parameters": {"parameters": None},
    "a key that is a number": {"parameters": {"routing_key": 5}},
    "a label that is a list": {"label": ["Clusters"]},
}


def orchestrations_of(emulator: Emulator) -> Orchestrations:
    return Account(Client(TokenAuthorization(TOKEN), api_url=emulator.url)).orchestrations


def listed(provider: Served) -> set[str]:
    request = pb.ListRequest(token="pagerduty-native:index:EventOrchestrationIntegration", page_size=9)
    return {each.result.id for each in provider.stub.List(request) if each.WhichOneof("response") == "result"}


@pytest.mark.parametrize("odd", ODD_LISTED.values(), ids=ODD_LISTED)
def test_an_odd_integration_of_an_orchestration_spoils_only_itself(
    provider: Served, emulator: Emulator, warnings: list[str], odd: dict[str, Any]
) -> None:
    orchestration = emulator.add_event_orchestration("Platform")
    well = emulator.add_orchestration_integration(orchestration, "Well")
    path = f"/event_orchestrations/{orchestration}/integrations"
    body = response_of(emulator, path)
    uuids = {each["id"] for each in body["integrations"]}
    spoilt = next(each for each in body["integrations"] if each["id"] != well)
    spoilt.update(odd)
    emulator.inject("status", "GET", path, status=200, body=body, times=None)
    assert listed(provider) == uuids
    (warning,) = warnings
    assert warning == (
        f"The integration {spoilt['id']} of the event orchestration {orchestration} is listed with values that "
        "PagerDuty's API does not document. The provider uses only its ID."
    )
    found = provider.invoke(
        "pagerduty-native:index:getEventOrchestrationIntegration", eventOrchestration=orchestration, label="Well"
    )
    assert from_struct(getattr(found, "return"))["id"] == well


@pytest.mark.parametrize("odd", [{"name": None}, {"name": None, "id": None}])
def test_a_migration_to_an_orchestration_that_cannot_be_parsed_is_followed_or_an_error(
    emulator: Emulator, odd: dict[str, Any]
) -> None:
    source, target = (emulator.add_event_orchestration(name) for name in ("Platform", "Payments"))
    uuid = emulator.add_orchestration_integration(source, "Moved")
    emulator.move_orchestration_integration(uuid, target)
    body = response_of(emulator, "/event_orchestrations")
    next(each for each in body["orchestrations"] if each["id"] == target).update(odd)
    emulator.inject("status", "GET", "/event_orchestrations", status=200, body=body, times=None)
    api = orchestrations_of(emulator)
    if "id" in odd:
        with pytest.raises(UnreadableItemsError, match="so nothing counts as deleted"):
            api.find(uuid, elsewhere_than=source)
    else:
        found = api.find(uuid, elsewhere_than=source)
        assert found
        assert found.orchestration_id == target


def test_an_item_without_an_id_may_be_the_integration_of_an_orchestration(emulator: Emulator) -> None:
    orchestration, other = (emulator.add_event_orchestration(name) for name in ("Platform", "Payments"))
    uuid = emulator.add_orchestration_integration(orchestration, "Odd")
    path = f"/event_orchestrations/{orchestration}/integrations"
    body = {**response_of(emulator, path), "integrations": [None]}
    emulator.inject("status", "GET", path, status=200, body=body, times=None)
    emulator.inject("status", "GET", f"{path}/{uuid}", status=404, times=None)
    with pytest.raises(UnreadableItemsError, match=f"integrations of the event orchestration {orchestration} with"):
        orchestrations_of(emulator).get(orchestration, uuid)
    with pytest.raises(UnreadableItemsError, match="integrations of them with"):
        orchestrations_of(emulator).find(uuid, elsewhere_than=other)


def test_an_odd_integration_of_an_orchestration_does_not_count_as_deleted(emulator: Emulator) -> None:
    orchestration = emulator.add_event_orchestration("Platform")
    uuid = emulator.add_orchestration_integration(orchestration, "Odd")
    path = f"/event_orchestrations/{orchestration}/integrations"
    body = response_of(emulator, path)
    for each in body["integrations"]:
        each["parameters"] = None
    emulator.inject("status", "GET", path, status=200, body=body, times=None)
    emulator.inject("status", "GET", f"{path}/{uuid}", status=404, times=None)
    with pytest.raises(UnintelligibleResponseError, match="not with what the API documents"):
        orchestrations_of(emulator).get(orchestration, uuid)


def test_an_item_without_an_id_is_skipped_and_may_be_any_integration(emulator: Emulator) -> None:
    orchestration = emulator.add_event_orchestration("Platform")
    uuid = emulator.add_orchestration_integration(orchestration, "Odd")
    path = f"/event_orchestrations/{orchestration}/integrations"
    body = {**response_of(emulator, path), "integrations": [None]}
    emulator.inject("status", "GET", path, status=200, body=body, times=None)
    api = orchestrations_of(emulator)
    assert api.integrations(orchestration) == []
    assert is_listed(uuid, lambda: api._read(orchestration).keys()) is None


def test_a_list_of_an_orchestrations_integrations_is_a_snapshot(emulator: Emulator) -> None:
    orchestration = emulator.add_event_orchestration("Platform")
    api = orchestrations_of(emulator)
    before = api.integrations(orchestration)
    iterating = iter(before)
    next(iterating)
    made = api.create(orchestration, "Clusters", lambda _id: False)
    assert made.id not in {each.id for each in [*iterating, *before]}
    assert made.id in {each.id for each in api.integrations(orchestration)}
