"""Vendors, services, and the pages of their lists."""

from contextlib import closing
from typing import Any

import pytest
from pagerduty_emulator import Emulator
from requests import Response

from .client import Client

POLICY = {"id": "PT20YPA", "type": "escalation_policy_reference"}


def names(answer: Response, kind: str = "vendors") -> list[str]:
    return [item["name"] for item in answer.json()[kind]]


def every(api: Client, path: str, kind: str, **query: Any) -> list[dict[str, Any]]:
    """All pages of a list."""
    found: list[dict[str, Any]] = []
    while True:
        page = api.get(path, params={"limit": 100, "offset": len(found), **query}).json()
        found += page[kind]
        if not page["more"]:
            return found


def test_a_page_is_25_unless_told(api: Client) -> None:
    page = api.get("/vendors").json()
    assert len(page["vendors"]) == 25
    assert (page["limit"], page["offset"], page["more"], page["total"]) == (25, 0, True, None)


def test_a_page_is_100_at_most(api: Client) -> None:
    page = api.get("/vendors?limit=500&total=true").json()
    assert len(page["vendors"]) == page["limit"] == 100
    assert page["total"] > 300


def test_pages_together_are_every_vendor_once(api: Client) -> None:
    vendors = every(api, "/vendors", "vendors")
    ids = {vendor["id"] for vendor in vendors}
    assert len(ids) == len(vendors) == api.get("/vendors?total=true").json()["total"]
    assert {"PZQ6AUS", "PKAPG94", "PRYWPH4", "PULN1LU"} <= ids
    listed = {vendor["name"] for vendor in vendors}
    assert {" MongoDB Cloud Alerts", "AlienVault ", "C++ (Catch2) Test Reporter"} <= listed
    assert {vendor["generic_service_type"] for vendor in vendors} == {"api", "events_api", "email"}


def test_ids_look_like_pagerdutys(api: Client) -> None:
    for item in every(api, "/vendors", "vendors") + every(api, "/services", "services"):
        assert len(item["id"]) == 7
        assert item["id"][0] == "P"
        assert item["id"].isalnum()
        assert item["id"].isupper()


@pytest.mark.parametrize("path", ["/vendors", "/services"])
def test_beyond_10000_records_is_refused(api: Client, path: str) -> None:
    assert api.get(f"{path}?limit=100&offset=9900").status_code == 200
    answer = api.get(f"{path}?limit=100&offset=9901")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 2001)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cloudwatch", ["Amazon CloudWatch"]),
        ("C++ (", ["C++ (Catch2) Test Reporter"]),
        ("[Beta]", ["Acme [Beta] Webhooks"]),
        ("Events API v2", ["PRTG Notification For PagerDuty Events API v2"]),
        (" MongoDB", [" MongoDB Cloud Alerts"]),
        ("100%_", []),
    ],
)
def test_query_filters_by_part_of_the_name(api: Client, query: str, found: list[str]) -> None:
    assert names(api.get("/vendors", params={"query": query})) == found


def test_query_finds_names_that_contain_one_another(api: Client) -> None:
    found = names(api.get("/vendors?query=datadog"))
    assert found == ["Datadog", "Datadog Security Monitoring", "Datadog Synthetics"]


def test_query_can_be_ignored(api: Client, emulator: Emulator) -> None:
    emulator.settings.vendor_query = False
    assert len(api.get("/vendors?query=cloudwatch").json()["vendors"]) == 25


def test_a_vendor_by_id_is_an_object(api: Client) -> None:
    vendor = api.get("/vendors/PKAPG94").json()["vendor"]
    assert vendor["name"] == vendor["summary"] == "Sentry"
    assert vendor["type"] == "vendor"
    assert api.get("/vendors/PNOSUCH").json() == {"error": {"message": "Not Found", "code": 2100}}


def test_services_are_found_by_name(api: Client) -> None:
    assert names(api.get("/services?query=CHECK"), "services") == ["Checkout"]
    assert names(api.get("/services?name=Checkout"), "services") == ["Checkout"]
    assert names(api.get("/services?name=checkou"), "services") == []
    descending = names(api.get("/services?sort_by=name:desc&limit=100"), "services")
    assert descending == sorted(descending, key=str.lower, reverse=True)


def test_as_many_services_as_wanted() -> None:
    for count in (0, 3, 250):
        with closing(Emulator(services=count)) as emulator:
            assert len({service["id"] for service in emulator.services()}) == count


def test_services_show_references_or_whole_integrations(api: Client, create: Any) -> None:
    made = create(vendor={"id": "PZQ6AUS", "type": "vendor_reference"})
    reference = api.get("/services/PCHECKT").json()["service"]["integrations"]
    assert reference == [
        {
            "id": made["id"],
            "type": "aws_cloudwatch_inbound_integration_reference",
            "summary": "An integration",
            "self": made["self"],
            "html_url": made["html_url"],
        }
    ]
    query = {"include[]": "integrations"}
    assert api.get("/services/PCHECKT", params=query).json()["service"]["integrations"] == [made]
    listed = api.get("/services", params=query).json()["services"]
    assert {item["id"]: item["integrations"] for item in listed}["PCHECKT"] == [made]
    assert sum(len(item["integrations"]) for item in listed) == 1


def test_a_service_lives(api: Client) -> None:
    body = {"service": {"name": "Billing", "escalation_policy": POLICY, "description": "Bills"}}
    answer = api.post("/services", json=body)
    assert answer.status_code == 201
    service = answer.json()["service"]
    assert service["status"] == "active"
    path = f"/services/{service['id']}"
    changed = api.put(path, json={"service": {"name": "Invoices"}}).json()["service"]
    assert (changed["name"], changed["description"]) == ("Invoices", "Bills")
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"name": "New"}, ["Escalation policy can't be blank"]),
        ({"name": " ", "escalation_policy": POLICY}, ["Name can't be blank"]),
        ({"name": "checkout", "escalation_policy": POLICY}, ["Name has already been taken"]),
        ({}, ["Name can't be blank", "Escalation policy can't be blank"]),
    ],
)
def test_a_service_that_does_not_do(api: Client, given: dict[str, Any], errors: list[str]) -> None:
    answer = api.post("/services", json={"service": given})
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"] == errors


def test_a_deleted_service_takes_its_integrations_along(api: Client, create: Any) -> None:
    made = create()
    assert api.delete("/services/PCHECKT").status_code == 204
    assert api.get(f"/services/PCHECKT/integrations/{made['id']}").status_code == 404


def test_abilities_tell_whether_a_token_is_good(api: Client, anonymous: Client) -> None:
    assert api.get("/abilities").status_code == 200
    assert anonymous.get("/abilities").status_code == 401
