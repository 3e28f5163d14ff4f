"""Unknown values in a preview, on the real engine: it shows what `up` then does."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator import Emulator

from tests.support.stack import Stack

SERVICE = "PCHECKT"
# Unknown while the resource `first` is still to be made, and then a name as before.
LATER = {"fn::join": ["", ["Amazon CloudWatch", {"fn::select": [0, ["", "${first.integrationId}"]]}]]}


def alerts(vendor: str) -> dict[str, Any]:
    return {"type": "pagerduty-native:Integration", "properties": {"service": SERVICE, "vendor": vendor, "name": "A"}}


def lookup(name: Any) -> dict[str, Any]:
    return {"found": {"fn::invoke": {"function": "pagerduty-native:getVendor", "arguments": {"name": name}}}}


def test_a_vendor_whose_lookup_waits_for_another_resource_is_not_shown_as_a_replacement(
    stack: Stack, emulator: Emulator
) -> None:
    stack.program(variables=lookup("Amazon CloudWatch"), resources={"alerts": alerts("${found.id}")})
    stack.up()
    (before,) = emulator.integrations(SERVICE)

    first = {
        "type": "pagerduty-native:Integration",
        "properties": {"service": SERVICE, "type": "events_api_v2_inbound_integration"},
    }
    stack.program(variables=lookup(LATER), resources={"first": first, "alerts": alerts("${found.id}")})
    preview = stack.preview()
    assert preview.steps("alerts") == ["update"]
    assert preview.diffs("alerts") == {"vendor": "update"}
    assert stack.up().steps("alerts") in (["same"], [])
    assert before["id"] in {each["id"] for each in emulator.integrations(SERVICE)}


def test_a_service_that_is_made_anew_is_shown_as_a_replacement(stack: Stack, emulator: Emulator) -> None:
    """The ID of a resource is unknown only if that resource is made anew, here one that stands for a service."""
    stack.program(resources={"alerts": alerts("PZQ6AUS")})
    stack.up()
    first = {
        "type": "pagerduty-native:Integration",
        "properties": {"service": "PAYMNT2", "type": "events_api_v2_inbound_integration"},
    }
    moved = alerts("PZQ6AUS")
    moved["properties"]["service"] = {"fn::select": [0, {"fn::split": [".", "${first.id}"]}]}
    stack.program(resources={"first": first, "alerts": moved})
    assert stack.preview().steps("alerts") == ["create-replacement", "replace", "delete-replaced"]
    assert stack.up().steps("alerts") == ["create-replacement", "replace", "delete-replaced"]
