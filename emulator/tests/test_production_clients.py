"""Literal requests of clients in production, handled as PagerDuty handles them."""

from typing import Any

import pytest
from pagerduty_emulator import Emulator

from .client import Client

SERVICE = {"id": "PCHECKT", "type": "service_reference"}
BODIES: list[tuple[str, dict[str, Any], str]] = [
    (
        "PagerDuty's Backstage plugin, createServiceIntegration",
        {"name": "Backstage", "service": SERVICE, "vendor": {"id": "PRO19CT", "type": "vendor_reference"}},
        "app_event_transform",
    ),
    (
        "PagerDuty's Terraform provider, buildServiceIntegrationStruct",
        {
            "name": "Datadog",
            "type": "service_integration",
            "service": {"id": "PCHECKT", "type": "service"},
            "vendor": {"id": "PAM4FGS", "type": "vendor"},
        },
        "generic_events_api",
    ),
    (
        "PagerDuty's Terraform provider, a type without a vendor",
        {
            "name": "Events",
            "type": "events_api_v2_inbound_integration",
            "service": {"id": "PCHECKT", "type": "service"},
        },
        "events_api_v2",
    ),
    (
        "formae's PagerDuty plugin",
        {
            "type": "integration",
            "name": "Events",
            "service": SERVICE,
            "vendor": {"id": "PTS9BY7", "type": "vendor_reference"},
        },
        "generic_events_api",
    ),
    (
        "serverless-oncall, CloudWatch",
        {
            "name": "shop-prod Cloudwatch Integration",
            "type": "aws_cloudwatch_inbound_integration",
            "vendor": {"id": "PZQ6AUS", "type": "vendor_reference"},
        },
        "event_transformer_api",
    ),
    (
        "serverless-oncall, a custom event transformer",
        {
            "name": "shop-prod Event Transform Integration",
            "type": "event_transformer_api_inbound_integration",
            "vendor": {"id": "PCJ0EFQ", "type": "vendor_reference"},
        },
        "event_transformer_api",
    ),
    (
        "PagerDuty's guide of 2019, Creating Inbound Integrations Through the REST API",
        {
            "type": "generic_events_api_inbound_integration",
            "summary": "AWS CloudWatch Integration",
            "name": "CloudWatch",
            "vendor": {"type": "vendor_reference", "id": "PZQ6AUS"},
        },
        "event_transformer_api",
    ),
    (
        "a gist of PagerDuty's developer advocate, with a reference's type",
        {
            "type": "generic_events_api_inbound_integration_reference",
            "name": "AppDynamics",
            "service": SERVICE,
            "vendor": {"id": "P3H374T", "type": "vendor_reference"},
        },
        "generic_events_api",
    ),
    (
        "PagerDuty's script for Elastic",
        {
            "type": "app_event_transform_inbound_integration",
            "name": "Alerts from Elastic",
            "service": SERVICE,
            "vendor": {"type": "vendor_reference", "id": "PULN1LU"},
        },
        "app_event_transform",
    ),
    (
        "spacel, without a name",
        {
            "type": "event_transformer_api_inbound_integration_reference",
            "vendor": {"type": "vendor_reference", "id": "PZQ6AUS"},
        },
        "event_transformer_api",
    ),
    (
        "pypd's script for Zabbix, without a name",
        {
            "type": "generic_events_api_inbound_integration",
            "vendor": {"type": "vendor_reference", "id": "PJOGQ4Q"},
        },
        "generic_events_api",
    ),
]


@pytest.mark.parametrize(("body", "kind"), [pytest.param(body, kind, id=who) for who, body, kind in BODIES])
def test_what_production_clients_send_is_taken(api: Client, body: dict[str, Any], kind: str) -> None:
    answer = api.post("/services/PCHECKT/integrations", json={"integration": body})
    assert answer.status_code == 201, answer.text
    made = answer.json()["integration"]
    assert made["type"] == f"{kind}_inbound_integration"
    assert made.get("vendor") is None or made["vendor"]["id"] == body["vendor"]["id"]
    assert made["name"] == body.get("name", (made["vendor"] or {}).get("summary"))
    assert len(made["integration_key"]) == 32


def rule(word: str) -> dict[str, Any]:
    """A parser as the Terraform provider sends it: its id is 0 when it is new."""
    return {
        "id": 0,
        "action": "resolve",
        "match_predicate": {
            "type": "any",
            "children": [
                {"matcher": word, "part": "subject", "type": "contains"},
                {"type": "not", "children": [{"matcher": "(bar*)", "part": "body", "type": "regex"}]},
            ],
        },
        "value_extractors": [
            {
                "type": "between",
                "part": "subject",
                "value_name": "incident_key",
                "starts_after": "start",
                "ends_before": "end",
            },
            {
                "type": "between",
                "part": "subject",
                "value_name": "FieldName1",
                "starts_after": "start",
                "ends_before": "end",
            },
        ],
    }


def test_an_email_integration_of_the_terraform_provider(emulator: Emulator, api: Client) -> None:
    """TestAccPagerDutyServiceIntegrationEmail_Filters, pull request 468: one POST, and the GET shows all of it."""
    filters: list[dict[str, Any]] = [
        {
            "subject_mode": "match",
            "subject_regex": "(CRITICAL*)",
            "body_mode": "always",
            "body_regex": None,
            "from_email_mode": "match",
            "from_email_regex": "(@foo.test*)",
        },
        {
            "subject_mode": "match",
            "subject_regex": "(CRITICAL*)",
            "body_mode": "always",
            "from_email_mode": "match",
            "from_email_regex": "(@bar.com*)",
        },
    ]
    sent = {
        "name": "Mail",
        "type": "service_integration",
        "service": {"id": "PCHECKT", "type": "service"},
        "vendor": {"id": "PBPQJ1M", "type": "vendor"},
        "integration_email": "mail@acme.pagerduty.com",
        "email_incident_creation": "use_rules",
        "email_filter_mode": "and-rules-email",
        "email_filters": filters,
        "email_parsers": [rule("foo"), rule("bar")],
    }
    made = api.post("/services/PCHECKT/integrations", json={"integration": sent}).json()["integration"]
    shown = api.get(made["self"]).json()["integration"]
    assert shown == made
    for name in ("name", "integration_email", "email_incident_creation", "email_filter_mode"):
        assert shown[name] == sent[name]
    assert shown["type"] == "generic_email_inbound_integration"
    assert shown["email_parsing_fallback"] == "open_new_incident"
    assert "integration_key" not in shown
    assert [isinstance(item["id"], str) for item in shown["email_filters"]] == [True, True]
    assert [{**item, "id": ""} for item in shown["email_filters"]] == [
        {"body_regex": None, **item, "id": ""} for item in filters
    ]
    ids = [item["id"] for item in shown["email_parsers"]]
    assert all(isinstance(number, int) and number for number in ids)
    assert [item["match_predicate"]["children"][0]["matcher"] for item in shown["email_parsers"]] == ["foo", "bar"]
    assert emulator.requests.count() == 2
