"""Event orchestrations in `list`, `check` and `adopt`: from an account, the bridge's state and Terraform's."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pagerduty_emulator import Emulator

from .conftest import Run
from .documents import SECRET, URN, stack_export, terraform_show

BRIDGED = "pagerduty:index/eventOrchestrationIntegration:EventOrchestrationIntegration"
NATIVE = "pagerduty-native:index:EventOrchestrationIntegration"


@pytest.fixture
def platform(emulator: Emulator) -> str:
    return emulator.add_event_orchestration("Platform")


@pytest.fixture
def clusters(emulator: Emulator, platform: str) -> str:
    return emulator.add_orchestration_integration(platform, "Clusters")


def no_keys(emulator: Emulator, *texts: str) -> None:
    for each in emulator.orchestration_integrations():
        assert each["parameters"]["routing_key"] not in "".join(texts)


def test_list_has_them_with_their_uuids(run: Run, emulator: Emulator, platform: str, clusters: str) -> None:
    shown = run("list", "--service", "Platform").stdout
    assert [line.split()[0] for line in shown.splitlines()[1:]] == [
        each["id"] for each in sorted(emulator.orchestration_integrations(platform), key=lambda each: each["label"])
    ]
    listed = json.loads(run("list", "--json", "--name", "Clusters").stdout)
    assert listed == [
        {
            "id": clusters,
            "integrationId": clusters,
            "eventOrchestration": platform,
            "eventOrchestrationName": "Platform",
            "label": "Clusters",
            "type": "event_orchestration",
        }
    ]
    no_keys(emulator, shown, json.dumps(listed))


@pytest.mark.parametrize("command", ["list", "check"])
def test_a_token_without_the_right_is_noted_and_the_rest_is_shown(run: Run, emulator: Emulator, command: str) -> None:
    body = {"error": {"message": "Token missing required scopes", "required_scopes": "event_orchestrations.read"}}
    emulator.inject("status", "GET", "/event_orchestrations", status=403, body=body, times=None)
    shown = run(command)
    assert "event_orchestrations.read" in shown.stderr
    assert "No integrations" in shown.stderr or "Services" in shown.stdout


def test_check_says_that_they_can_be_read(run: Run) -> None:
    assert "orchestrations" in run("check").stdout
    assert json.loads(run("check", "--json").stdout)["readsEventOrchestrations"] is True


def test_adopt_from_an_account_with_programs(run: Run, emulator: Emulator, platform: str, clusters: str) -> None:
    result = run("adopt", "--service", "Platform", "--name", "Clusters", "--program", "yaml")
    assert json.loads(result.stdout)["resources"] == [{"type": NATIVE, "name": "platform-clusters", "id": clusters}]
    program = yaml.safe_load(Path("Main.yaml").read_text())
    assert program["resources"]["platform-clusters"] == {
        "type": "pagerduty-native:EventOrchestrationIntegration",
        "properties": {"eventOrchestration": "${platform.id}", "label": "Clusters"},
    }
    assert program["variables"]["platform"]["fn::invoke"]["function"] == "pagerduty-native:getEventOrchestration"
    run("adopt", "--service", "Platform", "--name", "Clusters", "--program", "python")
    python = Path("__main__.py").read_text()
    ast.parse(python)
    assert 'platform = pagerduty.get_event_orchestration(name="Platform")' in python
    assert "pagerduty.EventOrchestrationIntegration(" in python


def bridged(name: str, id: str, orchestration: str) -> dict[str, Any]:
    outputs = {"eventOrchestration": orchestration, "label": name, "parameters": [{"routingKey": SECRET}]}
    return {"urn": f"{URN}{BRIDGED}::{name}", "type": BRIDGED, "custom": True, "id": id, "outputs": outputs}


def terraform(address: str, id: str, orchestration: str) -> dict[str, Any]:
    values = {"id": id, "event_orchestration": orchestration, "parameters": [{"routing_key": SECRET}]}
    kind = "pagerduty_event_orchestration_integration"
    return {"address": address, "mode": "managed", "type": kind, "values": values}


def test_adopt_from_the_bridges_state(run: Run, tmp_path: Path, platform: str, clusters: str) -> None:
    state = stack_export(tmp_path, bridged("nodes", clusters, platform), bridged("old", "gone-0", platform))
    result = run("adopt", "--from", state, "--forget-script", "forget.sh", exit_code=3)
    assert json.loads(result.stdout)["resources"] == [{"type": NATIVE, "name": "nodes", "id": clusters}]
    assert f"::{BRIDGED}::nodes" in Path("forget.sh").read_text()
    assert "gone-0" in result.stderr


def test_adopt_from_terraforms_state(run: Run, tmp_path: Path, platform: str, clusters: str) -> None:
    address = "pagerduty_event_orchestration_integration.nodes"
    state = terraform_show(tmp_path, terraform(address, clusters, platform))
    result = run("adopt", "--from", state, "--forget-script", "forget.sh")
    assert json.loads(result.stdout)["resources"] == [{"type": NATIVE, "name": "nodes", "id": clusters}]
    assert address in Path("forget.sh").read_text()


def test_adopt_skips_what_a_stack_manages(run: Run, tmp_path: Path, clusters: str) -> None:
    state = stack_export(tmp_path, {"urn": f"{URN}{NATIVE}::nodes", "type": NATIVE, "custom": True, "id": clusters})
    result = run("adopt", "--name", "Clusters", "--managed-by", state)
    assert json.loads(result.stdout)["resources"] == []
    assert "Skipped 1 integration" in result.stderr
