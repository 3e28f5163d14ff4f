"""Declared secrets are found and marked at every depth."""

from __future__ import annotations

import pytest
from pagerduty_native.framework import field, object_type
from pagerduty_native.framework.check import classes_in, marked, secret_names
from pagerduty_native.framework.values import UNKNOWN, Secret, Value


@object_type
class Lock:
    code: str | None = field("What opens it.", secret=True)
    label: str | None = field("What is written on it.")
    behind: list[Lock] | None = field("Those that it opens.")


@object_type
class Key:
    teeth: str | None = field("Their pattern.", secret=True)


@object_type
class Box:
    lock: Lock | None = field("Its lock.")


@object_type
class Boxes:
    locks: list[Lock] | None = field("Their locks.")


@object_type
class Door:
    opened_by: str | Key | list[Lock] | None = field("What opens it.")


@pytest.mark.parametrize(
    ("cls", "names", "classes"),
    [
        pytest.param(Lock, {"code"}, {Lock}, id="itself"),
        pytest.param(Box, {"code"}, {Box, Lock}, id="an object"),
        pytest.param(Boxes, {"code"}, {Boxes, Lock}, id="a list"),
        pytest.param(Door, {"code", "teeth"}, {Door, Key, Lock}, id="alternatives"),
    ],
)
def test_names_under_which_secrets_are_found(cls: type, names: set[str], classes: set[type]) -> None:
    """Values with one of these names are hidden in every message, marked or not."""
    assert secret_names(cls) == names
    assert classes_in(cls) == classes


@pytest.mark.parametrize(
    ("opened_by", "kept"),
    [
        pytest.param("key", "key", id="text"),
        pytest.param({"teeth": "abc"}, {"teeth": Secret("abc")}, id="object"),
        pytest.param([{"code": "1"}, {"label": "2"}], [{"code": Secret("1")}, {"label": "2"}], id="list"),
        pytest.param(
            [{"behind": [{"code": "1", "label": "2"}]}], [{"behind": [{"code": Secret("1"), "label": "2"}]}], id="deep"
        ),
        pytest.param({"teeth": UNKNOWN}, {"teeth": Secret(UNKNOWN)}, id="unknown"),
        pytest.param({"teeth": None}, {"teeth": None}, id="null"),
        pytest.param({"other": "x"}, {"other": "x"}, id="of another version"),
        pytest.param(4711.0, 4711.0, id="of no kind that it takes"),
        pytest.param(["x"], ["x"], id="a list of another kind"),
        pytest.param(UNKNOWN, UNKNOWN, id="all unknown"),
    ],
)
def test_marked_adds_secret_marks(opened_by: Value, kept: Value) -> None:
    assert marked(Door, {"openedBy": opened_by, "more": "x"}) == {"openedBy": kept, "more": "x"}
