"""A whole life of an EventOrchestrationIntegration on the real engine."""

from __future__ import annotations

from pagerduty_emulator import Emulator

from tests.support.stack import Stack

TYPE = "pagerduty-native:index:EventOrchestrationIntegration"


def declare(stack: Stack, orchestration: str, label: str = "Clusters", **options: str) -> None:
    clusters = {
        "type": TYPE,
        "properties": {"eventOrchestration": orchestration, "label": label},
        "options": options,
    }
    outputs = {"key": "${clusters.routingKey}", "url": "${clusters.integrationUrl}"}
    stack.program(resources={"clusters": clusters}, outputs=outputs)


def test_a_life_with_a_move_an_import_and_an_end(stack: Stack, emulator: Emulator) -> None:
    platform, shop = emulator.add_event_orchestration("Platform"), emulator.add_event_orchestration("Shop")
    declare(stack, platform)
    up = stack.up()
    made = emulator.orchestration_integrations(platform)[-1]
    key = made["parameters"]["routing_key"]
    assert stack.outputs() == {"key": key, "url": f"{emulator.url}/x-ere/{key}"}
    assert key not in up.output + stack.export()

    assert stack.preview().changes == {}
    declare(stack, shop, "Nodes")
    preview = stack.preview()
    assert preview.changes == {"update": 1}
    assert preview.diffs("clusters") == {"eventOrchestration": "update", "label": "update"}
    assert stack.up().changes == {"update": 1}
    assert [each["id"] for each in emulator.orchestration_integrations(shop)][1:] == [made["id"]]
    assert stack.outputs()["key"] == key

    emulator.move_orchestration_integration(made["id"], platform)
    assert stack.refresh().changes == {"update": 1}
    assert stack.preview().diffs("clusters") == {"eventOrchestration": "update"}
    assert stack.up().changes == {"update": 1}

    stack.forget("clusters", type=TYPE)
    declare(stack, shop, "Nodes", **{"import": made["id"]})
    assert stack.up().changes == {"import": 1}
    assert stack.preview().changes == {}, "`import:` may stay in the program"
    assert stack.refresh().changes == {}
    stack.destroy()
    assert made["id"] not in {each["id"] for each in emulator.orchestration_integrations()}
