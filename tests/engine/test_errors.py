"""Errors on the real engine: one clear message, by property, and a true state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pagerduty_emulator import Emulator

from tests.support.stack import Stack

SERVICE = "PCHECKT"
EVENTS_API_V2 = "events_api_v2_inbound_integration"


# Messages about inputs, by the name of the resource that has them.
BAD_INPUTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "unknownService": (
        {"service": "PNOWHER", "type": EVENTS_API_V2},
        ["`service`: PagerDuty has no service with the ID 'PNOWHER'"],
    ),
    "unknownVendor": (
        {"service": SERVICE, "vendor": "PNOSUCH"},
        ["`vendor`: PagerDuty has no vendor with the ID 'PNOSUCH'", "getVendor"],
    ),
    "unknownVendorBesideAType": (
        {"service": SERVICE, "vendor": "PNOSUCH", "type": EVENTS_API_V2},
        ["`vendor`: PagerDuty has no vendor with the ID 'PNOSUCH'", "getVendor"],
    ),
    "refusedByPagerDuty": (
        {"service": SERVICE, "type": "brand_new"},
        ["`type`: ", "Type cannot be empty."],
    ),
    # These two are refused by a check.
    "typeThatNeedsAVendor": (
        {"service": SERVICE, "type": "aws_cloudwatch_inbound_integration"},
        ["`vendor` is required if `type` is", 'getVendor(name="Amazon CloudWatch")'],
    ),
    "nameOfAService": (
        {"service": "Checkout", "type": EVENTS_API_V2},
        ["does not look like the ID of a service", 'getService(name="Checkout")', "`pagerduty-native list`"],
    ),
}


def test_bad_inputs(stack: Stack, emulator: Emulator) -> None:
    *created, one, other = BAD_INPUTS
    # A program ends with the first resource that a check refuses, perhaps before the engine creates the others.
    for together in (created, [one], [other]):
        stack.program(resources={name: resource(**BAD_INPUTS[name][0]) for name in together})
        result = stack.up("--continue-on-error", fails=True)
        for name in together:
            diagnostics = result.diagnostics_of(name)
            assert [text for text in BAD_INPUTS[name][1] if text not in diagnostics] == [], f"{name}: {diagnostics}"
            assert stack.resource(name) is None
        assert_readable(result.diagnostics)
    assert emulator.integrations() == []


def test_all_failures_of_a_check_come_together(stack: Stack, emulator: Emulator) -> None:
    stack.python(
        "import pulumi\n"
        "asset = pulumi.StringAsset('text')\n"
        "inputs = {'servce': 'PCHECKT', 'type': asset, 'vendor': 5.5, 'name': ' '}\n"
        "pulumi.CustomResource('pagerduty-native:index:Integration', 'alerts', inputs)\n"
    )
    diagnostics = stack.up(fails=True).diagnostics
    for said in (
        "There is no property `servce`. Did you mean `service`?",
        "`service` is required: The ID of the service that the integration belongs to",
        "`type` must be a string, got an asset.",
        "`vendor` must be a string or an object, got the number 5.5.",
        "`name` must not be empty (is a variable empty?).",
    ):
        assert said in diagnostics  # Around them the Python host tells that it was interrupted.
    assert len(emulator.requests) == 0


def test_an_integration_needs_a_vendor_or_a_type(stack: Stack) -> None:
    stack.integration(service=SERVICE)
    assert "Either `vendor` or `type` is required" in stack.up(fails=True).diagnostics


def test_a_secret_value_is_not_shown_by_the_error_about_it(stack: Stack) -> None:
    stack.integration(service={"fn::secret": 55.5}, type=EVENTS_API_V2)
    result = stack.up(fails=True)
    assert "`service` must be a string" in result.diagnostics
    stack.integration(service={"fn::secret": "PSECRET"}, type=EVENTS_API_V2)
    result = stack.up(fails=True)
    assert "PagerDuty has no service with the ID '[secret]'" in result.diagnostics
    assert "PSECRET" not in result.output


def test_a_secret_beside_a_faulty_value_is_not_shown(stack: Stack, emulator: Emulator) -> None:
    first = {"type": "pagerduty-native:Integration", "properties": {"service": SERVICE, "type": EVENTS_API_V2}}
    stack.program(resources={"first": first})
    stack.up()
    (integration,) = emulator.integrations()
    key = integration["integration_key"]
    vendor = {"id": "Amazon CloudWatch", "description": "${first.integrationKey}"}
    bad = {"type": "pagerduty-native:Integration", "properties": {"service": SERVICE, "vendor": vendor}}
    own = {
        "type": "pulumi:providers:pagerduty-native",
        "properties": {"serviceRegion": "${first.integrationKey}", "apiUrlOverride": "${first.integrationUrl}?"},
    }
    stack.program(resources={"first": first, "bad": bad})
    for arguments in (["preview", "--diff"], ["preview", "--json"], ["up", "--yes", "--skip-preview", "--diff"]):
        output = stack.pulumi(*arguments, fails=True).output
        assert "`vendor` must be the ID of a vendor" in output
        assert key not in output
    stack.program(resources={"first": first, "own": own})
    output = stack.pulumi("preview", "--diff", fails=True).output
    assert "`serviceRegion` must be one of `us`, `eu`" in output
    assert "`apiUrlOverride` must be a URL" in output
    assert key not in output


def test_the_engine_prints_no_value_before_a_long_reason(stack: Stack) -> None:
    stack.pulumi("config", "set", "--path", "pulumi:autonaming.mode", "disabled")
    filters = [{"subjectMode": "matches", "bodyMode": "always"}]
    stack.integration(service=SERVICE, type="generic_email_inbound_integration", emailFilters=filters)
    diagnostics = stack.up(fails=True).diagnostics
    assert "resource 'alerts' has a problem: `name` is required if autonaming is disabled." in diagnostics
    assert "resource 'alerts' has a problem: `emailFilters[0].subjectMode` " in diagnostics
    assert "<nil>" not in diagnostics
    assert "map[" not in diagnostics


def test_an_unknown_type_is_warned_about_and_sent(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type="events_api_v3_inbound_integration")
    assert '`type` is "events_api_v3_inbound_integration", which is not a known value' in stack.preview().diagnostics


def test_a_new_value_of_an_enum_is_warned_about_and_sent(stack: Stack, emulator: Emulator) -> None:
    """The enums in the schema leave every text allowed, so that PagerDuty decides."""
    filters = [{"subjectMode": "fuzzy", "subjectRegex": "x"}]
    email = "generic_email_inbound_integration"
    stack.integration(service=SERVICE, type=email, emailParsingFallback="park", emailFilters=filters)
    diagnostics = stack.up(fails=True).diagnostics
    assert '`emailParsingFallback` is "park", which is not a known value; it is sent unchanged.' in diagnostics
    assert '`emailFilters[0].subjectMode` is "fuzzy", which is not a known value; it is sent unchanged.' in diagnostics
    assert "PagerDuty refused the integration: Invalid Input Provided: " in diagnostics
    assert "Email parsing fallback is not included in the list" in diagnostics


def test_no_token(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    diagnostics = stack.up(fails=True, environ={"PAGERDUTY_TOKEN": ""}).diagnostics
    assert "pulumi config set --secret pagerduty-native:token" in diagnostics
    assert "PAGERDUTY_TOKEN" in diagnostics
    assert_readable(diagnostics)
    assert len(emulator.requests) == 0


def test_a_token_that_pagerduty_refuses(stack: Stack, emulator: Emulator) -> None:
    emulator.settings.rejected_tokens.add("wrong")
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    diagnostics = stack.up(fails=True, environ={"PAGERDUTY_TOKEN": "wrong"}).diagnostics
    assert "PagerDuty refused the token" in diagnostics
    assert "`serviceRegion`" in diagnostics
    assert_readable(diagnostics)
    assert stack.resource() is None


def test_a_token_that_may_only_read(stack: Stack, emulator: Emulator) -> None:
    emulator.settings.read_only_tokens.add("reader")
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    diagnostics = stack.up(fails=True, environ={"PAGERDUTY_TOKEN": "reader"}).diagnostics
    assert "PagerDuty does not allow this" in diagnostics
    assert_readable(diagnostics)


def test_an_address_that_nobody_listens_at(new_stack: Callable[..., Stack]) -> None:
    stack = new_stack(apiUrlOverride="http://127.0.0.1:9")
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    diagnostics = stack.up(fails=True).diagnostics
    assert "PagerDuty's API at http://127.0.0.1:9 cannot be reached: Connection refused" in diagnostics
    assert "`apiUrlOverride`" in diagnostics
    assert_readable(diagnostics)
    assert stack.resource() is None


def test_settings_that_are_wrong(new_stack: Callable[..., Stack]) -> None:
    stack = new_stack(apiUrlOverride="example.com", serviceRegion="uk", insecureTls="maybe", tokn="x")
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    diagnostics = stack.up(fails=True).diagnostics
    assert "`apiUrlOverride` must be a URL that starts with https:// or http://" in diagnostics
    assert '`serviceRegion` must be one of `us`, `eu`; got "uk".' in diagnostics
    assert '`insecureTls` must be true or false, got the string "maybe".' in diagnostics
    assert "There is no property `tokn`. Did you mean `token`?" in diagnostics
    assert_readable(diagnostics)


def test_a_vendor_that_is_not_found(stack: Stack) -> None:
    lookups = {
        "misspelt": ({"name": "Cloudwach"}, "Did you mean 'Amazon CloudWatch'"),
        "type": ({"name": "Events API v2"}, "a type of integration, not a vendor"),
        "several": ({"name": "Data"}, "vendors match 'Data'"),
        "neither": ({}, "Set either the `name` or the `id` of the vendor"),
        "unknown": ({"id": "PNOSUCH"}, "no vendor with the ID 'PNOSUCH'"),
    }
    stack.lookups({name: ("getVendor", arguments) for name, (arguments, _) in lookups.items()})
    output = stack.up(fails=True).output
    assert [name for name, (_, said) in lookups.items() if said not in output] == [], output
    assert_readable(output)


def resource(**properties: Any) -> dict[str, Any]:
    return {"type": "pagerduty-native:Integration", "properties": properties}


def assert_readable(text: str) -> None:
    for noise in ("Traceback", 'File "', "Exception calling application", "grpc", "met an error of its own"):
        assert noise not in text
