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


def test_follow_ups_need_the_same_key(emulator: Emulator, api: Client, create: Any, key: str) -> None:
    """PagerDuty's developer-docs, 02-Trigger-Events.md."""
    api.post("/v2/enqueue", json=event(key))
    other = create()["integration_key"]
    assert api.post("/v2/enqueue", json=event(other, event_action="resolve")).status_code == 202
    assert [alert["status"] for alert in emulator.alerts()] == ["triggered"]
    api.post("/v2/enqueue", json=event(other))
    assert len(emulator.alerts()) == 2


@pytest.mark.parametrize("keep_id", [True, False])
def test_a_moved_integration_still_resolves_what_it_triggered(
    emulator: Emulator, api: Client, create: Any, keep_id: bool
) -> None:
    made = create()
    api.post("/v2/enqueue", json=event(made["integration_key"]))
    emulator.move_integration(made["id"], "PAYMNT2", keep_id=keep_id)
    api.post("/v2/enqueue", json=event(made["integration_key"], event_action="resolve"))
    assert [alert["status"] for alert in emulator.alerts()] == ["resolved"]


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
        ({"dedup_key": "x" * 256}, "'dedup_key' is too long (maximum is 255 characters)"),
    ],
)
def test_invalid_events(api: Client, key: str, changes: dict[str, Any], error: str) -> None:
    answer = api.post("/v2/enqueue", json=event(key, **changes))
    assert answer.status_code == 400
    assert answer.json() == {"status": "invalid event", "message": "Event object is invalid", "errors": [error]}


def test_the_longest_and_largest_that_is_taken(api: Client, key: str) -> None:
    body = event(key, dedup_key="x" * 255)
    room = 512 * 1024 - len(json.dumps(body)) - len(', "client": ""')
    assert api.post("/v2/enqueue", data=json.dumps({**body, "client": "x" * room})).status_code == 202
    assert api.post("/v2/enqueue", data=json.dumps({**body, "client": "x" * (room + 1)})).status_code == 400


def v1(key: str, **changes: Any) -> dict[str, Any]:
    return {"service_key": key, "event_type": "trigger", "incident_key": "db1", "description": "Disk", **changes}


def test_events_api_v1(emulator: Emulator, api: Client, anonymous: Client, key: str) -> None:
    """Its answer is recorded in many clients: 200, not 202, and `incident_key`."""
    path = "/generic/2010-04-15/create_event.json"
    answer = anonymous.post(path, json=v1(key))
    assert answer.status_code == 200
    assert answer.json() == {"status": "success", "message": "Event processed", "incident_key": "db1"}
    assert len(anonymous.post(path, json=v1(key, incident_key=None)).json()["incident_key"]) == 32
    anonymous.post(path, json=v1(key, event_type="resolve"))
    assert [alert["status"] for alert in emulator.alerts()] == ["resolved", "triggered"]
    assert key not in json.dumps(emulator.events())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"service_key": "abc"}, "Service key is the wrong length (should be 32 characters)"),  # envato/pagerduty
        ({"service_key": None}, "Service key is missing or blank"),
        ({"event_type": "open"}, "Event type is invalid"),
        ({"description": ""}, "Description is missing or blank"),
        ({"event_type": "resolve", "incident_key": None}, "Incident key is missing or blank"),
    ],
)
def test_invalid_events_of_v1(api: Client, key: str, changes: dict[str, Any], error: str) -> None:
    answer = api.post("/generic/2010-04-15/create_event.json", json=v1(key, **changes))
    assert answer.status_code == 400
    assert answer.json() == {"status": "invalid event", "message": "Event object is invalid", "errors": [error]}


@pytest.mark.parametrize("path", ["/v2/enqueue", "/v2/change/enqueue", f"/integration/{'0' * 32}/enqueue"])
@pytest.mark.parametrize("body", ["", "nonsense", "[1]"])
def test_bodies_that_are_no_event(api: Client, path: str, body: str) -> None:
    answer = api.post(path, data=body)
    assert (answer.status_code, answer.json()["status"]) == (400, "Unrecognized object")


def test_an_unknown_key_is_accepted_and_lost_or_refused(emulator: Emulator, api: Client) -> None:
    assert api.post("/v2/enqueue", json=event("0" * 32)).status_code == 202
    assert (emulator.events(), emulator.events_with_unknown_keys) == ([], 1)
    assert api.get("/emulator/events").json() == {"events": [], "unknown_keys": 1}
    assert emulator.alerts() == []
    emulator.settings.unknown_routing_key = "refuse"
    assert api.post("/v2/enqueue", json=event("0" * 32)).status_code == 400


def sns(**message: Any) -> dict[str, Any]:
    """The body that SNS posts for a CloudWatch alarm."""
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


def test_the_older_address_for_cloudwatch(emulator: Emulator, api: Client, key: str) -> None:
    """voyager and others still use it."""
    path = f"/adapter/cloudwatch_sns/v1/{key}"
    assert api.post(path, json=sns(AlarmName="CPU high", NewStateValue="ALARM")).status_code == 202
    assert [alert["summary"] for alert in emulator.alerts()] == ["CPU high"]
    assert emulator.requests[-1].path == "/adapter/cloudwatch_sns/v1/KEY"


FIELDS = {"title": "Disk & load", "source": "db1"}
FORMS: list[tuple[str, dict[str, Any]]] = [
    ("POST", {"data": FIELDS}),
    ("POST", {"files": {name: (None, value) for name, value in FIELDS.items()}}),
    ("GET", {"params": FIELDS}),
]


@pytest.mark.parametrize(("method", "sent"), FORMS)
def test_event_transformers_take_forms(
    emulator: Emulator, anonymous: Client, create: Any, method: str, sent: dict[str, Any]
) -> None:
    """PagerDuty's support pages on custom event transformers."""
    key = create(vendor={"id": "PCJ0EFQ"})["integration_key"]
    assert anonymous.request(method, f"/integration/{key}/enqueue", **sent).status_code == 202
    assert [alert["summary"] for alert in emulator.alerts()] == ["Disk & load"]
    assert emulator.alerts()[0]["body"]["details"] == FIELDS


@pytest.mark.parametrize(("method", "sent"), FORMS)
def test_other_integrations_accept_only_json(anonymous: Client, key: str, method: str, sent: dict[str, Any]) -> None:
    assert anonymous.request(method, f"/integration/{key}/enqueue", **sent).status_code == 400


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
