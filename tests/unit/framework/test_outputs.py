"""Outputs for the state: unchanged values stay exactly as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from pagerduty_native.framework.declare import field, object_type
from pagerduty_native.framework.state import (
    imported_inputs,
    outputs_of,
    preview_of_create,
    preview_of_update,
    refreshed_inputs,
)
from pagerduty_native.framework.values import UNKNOWN, Secret, Value, Values, has_secret, meaning

from tests.support.library import BookArgs, BookState

from .strategies import property_values


@object_type
class Thing:
    """Anything."""

    x: str = field("What it is.")
    y: str | None = field("What else it is.")


@object_type
class Sorted:
    """Something that the server sorts as it likes."""

    kind: str = field("What it is.", server_sets=True)
    title: str = field("Its title.")


INPUTS: Values = {"shelf": "S1", "title": "Emma", "genre": "novel"}
OUTPUTS: Values = {**INPUTS, "copies": 1.0, "number": "B1", "key": Secret("k")}


@pytest.mark.parametrize(
    ("previous", "actual", "output"),
    [
        pytest.param(None, "a", "a", id="nothing before"),
        pytest.param(Secret("a"), "a", Secret("a"), id="secret, and the same"),
        pytest.param(Secret("a"), "b", Secret("b"), id="secret, and drifted"),
        pytest.param([], [], [], id="empty list"),
        pytest.param(Secret({"a": None}), {}, Secret({"a": None}), id="spelt as it was"),
        pytest.param({"a": Secret("b")}, {"a": "c"}, Secret({"a": "c"}), id="secret inside makes the whole secret"),
        pytest.param("a", Secret("a"), "a", id="mark and all as it was"),
        pytest.param(1.0, 2, 2, id="drifted"),
    ],
)
def test_an_output_is_spelt_as_before_where_it_means_the_same(previous: Value, actual: Value, output: Value) -> None:
    assert outputs_of(Thing, {"x": actual}, {"x": previous}) == {"x": output}


@given(property_values, property_values)
def test_an_output_means_what_is_actual_and_stays_secret(actual: Value, previous: Value) -> None:
    output = outputs_of(Thing, {"x": actual}, {"x": previous})["x"]
    assert meaning(output) == meaning(actual)
    assert has_secret(output) or not has_secret(previous)


def test_an_output_follows_the_new_inputs_before_the_old_state() -> None:
    assert outputs_of(Thing, {"x": "b"}, {"x": Secret("b")}, {"x": "a"}) == {"x": Secret("b")}
    assert outputs_of(Thing, {"x": "b"}, {"x": "b"}, {"x": Secret("b")}) == {"x": "b"}
    assert outputs_of(Thing, {"x": "a"}, {"x": Secret("b")}, {"x": "a"}) == {"x": "a"}
    assert outputs_of(Thing, {"x": "c"}, {"x": Secret("b")}, {"x": "a"}) == {"x": Secret("c")}


def test_what_is_declared_secret_is_marked_though_an_old_state_has_it_in_plain() -> None:
    actual: Values = {**OUTPUTS, "password": Secret("hush")}
    plain: Values = {**OUTPUTS, "key": "k", "password": "hush"}
    assert outputs_of(BookState, actual, plain) == actual
    assert outputs_of(BookState, actual, actual) == actual
    assert preview_of_update(BookState, plain, {**INPUTS, "password": "new"})["key"] == Secret("k")
    inputs: Values = {**INPUTS, "password": "hush"}
    assert refreshed_inputs(BookArgs, inputs, plain, actual) == {**inputs, "password": Secret("hush")}


def test_outputs_drop_removed_properties() -> None:
    assert outputs_of(Thing, {"x": "a"}, {"x": "a", "y": "b"}) == {"x": "a"}


def test_the_preview_of_a_create_knows_the_inputs_and_nothing_of_the_servers() -> None:
    assert preview_of_create(BookState, {"shelf": UNKNOWN, "title": "Emma", "tags": ["a"]}) == {
        "shelf": UNKNOWN,
        "title": "Emma",
        "tags": ["a"],
        "genre": UNKNOWN,
        "number": UNKNOWN,
        "key": Secret(UNKNOWN),
    }


def test_the_preview_of_a_create_does_not_promise_what_the_server_may_change() -> None:
    assert preview_of_create(Sorted, {"kind": "a", "title": "b"}) == {"kind": UNKNOWN, "title": "b"}


def test_the_preview_of_an_update_knows_what_the_server_gave() -> None:
    previewed = preview_of_update(BookState, {**OUTPUTS, "lent": True}, {"shelf": "S1", "title": UNKNOWN})
    assert previewed == {"shelf": "S1", "title": UNKNOWN, "genre": "novel", "number": "B1", "key": Secret("k")}


def refreshed(inputs: Values, actual: Values, **olds: Value) -> Values:
    return refreshed_inputs(BookArgs, inputs, {**inputs, "genre": "novel", **olds}, {"genre": "novel", **actual})


@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param({"title": Secret("Emma")}, id="secret"),
        pytest.param({"title": "Emma", "tags": []}, id="empty list"),
        pytest.param({"title": "Emma", "chapters": [{"title": "One", "mood": None}]}, id="null inside"),
        pytest.param({"title": "Emma", "isbn": "1"}, id="property of another version"),
    ],
)
def test_a_refresh_without_drift_leaves_the_inputs(inputs: Values) -> None:
    actual: Values = {"title": "Emma"}
    if "chapters" in inputs:
        actual["chapters"] = [{"title": "One"}]
    assert refreshed(inputs, actual) == inputs


@pytest.mark.parametrize(
    ("inputs", "actual", "expected"),
    [
        pytest.param({"title": "Emma"}, {"title": "Persuasion"}, {"title": "Persuasion"}, id="changed"),
        pytest.param({"title": Secret("Emma")}, {"title": "Pride"}, {"title": Secret("Pride")}, id="secret"),
        pytest.param({"title": "Emma", "lent": True}, {"title": "Emma"}, {"title": "Emma"}, id="removed"),
        pytest.param({"title": "Emma"}, {"title": "Emma", "lent": True}, {"title": "Emma", "lent": True}, id="added"),
        pytest.param({"title": "Emma"}, {"title": "Emma", "genre": "poetry"}, {"title": "Emma"}, id="the server's"),
        pytest.param({"genre": "novel"}, {"genre": "poetry"}, {"genre": "poetry"}, id="computed, but given"),
    ],
)
def test_a_refresh_takes_drift_into_the_inputs(inputs: Values, actual: Values, expected: Values) -> None:
    assert refreshed(inputs, actual) == expected


def test_a_refresh_takes_what_was_never_done_out_of_the_inputs_so_that_the_next_update_does_it() -> None:
    inputs: Values = {"title": "Emma", "tags": ["a"]}
    assert refreshed(inputs, {"title": "Emma"}, tags=None) == {"title": "Emma"}
    assert refreshed(inputs, inputs, tags=None) == inputs, "done since, by whomever"


def test_an_import_finds_the_inputs_of_a_program_without_what_is_the_default() -> None:
    assert imported_inputs(BookArgs, OUTPUTS) == INPUTS
    assert imported_inputs(BookArgs, {**OUTPUTS, "copies": 2.0}) == {**INPUTS, "copies": 2.0}
