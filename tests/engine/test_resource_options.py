"""Pulumi's resource options work with an Integration, on the real engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from tests.support.stack import Stack

SERVICE = "PCHECKT"
OTHER_SERVICE = "PCDNE10"
EMAIL = "generic_email_inbound_integration"
EVENTS_API_V2 = "events_api_v2_inbound_integration"
CLOUDWATCH = "PZQ6AUS"
SENTRY = "PKAPG94"
REPLACED = ["create-replacement", "replace", "delete-replaced"]
DELETED_FIRST = ["delete-replaced", "replace", "create-replacement"]


def test_a_replacement_is_created_first_also_with_a_pinned_address(stack: Stack) -> None:
    address: dict[str, Any] = {"type": EMAIL, "integrationEmail": "alerts@acme.pagerduty.com"}
    stack.integration(service=SERVICE, **address)
    stack.up()
    stack.integration(service=OTHER_SERVICE, **address)
    assert stack.preview().steps("alerts") == REPLACED
    assert stack.up().steps("alerts") == REPLACED


def test_a_refused_second_address_leaves_the_first_and_names_the_way_out(stack: Stack, emulator: Emulator) -> None:
    emulator.settings.duplicate_emails = "refuse"
    address: dict[str, Any] = {"type": EMAIL, "integrationEmail": "alerts@acme.pagerduty.com"}
    stack.integration(service=SERVICE, **address)
    stack.up()
    made = emulator.integrations()
    stack.integration(service=OTHER_SERVICE, **address)
    diagnostics = stack.up(fails=True).diagnostics
    assert "`integrationEmail`: " in diagnostics
    assert "`deleteBeforeReplace`" in diagnostics
    assert emulator.integrations() == made
    stack.integration({"deleteBeforeReplace": True}, service=OTHER_SERVICE, **address)
    assert stack.up().steps("alerts") == DELETED_FIRST


def test_an_address_that_pagerduty_wants(stack: Stack, emulator: Emulator) -> None:
    emulator.settings.integration_email = "required"
    stack.integration(service=SERVICE, type=EMAIL)
    diagnostics = stack.up(fails=True).diagnostics
    assert "`integrationEmail`: PagerDuty refused the integration" in diagnostics
    assert "requires `integrationEmail`" in diagnostics


def test_delete_before_replace(stack: Stack) -> None:
    stack.integration({"deleteBeforeReplace": True}, service=SERVICE, vendor=CLOUDWATCH)
    stack.up()
    stack.integration({"deleteBeforeReplace": True}, service=SERVICE, vendor=SENTRY)
    assert stack.up().steps("alerts") == DELETED_FIRST


def test_replace_on_changes(stack: Stack) -> None:
    for name, steps in (("Before", ["create"]), ("After", REPLACED)):
        stack.integration({"replaceOnChanges": ["name"]}, service=SERVICE, type=EVENTS_API_V2, name=name)
        assert stack.up().steps("alerts") == steps


def test_replacement_trigger(stack: Stack, emulator: Emulator) -> None:
    keys = []
    for trigger, steps in ((1, ["create"]), (1, ["same"]), (2, REPLACED)):
        stack.integration({"replacementTrigger": trigger}, service=SERVICE, type=EVENTS_API_V2)
        assert stack.up().steps("alerts") == steps
        (made,) = emulator.integrations()
        keys.append(made["integration_key"])
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        pytest.param("vendor", CLOUDWATCH, SENTRY, id="vendor"),
        pytest.param("name", "Before", "After", id="name"),
    ],
)
def test_ignore_changes(stack: Stack, emulator: Emulator, name: str, before: str, after: str) -> None:
    properties: dict[str, Any] = {"service": SERVICE, "vendor": CLOUDWATCH, "name": "Alerts"}
    stack.integration({"ignoreChanges": [name]}, **properties | {name: before})
    stack.up()
    stack.integration({"ignoreChanges": [name]}, **properties | {name: after})
    assert stack.preview().changes == {}
    # Others' changes are then left alone, too.
    emulator.edit_integration(emulator.integrations()[0]["id"], name="Outside")
    stack.refresh()
    assert (stack.up().changes == {}) is (name == "name")


def test_protect(stack: Stack, emulator: Emulator) -> None:
    stack.integration({"protect": True}, service=SERVICE, vendor=CLOUDWATCH)
    stack.up()
    stack.integration({"protect": True}, service=SERVICE, vendor=SENTRY)
    assert "unable to replace resource" in stack.up(fails=True).output
    assert emulator.integrations()[0]["vendor"]["id"] == CLOUDWATCH


def test_retain_on_delete(stack: Stack, emulator: Emulator) -> None:
    stack.integration({"retainOnDelete": True}, service=SERVICE, type=EVENTS_API_V2)
    stack.up()
    stack.destroy()
    assert len(emulator.integrations()) == 1


def test_aliases(stack: Stack) -> None:
    properties = {"service": SERVICE, "type": EVENTS_API_V2, "name": "Alerts"}
    resource = {"type": "pagerduty-native:Integration", "properties": properties}
    stack.program(resources={"before": resource})
    stack.up()
    stack.program(resources={"alerts": resource | {"options": {"aliases": [{"name": "before"}]}}})
    assert stack.up().changes == {}


def test_additional_secret_outputs(stack: Stack) -> None:
    stack.integration({"additionalSecretOutputs": ["htmlUrl"]}, service=SERVICE, type=EVENTS_API_V2)
    stack.up()
    resource = stack.resource()
    assert resource is not None
    page = json.loads(resource["outputs"]["htmlUrl"]["plaintext"])
    assert page not in stack.export()
    assert stack.refresh().changes == {}


def test_deleted_with(stack: Stack, emulator: Emulator) -> None:
    properties = {"service": SERVICE, "type": EVENTS_API_V2}
    first = {"type": "pagerduty-native:Integration", "properties": properties}
    second = first | {"options": {"deletedWith": "${first}"}}
    stack.program(resources={"first": first, "second": second})
    stack.up()
    emulator.requests.clear()
    stack.destroy()
    assert emulator.requests.count("DELETE") == 1


def test_hide_diffs(stack: Stack) -> None:
    for name in ("Before", "After"):
        stack.integration({"hideDiffs": ["name"]}, service=SERVICE, type=EVENTS_API_V2, name=name)
        result = stack.up("--diff")
    assert result.steps("alerts") == ["update"]
    assert "After" not in result.output


def test_inputs_that_are_secret_stay_so(new_stack: Callable[..., Stack], emulator: Emulator) -> None:
    stack = new_stack()
    name = {"fn::secret": "PlainTextThatMustNotShow"}
    parsers = [
        {
            "action": "trigger",
            "matchPredicate": {"type": "contains", "part": "subject", "matcher": {"fn::secret": "InsideThatToo"}},
            "valueExtractors": [{"type": "entire", "part": "subject", "valueName": "incident_key"}],
        }
    ]
    stack.integration(service=SERVICE, type=EMAIL, name=name, emailParsers=parsers)
    shown = stack.preview("--diff").output + stack.up("--diff").output
    assert emulator.integrations()[0]["name"] == name["fn::secret"]
    emulator.edit_integration(emulator.integrations()[0]["id"], name="DriftThatMustNotShow")
    shown += stack.refresh("--diff").output + stack.export() + stack.up("--diff").output + stack.export()
    for text in ("PlainTextThatMustNotShow", "InsideThatToo", "DriftThatMustNotShow"):
        assert text not in shown


def test_a_value_that_becomes_secret_is_so_in_the_state(stack: Stack) -> None:
    for name in ("Now a secret", {"fn::secret": "Now a secret"}):
        stack.integration(service=SERVICE, type=EVENTS_API_V2, name=name)
        stack.up()
    assert "Now a secret" not in stack.export()
    assert stack.preview().changes == {}


def test_custom_timeouts(stack: Stack, emulator: Emulator) -> None:
    emulator.inject("status", "POST", times=None, status=408)
    stack.integration({"customTimeouts": {"create": "1s"}}, service=SERVICE, type=EVENTS_API_V2)
    assert "`customTimeouts`" in stack.up(fails=True).diagnostics
