"""The turns of an Integration's life, on the real engine against the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pagerduty_emulator import Emulator

from tests.conftest import TOKEN
from tests.support.account import post_integration
from tests.support.stack import TYPE, Stack

SERVICE = "PCHECKT"
OTHER_SERVICE = "PCDNE10"
CLOUDWATCH = "PZQ6AUS"
SENTRY = "PKAPG94"
EVENTS_API_V2 = "events_api_v2_inbound_integration"


def test_create_makes_one_post_and_gives_the_key(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    assert stack.up().steps("alerts") == ["create"]
    assert emulator.requests.counts() == {"POST /services/{id}/integrations": 1}
    (made,) = emulator.integrations(SERVICE)
    outputs = stack.resource()["outputs"]  # type: ignore[index]
    assert json.loads(outputs["integrationKey"]["plaintext"]) == made["integration_key"]
    assert stack.resource()["id"] == f"{SERVICE}.{made['id']}"  # type: ignore[index]


def test_type_comes_from_the_vendor(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, vendor=CLOUDWATCH)
    stack.up()
    (made,) = emulator.integrations(SERVICE)
    assert (made["type"], made["vendor"]["id"]) == ("event_transformer_api_inbound_integration", CLOUDWATCH)
    assert stack.preview().changes == {}


def test_no_change_is_an_empty_preview_without_calls(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    stack.up()
    emulator.requests.clear()
    assert stack.preview().changes == {}
    assert stack.up().changes == {}
    assert len(emulator.requests) == 0


def test_rename_updates_in_place(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2, name="before")
    stack.up()
    (before,) = emulator.integrations(SERVICE)
    stack.integration(service=SERVICE, type=EVENTS_API_V2, name="after")
    preview = stack.preview()
    assert (preview.steps("alerts"), preview.diffs("alerts")) == (["update"], {"name": "update"})
    assert stack.up().steps("alerts") == ["update"]
    (after,) = emulator.integrations(SERVICE)
    assert (after["id"], after["name"]) == (before["id"], "after")
    assert stack.preview().changes == {}


def test_config_fields_from_creation_to_removal(stack: Stack, emulator: Emulator) -> None:
    fields = {"incident_key": "alarm_name", "description": {"fn::secret": "alarm_description"}}
    stack.integration(service=SERVICE, vendor=CLOUDWATCH)
    stack.up()
    stack.integration(service=SERVICE, vendor=CLOUDWATCH, configFields=fields)
    added = stack.up()
    assert added.steps("alerts") == ["update"]
    assert added.diffs("alerts") == {"configFields.incident_key": "add", "configFields.description": "add"}
    assert [request.method for request in emulator.requests if "/services" in request.path] == ["POST", "PUT"]
    (made,) = emulator.integrations(SERVICE)
    assert stack.preview().changes == {}
    assert "alarm_description" not in stack.export()

    emulator.edit_integration(made["id"], config={"fields": {"incident_key": {"value": "region"}}})
    stack.refresh()
    preview = stack.preview()
    assert (preview.steps("alerts"), preview.diffs("alerts")) == (["update"], {"configFields.incident_key": "update"})
    stack.up()
    (made,) = emulator.integrations(SERVICE)
    assert made["config"]["fields"]["incident_key"] == {"value": "alarm_name"}
    assert stack.refresh().changes == {}

    stack.integration(service=SERVICE, vendor=CLOUDWATCH, configFields={"incident_key": "alarm_name"})
    for removed in (stack.preview(), stack.up()):
        assert removed.changes == {}
        assert "`configFields.description` was removed from the program, but stays in PagerDuty" in removed.diagnostics
    assert emulator.integrations(SERVICE) == [made]
    stack.forget()
    stack.integration({"import": f"{SERVICE}.{made['id']}"}, service=SERVICE, vendor=CLOUDWATCH, name=made["name"])
    assert stack.up().steps("alerts") == ["import"]
    assert stack.refresh().changes == {}
    assert stack.preview().changes == {}


def test_vendor_change_replaces_and_creates_before_it_deletes(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, vendor=CLOUDWATCH)
    stack.up()
    emulator.requests.clear()
    stack.integration(service=SERVICE, vendor=SENTRY)
    assert stack.preview().steps("alerts") == ["create-replacement", "replace", "delete-replaced"]
    assert stack.up().steps("alerts") == ["create-replacement", "replace", "delete-replaced"]
    assert [request.method for request in emulator.requests] == ["POST", "DELETE"]
    (left,) = emulator.integrations(SERVICE)
    assert left["vendor"]["id"] == SENTRY
    assert stack.preview().changes == {}


def test_service_change_replaces(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    stack.up()
    stack.integration(service=OTHER_SERVICE, type=EVENTS_API_V2)
    assert stack.up().changes == {"replace": 1}
    assert (len(emulator.integrations(SERVICE)), len(emulator.integrations(OTHER_SERVICE))) == (0, 1)


def test_delete(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    stack.up()
    stack.program(resources={})
    assert stack.up().steps("alerts") == ["delete"]
    assert emulator.integrations() == []


def test_delete_of_what_is_gone_succeeds(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    stack.up()
    emulator.delete_integration(emulator.integrations(SERVICE)[0]["id"])
    assert stack.destroy().steps("alerts") == ["delete"]


def test_autonaming_follows_the_resource_and_the_settings(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    stack.up()
    assert emulator.integrations(SERVICE)[0]["name"].startswith("alerts-")
    stack.destroy()
    stack.pulumi("config", "set", "--path", "pulumi:autonaming.pattern", "team-${name}")
    stack.up()
    assert emulator.integrations(SERVICE)[0]["name"] == "team-alerts"
    assert stack.preview().changes == {}


def test_import_then_empty_preview_also_with_the_import_option_kept(stack: Stack, emulator: Emulator) -> None:
    made = _made_outside(emulator)
    properties: dict[str, Any] = {"service": SERVICE, "vendor": CLOUDWATCH, "name": "made outside"}
    stack.integration({"import": f"{SERVICE}.{made['id']}"}, **properties)
    assert stack.up().steps("alerts") == ["import"]
    assert stack.preview().changes == {}
    stack.integration(**properties)
    assert stack.preview().changes == {}
    assert emulator.integrations(SERVICE) == [made]


def test_import_on_the_command_line_generates_a_program_that_previews_clean(stack: Stack, emulator: Emulator) -> None:
    made = _made_outside(emulator)
    stack.import_(TYPE, {"alerts": f"{SERVICE}.{made['id']}"})
    assert stack.preview().changes == {}


def test_import_of_a_malformed_id_says_what_one_looks_like(stack: Stack) -> None:
    stack.integration({"import": "PE1U9CH"}, service=SERVICE, type=EVENTS_API_V2)
    assert "SERVICE_ID.INTEGRATION_ID, such as PQL78HM.PE1U9CH" in stack.up(fails=True).diagnostics


def test_get_reads_an_integration_that_is_not_managed(stack: Stack, emulator: Emulator) -> None:
    made = _made_outside(emulator)
    stack.program(
        resources={
            "existing": {
                "type": "pagerduty-native:Integration",
                "get": {"id": f"{SERVICE}.{made['id']}"},
            }
        },
        outputs={"key": "${existing.integrationKey}"},
    )
    assert "[secret]" in stack.up().output
    assert stack.outputs() == {"key": made["integration_key"]}
    stack.destroy()
    assert emulator.integrations(SERVICE) == [made]


def test_refresh_notices_a_deletion_and_the_next_up_creates_again(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    stack.up()
    emulator.delete_integration(emulator.integrations(SERVICE)[0]["id"])
    assert stack.refresh().changes == {"delete": 1}
    assert stack.resource() is None
    assert stack.up().steps("alerts") == ["create"]


def test_refresh_notices_that_the_service_is_gone(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type=EVENTS_API_V2)
    stack.up()
    emulator.delete_service(SERVICE)
    assert stack.refresh().changes == {"delete": 1}


def test_refresh_without_drift_leaves_the_state_as_it_was(stack: Stack) -> None:
    stack.integration(service=SERVICE, vendor=CLOUDWATCH)
    stack.up()
    before = stack.resource()
    assert stack.refresh().changes == {}
    after = stack.resource()
    assert (after["inputs"], after["outputs"]) == (before["inputs"], before["outputs"])  # type: ignore[index]


def test_drift_shows_in_refresh_and_is_put_back_by_up(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, vendor=CLOUDWATCH, name="ours")
    stack.up()
    emulator.edit_integration(emulator.integrations(SERVICE)[0]["id"], name="theirs")
    assert stack.refresh().changes == {"update": 1}
    assert stack.preview().diffs("alerts") == {"name": "update"}
    assert stack.up().steps("alerts") == ["update"]
    assert emulator.integrations(SERVICE)[0]["name"] == "ours"


def test_preview_with_an_unknown_service_makes_no_call(stack: Stack, emulator: Emulator) -> None:
    resources = {
        "first": {
            "type": "pagerduty-native:Integration",
            "properties": {"service": SERVICE, "type": EVENTS_API_V2},
        },
        "second": {
            "type": "pagerduty-native:Integration",
            "properties": {"service": OTHER_SERVICE, "type": EVENTS_API_V2, "name": "after ${first.integrationId}"},
        },
    }
    stack.program(resources=resources)
    preview = stack.preview()
    assert (preview.steps("first"), preview.steps("second")) == (["create"], ["create"])
    assert len(emulator.requests) == 0
    stack.up()
    (first,) = emulator.integrations(SERVICE)
    assert emulator.integrations(OTHER_SERVICE)[0]["name"] == f"after {first['id']}"


def test_the_key_and_the_token_are_nowhere_in_plain_text(new_stack: Callable[..., Stack], emulator: Emulator) -> None:
    stack = new_stack()
    resource = {"type": "pagerduty-native:Integration", "properties": {"service": SERVICE, "vendor": CLOUDWATCH}}
    outputs = {"key": "${alerts.integrationKey}", "url": "${alerts.integrationUrl}"}
    stack.program(resources={"alerts": resource}, outputs=outputs)
    verbose = ("--logtostderr", "-v=8", "--logflow")
    shown = stack.up(*verbose).output
    (made,) = emulator.integrations(SERVICE)
    resource["properties"]["name"] = "renamed"  # type: ignore[index]
    stack.program(resources={"alerts": resource}, outputs=outputs)
    for operation in (stack.preview, stack.up, stack.refresh):
        shown += operation("--diff", *verbose).output
    shown += stack.export() + stack.pulumi("stack", "--show-ids").output
    assert made["integration_key"] not in shown
    assert TOKEN not in shown
    assert stack.outputs() == {
        "key": made["integration_key"],
        "url": f"{emulator.url}/integration/{made['integration_key']}/enqueue",
    }
    shown_at_destroy = stack.destroy(*verbose).output
    assert made["integration_key"] not in shown_at_destroy


def _made_outside(emulator: Emulator) -> dict[str, Any]:
    """An integration made by hand, as in the web app."""
    given = {"type": "generic_events_api_inbound_integration", "name": "made outside", "vendor": CLOUDWATCH}
    post_integration(emulator, SERVICE, **given)
    emulator.requests.clear()
    made: dict[str, Any] = emulator.integrations(SERVICE)[0]
    return made
