"""CheckConfig, DiffConfig and Configure: settings in every form, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.framework.testing import FakeEngine, Served, failures, refusal, serving
from pagerduty_native.framework.values import UNKNOWN, Secret, Value, Values
from pagerduty_native.framework.wire import from_struct
from pagerduty_native.package import PACKAGE
from pulumi.runtime.proto import provider_pb2 as pb

from tests.conftest import TOKEN
from tests.support.stack import TYPE

DiffResponse = pb.DiffResponse


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        pytest.param({"token": "t"}, {"token": Secret("t")}, id="token, whose mark was lost"),
        pytest.param({"token": UNKNOWN}, {"token": Secret(UNKNOWN)}, id="unknown token"),
        pytest.param({"insecureTls": "true", "version": "1"}, {"insecureTls": "true", "version": "1"}, id="as came"),
        pytest.param({"insecureTls": True}, {"insecureTls": True}, id="typed"),
        pytest.param({}, {}, id="nothing is added"),
    ],
)
def test_check_config_answers_with_what_came(unconfigured: Served, settings: Values, kept: Values) -> None:
    response = unconfigured.check_config(**settings)
    assert (from_struct(response.inputs), failures(response)) == (kept, [])


def test_check_config_adds_nothing_from_the_environment(unconfigured: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGERDUTY_TOKEN", TOKEN)
    assert from_struct(unconfigured.check_config(serviceRegion="eu").inputs) == {"serviceRegion": "eu"}


def test_check_config_reports_all_failures_together(unconfigured: Served) -> None:
    response = unconfigured.check_config(
        token=4711.0, serviceRegion="uk", insecureTls="maybe", apiUrlOverride="example.com", tokne="t"
    )
    assert failures(response) == [
        ("", "There is no property `tokne`. Did you mean `token`?"),
        ("", "`token` must be a string, got a secret number."),
        ("", '`serviceRegion` must be one of `us`, `eu`; got "uk".'),
        ("", '`insecureTls` must be true or false, got the string "maybe".'),
        (
            "",
            (
                "`apiUrlOverride` must be a URL that starts with https:// or http:// (no `?`, `#`), got 'example.com'. "
                "Did you mean `https://example.com`, with `https://` before it?"
            ),
        ),
    ]


@pytest.mark.parametrize("from_environment", [False, True])
@pytest.mark.parametrize(
    ("address", "suggested"),
    [
        ("api.eu.pagerduty.com", "`https://api.eu.pagerduty.com`, with `https://` before it?"),
        ("https:api.pagerduty.com", "`https://api.pagerduty.com`, with `https://` before it?"),
        ("gateway.example.com/pagerduty", "`https://gateway.example.com/pagerduty`, with `https://` before it?"),
        ("events.eu.pagerduty.com/v2/enqueue", "`https://api.eu.pagerduty.com`?"),
        ("localhost:8123", "`http://localhost:8123`, with `http://` before it?"),
        ("//[::1]:8123", "`http://[::1]:8123`, with `http://` before it?"),
        ("emulator:8123", "`http://emulator:8123`, with `http://` before it?"),
        ("8123", None),
        ("ftp://example.com", None),
        ("C:\\emulator", None),
    ],
)
def test_an_address_without_a_scheme_is_suggested_with_one(
    unconfigured: Served,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    suggested: str | None,
    from_environment: bool,
) -> None:
    settings: Values = {"token": TOKEN}
    if from_environment:
        monkeypatch.setenv("PAGERDUTY_API_URL", address)
    else:
        settings["apiUrlOverride"] = address
    message = refusal(lambda: unconfigured.configure(**settings)).message
    assert ("It comes from PAGERDUTY_API_URL." in message) == from_environment
    assert (f"Did you mean {suggested}" in message) if suggested else ("Did you mean" not in message)


@pytest.mark.parametrize(
    ("olds", "news", "diffs"),
    [
        pytest.param({"token": "a"}, {"token": "a"}, [], id="equal"),
        pytest.param({"insecureTls": "true"}, {"insecureTls": True, "version": "2"}, [], id="equal in meaning"),
        pytest.param({"token": "a"}, {"token": "b"}, ["token"], id="token"),
        pytest.param({"token": "a"}, {"token": UNKNOWN}, ["token"], id="unknown token"),
        pytest.param({"serviceRegion": "us"}, {"serviceRegion": "eu"}, ["serviceRegion"], id="region"),
        pytest.param({"apiUrlOverride": "http://a"}, {}, ["apiUrlOverride"], id="removed"),
    ],
)
def test_a_change_of_settings_never_replaces(
    unconfigured: Served, olds: Values, news: Values, diffs: list[str]
) -> None:
    response = unconfigured.diff_config(olds, news)
    assert response.changes == (DiffResponse.DIFF_SOME if diffs else DiffResponse.DIFF_NONE)
    assert list(response.diffs) == diffs
    assert not response.replaces
    assert not response.deleteBeforeReplace
    assert "REPLACE" not in str(response.detailedDiff)


def works(provider: Served) -> bool:
    return provider.read("PCHECKT.PNONE00") == pb.ReadResponse()


@pytest.mark.parametrize("token", [None, "", Secret("")])
def test_without_a_token_both_ways_to_give_one_are_named(unconfigured: Served, token: Value) -> None:
    assert refusal(lambda: unconfigured.configure(token=token)).message == (
        "The setting `token` is missing: PagerDuty needs a REST API key. Set it for this stack with "
        "`pulumi config set --secret pagerduty-native:token` (`pagerduty:token` is another provider's), or in the "
        "environment as PAGERDUTY_TOKEN. An explicit provider does not read the stack's configuration: it needs "
        "its own `token`."
    )


def test_a_variable_that_is_set_but_empty_is_named(unconfigured: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that a pipeline does not have, such as that of a fork in GitHub Actions."""
    monkeypatch.setenv("PAGERDUTY_TOKEN", "")
    message = refusal(unconfigured.configure).message
    assert message.startswith(
        "The setting `token` is missing (PAGERDUTY_TOKEN is set, but empty: is a secret missing?): PagerDuty needs"
    )


@pytest.mark.parametrize("token", [None, ""])
def test_the_token_may_come_from_the_environment(
    unconfigured: Served, emulator: Any, monkeypatch: pytest.MonkeyPatch, token: str | None
) -> None:
    monkeypatch.setenv("PAGERDUTY_TOKEN", TOKEN)
    unconfigured.configure(token=token, apiUrlOverride=emulator.url)
    assert works(unconfigured)


def test_a_given_token_wins_over_the_environment(
    provider: Served, emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.settings.rejected_tokens = {TOKEN}
    monkeypatch.setenv("PAGERDUTY_TOKEN", TOKEN)
    provider.configure(token=Secret("another"), apiUrlOverride=emulator.url)
    assert works(provider)


def test_blanks_around_a_token_do_not_count(unconfigured: Served, emulator: Any) -> None:
    unconfigured.configure(token=f" {TOKEN}\n", apiUrlOverride=emulator.url)
    assert works(unconfigured)


def test_configure_makes_no_call(provider: Served, emulator: Any) -> None:
    assert len(emulator.requests) == 0


def test_configure_refuses_what_check_config_never_saw(unconfigured: Served) -> None:
    error = refusal(lambda: unconfigured.configure(token=TOKEN, serviceRegion="uk", insecureTls="maybe"))
    assert error.message == (
        '`serviceRegion` must be one of `us`, `eu`; got "uk". '
        '`insecureTls` must be true or false, got the string "maybe".'
    )


def test_a_bad_region_in_the_environment_is_named_with_its_variable(
    unconfigured: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGERDUTY_SERVICE_REGION", "uk")
    error = refusal(lambda: unconfigured.configure(token=TOKEN))
    assert error.message == (
        '`serviceRegion` must be one of `us`, `eu`; got "uk". It comes from PAGERDUTY_SERVICE_REGION.'
    )


# The address from the environment


def configured_at(engine: tuple[FakeEngine, str], **settings: Value) -> list[str]:
    """Configure a provider, let it make a call, and return its warnings."""
    messages, address = engine
    with serving(PACKAGE, TYPE, engine_address=address) as served:
        served.configure(token=TOKEN, **settings)
        assert failures(served.invoke("pagerduty-native:index:getService", name="Checkout")) == []
    return [each.message for each in messages.messages]


def test_the_address_may_come_from_the_environment_with_a_warning(
    emulator: Emulator, engine: tuple[FakeEngine, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGERDUTY_API_URL", emulator.url)
    (warning,) = configured_at(engine)
    assert warning == f"PagerDuty's API is at {emulator.url}, from the environment variable PAGERDUTY_API_URL."


def test_the_setting_wins_over_the_address_in_the_environment(
    emulator: Emulator, engine: tuple[FakeEngine, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGERDUTY_API_URL", "http://127.0.0.1:9")
    assert configured_at(engine, apiUrlOverride=emulator.url) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://events.pagerduty.com/v2/enqueue",
        "https://events.eu.pagerduty.com",
        "https://api.pagerduty.com/incidents",
        "https://acme.pagerduty.com",
        "https://identity.pagerduty.com/",
    ],
)
def test_another_address_of_pagerduty_is_refused_with_its_variable(
    unconfigured: Served, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("PAGERDUTY_API_URL", url)
    said = refusal(lambda: unconfigured.configure(token=TOKEN)).message
    assert "must be the address of the REST API" in said
    assert said.endswith("It comes from PAGERDUTY_API_URL.")


def test_settings_may_come_again(provider: Served, emulator: Any) -> None:
    emulator.settings.rejected_tokens = {TOKEN}
    assert "refused the token" in refusal(lambda: provider.read("PCHECKT.PNONE00")).message
    provider.configure(token="another", apiUrlOverride=emulator.url)
    assert works(provider)


SECRET = "AppSecretThatMustNotShow"


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"useAppOauthScopedToken": {"pd_secret": SECRET}}, id="misspelt"),
        pytest.param(
            {"useAppOauthScopedToken": {"pd_client_secret": SECRET, "pdClientId": 1.0}}, id="beside a mistake"
        ),
        pytest.param({"useAppOauthScopedToken": f'{{"pdClientSecret": "{SECRET}"'}, id="malformed JSON"),
        pytest.param({"useAppOauthScopedToken": [SECRET]}, id="of another kind"),
        pytest.param({"use_app_oauth_scoped_tokn": {"pdClientSecret": SECRET}}, id="whole setting misspelt"),
        pytest.param({"tokne": SECRET}, id="token misspelt"),
    ],
)
def test_a_secret_in_a_faulty_setting_is_not_shown(unconfigured: Served, settings: Values) -> None:
    """The engine prints the value of the property that a failure names, and tells CheckConfig of no secret marks."""
    response = unconfigured.check_config(**settings)
    assert response.failures
    assert {each.property for each in response.failures} == {""}
    assert SECRET not in str(response)


def test_the_whole_of_a_setting_that_holds_a_secret_is_secret(unconfigured: Served) -> None:
    app: Values = {"pd_client_id": "app", "pd_client_secret": SECRET, "pd_subdomain": "acme"}
    response = unconfigured.check_config(useAppOauthScopedToken=app)
    assert from_struct(response.inputs) == {"useAppOauthScopedToken": Secret(app)}


@pytest.mark.parametrize("text", ["9" * 400, "9" * 5000, "[" * 5000, "NaN", "1e999"])
def test_settings_in_json_that_none_can_read(unconfigured: Served, text: str) -> None:
    response = unconfigured.check_config(requestsPerMinute=text, useAppOauthScopedToken=text, insecureTls=text)
    assert [each.reason.partition(",")[0] for each in response.failures] == [
        "`useAppOauthScopedToken` must be an object",
        "`insecureTls` must be true or false",
        "`requestsPerMinute` must be a whole number",
    ]
