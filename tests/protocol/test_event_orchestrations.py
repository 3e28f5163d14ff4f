"""An EventOrchestrationIntegration over the protocol, from Check to Delete, and its lookups, against the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.api import orchestrations as api
from pagerduty_native.framework.testing import FakeEngine, Served, failed_initialization, failures, refusal, serving
from pagerduty_native.framework.values import UNKNOWN, Secret, Values, reveal
from pagerduty_native.framework.wire import from_struct
from pagerduty_native.package import PACKAGE
from pulumi.runtime.proto import provider_pb2 as pb

from tests.conftest import TOKEN

TYPE = "pagerduty-native:index:EventOrchestrationIntegration"
NOWHERE = "00000000-0000-4000-8000-000000000000"
Kind = pb.PropertyDiff.Kind


@pytest.fixture
def provider(emulator: Emulator) -> Iterator[Served]:
    with serving(PACKAGE, TYPE, name="clusters") as served:
        served.configure(token=TOKEN, apiUrlOverride=emulator.url)
        yield served


@pytest.fixture
def orchestration(emulator: Emulator) -> str:
    return emulator.add_event_orchestration("Platform")


@pytest.fixture
def other(emulator: Emulator) -> str:
    return emulator.add_event_orchestration("Shop")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again at once after a lost response."""
    monkeypatch.setattr(api, "PAUSES", (0.0, 0.0))


def created(provider: Served, orchestration: str, label: str = "Clusters") -> tuple[str, Values]:
    response = provider.create({"eventOrchestration": orchestration, "label": label})
    return response.id, from_struct(response.properties)


def calls(emulator: Emulator) -> list[str]:
    return [f"{each.method} {each.path}" for each in emulator.requests]


def on(emulator: Emulator, orchestration: str) -> list[dict[str, Any]]:
    return emulator.orchestration_integrations(orchestration)


def test_a_creation_has_a_secret_key_and_url(provider: Served, emulator: Emulator, orchestration: str) -> None:
    uuid, outputs = created(provider, orchestration)
    made = on(emulator, orchestration)[-1]
    key = made["parameters"]["routing_key"]
    assert uuid == made["id"]
    assert outputs == {
        "eventOrchestration": orchestration,
        "label": "Clusters",
        "integrationId": uuid,
        "routingKey": Secret(key),
        "integrationUrl": Secret(f"{emulator.url}/x-ere/{key}"),
    }


def test_creations_cost_one_call_each_and_one_list_for_each_orchestration(
    provider: Served, emulator: Emulator, orchestration: str, other: str
) -> None:
    for index in range(3):
        created(provider, orchestration, f"A{index}")
        created(provider, other, f"B{index}")
    assert len(calls(emulator)) == 6 + 2


def test_a_label_is_generated(provider: Served, orchestration: str) -> None:
    inputs = from_struct(provider.check({"eventOrchestration": orchestration}).inputs)
    assert str(inputs["label"]).startswith("clusters-")


def test_bad_inputs_are_named(provider: Served) -> None:
    (label, orchestration) = failures(provider.check({"eventOrchestration": "a b", "label": " "}))
    assert orchestration[0] == "eventOrchestration"
    assert "getEventOrchestration" in orchestration[1]
    assert label == ("label", "`label` must not be empty (is a variable empty?).")


def test_an_orchestration_that_is_not_there(provider: Served, emulator: Emulator) -> None:
    said = refusal(lambda: created(provider, NOWHERE)).message
    assert f"`eventOrchestration`: PagerDuty has no event orchestration with the ID '{NOWHERE}'" in said
    assert "getEventOrchestration" in said


def test_an_orchestration_that_may_not_be_read_is_an_error_before_anything_is_created(
    provider: Served, emulator: Emulator, orchestration: str
) -> None:
    body = {"error": {"code": 2010, "message": "Access Denied"}}
    emulator.inject("status", "GET", "/event_orchestrations/*/integrations", status=403, body=body)
    assert "Access Denied" in refusal(lambda: created(provider, orchestration)).message
    assert len(on(emulator, orchestration)) == 1, "only its default integration"


def test_a_label_that_pagerduty_refuses_is_an_error_with_its_words(
    provider: Served, emulator: Emulator, orchestration: str
) -> None:
    assert "Label is too long" in refusal(lambda: created(provider, orchestration, "x" * 256)).message
    odd = 'é "\\ \u2028 <b>'
    uuid, _ = created(provider, orchestration, odd)
    assert [each["label"] for each in on(emulator, orchestration) if each["id"] == uuid] == [odd]


def test_changes_are_in_place(provider: Served, emulator: Emulator, orchestration: str, other: str) -> None:
    inputs: Values = {"eventOrchestration": orchestration, "label": "Clusters"}
    _, olds = created(provider, orchestration)
    response = provider.diff(inputs, olds, {"eventOrchestration": other, "label": "Nodes"})
    assert {path: each.kind for path, each in response.detailedDiff.items()} == {
        "eventOrchestration": Kind.UPDATE,
        "label": Kind.UPDATE,
    }
    assert not response.replaces
    preview = provider.update("1", olds, {"eventOrchestration": other, "label": "Nodes"}, preview=True)
    assert from_struct(preview.properties)["routingKey"] == olds["routingKey"]
    unknown = provider.diff(inputs, olds, {"eventOrchestration": UNKNOWN, "label": "Clusters"})
    assert not unknown.replaces


def test_a_move_keeps_the_id_and_the_key(provider: Served, emulator: Emulator, orchestration: str, other: str) -> None:
    inputs: Values = {"eventOrchestration": orchestration, "label": "Clusters"}
    uuid, olds = created(provider, orchestration)
    emulator.requests.clear()
    response = provider.update(uuid, olds, {"eventOrchestration": other, "label": "Nodes"}, old_inputs=inputs)
    assert from_struct(response.properties) == {**olds, "eventOrchestration": other, "label": "Nodes"}
    assert [each.method for each in emulator.requests] == ["PUT", "POST"]
    assert on(emulator, other)[-1]["id"] == uuid
    assert reveal(olds["routingKey"]) == on(emulator, other)[-1]["parameters"]["routing_key"]


def test_a_move_is_one_call(provider: Served, emulator: Emulator, orchestration: str, other: str) -> None:
    inputs: Values = {"eventOrchestration": orchestration, "label": "Clusters"}
    uuid, olds = created(provider, orchestration)
    emulator.requests.clear()
    provider.update(uuid, olds, {**inputs, "eventOrchestration": other}, old_inputs=inputs)
    assert calls(emulator) == [f"POST /event_orchestrations/{other}/integrations/migration"]


def test_a_move_to_where_it_is_makes_no_call(
    provider: Served, emulator: Emulator, orchestration: str, other: str
) -> None:
    """Somebody moved it, a refresh followed, and the program follows too, from inputs that are older than that."""
    inputs: Values = {"eventOrchestration": orchestration, "label": "Clusters"}
    uuid, olds = created(provider, orchestration)
    emulator.move_orchestration_integration(uuid, other)
    emulator.requests.clear()
    news: Values = {**inputs, "eventOrchestration": other}
    response = provider.update(uuid, {**olds, "eventOrchestration": other}, news, old_inputs=inputs)
    assert from_struct(response.properties) == {**olds, "eventOrchestration": other}
    assert calls(emulator) == []


def test_a_move_from_an_orchestration_that_is_gone_is_an_error_and_makes_no_new_key(
    provider: Served, emulator: Emulator, orchestration: str, other: str
) -> None:
    inputs: Values = {"eventOrchestration": orchestration, "label": "Clusters"}
    uuid, olds = created(provider, orchestration)
    emulator.delete_event_orchestration(orchestration)
    said = refusal(
        lambda: provider.update(uuid, olds, {**inputs, "eventOrchestration": other}, old_inputs=inputs)
    ).message
    assert f"PagerDuty no longer has the integration {uuid} in the event orchestration {orchestration}" in said
    assert "Run `pulumi refresh`" in said
    assert len(on(emulator, other)) == 1, "only its default integration"


def test_a_label_that_somebody_changed_is_kept_by_a_move(
    provider: Served, emulator: Emulator, orchestration: str, other: str
) -> None:
    inputs: Values = {"eventOrchestration": orchestration, "label": "Clusters"}
    uuid, olds = created(provider, orchestration)
    emulator.change_orchestration_integration(uuid, "By hand")
    moved = provider.update(uuid, olds, {**inputs, "eventOrchestration": other}, old_inputs=inputs)
    assert on(emulator, other)[-1]["label"] == "By hand"
    assert from_struct(moved.properties)["label"] == "Clusters", "a refresh then shows the drift"


def test_a_move_to_nowhere_is_an_error_and_no_new_key(provider: Served, emulator: Emulator, orchestration: str) -> None:
    inputs: Values = {"eventOrchestration": orchestration, "label": "Clusters"}
    uuid, olds = created(provider, orchestration)
    said = refusal(
        lambda: provider.update(uuid, olds, {**inputs, "eventOrchestration": NOWHERE}, old_inputs=inputs)
    ).message
    assert NOWHERE in said
    assert "pulumi refresh" in said
    assert on(emulator, orchestration)[-1]["id"] == uuid


def test_a_move_that_fails_after_the_label_keeps_the_label(
    provider: Served, emulator: Emulator, orchestration: str
) -> None:
    inputs: Values = {"eventOrchestration": orchestration, "label": "Clusters"}
    uuid, olds = created(provider, orchestration)
    news: Values = {"eventOrchestration": NOWHERE, "label": "Nodes"}
    detail = failed_initialization(refusal(lambda: provider.update(uuid, olds, news, old_inputs=inputs)))
    state = from_struct(detail.properties)
    assert (state["label"], state["eventOrchestration"]) == ("Nodes", orchestration)


def test_a_deleted_one_is_gone_and_deleting_it_again_is_no_error(
    provider: Served, emulator: Emulator, orchestration: str
) -> None:
    uuid, olds = created(provider, orchestration)
    provider.delete(uuid, olds)
    assert len(on(emulator, orchestration)) == 1
    provider.delete(uuid, olds)
    assert provider.read(uuid, olds, {"eventOrchestration": orchestration, "label": "Clusters"}).id == ""


def test_a_refresh_reads_one_list_for_each_orchestration(
    provider: Served, emulator: Emulator, orchestration: str, other: str
) -> None:
    made = [created(provider, each, f"{index}") for each in (orchestration, other) for index in range(3)]
    with serving(PACKAGE, TYPE, name="clusters") as fresh:
        fresh.configure(token=TOKEN, apiUrlOverride=emulator.url)
        emulator.requests.clear()
        for uuid, olds in made:
            inputs = {name: olds[name] for name in ("eventOrchestration", "label")}
            assert from_struct(fresh.read(uuid, olds, inputs).properties) == olds
    assert len(calls(emulator)) == 2


def test_drift_of_the_label_is_shown(provider: Served, emulator: Emulator, orchestration: str) -> None:
    inputs: Values = {"eventOrchestration": orchestration, "label": "Clusters"}
    uuid, olds = created(provider, orchestration)
    emulator.change_orchestration_integration(uuid, "By hand")
    with serving(PACKAGE, TYPE, name="clusters") as fresh:
        fresh.configure(token=TOKEN, apiUrlOverride=emulator.url)
        response = fresh.read(uuid, olds, inputs)
    assert from_struct(response.inputs)["label"] == "By hand"


@pytest.mark.parametrize("gone", [False, True])
def test_a_refresh_follows_what_somebody_moved(
    provider: Served, emulator: Emulator, orchestration: str, other: str, gone: bool
) -> None:
    uuid, olds = created(provider, orchestration)
    emulator.move_orchestration_integration(uuid, other)
    if gone:
        emulator.delete_event_orchestration(orchestration)
    with serving(PACKAGE, TYPE, name="clusters") as fresh:
        fresh.configure(token=TOKEN, apiUrlOverride=emulator.url)
        response = fresh.read(uuid, olds, {"eventOrchestration": orchestration, "label": "Clusters"})
    assert response.id == uuid
    assert from_struct(response.properties) == {**olds, "eventOrchestration": other}
    assert from_struct(response.inputs)["eventOrchestration"] == other


def test_following_moves_reads_each_list_once(provider: Served, emulator: Emulator, orchestration: str) -> None:
    """The index of orchestrations, then one list for the stack's orchestration and for each other one."""
    inputs: Values = {"eventOrchestration": orchestration}
    made = [created(provider, orchestration, f"{index}") for index in range(3)]
    others = [emulator.add_event_orchestration(f"Other {index}") for index in range(2)]
    for uuid, _ in made:
        emulator.move_orchestration_integration(uuid, others[-1])
    with serving(PACKAGE, TYPE, name="clusters") as fresh:
        fresh.configure(token=TOKEN, apiUrlOverride=emulator.url)
        emulator.requests.clear()
        for uuid, olds in made:
            read = from_struct(fresh.read(uuid, olds, {**inputs, "label": olds["label"]}).properties)
            assert read["eventOrchestration"] == others[-1]
    asked = calls(emulator)
    assert asked.count("GET /event_orchestrations") == 1
    for each in others:
        assert asked.count(f"GET /event_orchestrations/{each}/integrations") == 1


@pytest.mark.parametrize("form", ["{id}", "{orchestration}:{id}"])
def test_import_takes_the_uuid_and_terraforms_form(
    provider: Served, emulator: Emulator, orchestration: str, form: str
) -> None:
    uuid, olds = created(provider, orchestration)
    response = provider.read(form.format(id=uuid, orchestration=orchestration))
    assert (response.id, from_struct(response.properties)) == (uuid, olds)
    assert from_struct(response.inputs) == {"eventOrchestration": orchestration, "label": "Clusters"}
    assert provider.read(form.format(id=NOWHERE, orchestration=orchestration)).id == ""


@pytest.mark.parametrize("id", ["a b", ":x", "a:b:c", "x:", ""])
def test_another_form_of_the_id_is_an_error_that_shows_the_right_one(provider: Served, id: str) -> None:
    assert "ORCHESTRATION_ID:INTEGRATION_ID" in refusal(lambda: provider.read(id)).message


def test_the_default_integration_is_imported_and_read(provider: Served, emulator: Emulator, orchestration: str) -> None:
    """A `.get` sends only the ID, as an import does. Deleting what was imported deletes it at PagerDuty."""
    (default,) = on(emulator, orchestration)
    response = provider.read(default["id"])
    outputs = from_struct(response.properties)
    assert outputs["routingKey"] == Secret(default["parameters"]["routing_key"])
    inputs = from_struct(response.inputs)
    assert inputs == {"eventOrchestration": orchestration, "label": default["label"]}
    assert provider.diff(inputs, outputs, inputs, default["id"]).changes == pb.DiffResponse.DIFF_NONE
    provider.delete(default["id"], outputs)
    assert on(emulator, orchestration) == []


# Stale reads, and responses that get lost


def test_a_new_integration_that_no_read_shows_yet_is_not_gone(
    provider: Served, emulator: Emulator, orchestration: str
) -> None:
    emulator.settings.orchestration_delay = 3600
    uuid, olds = created(provider, orchestration)
    assert provider.read(uuid, olds, {"eventOrchestration": orchestration, "label": "Clusters"}).id == uuid


def test_a_list_that_still_has_what_a_single_read_lacks_is_believed(
    provider: Served, emulator: Emulator, orchestration: str
) -> None:
    uuid, olds = created(provider, orchestration)
    with serving(PACKAGE, TYPE, name="clusters") as fresh:
        fresh.configure(token=TOKEN, apiUrlOverride=emulator.url)
        emulator.inject("status", "GET", "/event_orchestrations/*/integrations/*", status=404)
        assert fresh.read(uuid, olds, {"eventOrchestration": orchestration, "label": "Clusters"}).id == uuid


def lose_the_response(emulator: Emulator, path: str) -> None:
    emulator.inject("reset", "POST", path, after_commit=True)


@pytest.mark.usefixtures("impatient")
def test_an_integration_of_a_lost_creation_is_adopted_with_a_warning(
    provider: Served, emulator: Emulator, orchestration: str, engine: tuple[FakeEngine, str]
) -> None:
    messages, address = engine
    with serving(PACKAGE, TYPE, engine_address=address, name="clusters") as served:
        served.configure(token=TOKEN, apiUrlOverride=emulator.url)
        lose_the_response(emulator, "/event_orchestrations/*/integrations")
        uuid, _ = created(served, orchestration)
    assert [each["id"] for each in on(emulator, orchestration)][1:] == [uuid]
    assert any(f"{uuid} has the same label and is new, so it was adopted" in each.message for each in messages.messages)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("label", ["Clusters", "Other"])
def test_an_ambiguous_creation_names_the_new_integrations_and_is_not_repeated(
    provider: Served, emulator: Emulator, orchestration: str, label: str
) -> None:
    created(provider, orchestration, "First")
    by_hand = emulator.add_orchestration_integration(orchestration, label)
    lose = {"Clusters": True, "Other": False}[label]
    emulator.inject("reset", "POST", "/event_orchestrations/*/integrations", after_commit=lose)
    emulator.requests.clear()
    said = refusal(lambda: created(provider, orchestration)).message
    assert "PagerDuty may have created the integration 'Clusters'" in said
    assert f"`{by_hand}`" in said
    assert [each.method for each in emulator.requests].count("POST") == 1


@pytest.mark.usefixtures("impatient")
def test_an_integration_of_another_resource_is_not_adopted_after_a_lost_response(
    provider: Served, emulator: Emulator, orchestration: str
) -> None:
    created(provider, orchestration, "First")
    imported = emulator.add_orchestration_integration(orchestration, "Clusters")
    own, provider.urn = provider.urn, provider.urn.replace("::clusters", "::imported")
    read = provider.read(imported)
    inputs = from_struct(read.inputs)
    provider.diff(inputs, from_struct(read.properties), inputs, imported)
    provider.urn = own
    emulator.inject("reset", "POST", "/event_orchestrations/*/integrations", after_commit=False)
    said = refusal(lambda: created(provider, orchestration)).message
    assert "PagerDuty may have created the integration 'Clusters'" in said
    assert imported not in said


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("after_commit", [True, False])
def test_a_move_without_a_response_is_settled_by_reading(
    provider: Served, emulator: Emulator, orchestration: str, other: str, after_commit: bool
) -> None:
    inputs: Values = {"eventOrchestration": orchestration, "label": "Clusters"}
    uuid, olds = created(provider, orchestration)
    emulator.inject(
        "reset", "POST", "/event_orchestrations/*/integrations/migration", after_commit=after_commit, times=1
    )
    response = provider.update(uuid, olds, {**inputs, "eventOrchestration": other}, old_inputs=inputs)
    assert from_struct(response.properties) == {**olds, "eventOrchestration": other}
    assert [each["id"] for each in on(emulator, other)].count(uuid) == 1


# Rights


def test_an_app_asks_for_the_scopes_only_when_a_call_needs_them(emulator: Emulator, orchestration: str) -> None:
    app: Values = {"pdClientId": "id", "pdClientSecret": "secret", "pdSubdomain": "acme"}
    emulator.settings.oauth_scopes = {"services.read", "services.write", "vendors.read"}
    with serving(PACKAGE, TYPE, name="clusters") as served:
        served.configure(useAppOauthScopedToken=app, apiUrlOverride=emulator.url)
        assert served.invoke("pagerduty-native:index:getService", name="Checkout").failures == []
        assert "needs the scope event_orchestrations.read" in refusal(lambda: created(served, orchestration)).message
    emulator.settings.oauth_scopes = None
    with serving(PACKAGE, TYPE, name="clusters") as served:
        served.configure(useAppOauthScopedToken=app, apiUrlOverride=emulator.url)
        created(served, orchestration)


# Lookups


def result(response: pb.InvokeResponse) -> Values:
    assert failures(response) == []
    return from_struct(getattr(response, "return"))


@pytest.mark.parametrize("name", ["Platform", "platform ", "latf"])
def test_get_event_orchestration_by_name(provider: Served, orchestration: str, other: str, name: str) -> None:
    found = result(provider.invoke("pagerduty-native:index:getEventOrchestration", name=name))
    assert found == {"id": orchestration, "name": "Platform"}
    by_id = result(provider.invoke("pagerduty-native:index:getEventOrchestration", id=orchestration))
    assert by_id == found


def test_get_event_orchestration_integration(provider: Served, emulator: Emulator, orchestration: str) -> None:
    token = "pagerduty-native:index:getEventOrchestrationIntegration"
    (default,) = on(emulator, orchestration)
    found = result(provider.invoke(token, eventOrchestration=orchestration, label="default integration"))
    assert found == {"id": default["id"], "eventOrchestration": orchestration, "label": default["label"]}
    assert result(provider.invoke(token, eventOrchestration=orchestration, id=default["id"])) == found


@pytest.mark.parametrize(
    ("function", "arguments", "words"),
    [
        ("getEventOrchestration", {"name": "Plattform"}, "Did you mean 'Platform'?"),
        ("getEventOrchestration", {"id": NOWHERE}, "no event orchestration with the ID"),
        ("getEventOrchestrationIntegration", {"eventOrchestration": NOWHERE, "label": "a"}, "getEventOrchestration"),
        ("getEventOrchestrationIntegration", {"label": "Nothing like it"}, "`label`: none of 1 integrations"),
        ("getEventOrchestrationIntegration", {"id": NOWHERE}, "no integration with the ID"),
    ],
)
def test_lookups_that_find_nothing(
    provider: Served, orchestration: str, function: str, arguments: Values, words: str
) -> None:
    if function == "getEventOrchestrationIntegration":
        arguments = {"eventOrchestration": orchestration, **arguments}
    said = refusal(lambda: provider.invoke(f"pagerduty-native:index:{function}", **arguments)).message
    assert words in said
