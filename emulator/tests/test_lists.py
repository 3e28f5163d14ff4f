"""Vendors, services, and the pages of their lists."""

from typing import Any

import pytest
from pagerduty_emulator import Emulator
from requests import Response

from .client import Client


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


def test_a_page_has_25_items_by_default(api: Client) -> None:
    page = api.get("/vendors").json()
    assert len(page["vendors"]) == 25
    assert (page["limit"], page["offset"], page["more"], page["total"]) == (25, 0, True, None)


def test_a_page_is_100_at_most(api: Client) -> None:
    page = api.get("/vendors?limit=500&total=true").json()
    assert len(page["vendors"]) == page["limit"] == 100
    assert page["total"] > 400  # five pages in 2023: Ministry of Justice, scripts/pagerduty/vendor.sh


def test_pages_together_are_every_vendor_once(api: Client) -> None:
    vendors = every(api, "/vendors", "vendors")
    ids = {vendor["id"] for vendor in vendors}
    assert len(ids) == len(vendors) == api.get("/vendors?total=true").json()["total"]
    listed = {vendor["name"] for vendor in vendors}
    assert {" MongoDB Cloud Alerts", "AlienVault ", "C++ (Catch2) Test Reporter"} <= listed
    assert {vendor["generic_service_type"] for vendor in vendors} == {"api", "email"}


# The recorded beginning of the vendor index (Ministry of Justice, analytical-platform issue 294, 2023).
# fmt: off
FIRST = [
    "Amazon CloudWatch", "Datadog", "Nagios", "New Relic", "Pingdom", "Amazon GuardDuty", "AWS CloudTrail",
    "AWS Health Dashboard", "AWS Security Hub", "Custom Event Transformer", "Microsoft Azure", "Sensu", "Splunk",
    "Zabbix (3.0 and 4.0)", "Zendesk API", "HipChat to PagerDuty", "Slack to PagerDuty (Legacy)",
    " MongoDB Cloud Alerts", "Acho", "ACME", "Actioner", "AdmanTIC", "Airbrake", "Airflow Integration", "AlertBot",
    "AlertFox", "Alerts for ThreatKey", "AlertSite UXM", "AlienVault ", "Allma", "Amazon DevOps Guru", "Anodot",
    "Apex Ping", "API Fortress Connector", "Apica", "APImetrics", "Apono", "Appaegis", "AppBeat", "AppDynamics",
    "AppFirst", "AppFormix", "AppOptics", "AppViewX",
]
# fmt: on


def test_vendors_come_in_the_order_that_was_recorded(emulator: Emulator, api: Client) -> None:
    emulator.add_vendor("AppDynamics for Mainframes")
    listed = [vendor["name"] for vendor in every(api, "/vendors", "vendors")]
    listed.remove("AppDynamics for Mainframes")
    assert listed[: len(FIRST)] == FIRST
    rest = listed[17:]
    assert rest == sorted(rest, key=str.lower)


@pytest.mark.parametrize(
    ("vendor", "name"),
    [
        ("PZQ6AUS", "Amazon CloudWatch"),  # PagerDuty's guide of 2019
        ("PAM4FGS", "Datadog"),  # the Terraform provider's acceptance tests
        ("PKAPG94", "Sentry"),
        ("PULN1LU", "Elastic Alerts"),  # terraform-provider issue 1007
        ("PRO19CT", "Backstage"),  # PagerDuty's Backstage plugin
        ("PTS9BY7", "Events API v1"),  # formae's plugin
        ("PBPQJ1M", "Email"),  # go-pagerduty issue 315
        ("P1S0PW6", "Prometheus"),  # from here on: Ministry of Justice's Terraform
        ("PQXZU5E", "Pingdom"),
        ("PDSJRA7", "AWS CloudTrail"),
        ("PH27SPX", "Amazon GuardDuty"),
        ("PF0BK6R", "AWS Security Hub"),
        ("PJOGQ4Q", "Zabbix"),  # pypd's script for Zabbix
        ("P4B29MM", "SolarWinds Orion"),
        ("PCJ0EFQ", "Custom Event Transformer"),  # go-pagerduty issue 67
        ("P3H374T", "AppDynamics"),  # a gist of PagerDuty's developer advocate
        ("PRYWPH4", "Slack to PagerDuty (Legacy)"),
        ("P8JX75F", "Autotask"),  # the OpenAPI description's example
    ],
)
def test_ids_that_programs_hard_code(api: Client, vendor: str, name: str) -> None:
    assert api.get(f"/vendors/{vendor}").json()["vendor"]["name"] == name


@pytest.mark.parametrize("name", ["GitHub", "GitLab", "Jenkins"])
def test_some_vendors_are_listed_only_with_aiops(emulator: Emulator, api: Client, name: str) -> None:
    """terraform-provider issue 675 and pull request 678."""
    assert names(api.get("/vendors", params={"query": name})) == []
    emulator.settings.aiops = True
    assert names(api.get("/vendors", params={"query": name})) == [name]


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
    text = (
        "Offset+limit exceeds maximum allowed value of 10000. Please try to refine your search to reduce the "
        "returned set of records below this number, like adding a date range."
    )
    # Recorded in apache/devlake issue 5107 and cloudquery issue 12750.
    error = {"message": "Arguments Caused Error", "code": 2002, "errors": [text]}
    assert (answer.status_code, answer.json()) == (400, {"error": error})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cloudwatch", ["Amazon CloudWatch"]),
        ("C++ (", ["C++ (Catch2) Test Reporter"]),
        ("y (L", ["Slack to PagerDuty (Legacy)"]),
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


def test_what_a_vendor_has(api: Client) -> None:
    """The object that terraform-provider issue 1007 recorded of Elastic Alerts."""
    vendor = api.get("/vendors/PULN1LU").json()["vendor"]
    recorded = {
        "id": "PULN1LU",
        "type": "vendor",
        "summary": "Elastic Alerts",
        "self": f"{api.url}/vendors/PULN1LU",
        "html_url": None,
        "name": "Elastic Alerts",
        "website_url": "https://www.elastic.co/what-is/pagerduty",
        "long_name": None,
        "description": "",
        "connectable": False,
        "generic_service_type": "api",
        "alert_creation_default": "create_alerts_and_incidents",
        "alert_creation_editable": True,
        "is_pd_cef": True,
        "is_pd_change_event": False,
    }
    assert {name: vendor[name] for name in recorded} == recorded
    filled = {"logo_url", "thumbnail_url", "integration_guide_url", "developer_name"}
    assert all(vendor[name] for name in filled)
    unknown = {"support_portal", "support_email", "documentation_url", "emits_change_events"}
    assert set(vendor) == set(recorded) | filled | unknown


def test_where_cloudwatch_leads(api: Client) -> None:
    """As in cartography's tests."""
    vendor = api.get("/vendors/PZQ6AUS").json()["vendor"]
    assert vendor["website_url"] == "https://aws.amazon.com/cloudwatch"
    assert vendor["integration_guide_url"] == "http://www.pagerduty.com/docs/guides/aws-cloudwatch-integration-guide/"


def test_a_kind_that_is_not_recorded_is_a_guess(emulator: Emulator, api: Client) -> None:
    def kinds() -> dict[str, str]:
        chosen = api.get("/vendors?query=ai").json()["vendors"]
        return {vendor["name"]: vendor["generic_service_type"] for vendor in chosen}

    emulator.add_vendor("ai by mail", "email")
    emulator.settings.generic_service_type = "events_api"
    assert (kinds()["Airflow Integration"], kinds()["ai by mail"]) == ("events_api", "email")
    assert api.get("/vendors/PZQ6AUS").json()["vendor"]["generic_service_type"] == "api"


@pytest.mark.parametrize("total", ["true", "True", "1"])
def test_each_way_of_requesting_a_total_works(api: Client, total: str) -> None:
    """PagerDuty's Python clients send all of them."""
    assert api.get("/services", params={"total": total}).json()["total"] == 12


def test_abilities_tell_whether_a_token_is_good(api: Client, anonymous: Client) -> None:
    assert api.get("/abilities").status_code == 200
    assert anonymous.get("/abilities").status_code == 401


def test_an_ability_is_there_or_is_not(api: Client) -> None:
    """The Terraform provider's tests ask before they use a feature; statuses from the description."""
    for ability in api.get("/abilities").json()["abilities"]:
        assert api.get(f"/abilities/{ability}").status_code == 204
    refusal = api.get("/abilities/no_such")
    assert refusal.status_code == 402
    assert refusal.json()["error"]["message"].startswith("Account does not have the abilities")
