"""Fixtures of the emulator's tests: an account as new, and its clients."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pagerduty_emulator
import pytest
from pagerduty_emulator import Emulator

from emulator.tools.openapi_extract import at

from .client import TOKEN, Client


@pytest.fixture(scope="session")
def _served() -> Iterator[Emulator]:
    with pagerduty_emulator.serve() as emulator:
        yield emulator


@pytest.fixture
def emulator(_served: Emulator) -> Emulator:
    """An account as new; all tests of a process have one emulator."""
    _served.reset()
    return _served


@pytest.fixture
def api(emulator: Emulator) -> Iterator[Client]:
    """A client with a token."""
    with Client(emulator.url, TOKEN) as client:
        yield client


@pytest.fixture
def anonymous(emulator: Emulator) -> Iterator[Client]:
    """A client without a token."""
    with Client(emulator.url) as client:
        yield client


@pytest.fixture(scope="session")
def _secure() -> Iterator[Emulator]:
    with pagerduty_emulator.serve(tls=True) as emulator:
        yield emulator


@pytest.fixture
def secure(_secure: Emulator) -> Emulator:
    """An account as new, over TLS."""
    _secure.reset()
    return _secure


@pytest.fixture(scope="session")
def _proxy() -> Iterator[Emulator]:
    with pagerduty_emulator.serve(proxy=True) as emulator:
        yield emulator


@pytest.fixture
def proxy(_proxy: Emulator) -> Emulator:
    """An account as new, to which a proxy leads."""
    _proxy.reset()
    return _proxy


@pytest.fixture
def create(api: Client) -> Callable[..., dict[str, Any]]:
    """Creates an integration with the given properties; returns it as the API does."""

    def create(service: str = "PCHECKT", **given: Any) -> dict[str, Any]:
        body = {"type": "generic_events_api_inbound_integration", "name": "An integration", **given}
        answer = api.post(f"/services/{service}/integrations", json={"integration": body})
        assert answer.status_code == 201, answer.text
        integration: dict[str, Any] = answer.json()["integration"]
        return integration

    return create


@pytest.fixture
def errors_of(api: Client) -> Callable[..., list[str]]:
    """Return the API's errors for an integration with the given properties; `...` leaves one out."""

    def errors_of(**given: Any) -> list[str]:
        body = {"type": "generic_events_api_inbound_integration", "name": "An integration", **given}
        body = {name: value for name, value in body.items() if value is not ...}
        answer = api.post("/services/PCHECKT/integrations", json={"integration": body})
        assert answer.status_code == 400, answer.text
        error = answer.json()["error"]
        assert (error["code"], error["message"]) == (2001, "Invalid Input Provided")
        errors: list[str] = error["errors"]
        return errors

    return errors_of


OPENAPI = Path(__file__).parent / "openapi.json"
SAMPLES = {"since": "2026-01-01", "until": "2099-01-01", "time_zone": "America/Lima", "sort_by": "created_at:asc"}
Parameters = dict[str, list[Any]]


def whole(described: Any, part: Any) -> Any:
    """Return a part of a description without references."""
    while "$ref" in part:
        part = at(described, part["$ref"])
    return part


def parameters_of(described: Any, operation: Any) -> Parameters:
    """Return every query parameter of an operation, with a value that it may have; lists with all of them."""
    parameters = {}
    for parameter in (whole(described, each) for each in operation.get("parameters", [])):
        if parameter["in"] == "query":
            schema = whole(described, parameter["schema"])
            choices = (schema.get("items") or schema).get("enum") or [SAMPLES.get(parameter["name"], "1")]
            parameters[parameter["name"]] = choices if parameter["name"].endswith("[]") else choices[:1]
    return parameters


@pytest.fixture
def described_reads(
    emulator: Emulator, api: Client, create: Callable[..., dict[str, Any]]
) -> list[tuple[str, str, Parameters]]:
    """Each GET that PagerDuty describes and the emulator serves: its template, a path, and all query parameters."""
    described = json.loads(OPENAPI.read_text(encoding="utf-8"))
    made = create()
    orchestration = emulator.add_event_orchestration("Shop")
    (routed,) = emulator.orchestration_integrations(orchestration)
    emulator.send_test_event(made["id"], "x")
    api.post("/v2/change/enqueue", json={"routing_key": made["integration_key"], "payload": {"summary": "x"}})
    (alert,) = emulator.alerts()
    owner = api.get("/users/me").json()["user"]
    ids = {
        "services": "PCHECKT",
        "integration_id": made["id"],
        "incidents": alert["incident"]["id"],
        "alert_id": alert["id"],
        "abilities": "teams",
        "contact_method_id": owner["contact_methods"][0]["id"],
        "notification_rule_id": owner["notification_rules"][0]["id"],
        "users": owner["id"],
        "event_orchestrations": orchestration,
        "change_events": api.get("/change_events").json()["change_events"][0]["id"],
        "escalation_policies": "PT20YPA",
        "teams": "PTSHOP1",
        "vendors": "PZQ6AUS",
    }
    reads = []
    for template, operations in described["paths"].items():
        if "get" in operations:
            kind = template.split("/")[1]
            of = {**ids, "integration_id": routed["id"]} if kind == "event_orchestrations" else ids
            path = re.sub(r"{(\w+)}", lambda match: of[kind if match[1] == "id" else match[1]], template)  # noqa: B023
            reads.append((template, path, parameters_of(described, operations["get"])))
    return reads
