"""examples/event-orchestration: an orchestration from pulumi-pagerduty, whose plugin is a stand-in, and our keys."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import requests
from pagerduty_emulator import Emulator

from tests.support import HANG_SECONDS, toolchains

from .bridged import Bridged
from .conftest import Example, is_secret

SERVICE = "PCHECKT"

# Used of @pulumi/pagerduty 4. Not every npm registry has a version of it with event orchestrations.
SDK = """\
import * as pulumi from "@pulumi/pulumi";

export class EventOrchestration extends pulumi.CustomResource {
    constructor(name: string, args: { name: pulumi.Input<string> }) {
        super("pagerduty:index/eventOrchestration:EventOrchestration", name, args, { version: "4.0.0" });
    }
}

interface Router {
    eventOrchestration: pulumi.Input<string>;
    set: pulumi.Input<{ id: pulumi.Input<string> }>;
    catchAll: pulumi.Input<{ actions: pulumi.Input<{ routeTo: pulumi.Input<string> }> }>;
}

export class EventOrchestrationRouter extends pulumi.CustomResource {
    constructor(name: string, args: Router) {
        super("pagerduty:index/eventOrchestrationRouter:EventOrchestrationRouter", name, args, { version: "4.0.0" });
    }
}
"""


@pytest.fixture
def in_python(new_example: Callable[..., Example], stand_in_for: Callable[..., None], emulator: Emulator) -> Example:
    stand_in_for("pagerduty", toolchains.python_sdk_version("pulumi-pagerduty"), Bridged)
    example = new_example("event-orchestration/python", toolchains.python_sdks())
    example.pulumi("config", "set", "pagerduty:apiUrlOverride", emulator.url)
    return example


def check(example: Example, emulator: Emulator) -> dict[str, str]:
    """Deploy, send an event with a key, and return the keys."""
    assert example.preview().changes == {"create": 5}  # with the stack
    up = example.up()
    keys: dict[str, str] = example.outputs()["keys"]
    made = {each["label"]: each["parameters"]["routing_key"] for each in emulator.orchestration_integrations()}
    assert made.items() >= {"Clusters": keys["clusters"], "Backups": keys["backups"]}.items()
    state = example.state()
    assert is_secret(state["clusters"]["outputs"]["routingKey"])
    assert not any(key in up.output + json.dumps(state) for key in keys.values())
    event = {
        "routing_key": keys["backups"],
        "event_action": "trigger",
        "payload": {"summary": "Backup failed", "source": "db1", "severity": "critical"},
    }
    requests.post(f"{emulator.url}/v2/enqueue", json=event, timeout=HANG_SECONDS).raise_for_status()
    assert [(each["summary"], each["service"]["id"]) for each in emulator.alerts()] == [("Backup failed", SERVICE)]
    return keys


def test_in_python_with_a_move_and_an_end(in_python: Example, emulator: Emulator) -> None:
    keys = check(in_python, emulator)
    program = in_python.folder / "__main__.py"
    text = program.read_text()
    new = 'shop = pagerduty.EventOrchestration("shop", name="Shop")\n\nkeys = {}'
    moved = text.replace("keys = {}", new).replace(
        "        event_orchestration=platform.id,\n        label", "        event_orchestration=shop.id,\n        label"
    )
    program.write_text(moved.replace("deleted_with=platform", "deleted_with=shop"))
    assert in_python.up().changes == {"create": 1, "update": 2}
    assert in_python.outputs()["keys"] == keys
    (shop,) = [each["id"] for each in emulator.event_orchestrations() if each["name"] == "Shop"]
    assert {each["label"] for each in emulator.orchestration_integrations(shop)} >= {"Clusters", "Backups"}

    emulator.delete_event_orchestration(shop)
    assert in_python.refresh().changes == {"delete": 3}
    assert in_python.up().changes == {"create": 3}
    assert in_python.outputs()["keys"]["clusters"] != keys["clusters"]
    before = emulator.requests.count("DELETE", "/event_orchestrations/*/integrations/*")
    in_python.destroy()
    assert emulator.requests.count("DELETE", "/event_orchestrations/*/integrations/*") == before
    assert emulator.event_orchestrations() == []


def test_in_typescript(
    new_example: Callable[..., Example], stand_in_for: Callable[..., None], emulator: Emulator
) -> None:
    toolchains.needs("nodejs", host=True)
    stand_in_for("pagerduty", "4.0.0", Bridged)
    example = new_example("event-orchestration/typescript")
    example.install(toolchains.node_modules("first", toolchains.EXAMPLES / "typescript"))
    (example.folder / "pagerduty.ts").write_text(SDK)
    program = example.folder / "index.ts"
    program.write_text(program.read_text().replace('"@pulumi/pagerduty"', '"./pagerduty"'))
    example.pulumi("config", "set", "pagerduty:apiUrlOverride", emulator.url)
    check(example, emulator)
