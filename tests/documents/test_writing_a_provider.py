"""docs/writing-a-provider.md: its providers work on the real engine, and it says all that there is to declare."""

from __future__ import annotations

import importlib
import json
import re
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from pagerduty_native import framework as rpc
from pagerduty_native.framework.declare import Field

from tests.conftest import ROOT
from tests.support.documents import Document, sh
from tests.support.stack import Stack

PAGE = Document(ROOT / "docs" / "writing-a-provider.md")


def provider(stack: Stack, name: str, containing: str) -> dict[str, Any]:
    """Write the provider and the program for it as the page says, and return the program."""
    folder = stack.folder / name
    folder.mkdir()
    plugin = folder / f"pulumi-resource-{name}"
    code = PAGE.block(containing, "python")
    plugin.write_text(code.replace("#!/usr/bin/env python3", f"#!{sys.executable}", 1))
    program: dict[str, Any] = yaml.safe_load(PAGE.block(f"path: ./{name}", "yaml"))
    stack.program(**{key: value for key, value in program.items() if key != "name"})
    plugin.chmod(0o755)
    return program


def test_every_block_is_known_here() -> None:
    assert [language for language, _ in PAGE.blocks] == ["sh", "python", "yaml", "sh", "python", "yaml", "python"]


def test_the_first_provider_is_as_long_as_the_heading_says() -> None:
    assert len([line for line in PAGE.block("provider of dice", "python").splitlines() if line]) <= 25


def test_every_parameter_of_a_field_is_documented() -> None:
    told = set(re.findall(r"`(\w+)[=`]", PAGE.text)) | {"description", "blank", "instead_of"}
    assert {each.name for each in fields(Field)} <= told


def test_what_the_page_imports_is_the_face() -> None:
    for name in re.findall(r"from pagerduty_native\.framework import \(?([\w\s,]+)", PAGE.text):
        imported = {each.strip() for each in name.split("\n\n")[0].split(",") if each.strip()}
        assert imported <= set(rpc.__all__)


def test_the_first_provider(stack: Stack) -> None:
    provider(stack, "dice", "provider of dice")
    chmod, init, up = PAGE.block("chmod", "sh").splitlines()
    assert (chmod, init) == ("chmod +x dice/pulumi-resource-dice", "pulumi stack init dev")
    sh(chmod, stack.folder, stack.environ)
    sh(up, stack.folder, stack.environ)
    assert 1 <= stack.outputs()["result"] <= 20
    assert stack.up().changes == {}
    program = yaml.safe_load((stack.folder / "Pulumi.yaml").read_text())
    program["resources"]["die"]["properties"] = {}
    stack.program(**{key: value for key, value in program.items() if key != "name"})
    assert stack.up().steps("die") == ["create-replacement", "replace", "delete-replaced"]
    program["resources"]["die"]["properties"] = {"side": 6}
    stack.program(**{key: value for key, value in program.items() if key != "name"})
    assert re.search(r"side\b.*\bsides\b", stack.preview(fails=True).output, re.DOTALL)
    resource = stack.resource("die")
    assert resource
    assert resource["inputs"] == {"sides": 6}


@pytest.fixture
def kept(stack: Stack) -> Path:
    file = stack.folder / "lockers.json"
    stack.environ["LOCKERS_FILE"] = str(file)
    return file


def test_the_second_provider(stack: Stack, kept: Path) -> None:
    program = provider(stack, "lockers", "provider of lockers")
    stack.up()
    ((locker_id, locker),) = json.loads(kept.read_text()).items()
    assert stack.outputs() == {"label": locker["label"], "key": locker["key"]}
    assert locker["label"].startswith("coats-")
    state = stack.export()
    assert "4711" not in state
    assert locker["key"] not in state
    assert stack.preview().changes == {}

    schema = json.loads(stack.pulumi("package", "get-schema", "./lockers/pulumi-resource-lockers").output)
    assert schema["resources"]["lockers:index:Locker"]["requiredInputs"] == ["room", "code"]

    coats = program["resources"]["coats"]["properties"]
    sections = {key: value for key, value in program.items() if key != "name"}
    coats["color"] = "red"
    stack.program(**sections)
    assert stack.up().steps("coats") == ["update"]
    assert json.loads(kept.read_text())[locker_id] == {**locker, "color": "red"}

    kept.write_text(json.dumps({locker_id: {**locker, "color": "gray"}}))
    stack.refresh()
    assert stack.up().steps("coats") == ["update"]

    coats["room"] = "cellar"
    stack.program(**sections)
    assert "delete-replaced" in stack.up().steps("coats")
    ((other_id, other),) = json.loads(kept.read_text()).items()
    assert (other_id != locker_id, other["room"]) == (True, "cellar")

    coats["code"] = "letters"
    stack.program(**sections)
    assert "`code` must consist of digits." in stack.up(fails=True).output


def test_an_import_and_a_function_of_the_second_provider(stack: Stack, kept: Path) -> None:
    program = provider(stack, "lockers", "provider of lockers")
    locker = {"room": "hall", "label": "Coats", "color": "gray", "code": "4711", "key": "k"}
    kept.write_text(json.dumps({"L1": locker}))
    program["resources"]["coats"]["options"] = {"import": "L1"}
    program["resources"]["coats"]["properties"]["label"] = "Coats"
    find = {"fn::invoke": {"function": "lockers:findLocker", "arguments": {"label": "Coats"}}}
    program["outputs"] = {"found": find}
    stack.program(**{key: value for key, value in program.items() if key != "name"})
    assert stack.up().steps("coats") == ["import"]
    assert stack.outputs()["found"] == {"id": "L1", "room": "hall"}
    assert stack.preview().changes == {}


def test_the_harness_calls_the_second_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lockers_provider.py").write_text(PAGE.block("provider of lockers", "python"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    lockers = importlib.import_module("lockers_provider")
    exec(PAGE.block("framework.testing import", "python"), {"PROVIDER": lockers.PROVIDER})  # noqa: S102
    (locker,) = json.loads((tmp_path / "lockers.json").read_text()).values()
    assert (locker["room"], locker["code"]) == ("hall", "4711")
