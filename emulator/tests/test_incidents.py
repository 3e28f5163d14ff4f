"""Incidents and alerts as the REST API shows and filters them, and change events."""

from typing import Any

import pytest
from pagerduty_emulator import Emulator

from .client import Client

V2 = {"summary": "Disk is full", "source": "db1", "severity": "critical"}


@pytest.fixture
def three(emulator: Emulator, create: Any) -> list[str]:
    """Three incidents: open on Checkout, acknowledged on Payments, resolved on Checkout; their ids."""
    checkout, payments = create("PCHECKT"), create("PAYMNT2")
    for integration, summary, severity in (
        (checkout, "open", "critical"),
        (payments, "acknowledged", "warning"),
        (checkout, "resolved", "critical"),
    ):
        emulator.send_test_event(integration["id"], summary, severity)
    ids = [alert["incident"]["id"] for alert in emulator.alerts()]
    emulator.acknowledge(ids[1])
    emulator.resolve(ids[2])
    return ids


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [0, 1, 2]),
        ("statuses[]=triggered&statuses[]=acknowledged", [0, 1]),
        ("service_ids[]=PAYMNT2", [1]),
        ("urgencies[]=high", [0, 2]),
        ("team_ids[]=PTSHOP1", [0, 2]),
        ("user_ids[]=PUSHOP2", [0]),
        ("user_ids[]=PUSHOP1", []),
        ("since=2020-01-01&until=2020-02-01", []),
        ("since=2020-01-01&until=2020-02-01&date_range=all", [0, 1, 2]),
        ("since=2020-01-01", [0, 1, 2]),
        ("since=2020-01-01 10:00:00&until=2099-01-01T00:00:00 01:00", [0, 1, 2]),
        ("since=2098-12-31T23:30:00Z&until=2099-01-01T00:00:00%2B01:00", []),
        ("sort_by=incident_number:desc", [2, 1, 0]),
        ("sort_by=urgency:asc,incident_number:desc", [1, 2, 0]),
    ],
)
def test_filters_are_applied(api: Client, three: list[str], query: str, expected: list[int]) -> None:
    listed = api.get(f"/incidents?total=true&{query}").json()
    assert [incident["id"] for incident in listed["incidents"]] == [three[number] for number in expected]
    assert listed["total"] == len(expected)


def test_a_time_that_cannot_be_is_refused(api: Client) -> None:
    answer = api.get("/incidents?since=yesterday")
    assert (answer.status_code, "since" in answer.text) == (400, True)


def test_an_incident_is_assigned_by_its_policy(api: Client, three: list[str]) -> None:
    shown = api.get(f"/incidents/{three[0]}?include[]=assignees&include[]=services&include[]=teams").json()["incident"]
    assert [each["assignee"]["email"] for each in shown["assignments"]] == ["shop-responder@acme.pagerduty.com"]
    assert (shown["service"]["status"], shown["teams"][0]["name"]) == ("critical", "Shop")
    acknowledged, resolved = (api.get(f"/incidents/{each}").json()["incident"] for each in three[1:])
    assert acknowledged["acknowledgements"][0]["acknowledger"]["id"] == "PAYMNT2"
    assert acknowledged["assignments"][0]["assignee"]["type"] == "user_reference"
    assert (resolved["assignments"], resolved["acknowledgements"]) == ([], [])
    assert resolved["resolved_at"] is not None


def test_an_alert_opens_at_its_address(api: Client, three: list[str]) -> None:
    (alert,) = api.get(f"/incidents/{three[0]}/alerts?include[]=incidents").json()["alerts"]
    assert alert["incident"]["title"] == "open"
    read = api.get(alert["self"]).json()["alert"]
    assert read == {**alert, "incident": read["incident"]}
    assert read["incident"]["type"] == "incident_reference"
    assert api.get(f"/incidents/{three[1]}/alerts/{alert['id']}").status_code == 404


def test_links_and_images_are_kept(emulator: Emulator, api: Client, create: Any) -> None:
    key = create()["integration_key"]
    event = {"routing_key": key, "event_action": "trigger", "payload": V2}
    links = {
        "links": [{"href": "https://example.com/run", "text": "Runbook"}, "odd"],
        "images": [{"src": "https://example.com/i.png", "alt": "Load", "more": 1}],
    }
    api.post("/v2/enqueue", json={**event, **links})
    contexts = [
        {"type": "link", "href": "https://example.com/run", "text": "Runbook"},
        {"type": "image", "src": "https://example.com/i.png", "alt": "Load"},
    ]
    assert emulator.alerts()[0]["body"]["contexts"] == contexts
    old = {"service_key": key, "event_type": "trigger", "description": "x", "contexts": contexts[:1]}
    api.post("/generic/2010-04-15/create_event.json", json=old)
    assert emulator.alerts()[1]["body"]["contexts"] == contexts[:1]


def test_a_change_event_is_read_back(emulator: Emulator, api: Client, create: Any) -> None:
    made = create()
    payload = {
        "summary": "Deployed",
        "source": "ci",
        "timestamp": "2026-01-31T10:00:00+01:00",
        "custom_details": {"build": 2},
    }
    links = [{"href": "https://example.com/2", "text": "Build"}]
    body = {"routing_key": made["integration_key"], "payload": payload, "links": links}
    assert api.post("/v2/change/enqueue", json=body).status_code == 202
    (change,) = api.get("/change_events").json()["change_events"]
    assert {name: change[name] for name in ("summary", "source", "timestamp", "custom_details", "links")} == {
        **payload,
        "timestamp": "2026-01-31T09:00:00Z",
        "links": links,
    }
    assert (change["services"][0]["id"], change["integration"]["id"]) == ("PCHECKT", made["id"])
    assert made["integration_key"] not in str(change)
    assert api.get(change["self"]).json()["change_event"] == change
    assert api.get("/services/PCHECKT/change_events").json()["change_events"] == [change]
    for query in ("since=2026-02-01", "until=2026-01-01", "team_ids[]=PTPAYM2", "integration_ids[]=PNONE"):
        assert api.get(f"/change_events?{query}").json()["change_events"] == [], query
    assert api.get("/services/PAYMNT2/change_events").json()["change_events"] == []
    assert api.get("/services/PNONE/change_events").status_code == 404
    assert emulator.alerts() == []


def test_a_reset_restarts_the_numbers(emulator: Emulator, create: Any) -> None:
    for _ in range(2):
        emulator.reset()
        emulator.send_test_event(create()["id"], "x")
        assert emulator.alerts()[0]["incident"]["summary"] == "[#1] x"
        assert emulator.events()[0]["id"] == 1
        assert emulator.inject("reset", path="/none").id == 1
