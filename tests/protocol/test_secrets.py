"""Secrets in inputs and settings: no answer shows them, nor lets the engine show them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.framework.testing import Served, failures, refusal
from pagerduty_native.framework.values import UNKNOWN, Secret, Value, Values
from pagerduty_native.framework.wire import SIGNATURE_KEY
from pulumi.runtime.proto import provider_pb2 as pb

from . import mutations

KEY = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
HUSH = Secret(KEY)
GOOD: Values = {"service": "PCHECKT", "type": "events_api_v2_inbound_integration", "name": "alerts"}
MATCHES: Values = {"subjectMode": "match", "subjectRegex": HUSH}


@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param({"vendor": {"id": "Amazon CloudWatch", "description": HUSH}}, id="beside a faulty ID"),
        pytest.param({"vendor": {"id": UNKNOWN, "name": HUSH}, "type": 5.0}, id="beside an unknown ID"),
        pytest.param({"vendor": {"description": HUSH}}, id="beside no ID"),
        pytest.param({"vendor": {"id": "no ID", "more": [{"deeper": HUSH}]}}, id="deeper, beside a faulty ID"),
        pytest.param({"vendor": Secret({"id": "no ID", "description": KEY})}, id="in a secret object"),
        pytest.param({"vendor": [HUSH]}, id="in a list of the wrong type"),
        pytest.param({"servce": HUSH}, id="of a misspelled property"),
        pytest.param({"servce": {"a": [1.0, {"b": HUSH}]}}, id="deep in a misspelled property"),
        pytest.param({"emailFilters": [{"subjectMod": "match", **MATCHES}]}, id="beside a misspelled part"),
        pytest.param({"emailFilters": [{**MATCHES, "bodyMode": HUSH}]}, id="in place of a mode"),
        pytest.param({"emailFilters": Secret([{"subjectMode": KEY}])}, id="in a secret list"),
        pytest.param({"emailFilters": {"subjectRegex": HUSH}}, id="in an object in place of a list"),
        pytest.param({"name": mutations.nested(30, HUSH)}, id="nested too deeply"),
        pytest.param({"name": {SIGNATURE_KEY: "not-a-signature", "value": HUSH}}, id="in an odd wire value"),
        pytest.param({"name": {SIGNATURE_KEY: "c44067f5952c0a294b673a41bacd8c17", "text": HUSH}}, id="in an asset"),
        pytest.param(
            {"name": {SIGNATURE_KEY: "0def7320c3a5731c473e5ecbe6d01bc7", "assets": {"a": HUSH}}}, id="in an archive"
        ),
        pytest.param({"service": Secret(55.5)}, id="number"),
        pytest.param({"vendor": Secret(None), "service": HUSH, "type": ""}, id="secret nothing"),
    ],
)
def test_a_property_that_holds_a_secret_is_not_named_to_the_engine(provider: Served, inputs: Values) -> None:
    """The engine prints the value of the property that a failure names."""
    response = provider.check({**GOOD, **inputs})
    assert response.failures
    for failure in response.failures:
        assert failure.property not in {*inputs} - {"type"}
    assert KEY not in str(response)
    assert "55.5" not in str(response)


@pytest.mark.parametrize(
    ("inputs", "named"),
    [
        pytest.param({"vendor": "no ID"}, "vendor", id="text"),
        pytest.param({"vendor": "no ID" * 100}, "", id="long text"),
        pytest.param({"emailFilters": [{}, 5.0]}, "", id="list"),
        pytest.param({"vendor": {"id": 5.0}}, "", id="object"),
        pytest.param({"service": None}, "", id="nothing"),
    ],
)
def test_only_a_short_plain_value_is_left_to_the_engine_to_print(provider: Served, inputs: Values, named: str) -> None:
    ((name, reason),) = failures(provider.check({**GOOD, **inputs}))
    assert name == named
    assert f"`{next(iter(inputs))}" in reason


@pytest.mark.parametrize(
    "settings",
    [
        {"serviceRegion": KEY},
        {"apiUrlOverride": KEY},
        {"apiUrlOverride": f"https://{KEY}/?"},
        {"requestsPerMinute": KEY},
        {"requestsPerMinute": f'["{KEY}"]'},
        {"insecureTls": KEY},
        {"token": f"{KEY} {KEY}"},
        {"tokn": KEY},
        {"useAppOauthScopedToken": KEY},
        {"serviceRegion": [KEY]},
        {"serviceRegion": {"a": KEY}},
    ],
)
def test_a_failing_setting_may_be_a_secret(unconfigured: Served, settings: Values) -> None:
    """The engine passes CheckConfig no secret marks."""
    response = unconfigured.check_config(**settings)
    assert [each.property for each in response.failures] == [""]
    assert f"`{next(iter(settings))}" in response.failures[0].reason
    assert KEY not in str(response)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("getVendor", {"name": HUSH, "id": HUSH}),
        ("getVendor", {"id": Secret(f"{KEY}!")}),
        ("getVendor", {"name": [HUSH]}),
        ("getVendor", {"nme": {"a": HUSH}}),
        ("getService", {"name": HUSH}),
        ("getIntegration", {"service": HUSH, "id": "PINT001"}),
    ],
)
def test_no_failure_of_a_function_shows_a_secret_argument(provider: Served, function: str, arguments: Values) -> None:
    call: Callable[[], Any] = lambda: provider.invoke(f"pagerduty-native:index:{function}", **arguments)  # noqa: E731
    try:
        shown = str(call().failures)
    except Exception:  # noqa: BLE001 (some arguments are refused, others are not found)
        shown = refusal(call).message
    assert shown
    assert KEY not in shown


@pytest.mark.parametrize("token", ["any", "token", "proxy", "secret", "integration", "PagerDuty"])
def test_a_token_that_is_a_word_makes_no_hole_in_our_sentences(
    unconfigured: Served, emulator: Emulator, token: str
) -> None:
    """README uses the token `any` with the emulator."""
    unconfigured.configure(token=token, apiUrlOverride=emulator.url)
    emulator.inject("status", "POST", "/services/**", status=302, body="<p>moved</p>")
    error = refusal(lambda: unconfigured.create(GOOD))
    assert "Check the setting `apiUrlOverride`, and any proxy between here and PagerDuty" in error.message
    assert "[secret]" not in error.message
    assert failures(unconfigured.check({**GOOD, "tokn": 5.0, f"{token}s": 5.0}))
    reasons = str(unconfigured.check({**GOOD, "anyy": 5.0, "servic": "x"}))
    assert "Did you mean `service`?" in reasons
    assert "[secret]" not in reasons


def test_what_pagerduty_repeats_of_a_short_secret_is_hidden(unconfigured: Served, emulator: Emulator) -> None:
    unconfigured.configure(token="any", apiUrlOverride=emulator.url)
    body = {"error": {"message": "No any", "errors": ["key any%20one", 'name \\"hush\\"'], "code": 2001}}
    emulator.inject("status", "POST", "/services/**", status=409, body=body)
    error = refusal(lambda: unconfigured.create({**GOOD, "name": Secret("hush")}))
    assert "No [secret]: key [secret]%20one name" in error.message
    assert "hush" not in error.message


def test_hundreds_of_secrets_with_a_typo_are_reported_together(provider: Served) -> None:
    filters: list[Value] = [
        {"subjectMode": "match", "subjectRegex": Secret(f"secret (regex) number {number}"), "bodyMod": "always"}
        for number in range(300)
    ]
    response = provider.check({**GOOD, "emailFilters": filters})
    misspelled = [each for each in response.failures if "has no property `bodyMod`" in each.reason]
    assert len(misspelled) == 300
    assert "number 7" not in str(response)
    assert isinstance(response, pb.CheckResponse)
