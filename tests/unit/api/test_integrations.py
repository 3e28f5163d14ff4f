"""Integrations: the URL that a sender's webhook takes, by kind and region."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from pagerduty_native.api.records import Integration, integration_from, type_of

KEY = "0123456789abcdef0123456789abcdef"
US = "https://acme.pagerduty.com/services/PCHECKT/integrations/PE1U9CH"
EU = "https://acme.eu.pagerduty.com/services/PCHECKT/integrations/PE1U9CH"


def integration(type: str, key: str | None, html_url: str | None) -> Integration:
    return Integration(
        id="PE1U9CH",
        service_id="PCHECKT",
        type=type,
        name="alerts",
        vendor_id=None,
        integration_email=None,
        integration_key=key,
        html_url=html_url,
    )


@pytest.mark.parametrize(
    ("type", "key", "html_url", "url"),
    [
        pytest.param(
            "generic_events_api_inbound_integration",
            KEY,
            US,
            f"https://events.pagerduty.com/integration/{KEY}/enqueue",
            id="Events API",
        ),
        pytest.param(
            "aws_cloudwatch_inbound_integration",
            KEY,
            EU,
            f"https://events.eu.pagerduty.com/integration/{KEY}/enqueue",
            id="EU",
        ),
        pytest.param(
            "generic_events_api_inbound_integration",
            KEY,
            "https://eu.pagerduty.com/services/PCHECKT",
            f"https://events.pagerduty.com/integration/{KEY}/enqueue",
            id="account called eu",
        ),
        pytest.param(
            "change_event_transform_inbound_integration",
            KEY,
            US,
            f"https://events.pagerduty.com/integration/{KEY}/change/enqueue",
            id="change events",
        ),
        pytest.param(
            "events_api_v2_inbound_integration",
            KEY,
            EU,
            "https://events.eu.pagerduty.com/v2/enqueue",
            id="Events API v2, where the key goes into the body",
        ),
        pytest.param(
            "events_api_v2_inbound_integration",
            f"R{KEY[1:]}",
            US,
            "https://events.pagerduty.com/v2/enqueue",
            id="Events API v2 with event rules",
        ),
        pytest.param(
            "generic_events_api_inbound_integration",
            f"R{KEY[1:]}",
            US,
            f"https://events.pagerduty.com/x-ere/R{KEY[1:]}",
            id="event rules",
        ),
        pytest.param(
            "generic_events_api_inbound_integration",
            KEY,
            "http://127.0.0.1:8080/services/PCHECKT",
            f"http://127.0.0.1:8080/integration/{KEY}/enqueue",
            id="emulator",
        ),
        pytest.param(
            "generic_events_api_inbound_integration",
            KEY,
            "https://pagerduty.com.example.com/x",
            f"https://pagerduty.com.example.com/integration/{KEY}/enqueue",
            id="host that only looks like PagerDuty's",
        ),
        pytest.param(
            "generic_events_api_inbound_integration",
            KEY,
            None,
            f"https://events.pagerduty.com/integration/{KEY}/enqueue",
            id="no page",
        ),
        pytest.param("generic_email_inbound_integration", None, US, None, id="no key, no URL"),
        pytest.param("generic_email_inbound_integration", "", US, None, id="empty key, no URL"),
    ],
)
def test_integration_url(type: str, key: str | None, html_url: str | None, url: str | None) -> None:
    assert integration(type, key, html_url).integration_url == url


def test_the_key_does_not_show_in_a_representation() -> None:
    assert KEY not in repr(integration("generic_events_api_inbound_integration", KEY, US))


def test_without_a_page_the_api_address_says_the_region() -> None:
    alone = integration("generic_events_api_inbound_integration", KEY, None)
    in_the_eu = dataclasses.replace(alone, self_url="https://api.eu.pagerduty.com/services/P1/integrations/P2")
    assert in_the_eu.integration_url == f"https://events.eu.pagerduty.com/integration/{KEY}/enqueue"


def test_a_type_that_is_not_known() -> None:
    made = integration("new_inbound_integration", KEY, US)
    assert made.takes_email is False
    assert made.integration_url == f"https://events.pagerduty.com/integration/{KEY}/enqueue"
    assert type_of("new_inbound_integration").takes_email is None


# As recorded for one that takes e-mail: go-pagerduty #315.
RECORDED: dict[str, Any] = {
    "id": "PE1U9CH",
    "type": "generic_email_inbound_integration",
    "summary": "Email",
    "self": "https://api.pagerduty.com/services/PCHECKT/integrations/PE1U9CH",
    "html_url": US,
    "name": "alerts",
    "service": {"id": "PCHECKT", "type": "service_reference"},
    "created_at": "2021-03-18T13:52:41-04:00",
    "vendor": {"id": "PBPQJ1M", "type": "vendor_reference"},
    "integration_email": "import-csv@acme.pagerduty.com",
    "email_incident_creation": "on_new_email_subject",
    "email_filter_mode": "or-rules-email",
    "email_filters": [{"subject_mode": "always"}],
    "email_parsers": [{"action": "trigger"}],
    "email_parsing_fallback": "open_new_incident",
}


def test_an_integration_as_the_api_has_it() -> None:
    assert integration_from(RECORDED, "PASKED1") == Integration(
        id="PE1U9CH",
        service_id="PCHECKT",
        type="generic_email_inbound_integration",
        name="alerts",
        vendor_id="PBPQJ1M",
        html_url=US,
        integration_key=None,
        integration_email="import-csv@acme.pagerduty.com",
        email_incident_creation="on_new_email_subject",
        email_filter_mode="or-rules-email",
        email_filters=[{"subject_mode": "always"}],
        email_parsers=[{"action": "trigger"}],
        email_parsing_fallback="open_new_incident",
        self_url="https://api.pagerduty.com/services/PCHECKT/integrations/PE1U9CH",
        created_at="2021-03-18T13:52:41-04:00",
    )
    assert integration_from({**RECORDED, "integration_key": KEY}, "").integration_key == KEY


def test_optional_fields_of_an_integration_may_be_absent() -> None:
    bare = integration_from({"id": "I1", "type": "x"}, "PASKED1")
    assert bare == Integration("I1", "PASKED1", "x", "", None, None, None)
    assert integration_from({"id": "I1", "type": "x", "summary": "old", "vendor": None}, "P1").name == "old"
    assert integration_from({"id": "I1", "type": "x", "vendor": {"id": None}, "service": {}}, "PASKED1") == bare


@pytest.mark.parametrize(
    "name",
    [*("id", "type", "name", "integration_key", "integration_email", "email_filters", "email_parsers", "created_at")],
)
def test_a_field_of_another_kind_is_refused(name: str) -> None:
    with pytest.raises(TypeError):
        integration_from({**RECORDED, name: 1}, "PASKED1")


@pytest.mark.parametrize(
    "odd",
    [
        {"email_filters": [None]},
        {"email_filters": ["x"]},
        {"email_parsers": {}},
        {"html_url": 5},
        {"service": {"id": 5}},
        {"vendor": {"id": []}},
    ],
)
def test_an_undocumented_object_is_not_an_integration(odd: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        integration_from({"id": "P1", "type": "x", **odd}, "S1")


@pytest.mark.parametrize("html_url", ["http://[", "//else.example/x", "ftp://else.example/x", "javascript:x"])
def test_an_address_that_is_none_tells_nothing(html_url: str) -> None:
    made = integration("generic_events_api_inbound_integration", KEY, html_url)
    assert made.integration_url == f"https://events.pagerduty.com/integration/{KEY}/enqueue"
