"""Declarations: classes whose properties are typed, documented, and may be unknown."""

from __future__ import annotations

import math

import pytest
from pagerduty_native.framework.check import secret_names
from pagerduty_native.framework.declare import (
    ListOf,
    NotYetKnownError,
    ObjectOf,
    OneOf,
    Scalar,
    Type,
    camel_case,
    decode,
    encode,
    field,
    fits,
    fits_throughout,
    object_type,
    properties_of,
)
from pagerduty_native.framework.values import UNKNOWN, Secret, Unsupported, Value, Values

from tests.support.library import Author, BookArgs, BookState, Card, Chapter, Settings

TEXT = Scalar(str)


def book(**properties: Value) -> BookArgs:
    return decode(BookArgs, {"shelf": "S1", "title": "Emma", **properties})


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        pytest.param("shelf", TEXT, id="text"),
        pytest.param("lent", Scalar(bool), id="optional"),
        pytest.param("copies", Scalar(int), id="whole number"),
        pytest.param("weight", Scalar(float), id="number"),
        pytest.param("tags", ListOf(TEXT), id="list"),
        pytest.param("chapters", ListOf(ObjectOf(Chapter)), id="list of objects"),
        pytest.param("firstChapter", ObjectOf(Chapter), id="object"),
        pytest.param("author", OneOf((TEXT, ObjectOf(Author))), id="either"),
    ],
)
def test_hints_become_types(name: str, declared: Type) -> None:
    assert {each.name: each.type for each in properties_of(BookArgs)}[name] == declared


def test_properties_without_default_and_autonaming_are_required() -> None:
    assert [each.name for each in properties_of(BookArgs) if each.required] == ["shelf"]


def test_a_state_has_the_inputs_and_what_only_the_server_gives() -> None:
    inputs = [each.name for each in properties_of(BookArgs)]
    assert [each.name for each in properties_of(BookState) if not each.output_only] == inputs
    assert [each.name for each in properties_of(BookState) if each.output_only] == ["number", "key"]


def test_a_summary_is_the_first_sentence() -> None:
    summaries = {each.name: each.summary for each in properties_of(Chapter)}
    assert summaries["title"] == "The title of the chapter."
    assert summaries["pages"] == "How many pages it has."


@pytest.mark.parametrize(("python", "wire"), [("html_url", "htmlUrl"), ("name", "name"), ("pdClientId", "pdClientId")])
def test_names_on_the_wire_are_in_camel_case(python: str, wire: str) -> None:
    assert camel_case(python) == wire


def test_decode_makes_objects_at_every_depth() -> None:
    made = book(copies=2.0, chapters=[{"title": "One", "pages": 3.0}], author={"id": "A1", "born": 1775.0})
    assert (made.shelf, made.copies, made.lent) == ("S1", 2, None)
    assert isinstance(made.copies, int)
    assert made.chapters == [Chapter(title="One", pages=3, mood=None)]
    assert made.author == Author(id="A1")


def test_decode_takes_off_secret_marks() -> None:
    made = book(
        password=Secret("hush"),
        tags=[Secret("rare")],
        author=Secret({"id": Secret("A1")}),
        chapters=Secret([{"title": "One"}]),
    )
    assert (made.password, made.tags, made.author) == ("hush", ["rare"], Author(id="A1"))
    assert made.chapters == [Chapter(title="One", pages=None, mood=None)]


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param({"tags": UNKNOWN}, id="whole"),
        pytest.param({"tags": Secret(UNKNOWN)}, id="secret"),
        pytest.param({"tags": ["a", UNKNOWN]}, id="element"),
    ],
)
def test_looking_at_what_is_unknown_raises(unknown: Values) -> None:
    made = book(**unknown)
    assert made.shelf == "S1"
    with pytest.raises(NotYetKnownError):
        _ = made.tags


def test_only_the_unknown_property_of_an_object_is_unknown() -> None:
    (chapter,) = book(chapters=[{"title": UNKNOWN, "pages": 3.0}]).chapters or []
    assert chapter.pages == 3
    with pytest.raises(NotYetKnownError, match="title"):
        _ = chapter.title


def test_an_attribute_that_is_not_declared_is_no_unknown() -> None:
    with pytest.raises(AttributeError, match=r"^isbn$"):
        _ = book().isbn  # type: ignore[attr-defined]


def test_decode_passes_over_what_another_version_declared() -> None:
    assert decode(Chapter, {"title": "One", "illustrations": 3.0}) == Chapter(title="One", pages=None, mood=None)


def test_encode_marks_declared_secrets_at_every_depth() -> None:
    settings = Settings(
        address="Main Street",
        language=None,
        password="hush",
        quiet=False,
        seats=None,
        reader_card=Card(number=7, pin_code="1234"),
    )
    assert encode(settings) == {
        "address": "Main Street",
        "password": Secret("hush"),
        "quiet": False,
        "readerCard": {"number": 7, "pinCode": Secret("1234")},
    }


def test_encode_and_decode_are_inverse() -> None:
    made = book(chapters=[{"title": "One"}], author={"id": "A1"}, password="hush", tags=[])
    assert decode(BookArgs, encode(made)) == made


def test_no_value_shows_in_a_representation() -> None:
    assert "hush" not in repr(book(password="hush", tags=["hush"]))


@pytest.mark.parametrize(
    ("declared", "value", "fitting"),
    [
        pytest.param(TEXT, "a", True, id="text"),
        pytest.param(TEXT, 1.0, False, id="number for text"),
        pytest.param(TEXT, Secret("a"), True, id="secret"),
        pytest.param(TEXT, UNKNOWN, True, id="unknown may become anything"),
        pytest.param(TEXT, None, False, id="null"),
        pytest.param(TEXT, Unsupported("an asset"), False, id="asset"),
        pytest.param(Scalar(bool), 1.0, False, id="number for boolean"),
        pytest.param(Scalar(float), True, False, id="boolean for number"),
        pytest.param(Scalar(float), 1.5, True, id="number"),
        pytest.param(Scalar(float), math.nan, False, id="no number"),
        pytest.param(Scalar(float), math.inf, False, id="infinite"),
        pytest.param(Scalar(int), -math.inf, False, id="infinite for whole number"),
        pytest.param(Scalar(int), 2.0, True, id="whole number"),
        pytest.param(Scalar(int), 1.5, False, id="fraction for whole number"),
        pytest.param(ListOf(TEXT), "a", False, id="text for list"),
        pytest.param(ListOf(TEXT), [1.0], True, id="elements are not looked at"),
        pytest.param(ObjectOf(Chapter), {}, True, id="object"),
        pytest.param(ObjectOf(Chapter), [], False, id="list for object"),
        pytest.param(OneOf((TEXT, ObjectOf(Author))), {}, True, id="second alternative"),
        pytest.param(OneOf((TEXT, ObjectOf(Author))), True, False, id="no alternative"),
    ],
)
def test_fits_compares_the_outermost_type(declared: Type, value: Value, fitting: bool) -> None:
    assert fits(declared, value) is fitting


def test_decode_passes_over_what_is_not_of_the_declared_type() -> None:
    """In a state, that is: what a program gives is checked."""
    made = book(shelf=3.0, tags=["a", None, 1.0], chapters=[None, {"title": []}], author=[], copies=math.nan)
    assert [getattr(made, name) for name in ("shelf", "tags", "author", "copies")] == [None, ["a"], None, None]
    assert made.chapters == [Chapter(title=None, pages=None, mood=None)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("declared", "value", "fitting"),
    [
        pytest.param(ListOf(TEXT), ["a", Secret("b")], True, id="elements"),
        pytest.param(ListOf(TEXT), ["a", None], False, id="null in a list"),
        pytest.param(ObjectOf(Chapter), {"title": "One", "isbn": 1.0}, True, id="more than is declared"),
        pytest.param(ObjectOf(Chapter), Secret({"title": "One", "mood": 1.0}), False, id="at depth"),
        pytest.param(ObjectOf(Chapter), {"pages": 1.0}, False, id="required, and missing"),
        pytest.param(OneOf((TEXT, ObjectOf(Author))), {"id": 1.0}, False, id="alternative, but not inside"),
    ],
)
def test_fits_throughout_compares_nested_types(declared: Type, value: Value, fitting: bool) -> None:
    assert fits_throughout(declared, value) is fitting


def test_meanings_are_compared_only_for_values_of_the_declared_type() -> None:
    (name,) = properties_of(Folded)
    assert name.same("A", "a")
    assert not name.same(1.0, "a")
    assert name.same(["A"], ["A"])


@object_type
class Folded:
    name: str = field("What it is called.", meaning=str.casefold)


def test_the_names_of_what_is_secret_are_found_at_every_depth() -> None:
    assert secret_names(Settings) == {"password", "pinCode"}
    assert secret_names(Recursive) == frozenset()


@object_type
class Recursive:
    children: list[Recursive] | None = field("What it holds.")


def test_an_object_may_hold_objects_of_its_own_type() -> None:
    assert decode(Recursive, {"children": [{}]}) == Recursive(children=[Recursive(children=None)])
