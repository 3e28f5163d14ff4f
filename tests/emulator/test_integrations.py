"""Creating, reading, changing and deleting integrations."""

import json
import re
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from .client import Client

CLOUDWATCH = {"id": "PZQ6AUS", "type": "vendor_reference"}
EVENTS_API = "generic_events_api_inbound_integration"
EMAIL = "generic_email_inbound_integration"


def vendor_id(api: Client, name: str) -> str:
    vendors = api.get("/vendors", params={"query": name}).json()["vendors"]
    return next(str(vendor["id"]) for vendor in vendors if vendor["name"] == name)


def test_what_a_created_integration_has(api: Client, create: Any) -> None:
    made = create(name="CloudWatch", vendor=CLOUDWATCH)
    path = f"{api.url}/services/PCHECKT/integrations/{made['id']}"
    assert made["type"] == "aws_cloudwatch_inbound_integration"
    assert made["name"] == made["summary"] == "CloudWatch"
    assert made["self"] == made["html_url"] == path
    assert made["service"]["id"] == "PCHECKT"
    assert made["vendor"]["summary"] == "Amazon CloudWatch"
    assert re.fullmatch(r"[0-9a-f]{32}", made["integration_key"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["created_at"])
    assert api.get(path).json() == {"integration": made}


def test_the_vendor_may_be_the_whole_object(api: Client, create: Any) -> None:
    vendor = api.get("/vendors/PZQ6AUS").json()["vendor"]
    assert create(vendor=vendor)["vendor"]["id"] == "PZQ6AUS"


@pytest.mark.parametrize(
    ("vendor", "asked", "given"),
    [
        ("Nagios", EVENTS_API, "nagios_inbound_integration"),
        ("Pingdom", EVENTS_API, "pingdom_inbound_integration"),
        ("Amazon CloudWatch", "aws_cloudwatch_inbound_integration", "aws_cloudwatch_inbound_integration"),
        ("Sentry", EVENTS_API, "event_transformer_api_inbound_integration"),
        ("Sentry", f"{EVENTS_API}_reference", "event_transformer_api_inbound_integration"),
        ("Prometheus", EVENTS_API, EVENTS_API),
        ("Prometheus", "events_api_v2_inbound_integration", "events_api_v2_inbound_integration"),
        ("Prometheus", "app_event_transform_inbound_integration", "app_event_transform_inbound_integration"),
        ("Jenkins", EMAIL, EMAIL),
        ("Jenkins", EVENTS_API, EMAIL),
        ("Prometheus", EMAIL, EVENTS_API),
        ("SQL Monitor", EMAIL, "sql_monitor_inbound_integration"),
    ],
)
def test_the_server_sets_the_type(api: Client, create: Any, vendor: str, asked: str, given: str) -> None:
    assert create(type=asked, vendor={"id": vendor_id(api, vendor)})["type"] == given


@pytest.mark.parametrize(("vendor", "asked"), [("Jenkins", EVENTS_API), ("Prometheus", EMAIL)])
def test_a_type_against_the_vendor_can_be_refused(
    api: Client, emulator: Emulator, errors_of: Any, vendor: str, asked: str
) -> None:
    emulator.settings.vendor_type_mismatch = "refuse"
    assert errors_of(type=asked, vendor={"id": vendor_id(api, vendor)}) == ["Type is not valid for this vendor"]


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"type": ...}, ["Type cannot be empty."]),
        ({"type": "nonsense"}, ["Type cannot be empty."]),
        ({"type": f"{EVENTS_API}_reference"}, ["Type cannot be empty."]),
        ({"type": "aws_cloudwatch_inbound_integration"}, ["Type cannot be empty."]),
        ({"type": "event_transformer_api_inbound_integration"}, ["Vendor can't be blank"]),
        ({"type": "pingdom_inbound_integration"}, ["Integration email cannot be empty."]),
        ({"vendor": {"id": "PNOSUCH"}}, ["Vendor could not be found"]),
        ({"vendor": "PZQ6AUS"}, ["Vendor can't be blank"]),
        ({"name": ...}, ["Name cannot be empty."]),
        ({"name": "  "}, ["Name cannot be empty."]),
        ({"name": "x" * 256}, ["Name is too long (maximum is 255 characters)"]),
        ({"name": "", "type": ""}, ["Name cannot be empty.", "Type cannot be empty."]),
    ],
)
def test_what_is_refused(errors_of: Any, given: dict[str, Any], errors: list[str]) -> None:
    assert errors_of(**given) == errors


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"integration": "x"}', '{"integration": null}'])
def test_bodies_that_do_not_do(api: Client, body: str) -> None:
    answer = api.post("/services/PCHECKT/integrations", data=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 2001)


def test_names_may_repeat_and_have_any_characters(create: Any) -> None:
    name = 'Überwachung 日本 "quoted" <b> %s \' ; --'
    assert [create(name=name)["name"] for _ in range(2)] == [name, name]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/services/PNOSUCH/integrations/{}", "/services/PAYMNT2/integrations/{}"])
def test_another_service_does_not_have_it(api: Client, create: Any, method: str, path: str) -> None:
    answer = api.request(method, path.format(create()["id"]), json={"integration": {"name": "x"}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 2100)


def test_an_unknown_service(api: Client) -> None:
    answer = api.post("/services/PNOSUCH/integrations", json={"integration": {"name": "x", "type": EVENTS_API}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 2100)


def test_put_changes_what_is_given_and_ignores_the_rest(api: Client, create: Any) -> None:
    made = create(vendor=CLOUDWATCH)
    given = {
        "name": "Renamed",
        "type": EMAIL,
        "vendor": {"id": "PKAPG94"},
        "service": {"id": "PAYMNT2"},
        "integration_key": "0" * 32,
        "integration_email": "x@y.com",
        "id": "PXXXXXX",
        "created_at": "2000-01-01T00:00:00Z",
        "unknown": 1,
    }
    changed = api.put(made["self"], json={"integration": given}).json()["integration"]
    assert changed == {**made, "name": "Renamed", "summary": "Renamed"}
    assert api.put(made["self"], json={"integration": {}}).json()["integration"] == changed


def test_put_refuses_an_empty_name(api: Client, create: Any) -> None:
    answer = api.put(create()["self"], json={"integration": {"name": None}})
    assert answer.json()["error"]["errors"] == ["Name cannot be empty."]


def test_deleted_is_gone(api: Client, create: Any) -> None:
    made = create()
    answer = api.delete(made["self"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert api.delete(made["self"]).status_code == 404
    assert api.get(made["self"]).status_code == 404


def test_a_service_holds_250(api: Client, create: Any) -> None:
    for _ in range(250):
        create()
    answer = api.post("/services/PCHECKT/integrations", json={"integration": {"name": "x", "type": EVENTS_API}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 2019)
    create("PAYMNT2")


def test_get_includes_whole_service_and_vendor(api: Client, create: Any) -> None:
    made = create(vendor=CLOUDWATCH)
    query = {"include[]": ["services", "vendors"]}
    shown = api.get(made["self"], params=query).json()["integration"]
    assert (shown["service"]["type"], shown["vendor"]["type"]) == ("service", "vendor")
    assert shown["vendor"]["website_url"] == "https://aws.amazon.com/cloudwatch"


def test_absent_properties_can_be_null_or_omitted(api: Client, emulator: Emulator, create: Any) -> None:
    made = create()
    assert made["vendor"] is None
    assert made["integration_email"] is None
    emulator.settings.absent_fields = "omitted"
    assert "null" not in json.dumps(api.get(made["self"]).json())


def test_links_can_name_pagerdutys_host(emulator: Emulator, create: Any) -> None:
    emulator.settings.update({"html_urls": "pagerduty", "region": "eu", "subdomain": "shop"})
    assert create()["html_url"].startswith("https://shop.eu.pagerduty.com/services/PCHECKT/integrations/P")


def test_methods_and_addresses_that_are_not_there(api: Client) -> None:
    assert api.patch("/services/PCHECKT").status_code == 405
    answer = api.get("/no/such/thing")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 2100)
