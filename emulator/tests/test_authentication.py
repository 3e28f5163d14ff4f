"""Tokens, OAuth, and the rate limit that is counted by token."""

from types import SimpleNamespace
from typing import Any, Literal

import pytest
from pagerduty_emulator import Emulator, Settings, rate_limit

from .client import Client

SCOPE = "as_account-us.acme services.read services.write"


@pytest.mark.parametrize(
    "header",
    ["Token token=x", "Bearer x", "Token x", "Token token= x", "token token=x", 'Token token="x"', "Bearer  x"],
)
def test_any_token_is_good(anonymous: Client, header: str) -> None:
    assert anonymous.get("/services", headers={"Authorization": header}).status_code == 200


@pytest.mark.parametrize(
    "header", [None, "", "x", "Token", "Token ", "Token token=", "Bearer", "Basic eDp4", "Token token=a b"]
)
def test_absent_or_malformed_is_401(anonymous: Client, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = anonymous.get("/services", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 2006)


def test_some_tokens_are_refused(emulator: Emulator, api: Client) -> None:
    emulator.settings.rejected_tokens.add("any-token")
    assert api.get("/services").status_code == 401


def test_some_tokens_only_read(emulator: Emulator, api: Client) -> None:
    emulator.settings.read_only_tokens.add("any-token")
    assert api.get("/services/PCHECKT").status_code == 200
    answer = api.delete("/services/PCHECKT")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, 2010)
    assert api.get("/services/PCHECKT").status_code == 200


def grant(client: Client, **changes: Any) -> Any:
    form = {
        "grant_type": "client_credentials",
        "client_id": "id",
        "client_secret": "secret",
        "scope": SCOPE,
        **changes,
    }
    return client.post("/oauth/token", data=form).json()


def status(client: Client, token: str, method: str = "GET", path: str = "/services/PCHECKT") -> int:
    return client.request(method, path, headers={"Authorization": f"Bearer {token}"}).status_code


def test_an_oauth_token_may_do_what_its_scopes_say(anonymous: Client) -> None:
    granted = grant(anonymous)
    assert granted["token_type"] == "bearer"
    assert granted["expires_in"] == 86400
    assert granted["scope"] == SCOPE
    assert status(anonymous, granted["access_token"]) == 200
    assert status(anonymous, granted["access_token"], path="/vendors") == 403
    assert status(anonymous, granted["access_token"], "DELETE") == 204


def test_a_missing_scope_is_a_403_with_its_name_and_no_code(anonymous: Client) -> None:
    """Recorded in terraform-provider pull request 1027; what both scopes are is text, not a list."""
    granted = grant(anonymous)
    headers = {"Authorization": f"Bearer {granted['access_token']}"}
    answer = anonymous.get("/vendors", headers=headers)
    error = {
        "message": "Token missing required scopes",
        "required_scopes": "vendors.read",
        "token_scopes": SCOPE,
    }
    assert (answer.status_code, answer.json()) == (403, {"error": error})


def test_scopes_may_be_dropped(emulator: Emulator, anonymous: Client) -> None:
    emulator.settings.oauth_scopes = {"services.read"}
    granted = grant(anonymous)
    assert granted["scope"] == "as_account-us.acme services.read"
    assert status(anonymous, granted["access_token"], "DELETE") == 403


def test_oauth_tokens_expire(emulator: Emulator, anonymous: Client) -> None:
    token = grant(anonymous)["access_token"]
    emulator.expire_oauth_tokens()
    assert status(anonymous, token) == 401
    emulator.settings.oauth_expires_in = 0
    assert status(anonymous, grant(anonymous)["access_token"]) == 401


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": ""}, "invalid_client"),
        ({"client_secret": "wrong"}, "invalid_client"),
        # terraform-provider issue 936, which also has the description "Invalid scope"
        ({"scope": "as_account-eu.acme services.read"}, "invalid_request"),
    ],
)
def test_grants_that_are_refused(emulator: Emulator, anonymous: Client, changes: dict[str, str], error: str) -> None:
    emulator.settings.rejected_tokens.add("wrong")
    assert grant(anonymous, **changes)["error"] == error


def test_a_grant_is_asked_by_form(anonymous: Client) -> None:
    assert anonymous.post("/oauth/token", json={}).json()["error"] == "invalid_request"


def limits(answer: Any) -> tuple[int, ...]:
    return tuple(int(answer.headers[f"ratelimit-{name}"]) for name in ("limit", "remaining", "reset"))


def test_headers_also_when_nothing_is_enforced(api: Client) -> None:
    assert [limits(api.get("/services/PNOSUCH")) for _ in range(2)] == [(960, 959, 60)] * 2


@pytest.mark.parametrize("kind", ["fixed", "sliding"])
def test_beyond_the_limit_is_429(emulator: Emulator, api: Client, anonymous: Client, kind: str) -> None:
    emulator.settings.update({"rate_limit": 3, "rate_limit_window": 30, "rate_limit_kind": kind})
    answers = [api.get("/vendors") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [limits(answer)[1] for answer in answers] == [2, 1, 0, 0, 0]
    assert all(1 <= limits(answer)[2] <= 30 for answer in answers)
    assert answers[3].json() == {"error": {"message": "Rate Limit Exceeded", "code": 2020}}
    assert anonymous.get("/vendors", headers={"Authorization": "Token token=other"}).status_code == 200


def at_times(monkeypatch: pytest.MonkeyPatch, *times: float) -> None:
    """Set the rate limiter's clock, call by call."""
    clock = iter(times)
    monkeypatch.setattr(rate_limit, "time", SimpleNamespace(monotonic=lambda: next(clock)))


@pytest.mark.parametrize(
    ("kind", "admitted", "resets"),
    [
        ("fixed", [True, True, False, True, True, False], [60, 40, 1, 60, 60, 30]),
        ("sliding", [True, True, False, True, False, True], [60, 40, 1, 20, 20, 30]),
    ],
)
def test_the_window_passes(
    monkeypatch: pytest.MonkeyPatch, kind: Literal["fixed", "sliding"], admitted: list[bool], resets: list[int]
) -> None:
    at_times(monkeypatch, 100, 120, 159.5, 160, 160, 190)
    limiter = rate_limit.RateLimiter(Settings(rate_limit=2, rate_limit_kind=kind))
    allowances = [limiter.admit("token") for _ in range(6)]
    assert [item.admitted for item in allowances] == admitted
    assert [item.reset for item in allowances] == resets


def test_a_bare_429(emulator: Emulator, api: Client) -> None:
    emulator.settings.update({"rate_limit": 0, "rate_limit_bare": True})
    answer = api.get("/vendors")
    assert (answer.status_code, answer.content) == (429, b"")
    assert not [name for name in answer.headers if name.startswith("ratelimit")]


def test_a_refused_call_does_nothing(emulator: Emulator, api: Client) -> None:
    emulator.settings.rate_limit = 0
    assert api.delete("/services/PCHECKT").status_code == 429
    assert len(emulator.services()) == 12


EVENT_V2 = {"event_action": "trigger", "payload": {"summary": "Disk", "source": "db1", "severity": "error"}}


def test_events_beyond_the_limit(emulator: Emulator, anonymous: Client, create: Any) -> None:
    """From developer-docs: 120 calls a minute per integration key, then a 429, and the event is not ingested.

    (05-Rate-Limits.md of Events API v2; a 403 from Events API v1, by its 01-Overview.md.)
    """
    emulator.settings.update({"events_rate_limit": 3})
    first, second = create()["integration_key"], create()["integration_key"]
    answers = [anonymous.post("/v2/enqueue", json={**EVENT_V2, "routing_key": first}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert answers[3].json() == {"status": "throttled", "message": "Request Limit Exceeded"}
    assert len(emulator.alerts()) == len(emulator.events()) == 3
    change = {"routing_key": first, "payload": {"summary": "Deployed"}}
    assert anonymous.post("/v2/change/enqueue", json=change).status_code == 429
    assert anonymous.post(f"/integration/{first}/enqueue", json={"summary": "x"}).status_code == 429
    v1 = {"service_key": first, "event_type": "trigger", "description": "x"}
    assert anonymous.post("/generic/2010-04-15/create_event.json", json=v1).status_code == 403
    emulator.settings.events_rate_limit_body = "empty"
    assert anonymous.post("/v2/enqueue", json={**EVENT_V2, "routing_key": first}).content == b""
    assert anonymous.post("/v2/enqueue", json={**EVENT_V2, "routing_key": second}).status_code == 202


def test_events_come_back_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    at_times(monkeypatch, 0, 20, 59.9, 60, 60.1, 80)
    limiter = rate_limit.RateLimiter(Settings(events_rate_limit=2))
    assert [limiter.admits_event("key") for _ in range(6)] == [True, True, False, True, False, True]
