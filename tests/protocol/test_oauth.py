"""Tokens of an app: had once, renewed before they expire and when they are refused."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import requests
import urllib3
from pagerduty_emulator import Emulator
from pagerduty_native.pagerduty.errors import AppRefusedError, UnreachableError
from pagerduty_native.pagerduty.oauth import AppAuthorization
from pagerduty_native.rpc.values import Values

from tests.conftest import TOKEN

from .provider import Provider, refusal

SECRET = "SecretOfTheApp"
APP: Values = {"pdClientId": "app", "pdClientSecret": SECRET, "pdSubdomain": "acme"}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def authorization(emulator: Emulator, clock: Callable[[], float] = time.monotonic) -> AppAuthorization:
    return AppAuthorization("app", "x", "acme", identity_url=emulator.url, clock=clock)


def get(emulator: Emulator, auth: AppAuthorization) -> int:
    return requests.get(f"{emulator.url}/vendors", auth=auth, timeout=10).status_code


def test_a_token_is_asked_for_once(emulator: Emulator) -> None:
    auth = authorization(emulator)
    assert [get(emulator, auth), get(emulator, auth)] == [200, 200]
    assert emulator.requests.count("POST", "/oauth/token") == 1


@pytest.mark.parametrize(
    ("lifetime", "renewed_at"), [(86_400, 86_280), (100, 50)], ids=["a day", "shorter than two minutes"]
)
def test_a_token_is_renewed_before_it_expires(emulator: Emulator, lifetime: int, renewed_at: int) -> None:
    emulator.settings.oauth_expires_in = lifetime
    clock = Clock()
    auth = authorization(emulator, clock)
    for clock.now, asked in ((0, 1), (renewed_at - 1, 1), (renewed_at, 2)):
        get(emulator, auth)
        assert emulator.requests.count("POST", "/oauth/token") == asked


def test_a_token_that_is_refused_is_renewed_once(emulator: Emulator) -> None:
    auth = authorization(emulator)
    get(emulator, auth)
    emulator.expire_oauth_tokens()
    assert get(emulator, auth) == 200
    assert emulator.requests.count("POST", "/oauth/token") == 2
    emulator.inject("status", "GET", "/vendors", times=None, status=401)
    emulator.requests.clear()
    assert get(emulator, auth) == 401
    assert emulator.requests.count("GET", "/vendors") == 2


def test_a_provider_goes_on_with_a_new_token(provider: Provider, emulator: Emulator) -> None:
    provider.configure(useAppOauthScopedToken=APP, apiUrlOverride=emulator.url)
    provider.create({"service": "PCHECKT", "type": "events_api_v2_inbound_integration", "name": "One"})
    emulator.expire_oauth_tokens()
    provider.create({"service": "PCHECKT", "type": "events_api_v2_inbound_integration", "name": "Two"})
    assert [each["name"] for each in emulator.integrations()] == ["One", "Two"]


def test_credentials_that_are_refused(provider: Provider, emulator: Emulator) -> None:
    emulator.settings.rejected_tokens.add(SECRET)
    provider.configure(useAppOauthScopedToken=APP, apiUrlOverride=emulator.url)
    error = refusal(lambda: provider.create({"service": "PCHECKT", "type": "x", "name": "One"}))
    assert error.message.startswith("PagerDuty gave the app no token: Client authentication failed.")
    assert "`useAppOauthScopedToken`" in error.message
    assert SECRET not in error.message


def test_scopes_that_were_left_out_without_a_word(emulator: Emulator) -> None:
    emulator.settings.oauth_scopes = {"services.read"}
    with pytest.raises(AppRefusedError, match=r"lacks the scopes services\.write, vendors\.read"):
        get(emulator, authorization(emulator))


def test_an_address_that_nobody_listens_at(emulator: Emulator) -> None:
    auth = AppAuthorization("app", "x", "acme", identity_url="http://127.0.0.1:9", retry=urllib3.Retry(0))
    with pytest.raises(UnreachableError):
        get(emulator, auth)


def test_incomplete_credentials_and_a_token_beside_them(provider: Provider) -> None:
    incomplete: Values = {"pdClientId": "app"}
    error = refusal(lambda: provider.configure(useAppOauthScopedToken=incomplete))
    assert "needs `pdClientId`, `pdClientSecret` and `pdSubdomain`" in error.message
    error = refusal(lambda: provider.configure(useAppOauthScopedToken=APP, token=TOKEN))
    assert "Give either `token` or `useAppOauthScopedToken`" in error.message
