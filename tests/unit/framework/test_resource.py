"""Finding resources, and the behavior of one that defines only `create`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
from pagerduty_native.framework import Function, Instance, Resource, find_all

from tests.support.library import Book, Stamp, StampArgs, StampState

MODULE = """
from pagerduty_native.framework import Function, Resource
from pagerduty_native.framework.resource import NoSettings as Settings

class {name}(Resource[Settings, Settings, None]):
    def create(self, args): ...

class Get{name}(Function[Settings, Settings, None]):
    def invoke(self, args): ...

class Helper:
    ...

number = 1
"""


def test_each_kind_is_found_in_the_module_that_defines_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new resource is a new file, and nothing else to touch."""
    folder = tmp_path / "zoo"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "lion.py").write_text(MODULE.format(name="Lion"))
    (folder / "bear.py").write_text(f"from .lion import Lion, GetLion\n{MODULE.format(name='Bear')}")
    monkeypatch.syspath_prepend(tmp_path)
    zoo = importlib.import_module("zoo")
    try:
        assert [each.__name__ for each in find_all(zoo, Resource)] == ["Bear", "Lion"]
        assert [each.__name__ for each in find_all(zoo, Function)] == ["GetBear", "GetLion"]
    finally:
        for name in ("zoo", "zoo.lion", "zoo.bear"):
            sys.modules.pop(name, None)


OLD = StampState(text="Returned", ink="red", number="S1")


def test_a_resource_with_create_alone_is_what_is_in_the_state() -> None:
    stamp = Stamp(None)  # type: ignore[arg-type] # it makes no calls
    assert (stamp.can_read(), stamp.can_update()) == (False, False)
    assert stamp.read("S1", OLD) == Instance("S1", OLD)
    assert stamp.update("S1", OLD, StampArgs(text="Lent", ink="red"), frozenset({"text"})) is OLD
    assert stamp.migrate({"text": "Returned"}) == {"text": "Returned"}
    assert not stamp.is_held("S1")


def test_what_a_resource_defines_it_can_do() -> None:
    assert (Book.can_read(), Book.can_update()) == (True, True)
