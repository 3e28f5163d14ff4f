"""Two resources with one ID: an import and a refresh warn of them."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator import Emulator

from tests.support.stack import TYPE, Stack

SERVICE = "PCHECKT"
ARGUMENTS = {"service": SERVICE, "type": "events_api_v2_inbound_integration", "name": "Alerts"}
TOLD = "have the same ID"


def resource(**options: Any) -> dict[str, Any]:
    return {"type": TYPE, "properties": ARGUMENTS, "options": options}


def test_a_refresh_tells_of_resources_that_are_the_same_but_not_of_a_get_or_an_alias(
    stack: Stack, emulator: Emulator
) -> None:
    stack.program(resources={"before": resource()})
    stack.up()
    made = f"{SERVICE}.{emulator.integrations()[0]['id']}"
    resources = {"alerts": resource(aliases=[{"name": "before"}]), "seen": {"type": TYPE, "get": {"id": made}}}
    stack.program(resources=resources)
    for said in (stack.up().diagnostics, stack.up("--refresh").diagnostics):
        assert TOLD not in said
        assert "which another resource has already" not in said
    stack.program(resources={**resources, "adopted": {**resource(), "options": {"import": made}}})
    imported = stack.up("--refresh").diagnostics
    assert TOLD not in imported
    assert imported.count(f"has the ID {made}, which another resource has already: urn:pulumi:dev::test::") == 1
    told = stack.refresh().diagnostics
    assert f"{TOLD}, {made}: deleting one would delete it for both." in told
    assert "adopted" in told
    assert "alerts" in told


def test_a_rename_by_an_alias_does_not_keep_a_destroy_from_deleting(stack: Stack, emulator: Emulator) -> None:
    """A refresh reads it under the old name, and the deletion comes under the new one."""
    stack.program(resources={"before": resource()})
    stack.up()
    stack.program(resources={"alerts": resource(aliases=[{"name": "before"}])})
    destroyed = stack.pulumi("destroy", "--yes", "--refresh", "--run-program")
    assert "was not deleted" not in destroyed.output
    assert emulator.integrations() == []


def test_a_rename_by_an_alias_does_not_hide_another_resource_with_its_id(stack: Stack, emulator: Emulator) -> None:
    stack.program(resources={"before": resource()})
    stack.up()
    made = f"{SERVICE}.{emulator.integrations()[0]['id']}"
    adopted = {**resource(), "options": {"import": made}}
    stack.program(resources={"before": resource(), "adopted": adopted})
    stack.up()
    stack.program(resources={"alerts": resource(aliases=[{"name": "before"}])})
    assert "was not deleted" in stack.up("--refresh").diagnostics
    assert len(emulator.integrations()) == 1
    stack.program(resources={"renamed": resource(aliases=[{"name": "alerts"}])})
    assert stack.up("--refresh").changes == {}
    stack.pulumi("destroy", "--yes", "--refresh", "--run-program")
    assert emulator.integrations() == []


def test_two_imports_of_one_id_are_reported_with_the_urn_of_the_first(stack: Stack, emulator: Emulator) -> None:
    stack.program(resources={"before": resource()})
    stack.up()
    made = f"{SERVICE}.{emulator.integrations()[0]['id']}"
    stack.forget("before")
    twice = {name: resource(**{"import": made}) for name in ("one", "two")}
    stack.program(resources=twice)
    seconds = f"has the ID {made}, which another resource has already: urn:pulumi:dev::test::{TYPE}::"
    assert stack.up().diagnostics.count(seconds) == 1
    assert seconds not in stack.up().diagnostics, "nothing is imported"
