"""Services: their list, what they have, and what they are created from."""

from contextlib import closing
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from .client import Client
from .test_lists import names

POLICY = {"id": "PT20YPA", "type": "escalation_policy_reference"}


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
            # Recorded in the documents of IBM's PagerDuty app, not aws_cloudwatch.
            "type": "event_transformer_api_inbound_integration_reference",
            "summary": "An integration",
            "self": made["self"],
            "html_url": made["html_url"],
        }
    ]
    # As in a test of grafana/oncall, and in the Backstage plugin's.
    assert made["vendor"] == {
        "id": "PZQ6AUS",
        "type": "vendor_reference",
        "summary": "Amazon CloudWatch",
        "self": f"{api.url}/vendors/PZQ6AUS",
        "html_url": None,
    }
    query = {"include[]": "integrations"}
    assert api.get("/services/PCHECKT", params=query).json()["service"]["integrations"] == [made]
    listed = api.get("/services", params=query).json()["services"]
    assert {item["id"]: item["integrations"] for item in listed}["PCHECKT"] == [made]
    assert sum(len(item["integrations"]) for item in listed) == 1


@pytest.mark.parametrize("path", ["/services/PCHECKT", "/services"])
def test_bulk_answers_may_have_less(emulator: Emulator, api: Client, create: Any, path: str) -> None:
    made = create(type="generic_email_inbound_integration")

    def shown() -> dict[str, Any]:
        body = api.get(path, params={"include[]": "integrations", "query": "Checkout"}).json()
        integration: dict[str, Any] = (body.get("service") or body["services"][0])["integrations"][0]
        return integration

    assert shown() == made
    emulator.settings.bulk_integrations = "without_email_rules"
    assert shown() == {name: value for name, value in made.items() if name != "email_filters"}
    emulator.settings.bulk_integrations = "references"
    assert shown()["type"] == "generic_email_inbound_integration_reference"
    assert emulator.services()[0]["integrations"] == [made]


def test_what_a_service_has(api: Client) -> None:
    """What the documents of IBM's PagerDuty app record, and the Terraform provider's tests expect."""
    service = api.post("/services", json={"service": {"name": "New", "escalation_policy": POLICY}}).json()["service"]
    recorded: dict[str, Any] = {
        "description": None,
        "alert_creation": "create_alerts_and_incidents",
        "alert_grouping": None,
        "alert_grouping_timeout": None,
        "alert_grouping_parameters": {"type": None, "config": None},
        "auto_pause_notifications_parameters": {"enabled": False, "timeout": 120},
        "incident_urgency_rule": {"type": "constant", "urgency": "high"},
        "last_incident_timestamp": None,
        "response_play": None,
        "scheduled_actions": [],
        "support_hours": None,
        "teams": [],
        "addons": [],
    }
    assert {name: service[name] for name in recorded} == recorded
    kept = {"alert_grouping_parameters": {"type": "time", "config": {"timeout": 5}}, "scheduled_actions": []}
    changed = api.put(service["self"], json={"service": kept}).json()["service"]
    assert changed == {**service, **kept, "updated_at": changed["updated_at"]}


@pytest.mark.parametrize(("offset", "date"), [("+08:00", "2024-01-15T17:00:00+08:00"), ("Z", "2024-01-15T09:00:00Z")])
def test_dates_are_in_the_accounts_time_zone(
    emulator: Emulator, api: Client, create: Any, offset: str, date: str
) -> None:
    """As in the documents of IBM's PagerDuty app and in go-pagerduty issue 315."""
    emulator.settings.update({"utc_offset": offset})
    service = api.get("/services/PCHECKT").json()["service"]
    assert (service["created_at"], service["updated_at"]) == (date, date)
    assert create()["created_at"].endswith(offset)


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
