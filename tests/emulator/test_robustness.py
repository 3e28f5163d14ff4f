"""No input makes the emulator fall over: whatever stands where something else should, the answer is the API's."""

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
SERVICE = {"name": "New", "description": "", "escalation_policy": {"id": "P", "type": "x"}}
ODD: list[Any] = [None, True, -1, 1.5, "", "\x00", "\ud800", "x" * 10_000, [], [None], [[]], {}, {"id": {}}]


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
        assert answer.status_code in {200, 201, 202, 400}, (text, answer.text)
        answer.json()
        for integration in emulator.integrations("PCHECKT")[2:]:
            emulator.delete_integration(integration["id"])
    assert api.get("/services?include[]=integrations").status_code == 200
    assert api.get("/incidents").status_code == 200
    assert api.get("/").status_code == 200
    assert api.get("/service-directory/PCHECKT").status_code == 200


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[" * 100_000, b'{"integration": ' * 5000])
def test_bodies_that_are_no_json(api: Client, body: bytes) -> None:
    for path in ("/services/PCHECKT/integrations", "/v2/enqueue"):
        assert api.post(path, data=body).status_code == 400


@pytest.mark.parametrize("query", ["limit=x&offset=y", "limit=-5&offset=-1", "limit=" + "9" * 30, "include[]=", "%ff"])
def test_odd_queries(api: Client, query: str) -> None:
    for path in ("/vendors", "/services", "/incidents"):
        assert api.get(f"{path}?{query}").status_code == 200
