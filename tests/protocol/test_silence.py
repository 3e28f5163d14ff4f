"""Updates leave alone what they did not send, and a response that lacks a property removes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.framework.testing import FakeEngine, Served, refusal, serving
from pagerduty_native.framework.values import Secret, Values
from pagerduty_native.framework.wire import from_struct, to_struct
from pagerduty_native.package import PACKAGE
from pulumi.runtime.proto import provider_pb2 as pb

from tests.conftest import TOKEN
from tests.support.stack import TYPE

from .conftest import created

SERVICE = "PCHECKT"
CLOUDWATCH = "PZQ6AUS"
V2 = "events_api_v2_inbound_integration"
INTEGRATION = "/services/*/integrations/*"
EVENTS: Values = {"service": SERVICE, "type": V2, "name": "alerts"}
PARSER: Values = {
    "action": "trigger",
    "matchPredicate": {"type": "contains", "part": "subject", "matcher": "DOWN"},
    "valueExtractors": [{"type": "entire", "part": "subject", "valueName": "incident_key"}],
}
API_PARSER = {
    "action": "resolve",
    "match_predicate": {"type": "contains", "part": "subject", "matcher": "UP"},
    "value_extractors": [{"type": "entire", "part": "subject", "value_name": "incident_key"}],
}
MAIL: Values = {
    "service": SERVICE,
    "type": "generic_email_inbound_integration",
    "name": "mail",
    "integrationEmail": "mail@acme.pagerduty.com",
    "emailIncidentCreation": "use_rules",
    "emailFilterMode": "and-rules-email",
    "emailFilters": [{"subjectMode": "match", "subjectRegex": "alert"}],
    "emailParsers": [PARSER],
    "emailParsingFallback": "discard",
}
# Changes in the web app: the API's fields, by property.
DEEDS: dict[str, dict[str, Any]] = {
    "name": {"name": "theirs"},
    "integrationEmail": {"integration_email": "theirs@acme.pagerduty.com"},
    "emailIncidentCreation": {"email_incident_creation": "on_new_email"},
    "emailFilterMode": {"email_filter_mode": "or-rules-email"},
    "emailFilters": {"email_filters": [{"body_mode": "match", "body_regex": "theirs"}]},
    "emailParsers": {"email_parsers": [API_PARSER]},
    "emailParsingFallback": {"email_parsing_fallback": "open_new_incident"},
}


def updated(provider: Served, id: str, outputs: Values, old_inputs: Values, news: Values) -> Values:
    return from_struct(provider.update(id, outputs, news, old_inputs=old_inputs).properties)


# Properties that an update did not send


@pytest.mark.parametrize("theirs", DEEDS)
def test_a_drifted_property_outlasts_an_update_of_another_and_shows_in_a_refresh(
    provider: Served, emulator: Emulator, theirs: str
) -> None:
    made, outputs = created(provider, MAIL)
    emulator.edit_integration(made.split(".")[1], **DEEDS[theirs])
    drifted = emulator.integrations()[0]
    ours = "emailIncidentCreation" if theirs == "name" else "name"
    news: Values = {**MAIL, ours: "only_if_no_open_incidents" if theirs == "name" else "renamed"}
    outputs = updated(provider, made, outputs, MAIL, news)
    (field,) = DEEDS[theirs]
    assert emulator.integrations()[0][field] == drifted[field]
    assert outputs[theirs] == MAIL[theirs]
    # A second one leaves it alone, too. Nothing has shown it yet.
    again: Values = {**news, ours: "on_new_email_subject" if theirs == "name" else "renamed again"}
    outputs = updated(provider, made, outputs, news, again)
    assert emulator.integrations()[0][field] == drifted[field]

    refreshed = provider.read(made, outputs, again)
    inputs, outputs = from_struct(refreshed.inputs), from_struct(refreshed.properties)
    assert {name for name in again if inputs.get(name) != again[name]} == {theirs}
    assert list(provider.diff(inputs, outputs, again, made).diffs) == [theirs]
    outputs = updated(provider, made, outputs, inputs, again)
    assert outputs[theirs] == MAIL[theirs]
    assert from_struct(provider.read(made, outputs, again).inputs) == again


@pytest.mark.parametrize("theirs", ["emailFilters", "emailParsers"])
def test_a_rule_that_somebody_adds_outlasts_updates_and_shows_in_a_refresh(
    provider: Served, emulator: Emulator, theirs: str
) -> None:
    inputs: Values = {name: MAIL[name] for name in ("service", "type", "name", "integrationEmail")}
    made, outputs = created(provider, inputs)
    emulator.edit_integration(made.split(".")[1], **DEEDS[theirs])
    (field,) = DEEDS[theirs]
    added = emulator.integrations()[0][field]
    for name in ("once", "twice"):
        news: Values = {**inputs, "name": name}
        outputs = updated(provider, made, outputs, inputs, news)
        inputs = news
    assert emulator.integrations()[0][field] == added
    assert theirs not in outputs
    refreshed = provider.read(made, outputs, inputs)
    assert len(from_struct(refreshed.inputs)[theirs]) == 1  # type: ignore[arg-type]
    # The next `up` puts it back, with a diff.
    outputs = updated(provider, made, from_struct(refreshed.properties), from_struct(refreshed.inputs), inputs)
    assert theirs not in outputs
    assert from_struct(provider.read(made, outputs, inputs).inputs) == inputs


def test_ignored_changes_are_never_overwritten_though_the_state_differs(provider: Served, emulator: Emulator) -> None:
    """A state of an older version may have the other's value; with `ignoreChanges` the inputs stay the program's."""
    made, outputs = created(provider, MAIL)
    for deed in DEEDS.values():
        emulator.edit_integration(made.split(".")[1], **deed)
    refreshed = from_struct(provider.read(made).properties)
    before = emulator.integrations()
    assert updated(provider, made, refreshed, MAIL, MAIL) == refreshed
    updated(provider, made, outputs, MAIL, {**MAIL, "name": "renamed"})
    assert emulator.integrations() == [{**before[0], "name": "renamed", "summary": "renamed"}]


@pytest.mark.parametrize("stored", ["composed", "squeezed", "cut"])
def test_a_name_that_pagerduty_changes_is_sent_once(provider: Served, emulator: Emulator, stored: str) -> None:
    emulator.settings.update({"names": stored})
    inputs: Values = {**MAIL, "name": "Cafe\u0301  " + "x" * 50}
    made, outputs = created(provider, inputs)
    refreshed = provider.read(made, outputs, inputs)
    assert from_struct(refreshed.inputs) == inputs
    assert from_struct(refreshed.properties) == outputs
    emulator.edit_integration(made.split(".")[1], name="theirs")
    updated(provider, made, outputs, inputs, {**inputs, "emailFilterMode": "or-rules-email"})
    assert emulator.integrations()[0]["name"] == "theirs"


@pytest.mark.parametrize(("stored", "warnings"), [("composed", 0), ("squeezed", 0), ("cut", 1)])
def test_an_update_takes_the_name_as_pagerduty_stored_it(
    emulator: Emulator, engine: tuple[FakeEngine, str], stored: str, warnings: int
) -> None:
    emulator.settings.update({"names": stored})
    news: Values = {**EVENTS, "name": "Cafe\u0301  " + "x" * 50}
    with serving(PACKAGE, TYPE, engine_address=engine[1]) as provider:
        provider.configure(token=TOKEN, apiUrlOverride=emulator.url)
        made, outputs = created(provider, EVENTS)
        outputs = updated(provider, made, outputs, EVENTS, news)
        refreshed = provider.read(made, outputs, news)
    assert outputs["name"] == emulator.integrations()[0]["name"]
    assert from_struct(refreshed.properties) == outputs
    assert from_struct(refreshed.inputs) == news
    said = [each.message for each in engine[0].messages]
    assert len([each for each in said if "`name`: PagerDuty stored a different name" in each]) == warnings


# Properties that a response lacks


def without(emulator: Emulator, *names: str) -> dict[str, Any]:
    """A response with the only integration, but for some of its fields."""
    (made,) = emulator.integrations()
    return {"integration": {name: value for name, value in made.items() if name not in names}}


def test_a_creation_whose_response_lacks_the_key_is_read_once(provider: Served, emulator: Emulator) -> None:
    emulator.settings.keys_after_writes = "absent"
    made, outputs = created(provider, EVENTS)
    assert outputs["integrationKey"] == Secret(emulator.integrations()[0]["integration_key"])
    assert emulator.requests.counts() == {
        "POST /services/{id}/integrations": 1,
        "GET /services/{id}/integrations/{integration_id}": 1,
    }
    emulator.requests.clear()
    news: Values = {**EVENTS, "name": "renamed"}
    assert updated(provider, made, outputs, EVENTS, news) == {**outputs, "name": "renamed"}
    assert emulator.requests.counts() == {"PUT /services/{id}/integrations/{integration_id}": 1}


def test_a_key_that_no_response_has_is_warned_of_and_found_later(
    emulator: Emulator, engine: tuple[FakeEngine, str]
) -> None:
    listening, address = engine
    emulator.settings.keys_after_writes = "absent"
    with serving(PACKAGE, TYPE, engine_address=address) as provider:
        provider.configure(token=TOKEN, apiUrlOverride=emulator.url)
        emulator.inject("status", "GET", INTEGRATION, status=403)
        made, outputs = created(provider, EVENTS)
        assert "integrationKey" not in outputs
        (message,) = [each.message for each in listening.messages if "no integration key" in each.message]
        assert message == (
            f"PagerDuty's responses about {made} had no integration key, so `integrationKey` and `integrationUrl` are "
            "not in the state. Run `pulumi refresh` before something uses them."
        )
        news: Values = {**EVENTS, "name": "renamed"}
        outputs = updated(provider, made, outputs, EVENTS, news)
        assert outputs["integrationKey"] == Secret(emulator.integrations()[0]["integration_key"])


def test_an_email_integration_without_a_key_is_not_read_again(provider: Served, emulator: Emulator) -> None:
    provider.create(MAIL)
    assert emulator.requests.counts() == {"POST /services/{id}/integrations": 1}


@pytest.mark.parametrize("null", [False, True], ids=["absent", "null"])
@pytest.mark.parametrize(
    "field",
    ["integration_key", "html_url", "vendor", "name", "integration_email", "email_filters", "email_filter_mode"],
)
@pytest.mark.parametrize("kind", ["events", "e-mail"])
def test_a_property_that_a_response_lacks_stays_in_the_state(
    provider: Served, emulator: Emulator, kind: str, field: str, null: bool
) -> None:
    inputs: Values = MAIL if kind == "e-mail" else {"service": SERVICE, "vendor": CLOUDWATCH, "name": "alerts"}
    made, outputs = created(provider, inputs)
    names = {field, "summary"} if field == "name" else {field, "self"} if field == "html_url" else {field}
    body = without(emulator, *names)
    if null:
        body["integration"].update(dict.fromkeys(names))
    emulator.inject("status", "GET", "/services/*", status=403, times=None)
    emulator.inject("status", "GET", INTEGRATION, status=200, body=body)
    read = provider.read(made, outputs, inputs)
    assert read == pb.ReadResponse(id=made, properties=to_struct(outputs), inputs=to_struct(inputs))


def test_a_creation_whose_response_lacks_the_vendor_is_not_replaced_later(provider: Served, emulator: Emulator) -> None:
    inputs: Values = {"service": SERVICE, "vendor": CLOUDWATCH, "name": "alerts"}
    provider.create(inputs)
    body = without(emulator, "vendor")
    emulator.inject("status", "POST", "/services/*/integrations", status=201, body=body)
    made, outputs = created(provider, inputs)
    assert outputs["vendor"] == CLOUDWATCH
    emulator.inject("status", "GET", "/services/*", status=403, times=None)
    emulator.inject("status", "GET", INTEGRATION, status=200, body=body)
    assert from_struct(provider.read(made, outputs, inputs).inputs) == inputs


def test_a_key_goes_if_the_integration_receives_email_now(provider: Served, emulator: Emulator) -> None:
    made, outputs = created(provider, EVENTS)
    body = without(emulator, "integration_key")
    body["integration"].update(type="generic_email_inbound_integration", integration_email="a@acme.pagerduty.com")
    emulator.inject("status", "GET", "/services/*", status=403, times=None)
    emulator.inject("status", "GET", INTEGRATION, status=200, body=body)
    outputs = from_struct(provider.read(made, outputs, EVENTS).properties)
    assert not {"integrationKey", "integrationUrl"} & outputs.keys()


def test_parsers_that_somebody_removed_show_though_the_response_leaves_them_out(
    provider: Served, emulator: Emulator
) -> None:
    """PagerDuty shows `email_parsers` only if there are any: go-pagerduty #315."""
    made, outputs = created(provider, MAIL)
    emulator.edit_integration(made.split(".")[1], email_parsers=[])
    assert "email_parsers" not in emulator.integrations()[0]
    refreshed = provider.read(made, outputs, MAIL)
    assert "emailParsers" not in from_struct(refreshed.inputs)
    assert list(provider.diff(from_struct(refreshed.inputs), outputs, MAIL, made).diffs) == ["emailParsers"]


# Values that PagerDuty changes


def test_a_mode_without_filters_is_reported_once_and_follows_when_filters_come(
    emulator: Emulator, engine: tuple[FakeEngine, str]
) -> None:
    listening, address = engine
    emulator.settings.filter_mode_without_filters = "all-email"
    inputs: Values = {**MAIL, "emailFilters": []}
    with serving(PACKAGE, TYPE, engine_address=address) as provider:
        provider.configure(token=TOKEN, apiUrlOverride=emulator.url)
        made, outputs = created(provider, inputs)
        (message,) = [each.message for each in listening.messages]
        assert message == (
            f"`emailFilterMode`: PagerDuty changed 'and-rules-email' to 'all-email', because {made} has no "
            "`emailFilters`. Every e-mail passes either way. Remove `emailFilterMode`, or add `emailFilters`."
        )
        refreshed = provider.read(made, outputs, inputs)
        assert from_struct(refreshed.inputs) == inputs
        assert provider.diff(inputs, outputs, inputs, made).changes == pb.DiffResponse.DIFF_NONE
        outputs = updated(provider, made, outputs, inputs, MAIL)
        assert outputs["emailFilterMode"] == "and-rules-email"
        assert emulator.integrations()[0]["email_filter_mode"] == "and-rules-email"


def test_a_vendor_that_takes_no_email_is_an_error_that_says_what_to_remove(provider: Served) -> None:
    inputs: Values = {"service": SERVICE, "vendor": CLOUDWATCH, "name": "alerts", "emailFilterMode": "all-email"}
    message = refusal(lambda: provider.create(inputs)).message
    assert "Remove `emailFilterMode` from the program, or use a vendor or type that receives e-mail." in message
    assert "tries again" not in message
