"""Differences: by meaning, with what they need and where they are."""

from __future__ import annotations

import pytest
from pagerduty_native.framework.diff import changes_of
from pagerduty_native.framework.values import UNKNOWN, Secret, Value, Values

from tests.support.library import BookArgs

OLD: Values = {"shelf": "S1", "author": "A1", "title": "Emma"}


def changes(old: Values, new: Values) -> dict[str, dict[str, str]]:
    """The kind of difference at each place, by property."""
    return changes_of(BookArgs, {**OLD, **old}, {**OLD, **new}).by_property


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param({}, {}, id="equal"),
        pytest.param({"tags": []}, {"tags": None}, id="empty list and nothing"),
        pytest.param({"copies": 1}, {"copies": 1.0}, id="number"),
        pytest.param({"title": Secret("Emma")}, {"title": "Emma"}, id="secret mark taken off"),
        pytest.param({"title": Secret("Emma")}, {"title": Secret("Emma")}, id="secret"),
        pytest.param({"genre": "novel"}, {"genre": None}, id="computed, left to the server again"),
        pytest.param({"isbn": "1"}, {"isbn": "2"}, id="property of another version"),
        pytest.param(
            {"chapters": [{"title": "One"}]}, {"chapters": [{"title": "One", "mood": None}]}, id="null inside"
        ),
    ],
)
def test_no_change(old: Values, new: Values) -> None:
    assert changes(old, new) == {}


@pytest.mark.parametrize(
    ("old", "new", "places"),
    [
        pytest.param({}, {"lent": True}, {"lent": "ADD"}, id="added"),
        pytest.param({"lent": True}, {}, {"lent": "DELETE"}, id="removed"),
        pytest.param({"lent": True}, {"lent": False}, {"lent": "UPDATE"}, id="changed"),
        pytest.param({"weight": 1.0}, {"weight": UNKNOWN}, {"weight": "UPDATE"}, id="unknown"),
        pytest.param({"weight": UNKNOWN}, {"weight": UNKNOWN}, {"weight": "UPDATE"}, id="unknown is not itself"),
        pytest.param({"title": "Emma"}, {"title": Secret("Emma")}, {"title": "UPDATE"}, id="becomes secret"),
        pytest.param({"tags": ["a"]}, {"tags": ["a", "b"]}, {"tags[1]": "ADD"}, id="element added"),
        pytest.param({"tags": ["a", "b"]}, {"tags": ["b"]}, {"tags[0]": "UPDATE", "tags[1]": "DELETE"}, id="order"),
        pytest.param(
            {"chapters": [{"title": "One", "pages": 1.0}]},
            {"chapters": [{"title": "One", "mood": "calm"}]},
            {"chapters[0].pages": "DELETE", "chapters[0].mood": "ADD"},
            id="inside",
        ),
        pytest.param(
            {"firstChapter": {"title": "One"}},
            {"firstChapter": {"title": Secret("Two")}},
            {"firstChapter.title": "UPDATE"},
            id="a secret inside an object",
        ),
        pytest.param({"tags": ["a"]}, {"tags": ["a", UNKNOWN]}, {"tags": "UPDATE"}, id="no place beside unknowns"),
        pytest.param({"tags": ["a"]}, {"tags": "ab"}, {"tags": "UPDATE"}, id="a list in an older version"),
        pytest.param(
            {"firstChapter": {"title": "One"}}, {"firstChapter": "One"}, {"firstChapter": "UPDATE"}, id="an object then"
        ),
    ],
)
def test_a_change_names_its_places(old: Values, new: Values, places: dict[str, str]) -> None:
    assert list(changes(old, new).values()) == [places]


@pytest.mark.parametrize(
    ("property_name", "new", "replaces"),
    [
        pytest.param("shelf", "S2", True, id="declared so"),
        pytest.param("shelf", UNKNOWN, True, id="unknown may differ"),
        pytest.param("shelf", Secret("S2"), True, id="secret"),
        pytest.param("shelf", Secret("S1"), False, id="only becomes secret"),
        pytest.param("author", None, True, id="removed"),
        pytest.param("author", "A2", True, id="looked up, and another"),
        pytest.param("author", UNKNOWN, False, id="looked up, and not known yet: mostly the same"),
        pytest.param("author", Secret(UNKNOWN), False, id="looked up, secret, and not known yet"),
        pytest.param("genre", "poetry", True, id="computed, now given"),
        pytest.param("title", "Persuasion", False, id="in place"),
    ],
)
def test_replaces(property_name: str, new: Value, replaces: bool) -> None:
    found = changes_of(BookArgs, OLD, {**OLD, property_name: new})
    assert property_name in found
    assert found.replaces == ({property_name} if replaces else set())


def test_a_change_can_be_taken_as_none() -> None:
    found = changes_of(BookArgs, OLD, {**OLD, "shelf": "S2", "title": "Persuasion"})
    found.discard("shelf")
    found.discard("lent")
    assert (list(found.by_property), found.replaces) == (["title"], set())
