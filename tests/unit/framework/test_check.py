"""Checks: everything that is wrong is said at once, clearly, and without a secret."""

from __future__ import annotations

import math

import pytest
from pagerduty_native.framework import field, object_type
from pagerduty_native.framework.check import check_inputs
from pagerduty_native.framework.errors import Advice, Failure
from pagerduty_native.framework.values import UNKNOWN, Secret, Unsupported, Value, Values

from tests.support.library import MOODS, Author, BookArgs, BookState, Chapter, CountBooksArgs, Settings

GOOD: Values = {"shelf": "S1", "title": "Emma", "genre": "novel"}


def failures(**properties: Value) -> list[Failure]:
    return check_inputs(BookArgs, {**GOOD, **properties}).failures


def test_valid_inputs_are_kept_unchanged() -> None:
    checked = check_inputs(BookArgs, {**GOOD, "tags": [], "weight": Secret(1.5), "chapters": [{"title": "One"}]})
    assert (checked.failures, checked.advice) == ([], [])
    assert checked.inputs == {**GOOD, "tags": [], "weight": Secret(1.5), "chapters": [{"title": "One"}]}


def test_an_object_may_have_more_properties_than_are_declared() -> None:
    """Whole objects of a lookup, which a later version may have more of, are handed over."""
    checked = check_inputs(Author, {"id": "A1", "born": 1775.0})
    assert (checked.failures, checked.advice, checked.inputs) == ([], [], {"id": "A1", "born": 1775.0})
    (failure,) = check_inputs(Chapter, {"title": "One", "born": 1775.0}).failures
    assert failure.property == "born"


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        pytest.param(
            {"shelf": None},
            Failure("shelf", "`shelf` is required: The shelf that the book stands on."),
            id="missing",
        ),
        pytest.param(
            {"shelf": " "},
            Failure("shelf", "`shelf` must not be empty (is a variable empty?)."),
            id="blank",
        ),
        pytest.param(
            {"title": 3.0}, Failure("title", "`title` must be a string, got the number 3."), id="number for string"
        ),
        pytest.param(
            {"title": True},
            Failure("title", "`title` must be a string, got the boolean true."),
            id="boolean for string",
        ),
        pytest.param(
            {"title": ["Emma"]}, Failure("title", "`title` must be a string, got a list."), id="list for string"
        ),
        pytest.param(
            {"tags": "rare"}, Failure("tags", '`tags` must be a list, got the string "rare".'), id="string for list"
        ),
        pytest.param(
            {"firstChapter": []}, Failure("firstChapter", "`firstChapter` must be an object, got a list."), id="object"
        ),
        pytest.param(
            {"copies": 1.5},
            Failure("copies", "`copies` must be a whole number, got the number 1.5."),
            id="fraction for whole number",
        ),
        pytest.param(
            {"weight": "1"}, Failure("weight", '`weight` must be a number, got the string "1".'), id="string for number"
        ),
        pytest.param({"lent": {}}, Failure("lent", "`lent` must be true or false, got an object."), id="boolean"),
        pytest.param(
            {"shelf": {"id": "S1", "name": "Novels"}},
            Failure("shelf", "`shelf` must be a string, got an object. Did you mean its `id`?"),
            id="object in place of its ID",
        ),
        pytest.param(
            {"author": 1.0},
            Failure("author", "`author` must be a string or an object, got the number 1."),
            id="neither of two",
        ),
        pytest.param(
            {"title": Unsupported("an asset")},
            Failure("title", "`title` must be a string, got an asset."),
            id="asset",
        ),
        pytest.param(
            {"tags": ["rare", None]},
            Failure("tags", "`tags[1]` must be a string, got nothing."),
            id="null in a list",
        ),
        pytest.param(
            {"chapters": [{"title": "One"}, {"title": 2.0}]},
            Failure("chapters", "`chapters[1].title` must be a string, got the number 2."),
            id="path to the place, property of the top level",
        ),
        pytest.param(
            {"firstChapter": {}},
            Failure("firstChapter", "`firstChapter.title` is required: The title of the chapter."),
            id="missing inside",
        ),
        pytest.param(
            {"firstChapter": {"title": "One", "mood": "clam"}},
            Failure(
                "firstChapter",
                '`firstChapter.mood` must be one of `calm`, `wild`; got "clam". Did you mean `calm`?',
            ),
            id="value that is not allowed",
        ),
        pytest.param(
            {"chapters": [{"title": "One"}, {"title": "Two", "pages": 0.0}]},
            Failure("chapters", "`chapters[1].pages` must be at least 1, got 0."),
            id="rule of an object inside",
        ),
        pytest.param(
            {"titel": "Emma"},
            Failure("titel", "There is no property `titel`. Did you mean `title`?"),
            id="misspelt property",
        ),
        pytest.param(
            {"firstChapter": {"title": "One", "x": 1.0}},
            Failure("firstChapter", "`firstChapter` has no property `x`. It can have: title, pages, mood."),
            id="unknown property inside",
        ),
        pytest.param(
            {"author": {"name": "Jane"}},
            Failure("author", "`author.id` is required: The ID of the author."),
            id="object that may have more, but not less",
        ),
        pytest.param(
            {"genre": None}, Failure("author", "One of `author` and `genre` is required."), id="rule across properties"
        ),
    ],
)
def test_an_invalid_input_is_a_check_failure(properties: Values, expected: Failure) -> None:
    assert failures(**properties) == [expected]


def test_all_failures_are_reported_together() -> None:
    reported = failures(shelf=None, titel="x", copies="many", chapters=[{"pages": 0.0}, {"mood": "sad"}], genre=None)
    assert [each.property for each in reported] == [
        "titel",
        "shelf",
        "chapters",
        "chapters",
        "chapters",
        "copies",
        "author",
        "chapters",
    ]
    assert reported[-1].reason == "`chapters[0].pages` must be at least 1, got 0.", "a rule beside a missing property"


def test_a_rule_that_looks_at_what_is_faulty_does_not_keep_the_others_from_speaking() -> None:
    reported = failures(genre=3.0, password="Emma")
    assert [each.reason for each in reported] == [
        "`genre` must be a string, got the number 3.",
        "`password` must not be the title, got 'Emma'.",
    ]


def test_an_invalid_input_is_reported_once() -> None:
    (failure,) = failures(genre=3.0)
    assert failure.property == "genre"


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param({"shelf": UNKNOWN, "title": UNKNOWN, "genre": UNKNOWN}, id="texts"),
        pytest.param({"genre": None, "author": UNKNOWN}, id="rule across properties"),
        pytest.param({"author": {"id": UNKNOWN}}, id="inside an object"),
        pytest.param({"tags": [UNKNOWN], "chapters": UNKNOWN, "copies": UNKNOWN}, id="lists"),
        pytest.param({"chapters": [{"title": "One", "pages": UNKNOWN, "mood": UNKNOWN}]}, id="at depth"),
        pytest.param({"password": Secret(UNKNOWN)}, id="secret"),
    ],
)
def test_unknown_inputs_pass(properties: Values) -> None:
    assert failures(**properties) == []


def test_rules_speak_as_far_as_they_know() -> None:
    reported = failures(title=UNKNOWN, genre=None, chapters=[{"title": UNKNOWN, "pages": 0.0}])
    assert [each.property for each in reported] == ["author", "chapters"]


@pytest.mark.parametrize(
    ("author", "reason"),
    [
        pytest.param({}, "`author.id` is required: The ID of the author.", id="none"),
        pytest.param({"id": None, "name": 5.0}, "`author.id` is required: The ID of the author.", id="null"),
        pytest.param({"id": " "}, "`author.id` must not be empty (is a variable empty?).", id="empty"),
        pytest.param({"id": 4711.0}, "`author.id` must be a string, got the number 4711.", id="number"),
        pytest.param({"id": ["A1"]}, "`author.id` must be a string, got a list.", id="list"),
        pytest.param(
            Secret({"id": 4711.0}), "`author.id` must be a string, got a secret number.", id="number in a secret"
        ),
        pytest.param({"id": Secret(4711.0)}, "`author.id` must be a string, got a secret number.", id="secret number"),
    ],
)
def test_an_object_that_has_no_id_is_refused(author: Value, reason: str) -> None:
    (failure,) = failures(author=author)
    assert failure.reason == reason
    assert failure.property == ("" if "secret" in reason else "author")


@pytest.mark.parametrize(
    ("number", "shown"), [(math.nan, "NaN"), (math.inf, "Infinity"), (-math.inf, "-Infinity"), (1e300, "1e+300")]
)
def test_a_number_that_is_none_is_refused(number: float, shown: str) -> None:
    reported = failures(weight=number, lent=number)
    if shown != "1e+300":
        assert reported.pop(0).reason == f"`weight` must be a number, got the number {shown}."
    assert [each.reason for each in reported] == [f"`lent` must be true or false, got the number {shown}."]


def test_a_large_number_is_written_out() -> None:
    (failure,) = failures(title=12345670.0)
    assert failure.reason == "`title` must be a string, got the number 12345670."


HUSH = "hush-hush"


@pytest.mark.parametrize(
    "properties",
    [
        pytest.param({"title": Secret(4711.0)}, id="number"),
        pytest.param({"copies": Secret(HUSH)}, id="text"),
        pytest.param({"copies": Secret('4711 "quoted"')}, id="text with quotes"),
        pytest.param({"title": Secret(True)}, id="boolean"),
        pytest.param({"tags": Secret([4711.0, True])}, id="inside a secret"),
        pytest.param({"tags": [Secret(4711.0)]}, id="secret inside"),
        pytest.param({"firstChapter": Secret({"title": 4711.0})}, id="inside a secret object"),
        pytest.param({"firstChapter": {"title": "One", "mood": Secret(HUSH)}}, id="not allowed"),
        pytest.param({"firstChapter": {"title": "One", "mood": Secret("cal")}}, id="nearly allowed"),
        pytest.param({"titel": Secret(HUSH)}, id="misspelt property"),
        pytest.param({"password": 4711.0}, id="declared secret"),
    ],
)
def test_a_secret_is_named_in_the_reason_and_not_shown(properties: Values) -> None:
    reported = failures(**properties)
    assert reported
    for failure in reported:
        assert failure.property == "", "the engine prints the value of the property that is named"
        assert f"`{next(iter(properties))}" in failure.reason
        for hidden in ("4711", HUSH, "true", "Emma", '"cal"', "Did you mean `calm"):
            assert hidden not in failure.reason


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        pytest.param(
            {"tags": Secret(["rare", 4711.0])}, "`tags[1]` must be a string, got a secret number.", id="number"
        ),
        pytest.param({"title": Secret(True)}, "`title` must be a string, got a secret boolean.", id="boolean"),
        pytest.param({"lent": Secret(HUSH)}, "`lent` must be true or false, got a secret string.", id="text"),
        pytest.param({"lent": Secret([HUSH])}, "`lent` must be true or false, got a list.", id="list"),
        pytest.param({"lent": Secret({"a": HUSH})}, "`lent` must be true or false, got an object.", id="object"),
    ],
)
def test_an_invalid_secret_is_reported(properties: Values, reason: str) -> None:
    (failure,) = failures(**properties)
    assert failure.reason == reason


def test_an_open_set_takes_other_values_with_a_warning() -> None:
    checked = check_inputs(BookArgs, {**GOOD, "genre": "drama"})
    assert checked.failures == []
    assert checked.advice == [Advice("genre", '`genre` is "drama", which is not a known value; it is sent unchanged.')]
    assert checked.inputs["genre"] == "drama"


def test_the_warning_about_a_secret_does_not_show_it() -> None:
    (advice,) = check_inputs(BookArgs, {**GOOD, "genre": Secret("drama")}).advice
    assert advice.reason == "`genre` is a secret string, which is not a known value; it is sent unchanged."


def test_an_open_set_refuses_what_is_near_a_known_value() -> None:
    assert failures(genre="novell") == [
        Failure("genre", '`genre` must be one of `novel`, `poetry`; got "novell". Did you mean `novel`?')
    ]
    assert failures(genre=Secret("novell")) == [
        Failure("", "`genre` must be one of `novel`, `poetry`; got a secret string.")
    ]


def test_a_suggestion_does_not_show_a_secret() -> None:
    """A rule that suggests another value nearly shows the secret. The value itself is hidden at the boundary."""
    (failure,) = failures(tags=[Secret("quite raer")])
    assert failure.reason == "`tags` must not be 'quite raer'."
    assert failures(tags=["quite raer"])[0].reason == "`tags` must not be 'quite raer'. Did you mean `rare`?"


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param({"genre": "novell"}, id="near a known value"),
        pytest.param({"genre": "drama"}, id="unknown value"),
        pytest.param({"firstChapter": {"title": "One", "mood": "clam"}}, id="not allowed, at depth"),
        pytest.param({"firstChapter": {}}, id="incomplete at depth"),
        pytest.param({"firstChapter": {"title": ""}}, id="empty at depth"),
        pytest.param({"chapters": [{"title": "One", "pages": 0.0}]}, id="rule at depth"),
        pytest.param({"genre": None}, id="rule about what is absent"),
        pytest.param({"tags": ["quite raer"]}, id="rule"),
    ],
)
def test_nothing_is_said_of_values_that_the_resource_has_already(odd: Values) -> None:
    """Otherwise what others made could not be imported, nor changed in another property."""
    fresh = check_inputs(BookArgs, {**GOOD, **odd})
    assert fresh.failures or fresh.advice
    checked = check_inputs(BookArgs, {**GOOD, **odd, "copies": 2.0}, {**GOOD, **odd, "copies": 1.0})
    assert (checked.failures, checked.advice) == ([], [])
    elsewhere = check_inputs(BookArgs, {**GOOD, **odd}, {**GOOD, "author": "A1"})
    assert (elsewhere.failures, elsewhere.advice) == (fresh.failures, fresh.advice)


@object_type
class Verse:
    mood: str = field("What happens.", allowed=MOODS, open_set=True)


@object_type
class Poem:
    verses: list[Verse] = field("The verses.")


@pytest.mark.parametrize(
    ("moods", "suggested"),
    [
        pytest.param(["calm", "clam"], [], id="moved in the list"),
        pytest.param(["clam", "wlid"], ["wild"], id="beside a new one"),
    ],
)
def test_an_unknown_value_that_the_property_has_already_is_known(moods: list[str], suggested: list[str]) -> None:
    olds: Values = {"verses": [{"mood": "clam"}]}
    checked = check_inputs(Poem, {"verses": [{"mood": each} for each in moods]}, olds)
    assert [each.reason.partition(" Did you mean ")[2] for each in checked.failures] == [f"`{x}`?" for x in suggested]
    assert checked.advice == []


@pytest.mark.parametrize(
    "unusable", [{"shelf": None}, {"title": 3.0}, {"titel": "x"}, {"chapters": [{"title": 3.0}]}, {"weight": math.nan}]
)
def test_an_unusable_input_is_refused_even_if_the_state_has_it(unusable: Values) -> None:
    inputs: Values = {**GOOD, **unusable}
    assert check_inputs(BookArgs, inputs, inputs).failures


@pytest.mark.parametrize("name", ["number", "key"])
def test_an_output_cannot_be_set(name: str) -> None:
    (failure,) = check_inputs(BookArgs, {**GOOD, name: "x"}, outputs=BookState).failures
    summary = {"number": "The number that the library gives it.", "key": "What opens the reading room."}[name]
    assert failure == Failure(name, f"`{name}` is an output, so a program cannot set it: {summary} Remove it.")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        pytest.param("frist_chapter", " Did you mean `firstChapter` (Python: `first_chapter`)?", id="misspelt"),
        pytest.param("first_chapter", " Did you mean `firstChapter` (Python: `first_chapter`)?", id="right in Python"),
        pytest.param("gen_re", " Did you mean `genre`?", id="the same in both"),
    ],
)
def test_a_name_from_a_python_dictionary_is_suggested_in_both_spellings(name: str, hint: str) -> None:
    (failure,) = failures(**{name: "x"})
    assert failure.reason == f"There is no property `{name}`.{hint}"


def test_the_engines_own_properties_are_left_out() -> None:
    checked = check_inputs(BookArgs, {**GOOD, "__defaults": []})
    assert (checked.inputs, checked.failures) == (GOOD, [])


@pytest.mark.parametrize(
    ("author", "kept"),
    [
        pytest.param("A1", "A1", id="normal already"),
        pytest.param({"id": "A1", "name": "Jane"}, "A1", id="object"),
        pytest.param(Secret({"id": "A1"}), Secret("A1"), id="secret object"),
        pytest.param({"id": Secret("A1")}, Secret("A1"), id="secret inside"),
        pytest.param({"id": "A1", "name": Secret("Jane")}, "A1", id="another secret inside"),
        pytest.param({"id": UNKNOWN}, UNKNOWN, id="unknown inside"),
        pytest.param(Secret({"id": UNKNOWN, "name": "Jane"}), Secret(UNKNOWN), id="unknown inside a secret"),
        pytest.param({"id": Secret(UNKNOWN)}, Secret(UNKNOWN), id="secret unknown inside"),
        pytest.param({"id": "A1", "name": "", "born": None, "died": math.nan}, "A1", id="empty and odd beside it"),
        pytest.param({"id": "A1", "name": UNKNOWN, "books": [None, UNKNOWN]}, "A1", id="unknown beside it"),
        pytest.param({"id": "A1", "picture": Unsupported("an asset")}, "A1", id="asset beside it"),
        pytest.param(UNKNOWN, UNKNOWN, id="unknown"),
        pytest.param(Secret(UNKNOWN), Secret(UNKNOWN), id="secret unknown"),
    ],
)
def test_of_an_object_that_a_lookup_returned_the_id_alone_is_kept(author: Value, kept: Value) -> None:
    checked = check_inputs(BookArgs, {**GOOD, "author": author})
    assert (checked.inputs["author"], checked.failures) == (kept, [])


def test_declared_secrets_are_marked() -> None:
    assert check_inputs(CountBooksArgs, {"password": "hush"}).inputs == {"password": Secret("hush")}
    assert check_inputs(CountBooksArgs, {"password": UNKNOWN}).inputs == {"password": Secret(UNKNOWN)}


def test_declared_secrets_are_marked_at_depth() -> None:
    checked = check_inputs(Settings, {"readerCard": {"number": 7.0, "pinCode": "1234"}})
    assert checked.inputs == {"readerCard": {"number": 7.0, "pinCode": Secret("1234")}}


UNNAMED: Values = {"shelf": "S1", "genre": "novel"}


def test_a_name_is_made_where_none_is_given() -> None:
    assert check_inputs(BookArgs, UNNAMED, {}, lambda: "emma-1").inputs["title"] == "emma-1"


def test_a_name_that_was_made_stays() -> None:
    olds: Values = {**UNNAMED, "title": "emma-1"}
    assert check_inputs(BookArgs, UNNAMED, olds, lambda: "emma-2").inputs["title"] == "emma-1"


@pytest.mark.parametrize("given", ["Emma", Secret("Emma"), UNKNOWN])
def test_a_name_that_is_given_wins(given: Value) -> None:
    olds: Values = {**UNNAMED, "title": "emma-1"}
    assert check_inputs(BookArgs, {**UNNAMED, "title": given}, olds, lambda: "x").inputs["title"] == given


def test_without_autonaming_a_name_is_required() -> None:
    assert check_inputs(BookArgs, UNNAMED).failures == [
        Failure("title", "`title` is required if autonaming is disabled.")
    ]
