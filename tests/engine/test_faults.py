"""Limits and faults on the real engine: nothing twice, nothing lost, and few calls."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import pytest
from pagerduty_emulator import Emulator

from tests.conftest import TOKEN
from tests.support.stack import Result, Stack

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


def test_a_429_is_waited_for_and_shown(stack: Stack, emulator: Emulator) -> None:
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
    stack.integration(service=SERVICE, type=EVENTS_API_V2, options={"customTimeouts": {"create": "49s"}})
    result = stack.up(fails=True)
    assert "there is not enough time left to wait 50 s for PagerDuty's rate limit" in result.diagnostics
    assert stack.resource() is None


HEADER = f"Token token={TOKEN}"
SECRET = "ClientSecretThatMustNotShow"
APP = json.dumps({"pdClientId": "app", "pdSubdomain": "acme"})
AS_APP = {"PAGERDUTY_CLIENT_SECRET": SECRET}
REPEATED = [
    f"Saw the header Authorization: {HEADER}",
    f"Saw {quote_plus(HEADER)}, which is {base64.b64encode(HEADER.encode()).decode()}, or {TOKEN.upper()}",
    f"Saw {json.dumps({'headers': {'Authorization': HEADER}})}",
]


def assert_shown_without(secret: str, stack: Stack, result: Result, words: str) -> None:
    """The words are shown, the secret is not, neither on the terminal nor in the event log."""
    log = (stack.folder / "events.json").read_text()
    assert words in result.diagnostics
    for form in (secret, secret.upper(), quote_plus(secret)):
        assert form not in result.output + log
    assert base64.b64encode(f"Token token={secret}".encode()).decode() not in result.output + log


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_token_that_answers_repeat_is_not_shown(stack: Stack, emulator: Emulator, status: int) -> None:
    for words in REPEATED:
        body = {"error": {"message": "Refused", "code": 2000, "errors": [words]}}
        emulator.inject("status", "POST", CREATION, status=status, body=body)
    program(stack, len(REPEATED), [SERVICE])
    result = stack.up("--continue-on-error", fails=True)
    assert_shown_without(TOKEN, stack, result, "Refused: Saw")


def test_a_client_secret_that_answers_repeat_is_not_shown(new_stack: Callable[..., Stack], emulator: Emulator) -> None:
    stack = new_stack(useAppOauthScopedToken=APP)
    body = {"error": "invalid_client", "error_description": f"Unknown: {SECRET}"}
    emulator.inject("status", "POST", "/oauth/token", status=401, body=body, times=None)
    program(stack, 3, [SERVICE])
    result = stack.up(fails=True, environ=AS_APP)
    assert_shown_without(SECRET, stack, result, "`pdClientId` and `pdClientSecret`")


def test_an_app_without_a_token_gets_the_reason_and_sends_nothing(
    new_stack: Callable[..., Stack], emulator: Emulator
) -> None:
    stack = new_stack(useAppOauthScopedToken=APP)
    emulator.inject("html", "POST", "/oauth/token", status=403, times=None)
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    result = stack.up(fails=True, environ=AS_APP)
    assert "issued no token for the app in `useAppOauthScopedToken`" in " ".join(result.diagnostics.split())
    assert "may have created" not in result.diagnostics
    assert set(emulator.requests.counts()) == {"POST /oauth/token"}


def test_an_apps_expired_token_is_renewed_once(new_stack: Callable[..., Stack], emulator: Emulator) -> None:
    stack = new_stack(useAppOauthScopedToken=APP)
    emulator.settings.oauth_scopes = {"services.read", "services.write"}
    emulator.inject("status", "POST", CREATION, status=401, times=1)
    program(stack, 10, [SERVICE])
    stack.up(environ=AS_APP)
    assert len(emulator.integrations()) == 10
    assert emulator.requests.count("POST", "/oauth/token") == 2
