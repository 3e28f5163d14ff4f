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
    """Recorded in the documents of IBM's PagerDuty app, and expected by the Terraform provider's tests."""
    service = api.post("/services", json={"service": {"name": "New", "escalation_policy": POLICY}}).json()["service"]
    recorded: dict[str, Any] = {
        "description": None,
        "acknowledgement_timeout": None,
        "auto_resolve_timeout": None,
        "alert_creation": "create_alerts_and_incidents",
        "alert_grouping": None,
        "alert_grouping_timeout": None,
        "alert_grouping_parameters": {"type": None, "config": None},
        "incident_urgency_rule": {"type": "constant", "urgency": "high"},
        "last_incident_timestamp": None,
        "response_play": None,
        "scheduled_actions": [],
        "support_hours": None,
        "status": "active",
        "teams": [],
        "addons": [],
        "escalation_policy": {
            **POLICY,
            "summary": "Default",
            "self": f"{api.url}/escalation_policies/PT20YPA",
            "html_url": f"{api.url}/escalation_policies/PT20YPA",
        },
    }
    assert {name: service[name] for name in recorded} == recorded
    read = api.get(service["self"]).json()["service"]
    assert read == {name: value for name, value in service.items() if name != "auto_pause_notifications_parameters"}


def test_a_service_has_the_team_of_its_policy(api: Client) -> None:
    """TF acceptance TestAccDataSourcePagerDutyService_HasOneTeam and _HasNoTeam, which read the whole team."""
    (team,) = api.get("/services/PCHECKT").json()["service"]["teams"]
    assert (team["id"], team["type"]) == ("PTSHOP1", "team_reference")
    query = {"query": "Checkout", "include[]": ["teams", "escalation_policies"]}
    (service,) = api.get("/services", params=query).json()["services"]
    assert service["teams"] == [api.get("/teams/PTSHOP1").json()["team"]]
    assert service["escalation_policy"] == api.get("/escalation_policies/PESHOP1").json()["escalation_policy"]
    changed = api.put("/services/PCHECKT", json={"service": {"escalation_policy": POLICY}}).json()["service"]
    assert (changed["teams"], changed["escalation_policy"]["summary"]) == ([], "Default")


def test_services_of_teams(api: Client) -> None:
    shop = names(api.get("/services?team_ids[]=PTSHOP1"), "services")
    assert shop == ["Checkout", "Mobile API", "Product Catalogue", "Search"]
    found = api.get("/services?team_ids[]=PTSHOP1&team_ids[]=PTCARE4&query=S&total=1&limit=2").json()
    assert [service["name"] for service in found["services"]] == ["Customer Support", "Notifications"]
    assert (found["total"], found["more"]) == (3, True)
    assert names(api.get("/services?team_ids[]=PNOSUCH"), "services") == []


@pytest.mark.parametrize("total", ["1", "True", "true"])
def test_totals_are_counted_for(api: Client, total: str) -> None:
    """go-pagerduty sends true, heimweh's client 1, PagerDuty's Python client True."""
    assert api.get(f"/services?total={total}").json()["total"] == 12
    assert api.get("/services?total=0").json()["total"] is None


@pytest.mark.parametrize(
    ("zone", "date"),
    [("Asia/Tokyo", "2024-01-15T18:00:00+09:00"), ("UTC", "2024-01-15T09:00:00Z"), ("Mars/Base", "account's")],
)
def test_dates_are_in_the_requested_time_zone(api: Client, zone: str, date: str) -> None:
    own = api.get("/services/PCHECKT").json()["service"]["created_at"]
    (service,) = api.get("/services", params={"query": "Checkout", "time_zone": zone}).json()["services"]
    assert service["created_at"] == (own if date == "account's" else date)


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
        ({"name": "New", "escalation_policy": "PT20YPA"}, ["Escalation policy can't be blank"]),
        ({"name": "New", "escalation_policy": {"id": "PNOSUCH"}}, ["Escalation policy can't be blank"]),
        ({"name": "New", "escalation_policy": {"id": ["PT20YPA"]}}, ["Escalation policy can't be blank"]),
        ({"name": " ", "escalation_policy": POLICY}, ["Name can't be blank"]),
        ({"name": "checkout", "escalation_policy": POLICY}, ["Name has already been taken"]),
        ({}, ["Name can't be blank", "Escalation policy can't be blank"]),
    ],
)
def test_invalid_services_are_refused(api: Client, given: dict[str, Any], errors: list[str]) -> None:
    answer = api.post("/services", json={"service": given})
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"] == errors


def test_a_deleted_service_takes_its_integrations_along(api: Client, create: Any) -> None:
    made = create()
    assert api.delete("/services/PCHECKT").status_code == 204
    assert api.get(f"/services/PCHECKT/integrations/{made['id']}").status_code == 404


def test_an_unknown_policy_may_be_a_404(emulator: Emulator, api: Client) -> None:
    emulator.settings.unknown_escalation_policy = "not_found"
    unknown = {"id": "PNOSUCH", "type": "escalation_policy_reference"}
    answer = api.post("/services", json={"service": {"name": "New", "escalation_policy": unknown}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, 2100)
    assert api.put("/services/PCHECKT", json={"service": {"escalation_policy": unknown}}).status_code == 404
    assert api.post("/services", json={"service": {"name": "New"}}).status_code == 400


def test_every_seeded_service_is_on_a_policy_of_a_team(emulator: Emulator, api: Client) -> None:
    policies = {each["id"]: each for each in api.get("/escalation_policies").json()["escalation_policies"]}
    for service in emulator.services():
        policy = policies[service["escalation_policy"]["id"]]
        assert policy["teams"] == service["teams"] != []
        assert service["id"] in {used["id"] for used in policy["services"]}
        members = api.get(f"{policy['teams'][0]['self']}/members").json()["members"]
        alerted = {user["id"] for level in policy["escalation_rules"] for user in level["targets"]}
        assert alerted == {member["user"]["id"] for member in members} - {"POWNER1"}


def test_services_are_added_on_the_default_policy_by_default(emulator: Emulator, api: Client) -> None:
    """As the web app adds them, with its timeouts (terraform-provider pull request 52)."""
    added = api.get(f"/services/{emulator.add_service('New')}").json()["service"]
    assert added["escalation_policy"]["summary"] == "Default"
    assert (added["acknowledgement_timeout"], added["auto_resolve_timeout"]) == (1800, 14400)
    told = emulator.add_service("Other", escalation_policy="PESHOP1")
    assert api.get(f"/services/{told}").json()["service"]["teams"][0]["id"] == "PTSHOP1"
    with pytest.raises(KeyError, match="no escalation policy PNOSUCH"):
        emulator.add_service("Third", escalation_policy="PNOSUCH")
    emulator.delete_service(added["id"])
    assert api.delete("/escalation_policies/PT20YPA").status_code == 204
    assert emulator.add_service("Without a default policy")


def test_an_incident_is_of_its_services_policy_and_team(api: Client, create: Any) -> None:
    key = create(type="events_api_v2_inbound_integration")["integration_key"]
    payload = {"summary": "Disk", "source": "db1", "severity": "error"}
    api.post("/v2/enqueue", json={"routing_key": key, "event_action": "trigger", "payload": payload})
    (incident,) = api.get("/incidents").json()["incidents"]
    assert incident["escalation_policy"]["id"] == "PESHOP1"
    assert [team["id"] for team in incident["teams"]] == ["PTSHOP1"]
