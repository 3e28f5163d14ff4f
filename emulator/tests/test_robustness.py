"""No input crashes the emulator: a value of the wrong kind gets the API's error."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from .client import Client

PREDICATE = {
    "type": "all",
    "part": None,
    "matcher": None,
    "children": [{"type": "regex", "part": "body", "matcher": "x", "children": []}],
}
INTEGRATION = {
    "type": "generic_email_inbound_integration",
    "name": "E-mail",
    "vendor": {"type": "vendor_reference", "id": "PBPQJ1M"},
    "integration_email": "ops@acme.pagerduty.com",
    "email_incident_creation": "use_rules",
    "email_filter_mode": "and-rules-email",
    "email_filters": [
        {
            "id": "PFILTER",
            "subject_mode": "match",
            "subject_regex": "a",
            "body_mode": "always",
            "from_email_mode": "always",
        }
    ],
    "email_parsers": [
        {
            "id": 1,
            "action": "trigger",
            "match_predicate": PREDICATE,
            "value_extractors": [
                {
                    "type": "between",
                    "part": "body",
                    "value_name": "incident_key",
                    "starts_after": "",
                    "ends_before": "",
                }
            ],
        }
    ],
}
EVENT = {
    "routing_key": "0" * 32,
    "event_action": "trigger",
    "dedup_key": "x",
    "payload": {"summary": "s", "source": "s", "severity": "info", "custom_details": {}},
}
EVENT_V1 = {"service_key": "0" * 32, "event_type": "trigger", "incident_key": "x", "description": "s", "details": {}}
SERVICE = {
    "name": "New",
    "description": "",
    "escalation_policy": {"id": "PT20YPA", "type": "x"},
    "acknowledgement_timeout": 1,
    "alert_creation": "create_incidents",
    "alert_grouping_parameters": {
        "type": "content_based",
        "config": {"aggregate": "all", "fields": ["summary"], "time_window": 300},
    },
    "auto_pause_notifications_parameters": {"enabled": True, "timeout": 300},
    "incident_urgency_rule": {
        "type": "use_support_hours",
        "during_support_hours": {"type": "constant", "urgency": "high"},
        "outside_support_hours": {"type": "constant", "urgency": "low"},
    },
    "support_hours": {
        "type": "fixed_time_per_day",
        "time_zone": "America/Lima",
        "start_time": "09:00:00",
        "end_time": "17:00:00",
        "days_of_week": [1],
    },
    "scheduled_actions": [
        {"type": "urgency_change", "at": {"type": "named_time", "name": "support_hours_end"}, "to_urgency": "high"}
    ],
    "response_play": None,
    "status": "active",
}
POLICY = {
    "name": "New",
    "description": "",
    "num_loops": 1,
    "on_call_handoff_notifications": "always",
    "teams": [{"id": "PTSHOP1", "type": "team_reference"}],
    "escalation_rules": [
        {
            "id": "PRULE01",
            "escalation_delay_in_minutes": 5,
            "escalation_rule_assignment_strategy": {"type": "round_robin"},
            "targets": [{"id": "POWNER1", "type": "user_reference"}],
        }
    ],
}
USER = {"name": "New", "email": "new@acme.example", "role": "user", "job_title": "New", "description": ""}
TEAM = {"name": "New", "description": "", "default_role": "none"}
PLAY = {"name": "New", "subscribers": [], "responders": []}
ODD: list[Any] = [None, True, -1, 2**70, 1.5, "", "\x00", "\ud800", "x" * 10_000, [], [None], [[]], {}, {"id": {}}]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every property and item of a JSON value."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield (*path, key)
        yield from places(item, (*path, key))


def variants(value: Any) -> Iterator[str]:
    """JSON texts of `value` with something odd in each place in turn."""
    for place in places(value):
        for odd in ODD:
            changed = copy.deepcopy(value)
            parent = changed
            for key in place[:-1]:
                parent = parent[key]
            parent[place[-1]] = odd
            yield json.dumps(changed)


@pytest.mark.parametrize(
    "call",
    [
        ("POST", "/services/PCHECKT/integrations", {"integration": INTEGRATION}),
        ("PUT", "{integration}", {"integration": INTEGRATION}),
        ("POST", "/services", {"service": SERVICE}),
        ("PUT", "/services/PCHECKT", {"service": SERVICE}),
        ("POST", "/escalation_policies", {"escalation_policy": POLICY}),
        ("PUT", "/escalation_policies/PESHOP1", {"escalation_policy": POLICY}),
        ("POST", "/users", {"user": USER}),
        ("PUT", "/users/PUSHOP1", {"user": USER}),
        ("PUT", "/teams/PTSHOP1", {"team": TEAM}),
        ("PUT", "/teams/PTSHOP1/users/POWNER1", {"role": "observer"}),
        ("POST", "/response_plays", {"response_play": PLAY}),
        ("POST", "/v2/enqueue", EVENT),
        ("POST", "/integration/{key}/enqueue", EVENT),
        ("POST", "/v2/change/enqueue", EVENT),
        ("POST", "/generic/2010-04-15/create_event.json", EVENT_V1),
    ],
    ids=lambda call: f"{call[0]} {call[1]}",
)
def test_odd_values_anywhere(emulator: Emulator, api: Client, create: Any, call: tuple[str, str, Any]) -> None:
    method, path, body = call
    made = create(type="generic_email_inbound_integration")
    keyed = create()
    path = path.format(integration=made["self"], key=keyed["integration_key"])
    for text in variants(body):
        answer = api.request(method, path, data=text)
        assert answer.status_code in {200, 201, 202, 204, 400, 404}, (text, answer.text)
        assert answer.status_code == 204 or answer.json()
        for integration in emulator.integrations("PCHECKT")[2:]:
            emulator.delete_integration(integration["id"])
    assert api.get("/services?include[]=integrations&include[]=escalation_policies").status_code == 200
    for listed in ("/incidents", "/escalation_policies?include[]=targets", "/users", "/teams", "/response_plays"):
        assert api.get(listed).status_code == 200
    assert api.get("/").status_code == 200
    assert api.get("/service-directory/PCHECKT").status_code == 200


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[" * 100_000, b'{"integration": ' * 5000])
def test_bodies_that_are_no_json(api: Client, body: bytes) -> None:
    for path in ("/services/PCHECKT/integrations", "/v2/enqueue"):
        assert api.post(path, data=body).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "time_zone=../../x&team_ids[]=%ff",
        "limit=x&offset=y",
        "limit=-5&offset=-1",
        "limit=" + "9" * 30,
        "include[]=",
        "%ff",
    ],
)
def test_odd_queries(api: Client, query: str) -> None:
    for path in ("/vendors", "/services", "/incidents", "/escalation_policies", "/users"):
        assert api.get(f"{path}?{query}").status_code == 200
