"""Limits and faults on the real engine: nothing twice, nothing lost, and few calls."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator import Emulator

from tests.stack import Stack

SERVICE = "PCHECKT"
EVENTS_API_V2 = "events_api_v2_inbound_integration"
CREATION = "/services/*/integrations"


def program(stack: Stack, count: int, services: list[str], **properties: Any) -> None:
    """Write a program with so many integrations, spread over the services."""
    stack.program(
        resources={
            f"alerts{number}": {
                "type": "pagerduty-native:Integration",
                "properties": {
                    "service": services[number % len(services)],
                    "type": EVENTS_API_V2,
                    "name": f"alerts {number}",
                    **properties,
                },
            }
            for number in range(count)
        }
    )


def integration_ids(stack: Stack) -> set[str]:
    resources = json.loads(stack.export())["deployment"]["resources"]
    return {each["id"].partition(".")[2] for each in resources if each["type"].endswith(":Integration")}


def test_a_hundred_take_a_hundred_calls_and_two_to_refresh_and_none_after_that(
    stack: Stack, emulator: Emulator
) -> None:
    program(stack, 100, [each["id"] for each in emulator.services()])
    stack.up()
    assert emulator.requests.counts() == {"POST /services/{id}/integrations": 100}
    emulator.requests.clear()
    assert stack.refresh().changes == {}
    assert emulator.requests.counts() == {"GET /services/{id}": 1, "GET /services": 1}
    emulator.requests.clear()
    assert stack.up().changes == {}
    assert len(emulator.requests) == 0


def test_answers_that_get_lost_leave_nothing_twice_though_the_names_are_equal(stack: Stack, emulator: Emulator) -> None:
    program(stack, 6, [SERVICE], name="alerts")
    emulator.inject("reset", "POST", CREATION, after_commit=True, times=2)
    emulator.inject("truncated_json", "POST", CREATION)
    emulator.inject("status", "POST", CREATION, status=503)
    stack.up()
    assert integration_ids(stack) == {each["id"] for each in emulator.integrations()}
    assert len(emulator.integrations()) == 6
    assert stack.preview().changes == {}


def test_a_refusal_by_the_rate_limit_is_waited_for_and_told(stack: Stack, emulator: Emulator) -> None:
    program(stack, 12, [SERVICE])
    emulator.inject("rate_limit", "POST", headers={"ratelimit-reset": "3"}, skip=4)
    result = stack.up()
    assert len(emulator.integrations()) == 12
    told = [event["diagnosticEvent"]["message"] for event in result.events if "diagnosticEvent" in event]
    assert any("waiting 3 s for PagerDuty's rate limit" in message for message in told)


def test_what_cannot_be_created_is_said_and_the_rest_is_in_the_state(stack: Stack, emulator: Emulator) -> None:
    emulator.inject("status", "POST", CREATION, status=400, body={"error": {"message": "No", "code": 2001}}, skip=2)
    program(stack, 3, [SERVICE])
    result = stack.up(fails=True)
    assert "PagerDuty refused the integration: No (status 400, code 2001)" in result.diagnostics
    assert integration_ids(stack) == {each["id"] for each in emulator.integrations()}
    assert len(emulator.integrations()) == 2
    stack.up()
    assert len(emulator.integrations()) == 3


def test_the_users_timeout_ends_a_wait(stack: Stack, emulator: Emulator) -> None:
    emulator.inject("rate_limit", "POST", headers={"ratelimit-reset": "50"}, times=None)
    stack.integration(service=SERVICE, type=EVENTS_API_V2, options={"customTimeouts": {"create": "5s"}})
    result = stack.up(fails=True)
    assert "there is not enough time left to wait 50 s for PagerDuty's rate limit" in result.diagnostics
    assert stack.resource() is None
