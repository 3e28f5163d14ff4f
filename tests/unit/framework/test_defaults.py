"""Declared defaults, where a program gives no value."""

from __future__ import annotations

import pytest
from pagerduty_native.framework import field, object_type
from pagerduty_native.framework.check import defaulted
from pagerduty_native.framework.values import UNKNOWN, Secret, Value, Values


@object_type
class Page:
    size: int = field("How large.", default_value=4)


@object_type
class Shelf:
    pages: list[Page] | None = field("What it holds.")
    first: str | Page | None = field("What comes first.")


def test_defaults_complete_objects_at_every_depth() -> None:
    assert defaulted(Shelf, {"pages": [{}, {"size": 5.0}], "first": Secret({})}) == {
        "pages": [{"size": 4}, {"size": 5.0}],
        "first": Secret({"size": 4}),
    }
    assert defaulted(Shelf, {"pages": UNKNOWN, "first": "x"}) == {"pages": UNKNOWN, "first": "x"}


@pytest.mark.parametrize(
    ("first", "completed"),
    [
        pytest.param("x", "x", id="text"),
        pytest.param({}, {"size": 4}, id="object"),
        pytest.param({"size": None}, {"size": 4}, id="null"),
        pytest.param({"size": 0.0}, {"size": 0.0}, id="given"),
        pytest.param({"size": UNKNOWN}, {"size": UNKNOWN}, id="unknown"),
        pytest.param({"color": "red"}, {"color": "red", "size": 4}, id="of another version"),
        pytest.param(7.0, 7.0, id="of no kind that it takes"),
        pytest.param([{}], [{}], id="a list"),
        pytest.param(Secret(UNKNOWN), Secret(UNKNOWN), id="secret and unknown"),
    ],
)
def test_defaults_complete_an_object_that_is_one_of_two_kinds(first: Value, completed: Value) -> None:
    assert defaulted(Shelf, {"first": first, "more": "x"}) == {"first": completed, "more": "x"}


@pytest.mark.parametrize("pages", ["x", {"size": None}, [], Secret([])])
def test_what_is_not_of_the_declared_kind_stays_for_the_check(pages: Value) -> None:
    assert defaulted(Shelf, {"pages": pages}) == {"pages": pages}


def test_nothing_changes_what_was_given() -> None:
    given: Values = {"pages": [{}]}
    defaulted(Shelf, given)
    assert given == {"pages": [{}]}
