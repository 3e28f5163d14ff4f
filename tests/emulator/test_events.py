"""The Events APIs, and the incidents and alerts that come of them."""

import json
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from .client import Client


def event(key: str, **changes: Any) -> dict[str, Any]:
    payload = {"summary": "Disk is full", "source": "db1", "severity": "error"}
    return {"routing_key": key, "event_action": "trigger", "dedup_key": "db1/disk", "payload": payload, **changes}


@pytest.fixture
def key(create: Any) -> str:
    return str(create()["integration_key"])


def test_trigger_acknowledge_resolve(api: Client, anonymous: Client, key: str) -> None:
    answer = anonymous.post("/v2/enqueue", json=event(key))
    assert answer.status_code == 202
    assert answer.json() == {"status": "success", "message": "Event processed", "dedup_key": "db1/disk"}
    (incident,) = api.get("/incidents").json()["incidents"]
    assert (incident["status"], incident["title"], incident["urgency"]) == ("triggered", "Disk is full", "high")
    assert incident["alert_counts"] == {"all": 1, "triggered": 1, "resolved": 0}
    assert api.get("/services/PCHECKT").json()["service"]["status"] == "critical"

    anonymous.post("/v2/enqueue", json=event(key, event_action="acknowledge"))
    assert api.get(incident["self"]).json()["incident"]["status"] == "acknowledged"
    assert api.get("/services/PCHECKT").json()["service"]["status"] == "warning"

    anonymous.post("/v2/enqueue", json=event(key, event_action="resolve"))
    resolved = api.get(incident["self"]).json()["incident"]
    assert resolved["status"] == "resolved"
    assert resolved["resolved_at"]
    assert api.get("/services/PCHECKT").json()["service"]["status"] == "active"


def test_an_alert_tells_where_it_came_through(api: Client, create: Any) -> None:
    made = create(name="CloudWatch", vendor={"id": "PZQ6AUS"})
    api.post("/v2/enqueue", json=event(made["integration_key"]))
    (incident,) = api.get("/incidents").json()["incidents"]
    (alert,) = api.get(f"{incident['self']}/alerts").json()["alerts"]
    assert (alert["summary"], alert["severity"], alert["status"]) == ("Disk is full", "error", "triggered")
    assert alert["integration"]["id"] == made["id"]
    assert alert["integration"]["summary"] == "CloudWatch"
    assert alert["service"]["id"] == "PCHECKT"
    assert alert["incident"]["id"] == incident["id"]


def test_the_dedup_key_ties_events_together(emulator: Emulator, api: Client, key: str) -> None:
    for _ in range(2):
        api.post("/v2/enqueue", json=event(key))
    assert len(emulator.alerts()) == 1
    api.post("/v2/enqueue", json=event(key, event_action="resolve"))
    api.post("/v2/enqueue", json=event(key))
    assert [alert["status"] for alert in emulator.alerts()] == ["resolved", "triggered"]


def test_without_a_dedup_key_each_is_its_own(emulator: Emulator, api: Client, key: str) -> None:
    keys = [api.post("/v2/enqueue", json=event(key, dedup_key=None)).json()["dedup_key"] for _ in range(2)]
    assert len(set(keys)) == len(emulator.alerts()) == 2


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"routing_key": None}, "'routing_key' is missing or blank"),
        ({"routing_key": "abc"}, "Length of 'routing_key' is incorrect (should be 32 characters)"),
        (
            {"event_action": "open"},
            "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')",
        ),
        ({"payload": None}, "'payload' is missing or blank"),
        ({"payload": {"summary": "s", "severity": "info"}}, "'payload.source' is missing or blank"),
        (
            {"payload": {"summary": "s", "source": "s", "severity": "bad"}},
            "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')",
        ),
        ({"event_action": "resolve", "dedup_key": ""}, "'dedup_key' is missing or blank"),
    ],
)
def test_invalid_events(api: Client, key: str, changes: dict[str, Any], error: str) -> None:
    answer = api.post("/v2/enqueue", json=event(key, **changes))
    assert answer.status_code == 400
    assert answer.json() == {"status": "invalid event", "message": "Event object is invalid", "errors": [error]}


@pytest.mark.parametrize("path", ["/v2/enqueue", "/v2/change/enqueue", f"/integration/{'0' * 32}/enqueue"])
@pytest.mark.parametrize("body", ["", "nonsense", "[1]"])
def test_bodies_that_are_no_event(api: Client, path: str, body: str) -> None:
    answer = api.post(path, data=body)
    assert (answer.status_code, answer.json()["status"]) == (400, "Unrecognized object")


def test_an_unknown_key_is_accepted_and_lost_or_refused(emulator: Emulator, api: Client) -> None:
    assert api.post("/v2/enqueue", json=event("0" * 32)).status_code == 202
    assert [(item["outcome"], item["integration_id"]) for item in emulator.events()] == [
        ("unknown integration key", None)
    ]
    assert emulator.alerts() == []
    emulator.settings.unknown_routing_key = "refuse"
    assert api.post("/v2/enqueue", json=event("0" * 32)).status_code == 400


def sns(**message: Any) -> dict[str, Any]:
    """What SNS posts for a CloudWatch alarm."""
    return {"Type": "Notification", "Subject": "ALARM", "Message": json.dumps(message)}


def test_cloudwatch_through_sns(emulator: Emulator, api: Client, key: str) -> None:
    path = f"/integration/{key}/enqueue"
    confirmation = {"Type": "SubscriptionConfirmation", "TopicArn": "arn:aws:sns:x"}
    assert api.post(path, json=confirmation).status_code == 202
    assert emulator.alerts() == []
    assert api.post(path, json=sns(AlarmName="CPU high", NewStateValue="ALARM")).status_code == 202
    assert [alert["summary"] for alert in emulator.alerts()] == ["CPU high"]
    api.post(path, json=sns(AlarmName="CPU high", NewStateValue="OK"))
    assert [alert["status"] for alert in emulator.alerts()] == ["resolved"]


@pytest.mark.parametrize(
    ("body", "summary"),
    [
        ({"service_key": "k", "event_type": "trigger", "description": "v1"}, "v1"),
        ({"payload": {"summary": "v2"}, "event_action": "trigger"}, "v2"),
        ({"title": "a title", "state": "alerting"}, "a title"),
        (sns(anything="else"), "ALARM"),
        ({"Type": "Notification", "Subject": "plain", "Message": "not JSON"}, "plain"),
        ({"x": 1}, "Event without a summary"),
    ],
)
def test_any_json_makes_an_alert(emulator: Emulator, api: Client, key: str, body: dict[str, Any], summary: str) -> None:
    for path in (f"/integration/{key}/enqueue", f"/x-ere/{key}"):
        assert api.post(path, json=body).status_code == 202
    assert {alert["summary"] for alert in emulator.alerts()} == {summary}


def test_change_events_make_no_alerts(emulator: Emulator, api: Client, key: str) -> None:
    body = {"routing_key": key, "payload": {"summary": "Deployed"}}
    assert api.post("/v2/change/enqueue", json=body).status_code == 202
    assert api.post(f"/integration/{key}/change/enqueue", json=body).status_code == 202
    assert api.post("/v2/change/enqueue", json={"routing_key": key, "payload": {}}).status_code == 400
    assert [item["summary"] for item in emulator.events()] == ["Deployed", "Deployed"]
    assert emulator.alerts() == []


def test_keys_are_kept_nowhere_but_on_the_integration(emulator: Emulator, api: Client, key: str) -> None:
    api.post("/v2/enqueue", json=event(key))
    api.post(f"/integration/{key}/enqueue", json={"service_key": key})
    assert key not in json.dumps(emulator.events())
    assert key not in repr(list(emulator.requests))
    assert emulator.requests[-1].path == "/integration/KEY/enqueue"


def test_incidents_are_filtered(api: Client, key: str, create: Any) -> None:
    api.post("/v2/enqueue", json=event(key))
    api.post("/v2/enqueue", json=event(create("PAYMNT2")["integration_key"]))
    api.post("/v2/enqueue", json=event(key, event_action="resolve"))

    def services(query: str) -> list[str]:
        return [item["service"]["id"] for item in api.get(f"/incidents?{query}").json()["incidents"]]

    assert services("") == ["PCHECKT", "PAYMNT2"]
    assert services("statuses[]=triggered&statuses[]=acknowledged") == ["PAYMNT2"]
    assert services("service_ids[]=PCHECKT") == ["PCHECKT"]
    assert services("incident_key=other") == []
    assert api.get("/incidents/QNOSUCH").status_code == 404
    assert api.get("/incidents/QNOSUCH/alerts").status_code == 404
