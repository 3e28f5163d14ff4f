"""States that earlier versions wrote are read by this one without a change.

states/VERSION.json has the program, the integrations that were there, and the exported state, with invented keys. That
of 0.1.0 was written before its release, by commit da9c8e9: state that anyone has is at least as new.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pagerduty_emulator import Emulator

from tests.support.account import post_integration
from tests.support.stack import STACK, Stack

STATES = sorted((Path(__file__).parent / "states").glob("*.json"))
ADDRESS = "http://127.0.0.1:1"  # of the emulator with which they were recorded


def exist_again(emulator: Emulator, recorded: list[dict[str, Any]], text: str) -> str:
    """Create what was there. Returns the state's text with the IDs, keys and the address of what was created."""
    text = text.replace(ADDRESS, emulator.url)
    for each in recorded:
        given = {name: value for name, value in each.items() if name != "id"}
        made = post_integration(emulator, each["service"]["id"], **given)
        for name in {"id", "integration_key"} & each.keys():
            text = text.replace(each[name], made[name])
    return text


def import_state(stack: Stack, state: dict[str, Any]) -> None:
    """Make it the stack's, with the stack's own encryption, as the keys in it are in plain text."""
    config = yaml.safe_load((stack.folder / f"Pulumi.{STACK}.yaml").read_text())
    encryption = {"url": config["secretsprovider"], "encryptedkey": config["encryptedkey"]}
    state["deployment"]["secrets_providers"] = {"type": "cloud", "state": encryption}
    (stack.folder / "state.json").write_text(json.dumps(state))
    stack.pulumi("stack", "import", "--file=state.json")


@pytest.mark.parametrize("path", STATES, ids=[path.stem for path in STATES])
def test_a_state_of_an_earlier_version(stack: Stack, emulator: Emulator, path: Path) -> None:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    state = exist_again(emulator, recorded["integrations"], json.dumps(recorded["state"]))
    import_state(stack, json.loads(state))
    stack.program(resources=recorded["program"])
    emulator.requests.clear()
    preview = stack.preview()
    assert preview.changes == {}, preview.output
    assert stack.refresh().changes == {}
    assert stack.up().changes == {}
    assert {each.method for each in emulator.requests} == {"GET"}
    stack.destroy()
    assert emulator.integrations() == []


def test_each_kind_of_integration_was_recorded() -> None:
    for path in STATES:
        recorded = json.loads(path.read_text(encoding="utf-8"))["program"].values()
        given = {name for each in recorded for name in each["properties"]}
        assert given >= {"vendor", "type", "name", "integrationEmail", "emailFilters", "emailParsers"}
        assert {each["properties"].get("type") for each in recorded} >= {None, "generic_email_inbound_integration"}
