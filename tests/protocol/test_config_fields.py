"""`configFields`: what the web app sets on integrations whose events PagerDuty transforms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from google.protobuf import struct_pb2
from pagerduty_emulator import Emulator
from pagerduty_native.framework.testing import (
    FakeEngine,
    Refusal,
    Served,
    failed_initialization,
    failures,
    refusal,
    serving,
)
from pagerduty_native.framework.values import UNKNOWN, Secret, Value, Values, reveal
from pagerduty_native.framework.wire import from_struct, to_struct
from pagerduty_native.package import PACKAGE
from pulumi.runtime.proto import provider_pb2 as pb

from tests.conftest import TOKEN
from tests.support.stack import TYPE

from .conftest import created

INTEGRATION = "/services/*/integrations/*"
POST = "POST /services/{id}/integrations"
PUT = "PUT /services/{id}/integrations/{integration_id}"
GET = "GET /services/{id}/integrations/{integration_id}"
BULK = "GET /services/{id}"
PLAIN: Values = {"service": "PCHECKT", "vendor": "PZQ6AUS", "name": "alarms"}
FIELDS: Values = {"incident_key": "alarm_name", "description": "alarm_description"}
ALARMS: Values = {**PLAIN, "configFields": FIELDS}
Kind = pb.PropertyDiff.Kind


@dataclass
class Heard:
    """A provider for the account, and the warnings that the engine got."""

    provider: Served
    engine: FakeEngine
    emulator: Emulator

    def configure(self) -> None:
        """Forget what was read before."""
        self.provider.configure(token=TOKEN, apiUrlOverride=self.emulator.url)

    def set_in_web_app(self, id: str, **values: str) -> None:
        self.emulator.edit_integration(id.split(".")[1], **config(**values))
        self.configure()

    def warnings(self) -> list[str]:
        heard = [each.message for each in self.engine.messages]
        self.engine.messages.clear()
        return heard


@pytest.fixture
def heard(emulator: Emulator, engine: tuple[FakeEngine, str]) -> Iterator[Heard]:
    listening, address = engine
    with serving(PACKAGE, TYPE, engine_address=address) as provider:
        heard = Heard(provider, listening, emulator)
        heard.configure()
        yield heard


def stored(emulator: Emulator) -> dict[str, str]:
    """The fields of the only integration, as PagerDuty has them."""
    (made,) = emulator.integrations()
    return {name: each["value"] for name, each in made.get("config", {"fields": {}})["fields"].items()}


def config(**values: Any) -> dict[str, Any]:
    return {"config": {"fields": {name: {"value": value} for name, value in values.items()}}}


def shown_as(emulator: Emulator, **changes: Any) -> dict[str, Any]:
    """A response with the only integration, changed; a property that is None is left out."""
    (made,) = emulator.integrations()
    return {"integration": {name: value for name, value in {**made, **changes}.items() if value is not None}}


# Create and update


@pytest.mark.parametrize("on_create", ["ignored", "taken"])
def test_a_creation_sends_the_fields_by_a_put_of_their_own(heard: Heard, emulator: Emulator, on_create: str) -> None:
    emulator.settings.update({"config_on_create": on_create})
    made, outputs = created(heard.provider, ALARMS)
    assert emulator.requests.counts() == {POST: 1, PUT: 1}
    assert stored(emulator) == FIELDS
    assert outputs["configFields"] == FIELDS
    assert heard.warnings() == []
    assert heard.provider.diff(ALARMS, outputs, ALARMS, made).changes == pb.DiffResponse.DIFF_NONE


def test_without_fields_nothing_more_is_sent_than_a_post(heard: Heard, emulator: Emulator) -> None:
    made, outputs = created(heard.provider, PLAIN)
    assert emulator.requests.counts() == {POST: 1}
    heard.set_in_web_app(made, incident_key="region")
    news: Values = {**PLAIN, "name": "renamed"}
    outputs = from_struct(heard.provider.update(made, outputs, news).properties)
    assert "configFields" not in outputs
    assert stored(emulator) == {"incident_key": "region"}
    read = heard.provider.read(made, outputs, news)
    assert read == pb.ReadResponse(id=made, properties=to_struct(outputs), inputs=to_struct(news))


def test_an_update_sends_only_the_fields_that_differ(heard: Heard, emulator: Emulator) -> None:
    made, outputs = created(heard.provider, ALARMS)
    heard.set_in_web_app(made, description="alarm_name")  # Not seen by a refresh yet, so it is not overwritten.
    news: Values = {**PLAIN, "configFields": {**FIELDS, "incident_key": "region"}}
    diff = heard.provider.diff(ALARMS, outputs, news, made)
    assert {path: each.kind for path, each in diff.detailedDiff.items()} == {"configFields.incident_key": Kind.UPDATE}
    assert not diff.replaces
    emulator.requests.clear()
    outputs = from_struct(heard.provider.update(made, outputs, news, old_inputs=ALARMS).properties)
    assert emulator.requests.counts() == {PUT: 1}
    assert stored(emulator) == {"incident_key": "region", "description": "alarm_name"}
    assert outputs["configFields"] == news["configFields"]


def test_fields_that_are_added_later_are_sent_in_place(heard: Heard, emulator: Emulator) -> None:
    made, outputs = created(heard.provider, PLAIN)
    diff = heard.provider.diff(PLAIN, outputs, ALARMS, made)
    added = {"configFields.incident_key": Kind.ADD, "configFields.description": Kind.ADD}
    assert {path: each.kind for path, each in diff.detailedDiff.items()} == added
    outputs = from_struct(heard.provider.update(made, outputs, ALARMS, old_inputs=PLAIN).properties)
    assert outputs["configFields"] == stored(emulator) == FIELDS


def test_a_field_that_comes_back_is_sent_though_the_state_still_has_it(heard: Heard, emulator: Emulator) -> None:
    made, outputs = created(heard.provider, ALARMS)
    without: Values = {**PLAIN, "configFields": {"incident_key": "alarm_name"}}
    assert heard.provider.diff(ALARMS, outputs, without, made).changes == pb.DiffResponse.DIFF_NONE
    heard.set_in_web_app(made, description="auto_generated")
    assert list(heard.provider.diff(without, outputs, ALARMS, made).detailedDiff) == ["configFields.description"]
    heard.provider.update(made, outputs, ALARMS, old_inputs=without)
    assert stored(emulator) == FIELDS


def test_a_map_that_is_secret_as_a_whole_stays_so(heard: Heard, emulator: Emulator) -> None:
    inputs: Values = {**PLAIN, "configFields": Secret(FIELDS)}
    made, outputs = created(heard.provider, inputs)
    assert outputs["configFields"] == Secret(FIELDS)
    read = heard.provider.read(made, outputs, inputs)
    assert read == pb.ReadResponse(id=made, properties=to_struct(outputs), inputs=to_struct(inputs))
    heard.set_in_web_app(made, incident_key="region")
    drifted = from_struct(heard.provider.read(made, outputs, inputs).inputs)
    assert drifted["configFields"] == {"incident_key": Secret("region"), "description": Secret("alarm_description")}
    heard.provider.update(made, outputs, inputs, old_inputs=drifted)


def test_code_of_100_kb_with_secret_marks_and_odd_characters(heard: Heard, emulator: Emulator) -> None:
    code = "// é \u2028 ${x} \"'\\\n" * 8_000
    assert len(code) > 100_000
    inputs: Values = {**PLAIN, "vendor": "PCJ0EFQ", "configFields": {"code": Secret(code)}}
    checked = heard.provider.check(inputs)
    assert failures(checked) == []
    assert from_struct(checked.inputs) == inputs
    made, outputs = created(heard.provider, inputs)
    assert stored(emulator) == {"code": code}
    assert outputs["configFields"] == {"code": Secret(code)}
    read = heard.provider.read(made, outputs, inputs)
    assert from_struct(read.properties) == outputs
    assert from_struct(read.inputs) == inputs


# Responses to the PUT


@pytest.mark.parametrize("shown", [None, {}], ids=["config is null", "no fields"])
def test_a_response_without_fields(heard: Heard, emulator: Emulator, shown: Any) -> None:
    """A `config` without the fields is another value; without any `config`, the single GET decides."""
    made, outputs = created(heard.provider, PLAIN)
    heard.set_in_web_app(made, **{name: str(value) for name, value in FIELDS.items()})
    body = shown_as(emulator, config=None)
    body["integration"]["config"] = shown
    emulator.inject("status", "PUT", INTEGRATION, status=200, body=body)
    emulator.requests.clear()
    if shown is None:
        outputs = from_struct(heard.provider.update(made, outputs, ALARMS, old_inputs=PLAIN).properties)
        assert emulator.requests.counts() == {PUT: 1, GET: 1}
        assert outputs["configFields"] == FIELDS
        assert heard.warnings() == []
    else:
        error = refusal(lambda: heard.provider.update(made, outputs, ALARMS, old_inputs=PLAIN))
        assert "`configFields.description`, `configFields.incident_key` could not be set" in error.message


def not_stored(heard: Heard, emulator: Emulator, **shown: Any) -> Refusal:
    """The error of a creation after which PagerDuty shows other values."""
    created(heard.provider, PLAIN)
    emulator.inject("status", "PUT", INTEGRATION, status=200, body=shown_as(emulator, **config(**shown)))
    emulator.inject("status", "POST", "/services/*/integrations", status=201, body=shown_as(emulator))
    return refusal(lambda: heard.provider.create(ALARMS))


@pytest.mark.parametrize("shown", ["region", None, 5, {"value": "alarm_name"}, ""])
def test_another_value_is_an_error_that_names_the_field_until_it_is_stored(
    heard: Heard, emulator: Emulator, shown: Any
) -> None:
    error = not_stored(heard, emulator, incident_key=shown, description="alarm_description")
    assert error.message == (
        "The integration was created, but `configFields.incident_key` could not be set: PagerDuty stored a different "
        "value. The next `pulumi up` tries again. If that fails too, use the value in PagerDuty's web app, or remove "
        "the property from the program."
    )
    failed = failed_initialization(error)
    outputs = from_struct(failed.properties)
    assert "configFields" not in outputs
    assert "integrationKey" in outputs

    emulator.inject("status", "PUT", INTEGRATION, status=200, body=shown_as(emulator, **config(incident_key=shown)))
    again = refusal(lambda: heard.provider.update(failed.id, outputs, ALARMS, old_inputs=ALARMS))
    both = "`configFields.description`, `configFields.incident_key`"
    assert again.message.startswith(f"The integration was updated, but {both} could not be set: PagerDuty stored")

    refreshed = heard.provider.read(failed.id, outputs, ALARMS)
    assert "configFields" not in from_struct(refreshed.inputs), "so that it shows, and the next up sends it"
    outputs = from_struct(heard.provider.update(failed.id, outputs, ALARMS, old_inputs=ALARMS).properties)
    assert outputs["configFields"] == stored(emulator) == FIELDS


@pytest.mark.parametrize("readable", [True, False])
def test_fields_that_no_response_shows_are_kept_as_sent_with_one_warning(
    heard: Heard, emulator: Emulator, readable: bool
) -> None:
    """The emulator shows no `config` of this vendor's integrations."""
    inputs: Values = {**ALARMS, "vendor": "PAM4FGS"}
    if not readable:
        emulator.inject("status", "GET", INTEGRATION, status=403)
    made, outputs = created(heard.provider, inputs)
    assert emulator.requests.counts() == {POST: 1, PUT: 1, GET: 1}
    assert outputs["configFields"] == FIELDS
    (warning,) = heard.warnings()
    assert warning == (
        f"PagerDuty does not show `configFields` of {made}, so the provider cannot check whether they were stored. The "
        "state has the values that were sent. Check them in PagerDuty's web app."
    )
    assert heard.provider.diff(inputs, outputs, inputs, made).changes == pb.DiffResponse.DIFF_NONE
    read = heard.provider.read(made, outputs, inputs)
    assert read == pb.ReadResponse(id=made, properties=to_struct(outputs), inputs=to_struct(inputs))
    assert heard.warnings() == []


def test_refused_fields_are_an_error_with_pagerdutys_words_and_sent_again(heard: Heard, emulator: Emulator) -> None:
    emulator.settings.update({"unknown_config": "refuse"})
    inputs: Values = {**PLAIN, "configFields": {"colour": "red"}}
    error = refusal(lambda: heard.provider.create(inputs))
    assert error.message.startswith("The integration was created, but `configFields.colour` could not be set: ")
    assert "Config" in error.message
    assert error.message.endswith("The next `pulumi up` tries again.")
    failed = failed_initialization(error)
    outputs = from_struct(failed.properties)
    assert len(emulator.integrations()) == 1
    error = refusal(lambda: heard.provider.update(failed.id, outputs, inputs, old_inputs=inputs))
    assert error.message.startswith("`configFields`: PagerDuty refused the integration: ")
    assert (
        from_struct(heard.provider.update(failed.id, outputs, ALARMS, old_inputs=inputs).properties)["configFields"]
        == FIELDS
    )


def test_a_lost_put_after_a_creation_loses_no_integration(heard: Heard, emulator: Emulator) -> None:
    emulator.inject("status", "PUT", INTEGRATION, status=404, body={"error": {"code": 2100, "message": "Not Found"}})
    failed = failed_initialization(refusal(lambda: heard.provider.create(ALARMS)))
    outputs = from_struct(heard.provider.update(failed.id, from_struct(failed.properties), ALARMS).properties)
    assert outputs["configFields"] == stored(emulator) == FIELDS
    assert isinstance(outputs["integrationKey"], Secret)


def test_fields_and_rules_for_email_go_in_one_put(heard: Heard, emulator: Emulator) -> None:
    emulator.settings.update({"create_ignores": ["email_filter_mode"]})
    inputs: Values = {
        "service": "PCHECKT",
        "vendor": "PBPQJ1M",
        "name": "mail",
        "integrationEmail": "mail@acme.pagerduty.com",
        "emailFilterMode": "and-rules-email",
        "emailFilters": [{"subjectMode": "match", "subjectRegex": "DOWN"}],
        "configFields": {"code": "x"},
    }
    _, outputs = created(heard.provider, inputs)
    assert emulator.requests.counts() == {POST: 1, PUT: 1, GET: 1}
    assert (outputs["emailFilterMode"], outputs["configFields"]) == ("and-rules-email", {"code": "x"})


# Read


@pytest.mark.parametrize("in_bulk", ["shown", "hidden"])
def test_a_refresh_reads_those_with_fields_that_the_bulk_read_does_not_show(
    heard: Heard, emulator: Emulator, in_bulk: str
) -> None:
    emulator.settings.update({"config_in_bulk": in_bulk})
    made, outputs = created(heard.provider, ALARMS)
    other, other_outputs = created(heard.provider, PLAIN)
    emulator.requests.clear()
    read = heard.provider.read(made, outputs, ALARMS)
    assert read == pb.ReadResponse(id=made, properties=to_struct(outputs), inputs=to_struct(ALARMS))
    read = heard.provider.read(other, other_outputs, PLAIN)
    assert read == pb.ReadResponse(id=other, properties=to_struct(other_outputs), inputs=to_struct(PLAIN))
    assert emulator.requests.counts() == ({BULK: 1, GET: 1} if in_bulk == "hidden" else {BULK: 1})


def test_drift_of_a_field_in_the_program_shows_and_of_others_does_not(heard: Heard, emulator: Emulator) -> None:
    inputs: Values = {**PLAIN, "configFields": {"incident_key": Secret("alarm_name")}}
    made, outputs = created(heard.provider, inputs)
    heard.set_in_web_app(made, description="alarm_name")
    read = heard.provider.read(made, outputs, inputs)
    assert read == pb.ReadResponse(id=made, properties=to_struct(outputs), inputs=to_struct(inputs))

    heard.set_in_web_app(made, incident_key="region")
    read = heard.provider.read(made, outputs, inputs)
    drifted, outputs = from_struct(read.inputs), from_struct(read.properties)
    assert drifted == {**inputs, "configFields": {"incident_key": Secret("region")}}
    diff = heard.provider.diff(drifted, outputs, inputs, made)
    assert {path: each.kind for path, each in diff.detailedDiff.items()} == {"configFields.incident_key": Kind.UPDATE}
    heard.provider.update(made, outputs, inputs, old_inputs=drifted)
    assert stored(emulator) == {"incident_key": "alarm_name", "description": "alarm_name"}


def test_only_the_drifted_entry_of_several_changes_its_marks(heard: Heard, emulator: Emulator) -> None:
    fields: Values = {"incident_key": Secret("alarm_name"), "description": "alarm_name"}
    inputs: Values = {**PLAIN, "configFields": fields}
    made, outputs = created(heard.provider, inputs)
    assert outputs["configFields"] == fields
    heard.set_in_web_app(made, description="alarm_description")
    read = heard.provider.read(made, outputs, inputs)
    changed: Values = {**fields, "description": "alarm_description"}
    assert from_struct(read.inputs)["configFields"] == from_struct(read.properties)["configFields"] == changed


def test_fields_that_somebody_cleared_are_put_back(heard: Heard, emulator: Emulator) -> None:
    made, outputs = created(heard.provider, ALARMS)
    (integration,) = emulator.integrations()
    integration["config"] = {"fields": {"incident_key": {"value": "alarm_name"}, "description": {"value": None}}}
    emulator.inject("status", "GET", "/services/*", status=403, times=None)
    emulator.inject("status", "GET", INTEGRATION, status=200, body={"integration": integration})
    read = heard.provider.read(made, outputs, ALARMS)
    drifted = from_struct(read.inputs)
    assert drifted["configFields"] == {"incident_key": "alarm_name"}
    diff = heard.provider.diff(drifted, from_struct(read.properties), ALARMS, made)
    assert {path: each.kind for path, each in diff.detailedDiff.items()} == {"configFields.description": Kind.ADD}


def test_an_import_has_all_fields_and_previews_clean_with_fewer_in_the_program(
    heard: Heard, emulator: Emulator
) -> None:
    made, _ = created(heard.provider, ALARMS)
    imported = heard.provider.read(made)
    inputs, outputs = from_struct(imported.inputs), from_struct(imported.properties)
    assert inputs["configFields"] == outputs["configFields"] == FIELDS
    some: list[Values] = [{"incident_key": "alarm_name"}, {}]
    for fields in some:
        program = {**PLAIN, "configFields": fields} if fields else PLAIN
        assert heard.provider.diff(inputs, outputs, program, made).changes == pb.DiffResponse.DIFF_NONE
        read = heard.provider.read(made, outputs, program)
        assert read == pb.ReadResponse(id=made, properties=to_struct(outputs), inputs=to_struct(program))
        heard.set_in_web_app(made, description="auto_generated")
        assert from_struct(heard.provider.read(made, outputs, program).inputs) == program
        heard.set_in_web_app(made, description="alarm_description")


@pytest.mark.parametrize("odd", [[], "x", {"fields": []}, {"fields": {"code": "x", "a": None}}, {}])
def test_an_odd_config_spoils_nothing(heard: Heard, emulator: Emulator, odd: Any) -> None:
    made, outputs = created(heard.provider, PLAIN)
    emulator.inject("status", "GET", "/services/*", status=403, times=None)
    emulator.inject("status", "GET", INTEGRATION, status=200, body=shown_as(emulator, config=odd), times=None)
    read = heard.provider.read(made, outputs, PLAIN)
    assert read == pb.ReadResponse(id=made, properties=to_struct(outputs), inputs=to_struct(PLAIN))
    assert "configFields" not in from_struct(heard.provider.read(made).inputs)


# Check and preview


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"Incident_key": "alarm_name"}, "`configFields.Incident_key` is not a known name", id="name"),
        pytest.param({"incident_key": "alarm_nam"}, "Did you mean `alarm_name`?", id="value"),
        pytest.param({"code": "x"}, "Known: `incident_key`, `description`.", id="another vendor's"),
    ],
)
def test_what_the_web_app_does_not_offer_is_sent_with_a_warning(heard: Heard, fields: Values, words: str) -> None:
    assert failures(heard.provider.check({**PLAIN, "configFields": fields})) == []
    (warning,) = heard.warnings()
    assert words in warning
    assert "it is sent unchanged" in warning


def test_known_fields_and_those_that_the_resource_has_are_not_warned_about(heard: Heard) -> None:
    assert failures(heard.provider.check(ALARMS)) == []
    unknown: Values = {**PLAIN, "configFields": {"colour": "red"}}
    assert failures(heard.provider.check({**unknown, "name": "renamed"}, unknown)) == []
    assert heard.warnings() == []


def test_a_secret_value_is_not_shown(heard: Heard) -> None:
    assert failures(heard.provider.check({**PLAIN, "configFields": {"incident_key": Secret("alarm_nam")}})) == []
    (warning,) = heard.warnings()
    assert "alarm_nam" not in warning


def test_fields_without_a_vendor_are_doubted(heard: Heard) -> None:
    inputs: Values = {"service": "PCHECKT", "type": "events_api_v2_inbound_integration", "configFields": {"code": "x"}}
    assert failures(heard.provider.check(inputs)) == []
    (warning,) = heard.warnings()
    assert "`vendor` is not set" in warning


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (5.0, "must be a string, got the number 5"),
        (True, "must be a string, got the boolean true"),
        ({"value": "x"}, "must be a string, got an object"),
        (["x"], "must be a string, got a list"),
        (Secret(5.0), "must be a string, got a secret number"),
        (" ", "must not be empty (is a variable empty?)"),
    ],
)
def test_a_field_that_is_not_a_text_is_refused_by_name(heard: Heard, value: Value, shown: str) -> None:
    (failure,) = failures(heard.provider.check({**PLAIN, "configFields": {"code": value}}))
    assert failure[1] == f"`configFields.code` {shown}."


@pytest.mark.parametrize("is_secret", [False, True])
def test_a_null_is_left_out_with_a_warning(heard: Heard, is_secret: bool) -> None:
    fields: Values = {"incident_key": "alarm_name", "description": "null"}
    news = to_struct({**PLAIN, "configFields": Secret(fields) if is_secret else fields})
    entries = news.fields["configFields"].struct_value
    if is_secret:
        entries = entries.fields["value"].struct_value
    entries.fields["description"].null_value = struct_pb2.NULL_VALUE
    checked = heard.provider.stub.Check(pb.CheckRequest(urn=heard.provider.urn, news=news))
    assert failures(checked) == []
    assert reveal(from_struct(checked.inputs)["configFields"]) == {"incident_key": "alarm_name"}
    assert heard.warnings() == ["`configFields.description` is null, so it is left out (is a variable empty?)."]


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_refused(heard: Heard, name: str) -> None:
    (failure,) = failures(heard.provider.check({**PLAIN, "configFields": {name: "alarm_name"}}))
    assert failure[1] == "`configFields` has an empty name: remove it (is a variable empty?)."


@pytest.mark.parametrize("fields", [UNKNOWN, Secret(UNKNOWN), {"code": UNKNOWN}, {"code": Secret(UNKNOWN)}])
def test_a_preview_works_with_unknown_fields(heard: Heard, fields: Value) -> None:
    inputs: Values = {**PLAIN, "configFields": fields}
    assert failures(heard.provider.check(inputs)) == []
    assert failures(heard.provider.check(inputs, ALARMS)) == []
    heard.provider.create(inputs, preview=True)
    olds: Values = {**ALARMS, "type": "event_transformer_api_inbound_integration", "integrationId": "I"}
    assert list(heard.provider.diff(ALARMS, olds, inputs).diffs) == ["configFields"]
    heard.provider.update("PCHECKT.I", olds, inputs, old_inputs=ALARMS, preview=True)
    assert heard.warnings() == []


@pytest.mark.parametrize("left", [{"incident_key": "alarm_name"}, {}, None])
def test_a_removed_field_is_no_diff_and_the_check_says_that_it_stays(
    heard: Heard, emulator: Emulator, left: Values | None
) -> None:
    made, outputs = created(heard.provider, ALARMS)
    news: Values = {**PLAIN, "configFields": left} if left is not None else PLAIN
    assert failures(heard.provider.check(news, ALARMS)) == []
    (warning,) = heard.warnings()
    assert "`configFields.description`" in warning
    assert ("`configFields.incident_key`" in warning) == (not left)
    assert "stays in PagerDuty as it is" in warning
    assert heard.provider.diff(ALARMS, outputs, news, made).changes == pb.DiffResponse.DIFF_NONE

    renamed: Values = {**news, "name": "renamed"}
    outputs = from_struct(heard.provider.update(made, outputs, renamed, old_inputs=ALARMS).properties)
    assert outputs.get("configFields") == left
    assert stored(emulator) == FIELDS
    assert heard.provider.check({**PLAIN, "service": "PCDNE10"}, ALARMS)
    assert heard.warnings() == [], "a new integration has none to keep"
