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
    # Recorded in the documents of IBM's PagerDuty app, and by pypd.
    assert made["type"] == "event_transformer_api_inbound_integration"
    assert made["name"] == made["summary"] == "CloudWatch"
    assert made["self"] == made["html_url"] == path
    assert made["service"]["id"] == "PCHECKT"
    assert made["vendor"]["summary"] == "Amazon CloudWatch"
    assert re.fullmatch(r"[0-9a-f]{32}", made["integration_key"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-04:00", made["created_at"])
    assert "integration_email" not in made
    assert api.get(path).json() == {"integration": made}


def test_the_vendor_may_be_the_whole_object(api: Client, create: Any) -> None:
    vendor = api.get("/vendors/PZQ6AUS").json()["vendor"]
    assert create(vendor=vendor)["vendor"]["id"] == "PZQ6AUS"


@pytest.mark.parametrize(
    ("vendor", "asked", "given"),
    [
        # Recorded in the documents of IBM's PagerDuty app:
        ("Nagios", EVENTS_API, "nagios"),
        ("Amazon CloudWatch", "aws_cloudwatch_inbound_integration", "event_transformer_api"),
        ("Prometheus", EVENTS_API, "generic_events_api"),
        ("Splunk", EVENTS_API, "event_transformer_api"),
        ("Zabbix", EVENTS_API, "generic_events_api"),
        ("Datadog", EVENTS_API, "generic_events_api"),
        ("SolarWinds Orion", EVENTS_API, "events_api_v2"),
        ("New Relic", EVENTS_API, "generic_events_api"),
        ("Email", EMAIL, "generic_email"),
        # Recorded elsewhere: a webhook's payload of 2021, Coralogix's documents, terraform-provider
        # issues 798, 635 and 539, the Backstage plugin's tests, and what PagerDuty's people post for Elastic.
        ("Sentry", EVENTS_API, "app_event_transform"),
        ("Coralogix", EVENTS_API, "app_event_transform"),
        ("CrowdStrike", EVENTS_API, "app_event_transform"),
        ("Slack Workflow Steps", EVENTS_API, "app_event_transform"),
        ("Custom Change Event Transformer", EVENTS_API, "change_event_transform"),
        ("Custom Event Transformer", EVENTS_API, "event_transformer_api"),
        ("Backstage", EVENTS_API, "app_event_transform"),
        ("Elastic Alerts", EVENTS_API, "app_event_transform"),
        # The vendor's kind decides, against the requested type.
        ("Prometheus", "events_api_v2_inbound_integration", "generic_events_api"),
        ("Prometheus", EMAIL, "generic_events_api"),
        ("Airbrake", EVENTS_API, "generic_email"),
        ("Airbrake", EMAIL, "generic_email"),
        ("SQL Monitor", EMAIL, "sql_monitor"),
        ("Pingdom", EVENTS_API, "pingdom"),
    ],
)
def test_the_server_sets_the_type(api: Client, create: Any, vendor: str, asked: str, given: str) -> None:
    made = create(type=asked, vendor={"id": vendor_id(api, vendor)})
    assert made["type"] == f"{given}_inbound_integration"


@pytest.mark.parametrize(
    "asked", [..., None, "", 7, [], "service_integration", "integration", "x", f"{EMAIL}_reference"]
)
@pytest.mark.parametrize(
    ("vendor", "given"),
    [("PZQ6AUS", "event_transformer_api"), ("PAM4FGS", "generic_events_api"), ("PBPQJ1M", "generic_email")],
)
def test_with_a_vendor_any_type_will_do(api: Client, asked: Any, vendor: str, given: str) -> None:
    """Sure: production clients and the Terraform provider's acceptance tests send all sorts."""
    body = {"name": "An integration", "vendor": {"id": vendor, "type": "vendor"}, "type": asked}
    body = {name: value for name, value in body.items() if value is not ...}
    answer = api.post("/services/PCHECKT/integrations", json={"integration": body})
    assert answer.status_code == 201, answer.text
    assert answer.json()["integration"]["type"] == f"{given}_inbound_integration"


@pytest.mark.parametrize("name", [..., None])
def test_with_a_vendor_no_name_is_needed(create: Any, api: Client, name: Any) -> None:
    """spacel and pypd's script for Zabbix send none; what it is then called is a guess."""
    body = {"vendor": {"id": "PJOGQ4Q"}, "type": EVENTS_API, "name": name}
    body = {key: value for key, value in body.items() if value is not ...}
    made = api.post("/services/PCHECKT/integrations", json={"integration": body}).json()["integration"]
    assert made["name"] == made["summary"] == "Zabbix"


def test_an_unknown_type_without_a_vendor_is_a_guess(emulator: Emulator, create: Any, errors_of: Any) -> None:
    emulator.settings.unknown_types = "settle"
    assert create(type="service_integration")["type"] == EVENTS_API
    for recorded in ("aws_cloudwatch_inbound_integration", f"{EVENTS_API}_reference", ""):
        assert errors_of(type=recorded) == ["Type cannot be empty."]


def test_the_type_may_settle_later(emulator: Emulator, api: Client, create: Any) -> None:
    """PagerDuty's guide of 2019: "Once the integration is created, its type will automatically update"."""
    emulator.settings.type_settles = "later"
    made = create(vendor=CLOUDWATCH)
    assert made["type"] == EVENTS_API
    settled = {**made, "type": "event_transformer_api_inbound_integration"}
    assert api.get(made["self"]).json()["integration"] == settled


@pytest.mark.parametrize("kind", ["generic_events_api", "event_transformer_api", "app_event_transform"])
def test_the_type_of_a_vendor_without_a_recording_is_a_guess(emulator: Emulator, create: Any, kind: Any) -> None:
    emulator.settings.unrecorded_types = kind
    assert create(vendor={"id": "P3H374T"})["type"] == f"{kind}_inbound_integration"
    assert create(vendor={"id": "PAM4FGS"})["type"] == EVENTS_API


@pytest.mark.parametrize(
    ("way", "status", "code"), [("invalid", 400, 2001), ("vendor_not_found", 404, 5001), ("not_found", 404, 2100)]
)
def test_what_an_unknown_vendor_gets_is_a_guess(
    emulator: Emulator, api: Client, way: Any, status: int, code: int
) -> None:
    emulator.settings.unknown_vendor = way
    body = {"integration": {"name": "x", "type": EVENTS_API, "vendor": {"id": "PNOSUCH"}}}
    answer = api.post("/services/PCHECKT/integrations", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(("vendor", "asked"), [("Airbrake", EVENTS_API), ("Prometheus", EMAIL)])
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
def test_invalid_integrations_are_refused(errors_of: Any, given: dict[str, Any], errors: list[str]) -> None:
    assert errors_of(**given) == errors


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"integration": "x"}', '{"integration": null}'])
def test_bodies_without_an_integration_are_refused(api: Client, body: str) -> None:
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


def test_what_is_absent_can_be_shown_in_three_ways(api: Client, emulator: Emulator, create: Any) -> None:
    """Recorded: a null vendor (grafana/oncall pull request 483), but no null address (the Backstage plugin's tests)."""
    made = create()
    assert made["vendor"] is None
    assert "integration_email" not in made
    emulator.settings.absent_fields = "null"
    assert api.get(made["self"]).json()["integration"] == {**made, "integration_email": None}
    emulator.settings.absent_fields = "omitted"
    assert "null" not in json.dumps(api.get(made["self"]).json())
    assert api.get(made["html_url"], headers={"Accept": "text/html"}).status_code == 200


def test_links_can_name_pagerdutys_host(emulator: Emulator, create: Any) -> None:
    emulator.settings.update({"html_urls": "pagerduty", "region": "eu", "subdomain": "shop"})
    assert create()["html_url"].startswith("https://shop.eu.pagerduty.com/services/PCHECKT/integrations/P")


def test_methods_and_addresses_that_are_not_there(api: Client) -> None:
    assert api.patch("/services/PCHECKT").status_code == 405
    answer = api.get("/no/such/thing")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 2100)
