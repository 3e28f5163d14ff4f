"""An Integration over the protocol: from Check to Delete, against the emulator."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.framework.testing import (
    FakeEngine,
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

SERVICE = "PCHECKT"
CLOUDWATCH = "PZQ6AUS"
# As recorded: IBM SOAR's documents, and the tests of PagerDuty's Python client (pypd).
CLOUDWATCH_TYPE = "event_transformer_api_inbound_integration"
GENERIC = "generic_events_api_inbound_integration"
V2 = "events_api_v2_inbound_integration"
EMAIL = "generic_email_inbound_integration"
INPUTS: Values = {"service": SERVICE, "type": GENERIC, "name": "alerts"}

Autonaming = pb.CheckRequest.AutonamingOptions
Kind = pb.PropertyDiff.Kind


# Check


def test_check_keeps_what_is_right(provider: Served) -> None:
    news: Values = {**INPUTS, "vendor": Secret({"id": CLOUDWATCH, "name": "Amazon CloudWatch"})}
    response = provider.check(news)
    assert failures(response) == []
    assert from_struct(response.inputs) == {**INPUTS, "vendor": Secret(CLOUDWATCH)}


def test_check_reports_all_failures_together_and_no_inputs(provider: Served) -> None:
    response = provider.check({"name": Secret(4711.0), "vendor": [], "tpye": V2})
    assert failures(response) == [
        ("tpye", "There is no property `tpye`. Did you mean `type`?"),
        ("", "`service` is required: The ID of the service that the integration belongs to, such as `PQL78HM`."),
        ("", "`vendor` must be a string or an object, got a list."),
        ("", "`name` must be a string, got a secret number."),
    ]
    assert from_struct(response.inputs) == {}


def test_check_refuses_a_property_without_a_name(provider: Served) -> None:
    ((name, reason),) = failures(provider.check({**INPUTS, "": "x"}))
    assert (name, reason[:40]) == ("", "There is no property ``. It can have: se")


@pytest.mark.parametrize(
    ("signature", "kind"),
    [("c44067f5952c0a294b673a41bacd8c17", "an asset"), ("0def7320c3a5731c473e5ecbe6d01bc7", "an archive")],
)
def test_check_refuses_assets_and_archives(provider: Served, signature: str, kind: str) -> None:
    asset: Value = {"4dabf18193072939515e22adb298388d": signature, "text": "x"}
    assert failures(provider.check({**INPUTS, "name": asset})) == [("", f"`name` must be a string, got {kind}.")]


def test_check_makes_no_call(provider: Served, emulator: Emulator) -> None:
    provider.check({"service": SERVICE, "vendor": "PNONE00"})
    assert len(emulator.requests) == 0


UNNAMED: Values = {"service": SERVICE, "type": V2}


def checked_name(response: pb.CheckResponse) -> Value:
    assert failures(response) == []
    return from_struct(response.inputs)["name"]


def test_a_name_is_made_of_the_resources_and_of_chance(provider: Served) -> None:
    names = [checked_name(provider.check(UNNAMED)) for _ in range(2)]
    assert all(re.fullmatch(r"alerts-[0-9a-f]{7}", str(name)) for name in names)
    assert names[0] != names[1]


def test_the_same_seed_makes_the_same_name(provider: Served) -> None:
    seed = bytes(range(32))
    names = {checked_name(provider.check(UNNAMED, randomSeed=seed)) for _ in range(2)}
    assert names == {"alerts-0001020"}


@pytest.mark.parametrize("mode", [Autonaming.PROPOSE, Autonaming.ENFORCE])
def test_the_users_autonaming_is_respected(provider: Served, mode: Autonaming.Mode.ValueType) -> None:
    autonaming = Autonaming(proposed_name="prod-alerts", mode=mode)
    assert checked_name(provider.check(UNNAMED, autonaming=autonaming)) == "prod-alerts"


def test_without_autonaming_a_name_is_required(provider: Served) -> None:
    autonaming = Autonaming(mode=Autonaming.DISABLE)
    assert failures(provider.check(UNNAMED, autonaming=autonaming)) == [
        ("", "`name` is required if autonaming is disabled.")
    ]
    assert checked_name(provider.check(UNNAMED, {**UNNAMED, "name": "old"}, autonaming=autonaming)) == "old"


# Diff


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        pytest.param({}, {}, id="none"),
        pytest.param({"name": "other"}, {"name": Kind.UPDATE}, id="name"),
        pytest.param({"name": UNKNOWN}, {"name": Kind.UPDATE}, id="unknown name"),
        pytest.param({"name": Secret("alerts")}, {"name": Kind.UPDATE}, id="name becomes secret"),
        pytest.param({"service": "PAYMNT2"}, {"service": Kind.UPDATE_REPLACE}, id="service"),
        pytest.param({"service": UNKNOWN}, {"service": Kind.UPDATE_REPLACE}, id="unknown service"),
        pytest.param({"vendor": "PKAPG94"}, {"vendor": Kind.UPDATE_REPLACE}, id="vendor"),
        pytest.param({"vendor": None}, {"vendor": Kind.DELETE_REPLACE}, id="no vendor"),
        pytest.param({"vendor": UNKNOWN}, {"vendor": Kind.UPDATE}, id="vendor of a lookup that waits: mostly the same"),
        pytest.param({"vendor": Secret(UNKNOWN)}, {"vendor": Kind.UPDATE}, id="the same, secret"),
        pytest.param({"type": V2}, {"type": Kind.UPDATE_REPLACE}, id="type"),
        pytest.param({"type": UNKNOWN}, {"type": Kind.UPDATE_REPLACE}, id="unknown type"),
        pytest.param({"type": None}, {}, id="type left to the vendor"),
        pytest.param({"type": CLOUDWATCH_TYPE}, {}, id="the type that the server made"),
        pytest.param(
            {"name": "other", "vendor": "PKAPG94"},
            {"name": Kind.UPDATE, "vendor": Kind.UPDATE_REPLACE},
            id="in place and not",
        ),
    ],
)
def test_a_change_is_an_update_or_a_replacement(
    provider: Served, emulator: Emulator, change: Values, kinds: dict[str, Any]
) -> None:
    inputs: Values = {**INPUTS, "vendor": CLOUDWATCH}
    olds: Values = {**inputs, "type": CLOUDWATCH_TYPE, "integrationId": "P1", "integrationKey": Secret("k")}
    response = provider.diff(inputs, olds, {**inputs, **change})
    assert {path: each.kind for path, each in response.detailedDiff.items()} == kinds
    assert set(response.diffs) == set(kinds)
    assert set(response.replaces) == {path for path, kind in kinds.items() if kind not in {Kind.UPDATE, Kind.ADD}}
    assert response.changes == (pb.DiffResponse.DIFF_SOME if kinds else pb.DiffResponse.DIFF_NONE)
    assert response.hasDetailedDiff
    assert not response.deleteBeforeReplace, "a new key can be handed out before the old one goes"
    assert len(emulator.requests) == 0


@pytest.mark.parametrize(
    "change", [{"service": "PCDNE10"}, {"type": "generic_events_api_inbound_integration"}, {"vendor": CLOUDWATCH}]
)
def test_a_pinned_address_is_no_reason_to_delete_first(provider: Served, change: Values) -> None:
    """A refused replacement leaves the old integration, with its address, as it is."""
    olds: Values = {**INPUTS, "type": EMAIL, "integrationEmail": "alerts@acme.pagerduty.com"}
    response = provider.diff(olds, {**olds, "integrationId": "P1"}, {**olds, **change})
    assert response.replaces
    assert not response.deleteBeforeReplace


# Create


def test_create_is_one_post_and_no_read(provider: Served, emulator: Emulator) -> None:
    response = provider.create(INPUTS)
    assert emulator.requests.counts() == {"POST /services/{id}/integrations": 1}
    (made,) = emulator.integrations(SERVICE)
    assert response.id == f"{SERVICE}.{made['id']}"
    assert from_struct(response.properties) == {
        **INPUTS,
        "integrationId": made["id"],
        "integrationKey": Secret(made["integration_key"]),
        "integrationUrl": Secret(f"{emulator.url}/integration/{made['integration_key']}/enqueue"),
        "htmlUrl": made["html_url"],
    }


def test_create_with_a_vendor_alone_is_one_post(provider: Served, emulator: Emulator) -> None:
    """PagerDuty ignores the type then: recorded for many vendors by the Terraform provider's acceptance tests."""
    response = provider.create({"service": SERVICE, "vendor": CLOUDWATCH, "name": "alerts"})
    assert from_struct(response.properties)["type"] == CLOUDWATCH_TYPE
    assert emulator.requests.counts() == {"POST /services/{id}/integrations": 1}


def test_a_refusal_of_the_type_is_answered_with_the_one_of_the_vendors_kind(
    provider: Served, emulator: Emulator
) -> None:
    body = {"error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["Type cannot be empty."]}}
    emulator.inject("status", "POST", status=400, body=body, times=1)
    response = provider.create({"service": SERVICE, "vendor": CLOUDWATCH, "name": "alerts"})
    assert from_struct(response.properties)["type"] == CLOUDWATCH_TYPE
    assert emulator.requests.counts() == {"POST /services/{id}/integrations": 2, "GET /vendors/{id}": 1}


def test_a_refused_type_is_reported_when_the_vendor_is_forbidden(provider: Served, emulator: Emulator) -> None:
    body = {"error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["Type cannot be empty."]}}
    emulator.inject("status", "POST", status=400, body=body, times=1)
    emulator.inject("status", "GET", "/vendors/**", status=403, times=None)
    error = refusal(lambda: provider.create({"service": SERVICE, "vendor": CLOUDWATCH, "name": "alerts"}))
    assert "`type`: PagerDuty refused the integration: Invalid Input Provided: Type cannot be empty." in error.message


def test_create_after_a_lookup_needs_no_further_call(provider: Served, emulator: Emulator) -> None:
    provider.invoke("pagerduty-native:index:getVendor", name="Cloudwatch")
    provider.create({"service": SERVICE, "vendor": CLOUDWATCH, "name": "alerts"})
    assert emulator.requests.counts() == {"GET /vendors": 1, "POST /services/{id}/integrations": 1}


def test_an_e_mail_integration_has_an_address_and_no_key(provider: Served, emulator: Emulator) -> None:
    vendor = emulator.add_vendor("Mailer", "email")
    _, outputs = created(provider, {"service": SERVICE, "vendor": vendor, "name": "mail"})
    assert outputs["type"] == "generic_email_inbound_integration"
    assert str(outputs["integrationEmail"]).endswith("@acme.pagerduty.com")
    assert not {"integrationKey", "integrationUrl"} & set(outputs)


def test_secret_inputs_stay_so(provider: Served) -> None:
    _, outputs = created(provider, {**INPUTS, "name": Secret("alerts"), "service": Secret(SERVICE)})
    assert (outputs["name"], outputs["service"], outputs["type"]) == (Secret("alerts"), Secret(SERVICE), GENERIC)


def test_the_preview_of_a_create_makes_no_call_and_keeps_keys_secret(provider: Served, emulator: Emulator) -> None:
    response = provider.create({"service": UNKNOWN, "vendor": CLOUDWATCH, "name": Secret("alerts")}, preview=True)
    previewed = from_struct(response.properties)
    assert response.id == ""
    assert {name: previewed[name] for name in ("service", "vendor", "name", "type")} == {
        "service": UNKNOWN,
        "vendor": CLOUDWATCH,
        "name": Secret("alerts"),
        "type": UNKNOWN,
    }
    assert previewed["integrationKey"] == previewed["integrationUrl"] == Secret(UNKNOWN)
    assert previewed["integrationId"] == previewed["htmlUrl"] == UNKNOWN
    assert len(emulator.requests) == 0


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        pytest.param({"service": "PNONE00"}, "`service`: PagerDuty has no service with the ID 'PNONE00'", id="service"),
        pytest.param(
            {"vendor": "PNONE00", "type": None}, "`vendor`: PagerDuty has no vendor with the ID 'PNONE00'", id="vendor"
        ),
        pytest.param(
            {"vendor": "PNONE00"},
            "`vendor`: PagerDuty has no vendor with the ID 'PNONE00'",
            id="vendor, beside a type",
        ),
        pytest.param({"type": "nonsense"}, "`type`: PagerDuty refused the integration: Invalid Input", id="type"),
        pytest.param(
            {"service": Secret("PHUSH00")}, "`service`: PagerDuty has no service with the ID '[secret]'", id="secret"
        ),
    ],
)
def test_a_refusal_names_the_property_at_fault(provider: Served, inputs: Values, message: str) -> None:
    error = refusal(lambda: provider.create({**INPUTS, **inputs}))
    assert error.code == grpc.StatusCode.UNKNOWN
    assert message in error.message
    assert "PHUSH00" not in error.message


def test_a_refusal_is_not_hidden_by_a_failure_to_explain_it(provider: Served, emulator: Emulator) -> None:
    body = {"error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["Name is odd."]}}
    emulator.inject("status", "POST", status=400, body=body)
    emulator.inject("status", "GET", status=403, times=None)
    error = refusal(lambda: provider.create({**INPUTS, "vendor": CLOUDWATCH}))
    assert "Name is odd. (status 400, code 2001)" in error.message


def test_a_refused_token_is_explained_and_not_shown(provider: Served, emulator: Emulator) -> None:
    emulator.settings.rejected_tokens = {TOKEN}
    error = refusal(lambda: provider.create(INPUTS))
    assert error.message.startswith("PagerDuty refused the token: ")
    assert TOKEN not in error.message


def test_another_server_at_the_address_is_explained(provider: Served, emulator: Emulator) -> None:
    emulator.inject("html", status=405)
    error = refusal(lambda: provider.create(INPUTS))
    assert f"{emulator.url} responded with status 405 but not with the JSON of PagerDuty's API" in error.message


@pytest.mark.parametrize("body", ["", "Access denied\n", '{"error": "No', "<html><h1>Forbidden</h1></html>", [], {}])
@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "PagerDuty refused the token: "), (402, "PagerDuty does not allow"), (403, "PagerDuty does not allow")],
)
def test_a_401_or_403_counts_with_any_body(
    provider: Served, emulator: Emulator, status: int, words: str, body: Any
) -> None:
    emulator.inject("status", status=status, body=body)
    message = refusal(lambda: provider.create(INPUTS)).message
    assert message.startswith(words)
    assert f"(status {status})" in message
    assert "apiUrlOverride" not in message
    assert ("Access denied" in message) == (body == "Access denied\n")


# Read


def test_a_refresh_without_drift_answers_with_what_came(provider: Served) -> None:
    inputs: Values = {"service": SERVICE, "vendor": CLOUDWATCH, "name": Secret("alerts"), "emailFilters": []}
    made, outputs = created(provider, inputs)
    response = provider.read(made, outputs, inputs)
    assert response == pb.ReadResponse(id=made, properties=to_struct(outputs), inputs=to_struct(inputs))


def test_drift_shows_in_outputs_and_inputs_and_stays_secret(provider: Served, emulator: Emulator) -> None:
    inputs: Values = {**INPUTS, "name": Secret("alerts")}
    made, outputs = created(provider, inputs)
    emulator.edit_integration(made.split(".")[1], name="drifted")
    response = provider.read(made, outputs, inputs)
    assert from_struct(response.properties) == {**outputs, "name": Secret("drifted")}
    assert from_struct(response.inputs) == {**inputs, "name": Secret("drifted")}


def test_a_new_key_changes_only_the_outputs(provider: Served, emulator: Emulator) -> None:
    made, outputs = created(provider, INPUTS)
    key = emulator.regenerate_key(made.split(".")[1])
    response = provider.read(made, outputs, INPUTS)
    refreshed = from_struct(response.properties)
    assert refreshed["integrationKey"] == Secret(key)
    assert key in reveal(refreshed["integrationUrl"])
    assert from_struct(response.inputs) == INPUTS


@pytest.mark.parametrize("what", ["integration", "service"])
def test_what_is_gone_is_a_wholly_empty_answer(provider: Served, emulator: Emulator, what: str) -> None:
    made, outputs = created(provider, INPUTS)
    if what == "service":
        emulator.delete_service(SERVICE)
    else:
        emulator.delete_integration(made.split(".")[1])
    assert provider.read(made, outputs, INPUTS) == pb.ReadResponse()


def test_an_import_finds_all_of_it(provider: Served) -> None:
    inputs: Values = {"service": SERVICE, "vendor": CLOUDWATCH, "name": "alerts"}
    made, outputs = created(provider, inputs)
    response = provider.read(made)
    imported = from_struct(response.inputs)
    assert (response.id, from_struct(response.properties)) == (made, outputs)
    assert imported == {**inputs, "type": CLOUDWATCH_TYPE}
    assert provider.diff(imported, outputs, inputs).changes == pb.DiffResponse.DIFF_NONE


@pytest.mark.parametrize("call", ["read", "delete"])
def test_an_id_of_another_form_is_answered_with_the_right_one(provider: Served, call: str) -> None:
    error = refusal(lambda: getattr(provider, call)("PE1U9CH"))
    assert error.message.startswith(
        "'PE1U9CH' is not the ID of an integration: write SERVICE_ID.INTEGRATION_ID, such as PQL78HM.PE1U9CH."
    )


# Update


def test_a_rename_is_one_put(provider: Served, emulator: Emulator) -> None:
    made, outputs = created(provider, INPUTS)
    emulator.requests.clear()
    response = provider.update(made, outputs, {**INPUTS, "name": Secret("renamed")})
    assert emulator.requests.counts() == {"PUT /services/{id}/integrations/{integration_id}": 1}
    assert from_struct(response.properties) == {**outputs, "name": Secret("renamed")}
    assert emulator.integration(made.split(".")[1])["name"] == "renamed"


def test_the_preview_of_an_update_knows_the_key(provider: Served, emulator: Emulator) -> None:
    made, outputs = created(provider, INPUTS)
    emulator.requests.clear()
    response = provider.update(made, outputs, {**INPUTS, "name": UNKNOWN}, preview=True)
    assert from_struct(response.properties) == {**outputs, "name": UNKNOWN}
    assert len(emulator.requests) == 0


def test_an_update_of_what_is_gone_says_what_to_do(provider: Served, emulator: Emulator) -> None:
    made, outputs = created(provider, INPUTS)
    emulator.delete_integration(made.split(".")[1])
    error = refusal(lambda: provider.update(made, outputs, {**INPUTS, "name": "renamed"}))
    assert f"PagerDuty no longer has the integration {made}" in error.message
    assert "it was deleted, or moved to another service. Run `pulumi refresh`" in error.message


def test_an_update_sends_only_changed_fields(provider: Served, emulator: Emulator) -> None:
    """So that `ignoreChanges: [name]` does not undo a rename in the web app."""
    inputs: Values = {"service": SERVICE, "type": EMAIL, "name": "mail", "emailFilterMode": "all-email"}
    made, outputs = created(provider, inputs)
    emulator.edit_integration(made.split(".")[1], name="renamed in the web app")
    response = provider.update(made, outputs, {**inputs, "emailFilterMode": "or-rules-email"})
    assert from_struct(response.properties)["emailFilterMode"] == "or-rules-email"
    assert emulator.integrations()[0]["name"] == "renamed in the web app"


def test_a_refresh_after_an_update_shows_what_others_renamed_before(provider: Served, emulator: Emulator) -> None:
    """Found by random lives: with the other name in the state, it differed from nothing any more, and stayed."""
    inputs: Values = {"service": SERVICE, "type": EMAIL, "name": "mail", "emailFilterMode": "all-email"}
    made, outputs = created(provider, inputs)
    emulator.edit_integration(made.split(".")[1], name="renamed in the web app")
    news: Values = {**inputs, "emailFilterMode": "or-rules-email"}
    updated = from_struct(provider.update(made, outputs, news).properties)
    refreshed = provider.read(made, updated, news)
    assert from_struct(refreshed.inputs) == {**news, "name": "renamed in the web app"}


def test_an_update_of_nothing_makes_no_call(provider: Served, emulator: Emulator) -> None:
    made, outputs = created(provider, INPUTS)
    emulator.requests.clear()
    response = provider.update(made, outputs, {**INPUTS, "name": Secret("alerts")})
    assert from_struct(response.properties) == {**outputs, "name": Secret("alerts")}
    assert len(emulator.requests) == 0


def test_a_property_that_could_not_be_set_is_an_error_every_time(provider: Served, emulator: Emulator) -> None:
    inputs: Values = {"service": SERVICE, "vendor": CLOUDWATCH, "name": "alerts", "emailFilterMode": "all-email"}
    error = refusal(lambda: provider.create(inputs))
    assert (
        "The integration was created, but `emailFilterMode` could not be set: PagerDuty made it an integration that "
        "receives no e-mail" in error.message
    )
    failed = failed_initialization(error)
    for _ in range(2):
        error = refusal(lambda: provider.update(failed.id, from_struct(failed.properties), inputs))
        assert "The integration was updated, but `emailFilterMode` could not be set" in error.message
        assert "receives no e-mail" in error.message
    assert len(emulator.integrations()) == 1


# Delete


def test_delete(provider: Served, emulator: Emulator) -> None:
    made, outputs = created(provider, INPUTS)
    provider.delete(made, outputs)
    assert emulator.integrations(SERVICE) == []


@pytest.mark.parametrize("what", ["integration", "service"])
def test_deleting_what_is_gone_is_no_error(provider: Served, emulator: Emulator, what: str) -> None:
    made, outputs = created(provider, INPUTS)
    if what == "service":
        emulator.delete_service(SERVICE)
    else:
        emulator.delete_integration(made.split(".")[1])
    provider.delete(made, outputs)


@pytest.mark.parametrize("keep_id", [True, False])
def test_delete_touches_only_the_given_id(provider: Served, emulator: Emulator, keep_id: bool) -> None:
    """Somebody moved it in the web app, and it was imported from there since."""
    made, outputs = created(provider, INPUTS)
    moved = emulator.move_integration(made.split(".")[1], "PCDNE10", keep_id=keep_id)
    provider.read(f"PCDNE10.{moved}")
    emulator.requests.clear()
    provider.delete(made, outputs)
    assert [each["id"] for each in emulator.integrations("PCDNE10")] == [moved]
    assert emulator.requests.counts() == {"DELETE /services/{id}/integrations/{integration_id}": 1}


def test_delete_spares_an_integration_that_another_resource_imported(provider: Served, emulator: Emulator) -> None:
    """Renamed in a program, and imported by the new name: the engine deletes what it knows by the old one."""
    made, outputs = created(provider, INPUTS)
    old_urn = provider.urn
    provider.urn = f"{old_urn}-renamed"
    imported = from_struct(provider.read(made).properties)
    provider.diff(INPUTS, imported, INPUTS, made)
    provider.urn = old_urn
    provider.delete(made, outputs)
    assert len(emulator.integrations()) == 1
    provider.urn = f"{old_urn}-renamed"
    provider.delete(made, imported)
    assert emulator.integrations() == []


def test_a_get_beside_it_does_not_keep_a_resource_from_being_deleted(provider: Served, emulator: Emulator) -> None:
    """`Integration.get` sends its properties and inputs alike, and owns nothing."""
    made, outputs = created(provider, INPUTS)
    old_urn = provider.urn
    provider.urn = f"{old_urn}-read"
    provider.read(made, {}, {})
    provider.read(made, outputs, outputs)
    provider.urn = old_urn
    provider.delete(made, outputs)
    assert emulator.integrations() == []


def test_a_get_of_what_the_program_manages_is_no_second_resource(
    emulator: Emulator, engine: tuple[FakeEngine, str]
) -> None:
    listening, address = engine
    with serving(PACKAGE, TYPE, engine_address=address) as provider:
        provider.configure(token=TOKEN, apiUrlOverride=emulator.url)
        made, outputs = created(provider, INPUTS)
        managed, read = provider.urn, f"{provider.urn}-read"
        for urn in (managed, read, managed):
            provider.urn = urn
            if urn == read:
                provider.read(made, {}, {})
                provider.read(made, outputs, {})  # A refresh, of what `get` left in the state.
            else:
                provider.diff(INPUTS, outputs, INPUTS, made)
    assert [each.message for each in listening.messages if made in each.message] == []


def test_a_refresh_that_follows_a_move_warns_about_a_second_resource(
    emulator: Emulator, engine: tuple[FakeEngine, str]
) -> None:
    """Somebody moved it, somebody imported it from there, and the old resource is read first."""
    listening, address = engine
    with serving(PACKAGE, TYPE, engine_address=address) as first:
        first.configure(token=TOKEN, apiUrlOverride=emulator.url)
        old, outputs = created(first, INPUTS)
    (integration,) = emulator.integrations()
    emulator.move_integration(integration["id"], "PCDNE10")
    moved = f"PCDNE10.{integration['id']}"

    def told() -> list[str]:
        return [each.message for each in listening.messages if "the same ID" in each.message]

    with serving(PACKAGE, TYPE, engine_address=address) as refreshing:
        refreshing.configure(token=TOKEN, apiUrlOverride=emulator.url)
        assert refreshing.read(old, outputs, INPUTS).id == moved
        assert told() == []
        refreshing.urn += "-imported"
        imported = {**outputs, "service": "PCDNE10"}, {**INPUTS, "service": "PCDNE10"}
        assert refreshing.read(moved, *imported).id == moved
        (message,) = told()
        assert message == (
            f"The resources alerts and alerts-imported have the same ID, {moved}: deleting one would delete it for "
            "both. Keep one of them; take the other out of the state with `pulumi state delete`, and out of the "
            "program."
        )
        # A run that comes after this one may have other names for its resources.
        refreshing.cancel()
        refreshing.configure(token=TOKEN, apiUrlOverride=emulator.url)
        refreshing.urn += "-renamed"
        refreshing.read(moved, *imported)
        assert len(told()) == 1


def test_an_update_refuses_a_property_that_only_a_new_resource_can_have(provider: Served) -> None:
    """The engine would replace; `pulumi do … patch` asks for an update, and says that it was done."""
    made, outputs = created(provider, INPUTS)
    for preview in (True, False):
        error = refusal(lambda: provider.update(made, outputs, {**INPUTS, "service": "PCDNE10"}, preview=preview))  # noqa: B023
        assert error.message == (
            f"`service` cannot be changed in place: create another resource, and then delete {made}."
        )


def test_an_alias_does_not_keep_what_is_replaced(provider: Served, emulator: Emulator) -> None:
    """The engine asks for the difference by the new URN, and deletes by the old one."""
    made, outputs = created(provider, INPUTS)
    old_urn = provider.urn
    provider.urn = f"{old_urn}-renamed"
    assert provider.diff(INPUTS, outputs, {**INPUTS, "service": "PCDNE10"}, made).replaces == ["service"]
    provider.create({**INPUTS, "service": "PCDNE10"})
    provider.urn = old_urn
    provider.delete(made, outputs)
    assert [each["service"]["id"] for each in emulator.integrations()] == ["PCDNE10"]


def test_a_deletion_that_failed_still_protects_what_is_held(provider: Served, emulator: Emulator) -> None:
    made, outputs = created(provider, INPUTS)
    emulator.inject("status", "DELETE", status=403)
    refusal(lambda: provider.delete(made, outputs))
    provider.delete(made, outputs)
    assert emulator.integrations() == []


def test_a_move_is_not_followed_to_what_another_resource_holds(provider: Served, emulator: Emulator) -> None:
    made, outputs = created(provider, INPUTS)
    emulator.move_integration(made.split(".")[1], "PCDNE10")
    moved = f"PCDNE10.{made.split('.')[1]}"
    old_urn = provider.urn
    provider.urn = f"{old_urn}-adopted"
    assert provider.read(moved, outputs, INPUTS).id == moved
    provider.urn = old_urn
    assert provider.read(made, outputs, INPUTS) == pb.ReadResponse()
    provider.urn = f"{old_urn}-adopted"
    assert provider.read(moved, outputs, INPUTS).id == moved


@pytest.mark.parametrize("status", [403, 504])
def test_many_missing_integrations_share_the_failure_to_read_the_index_of_services(
    provider: Served, emulator: Emulator, status: int
) -> None:
    made = [created(provider, {**INPUTS, "name": f"alerts {number}"}) for number in range(20)]
    for each, _ in made:
        emulator.delete_integration(each.split(".")[1])
    emulator.inject("status", "GET", "/services", status=status, times=None)
    emulator.requests.clear()

    def refused(each: tuple[str, Values]) -> bool:
        message = refusal(lambda: provider.read(each[0], each[1], INPUTS)).message
        return f"PagerDuty no longer has the integration {each[0]}: it was deleted, or moved" in message

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(refused, made))
    assert emulator.requests.counts()["GET /services"] <= 2
    emulator.requests.clear()
    for id_, outputs in made:
        provider.delete(id_, outputs)
    assert emulator.requests.counts() == {"DELETE /services/{id}/integrations/{integration_id}": 20}


# IDs that PagerDuty cannot have

ODD_IDS = ["..", ".", "a/b", "a?b", "a b", "a\n", "\x00", "é", "P" * 65, "%2e%2e"]


@pytest.mark.parametrize("id", ODD_IDS)
def test_odd_ids_are_refused_by_name_before_anything_is_sent(provider: Served, emulator: Emulator, id: str) -> None:
    ((name, reason),) = failures(provider.check({**INPUTS, "service": id}))
    assert (name, reason[:40]) == ("service", "`service` must be the ID of a service, s")
    assert [name for name, _ in failures(provider.check({**INPUTS, "vendor": id}))] == ["vendor"]
    assert [name for name, _ in failures(provider.check({**INPUTS, "vendor": {"id": id}}))] == [""]
    for function, arguments in (
        ("getVendor", {"id": id}),
        ("getService", {"id": id}),
        ("getIntegration", {"service": "PCHECKT", "id": id}),
        ("getIntegration", {"service": id, "name": "x"}),
        ("getIntegrations", {"service": id}),
    ):
        assert len(failures(provider.invoke(f"pagerduty-native:index:{function}", **arguments))) == 1
    for call in (
        lambda: provider.read(f"PCHECKT.{id}"),
        lambda: provider.read(f"{id}.P1", {"integrationId": "P1"}, INPUTS),
        lambda: provider.delete(f"PCHECKT.{id}"),
        lambda: provider.update(f"PCHECKT.{id}", INPUTS, {**INPUTS, "name": "new"}),
    ):
        assert "is not the ID of an integration: write SERVICE_ID.INTEGRATION_ID" in refusal(call).message
    assert len(emulator.requests) == 0


def test_a_key_in_the_state_is_in_no_error(provider: Served, emulator: Emulator) -> None:
    made, outputs = created(provider, INPUTS)
    key = reveal(outputs["integrationKey"])
    emulator.inject("status", status=400, body={"error": {"message": f"{key} is odd", "code": 2001}}, times=None)
    for call in (
        lambda: provider.update(made, outputs, {**INPUTS, "name": "renamed"}),
        lambda: provider.delete(made, outputs),
        lambda: provider.read(made, outputs, INPUTS),
    ):
        message = refusal(call).message
        assert "is odd" in message
        assert key not in message


def test_integrations_are_listed_in_pages(provider: Served, emulator: Emulator) -> None:
    for name in ("One", "Two", "Three"):
        provider.create({**INPUTS, "name": name})
    names, token = [], ""
    for _ in range(2):
        request = pb.ListRequest(token="pagerduty-native:index:Integration", page_size=2, continuation_token=token)
        responses = list(provider.stub.List(request))
        names += [each.result.name for each in responses if each.WhichOneof("response") == "result"]
        token = responses[-1].continuation.continuation_token
    assert (names, token) == (["One", "Two", "Three"], "")
    limited = provider.stub.List(pb.ListRequest(token="pagerduty-native:index:Integration", limit=1))
    (made, *_) = emulator.integrations()
    assert [each.result.id for each in limited] == [f"PCHECKT.{made['id']}"]
