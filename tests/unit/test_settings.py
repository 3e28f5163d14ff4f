"""The package's settings: what they need, and what is said when a call fails because of them."""

from __future__ import annotations

import pytest
from pagerduty_native.api.errors import (
    ApiError,
    AppTokenError,
    CancelledError,
    DeadlineError,
    PagerDutyError,
    UnintelligibleResponseError,
    UnreachableError,
    UnsendableError,
    UnsettledError,
    api_error,
)
from pagerduty_native.framework.config import check_settings, with_defaults
from pagerduty_native.framework.context import Host
from pagerduty_native.framework.errors import ProviderError
from pagerduty_native.framework.service import Engine
from pagerduty_native.framework.values import Value, Values
from pagerduty_native.settings import Settings, configure, explain

APP: Values = {"pdClientId": "app", "pdClientSecret": "secret", "pdSubdomain": "acme"}


def failures(**settings: Value) -> list[tuple[str, str]]:
    return [(failure.property, failure.reason) for failure in check_settings(Settings, settings).failures]


def test_without_a_token_both_ways_to_give_one_are_named() -> None:
    with pytest.raises(ProviderError) as raised:
        configure(with_defaults(Settings, {}), Host(Engine()))
    assert str(raised.value) == (
        "The setting `token` is missing: PagerDuty needs a REST API key. Set it for this stack with "
        "`pulumi config set --secret pagerduty-native:token` (`pagerduty:token` is another provider's), or in the "
        "environment as PAGERDUTY_TOKEN. An explicit provider does not read the stack's configuration: it needs "
        "its own `token`."
    )


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        pytest.param({}, "https://api.pagerduty.com", id="default"),
        pytest.param({"serviceRegion": "us"}, "https://api.pagerduty.com", id="us"),
        pytest.param({"serviceRegion": "eu"}, "https://api.eu.pagerduty.com", id="eu"),
        pytest.param({"apiUrlOverride": "http://127.0.0.1:8080/"}, "http://127.0.0.1:8080", id="override"),
        pytest.param(
            {"serviceRegion": "eu", "apiUrlOverride": "https://proxy/pagerduty"}, "https://proxy/pagerduty", id="both"
        ),
    ],
)
def test_the_address_of_the_api(settings: Values, url: str) -> None:
    account = configure(with_defaults(Settings, {"token": "t", **settings}), Host(Engine()))
    assert account.vendors._client.api_url == url


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8080",
        "ftp://example.com",
        "htps://example.com",
        "mailto:a",
        "localhost",
        "http://h/?x",
        "http://h/#x",
    ],
)
def test_an_address_must_be_one(url: str) -> None:
    ((name, reason),) = failures(apiUrlOverride=url)
    wanted = f"`apiUrlOverride` must be a URL that starts with https:// or http:// (no `?`, `#`), got {url!r}."
    assert (name, reason.partition(" Did you mean")[0]) == ("apiUrlOverride", wanted)


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "http:///path",
        "http://[::1",
        "http://h:80800",
        "http://h:0",
        "http://h:x",
        "HTTP://h:99999",
        "http://h/a b",
        "http://h\n",
    ],
)
def test_an_address_that_begins_well_must_go_on_so(url: str) -> None:
    ((name, reason),) = failures(apiUrlOverride=url)
    wanted = (
        f"`apiUrlOverride` must be a URL that has a host, no blanks, and a port from 1 to 65535 if any, got {url!r}."
    )
    assert (name, reason.partition(" Did you mean")[0]) == ("apiUrlOverride", wanted)


@pytest.mark.parametrize("token", ["u+abc\ndef", "u+äbc", "u+abc def"])
def test_a_token_that_no_header_can_hold_is_refused_and_not_shown(token: str) -> None:
    ((property_name, reason),) = failures(token=token)
    assert property_name == ""
    assert reason.startswith("`token` must be")
    assert "abc" not in reason


@pytest.mark.parametrize(
    "token",
    [
        "Token token=u+abc",
        "token=u+abc",
        "Bearer u+abc",
        "'u+abc'",
        ' "u+abc"',
        '{"value":"u+abc"}',  # the setting token.value, with --path
        '["u+abc"]',
    ],
)
def test_more_than_a_key_in_the_token_is_refused_and_named(token: str) -> None:
    ((property_name, reason),) = failures(token=token)
    assert property_name == ""  # of no property, as the engine would show its value
    assert reason.startswith("`token` must be a REST API key only, without ")
    assert "u+abc" not in reason


def test_an_incomplete_app_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAGERDUTY_CLIENT_SECRET", "PAGERDUTY_SUBDOMAIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PAGERDUTY_CLIENT_ID", "id")
    with pytest.raises(ProviderError, match="Missing: PAGERDUTY_CLIENT_SECRET and PAGERDUTY_SUBDOMAIN"):
        configure(with_defaults(Settings, {}), Host(Engine()))


def test_blanks_around_a_token_do_not_count() -> None:
    assert failures(token=" u+abc\n") == []


def test_the_nearest_setting_is_suggested() -> None:
    assert failures(serviceRegoin="eu") == [
        ("serviceRegoin", "There is no property `serviceRegoin`. Did you mean `serviceRegion`?")
    ]


@pytest.mark.parametrize("credentials", [{"token": "t"}, {"useAppOauthScopedToken": APP}], ids=["token", "app"])
def test_the_setting_that_skips_verification_beats_the_environment(
    monkeypatch: pytest.MonkeyPatch, credentials: Values
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/none")
    client = configure(with_defaults(Settings, {**credentials, "insecureTls": True}), Host(Engine())).vendors._client
    clients = [client, *([client._authorization._identity] if "token" not in credentials else [])]  # type: ignore[attr-defined]
    assert [each._transport._verify for each in clients] == [False] * len(clients)


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://pagerduty.gateway.example.com", True),
        ("HTTP://10.0.0.7:8123", True),
        ("http://[2001:db8::1]", True),
        ("http://localhost.example.com", True),
        ("https://pagerduty.gateway.example.com", False),
        ("http://localhost:8123", False),
        ("http://pagerduty.localhost", False),
        ("http://127.0.0.2:8123", False),
        ("http://[::1]:8123", False),
    ],
)
def test_a_token_that_anyone_on_the_way_can_read_is_warned_about(
    caplog: pytest.LogCaptureFixture, url: str, warned: bool
) -> None:
    configure(with_defaults(Settings, {"token": "t", "apiUrlOverride": url}), Host(Engine()))
    assert ["are sent unencrypted" in each for each in caplog.messages] == [True] * warned


@pytest.mark.parametrize(
    ("token", "warned"),
    [
        ("0123456789abcdef0123456789abcdef", True),
        ("R0123456789ABCDEF0123456789ABCDE", True),
        ("u+0123456789abcdef01", False),
        ("pdus+_0XBPWQ_0123456789abcdef-012345", False),
    ],
)
def test_a_token_that_looks_like_an_integration_key_is_warned_about(
    caplog: pytest.LogCaptureFixture, token: str, warned: bool
) -> None:
    configure(with_defaults(Settings, {"token": token}), Host(Engine()))
    assert ["like an integration key" in each for each in caplog.messages] == [True] * warned
    assert token not in caplog.text


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        (
            {"pdClientId": "app"},
            "`pdClientSecret` (or PAGERDUTY_CLIENT_SECRET) and `pdSubdomain` (or PAGERDUTY_SUBDOMAIN)",
        ),
        ({"pdClientSecret": "s", "pdSubdomain": "acme"}, "`pdClientId` (or PAGERDUTY_CLIENT_ID)"),
        ({"pdSubdomain": "acme"}, "(or PAGERDUTY_CLIENT_ID) and `pdClientSecret` (or PAGERDUTY_CLIENT_SECRET)"),
    ],
)
def test_the_missing_parts_of_an_app_are_named(given: Values, missing: str) -> None:
    with pytest.raises(ProviderError) as raised:
        configure(with_defaults(Settings, {"useAppOauthScopedToken": given}), Host(Engine()))
    assert str(raised.value).endswith(f"{missing}.")


@pytest.mark.parametrize("subdomain", ["acme.pagerduty.com", "https://acme.pagerduty.com/", "https://acme"])
def test_an_address_in_place_of_a_subdomain_is_refused(subdomain: str) -> None:
    app: Values = {"pdClientId": "i", "pdClientSecret": "s", "pdSubdomain": subdomain}
    ((_, reason),) = failures(useAppOauthScopedToken=app)
    assert reason == (
        "`useAppOauthScopedToken.pdSubdomain` must be the subdomain only: `acme` for an account at "
        "https://acme.pagerduty.com."
    )


def test_an_app_that_is_a_text_is_answered_with_how_to_set_its_parts() -> None:
    ((_, reason),) = failures(useAppOauthScopedToken="acme")
    assert "`pulumi config set --path` sets the properties of an object one by one." in reason


def forbidden(status: int = 403, *, reading: bool = False, by_app: bool = False, **fields: str) -> ApiError:
    error = api_error(status, {"error": {**SAID["error"], **fields}})
    error.reading, error.by_app = reading, by_app
    return error


def no_token(cause: PagerDutyError) -> AppTokenError:
    return AppTokenError(cause, "as_account-us.acme")


SAID = {"error": {"message": "Said", "code": 2010, "errors": ["Why."]}}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(
            api_error(401, SAID),
            [
                "refused the token: Said: Why. (status 401, code 2010)",
                "`--run-program`",
                "`token`",
                "PAGERDUTY_TOKEN",
                "`serviceRegion`",
            ],
            id="401",
        ),
        pytest.param(
            forbidden(401, by_app=True), ["refused the app's token", "`useAppOauthScopedToken`"], id="401 of an app"
        ),
        pytest.param(
            no_token(api_error(400, {"error": "invalid_request", "error_description": "Invalid scope"})),
            [
                "`useAppOauthScopedToken`: invalid_request: Invalid scope",
                "`as_account-us.acme`",
                "`pdSubdomain`",
                "`serviceRegion`",
            ],
            id="another account",
        ),
        pytest.param(
            no_token(api_error(401, {"error": "invalid_client", "error_description": "No"})),
            [
                "`useAppOauthScopedToken`: invalid_client: No",
                "`pdClientId`",
                "`pdClientSecret`",
                "PAGERDUTY_CLIENT_SECRET",
            ],
            id="credentials of an app",
        ),
        pytest.param(
            no_token(UnreachableError("https://identity", "Connection refused")),
            [
                "no token for the app in `useAppOauthScopedToken`",
                "https://identity cannot be reached: Connection refused",
            ],
            id="no token for the network",
        ),
        pytest.param(
            no_token(api_error(503, SAID)),
            ["no token", "could not handle the request: Said", "later"],
            id="503 for a token",
        ),
        pytest.param(
            forbidden(by_app=True, required_scopes="services.write", token_scopes="services.read"),
            ["needs the scope services.write", "has services.read", "App Registration", "Scoped OAuth"],
            id="a scope is missing",
        ),
        pytest.param(forbidden(by_app=True), ["`useAppOauthScopedToken`", "write access"], id="403 of an app"),
        pytest.param(forbidden(reading=True), ["(setting `token`", "needs read access"], id="403 on a read"),
        pytest.param(
            api_error(403, SAID), ["does not allow this: Said: Why. (status 403, code 2010)", "write access"], id="403"
        ),
        pytest.param(api_error(402, SAID), ["does not allow this: Said", "plan"], id="402"),
        pytest.param(
            UnreachableError("http://127.0.0.1:1", "Connection refused"),
            ["http://127.0.0.1:1 cannot be reached: Connection refused", "`apiUrlOverride`", "`serviceRegion`"],
            id="unreachable",
        ),
        pytest.param(
            UnreachableError("http://127.0.0.1:8123", "Connection refused"),
            ["Connection refused. This is an address of this machine: is the emulator running, at this port?"],
            id="no emulator",
        ),
        pytest.param(
            UnreachableError("https://127.0.0.1:8123", "[SSL: WRONG_VERSION_NUMBER] wrong version number"),
            ["did you mean http:// in place of https://, as for an emulator?"],
            id="TLS to a server without it",
        ),
        pytest.param(
            UnreachableError("http://127.0.0.1:1", "the time ran out", perhaps_done=True),
            ["http://127.0.0.1:1 did not respond: the time ran out", "later"],
            id="no answer",
        ),
        pytest.param(
            UnsendableError("one of its values is none"),
            ["Nothing was sent to PagerDuty: the request cannot be sent: one of its values is none."],
            id="unsendable",
        ),
        pytest.param(
            UnintelligibleResponseError("https://proxy", 200, "<html>"),
            ["https://proxy responded with status 200", "`apiUrlOverride`"],
            id="another server",
        ),
        pytest.param(
            api_error(500, SAID),
            ["could not handle the request: Said: Why. (status 500, code 2010).", "later"],
            id="500",
        ),
        pytest.param(
            api_error(429, SAID),
            ["could not handle the request: Said: Why. (status 429, code 2010).", "later"],
            id="429",
        ),
        pytest.param(DeadlineError("too late"), ["`customTimeouts`", "has expired: too late."], id="deadline"),
        pytest.param(CancelledError("stopped"), ["No further call was made to PagerDuty: stopped."], id="cancelled"),
        pytest.param(
            UnsettledError("Perhaps", candidates=("P1.P2", "P1.P3")),
            ["Perhaps. Check the service", "`P1.P2` `P1.P3`"],
            id="unsettled",
        ),
        pytest.param(
            api_error(404, SAID), ["refused the request: Said: Why. (status 404", "`apiUrlOverride`"], id="404"
        ),
        pytest.param(
            api_error(409, SAID), ["PagerDuty refused the request: Said: Why. (status 409, code 2010)."], id="409"
        ),
        pytest.param(PagerDutyError("odd"), ["PagerDuty refused the request: odd."], id="other"),
    ],
)
def test_a_failed_call_is_explained_by_the_settings_at_fault(error: Exception, words: list[str]) -> None:
    message = explain(error) or ""
    assert [each for each in words if each not in message] == []


def test_what_is_unexpected_is_not_explained() -> None:
    assert explain(KeyError("integration")) is None


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, "https://events.pagerduty.com"),
        ({"serviceRegion": "eu"}, "https://events.eu.pagerduty.com"),
        ({"apiUrlOverride": "https://api.eu.pagerduty.com"}, "https://events.eu.pagerduty.com"),
        ({"apiUrlOverride": "https://gateway.example.com", "serviceRegion": "eu"}, "https://events.eu.pagerduty.com"),
        ({"apiUrlOverride": "http://127.0.0.1:8123/api"}, "http://127.0.0.1:8123"),
    ],
)
def test_events_of_orchestrations_go_to_the_accounts_region(settings: Values, url: str) -> None:
    account = configure(with_defaults(Settings, {"token": "t", **settings}), Host(Engine()))
    assert account.events_url == url
