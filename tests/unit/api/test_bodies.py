"""Reading the JSON of a response: a value, or an error for the client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pagerduty_native.api import parse as bodies


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (b'{"a": [1, 2.5, null, true, "x"]}', {"a": [1, 2.5, None, True, "x"]}),
        ('{"a": "ü😀"}'.encode(), {"a": "ü😀"}),
        ('{"a": "ü😀"}'.encode("utf-16"), {"a": "ü😀"}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (rb'{"a": "\ud83d\ude00"}', {"a": "😀"}),
        (rb'{"a": "x\ud83dy", "\uDE00": ["\ud800"]}', {"a": "x?y", "?": ["?"]}),
    ],
)
def test_json_is_read(content: bytes, body: Any) -> None:
    assert bodies.parsed(content) == body


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"NaN",
        b'{"a": Infinity}',
        b"[-Infinity]",
        b'{"a": "\xff"}',
        b'"\xed\xa0\x80"',
        b"9" * 5000,
        b"\xff\xfe{",
    ],
)
def test_text_that_is_not_json_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (of any kind)
        bodies.parsed(content)


def test_brackets_without_end_are_no_json() -> None:
    with pytest.raises(RecursionError):
        bodies.parsed(b"[" * 100_000)


READERS: list[tuple[Callable[[Any], Any], list[Any], list[Any]]] = [
    (lambda value: bodies.text({"a": value}, "a"), ["", "x"], [None, 5, [], {}, True]),
    (lambda value: bodies.text_or_none({"a": value}, "a"), ["", "x", None], [5, [], {}, False]),
    (
        lambda value: bodies.id_of({"id": value}),
        ["PQL78HM", "a_b-9"],
        [None, "", "a/b", "..", "a b", "ü", "x\n", 5, ["P"]],
    ),
    (lambda value: bodies.id_of({"id": value}, "PQL78HM"), ["PQL78HM", "pql78hm"], ["PQL78H", "PE1U9CH", None]),
    (lambda value: bodies.items({"a": value}, "a"), [[], [1, None]], [None, "", "ab", {}, {"b": 1}]),
    (lambda value: bodies.objects_or_none({"a": value}, "a"), [None, [], [{}, {"b": 1}]], ["", {}, [1], [None], [[]]]),
]


@pytest.mark.parametrize(("read", "good", "bad"), READERS)
def test_a_value_of_another_kind_is_refused(read: Callable[[Any], Any], good: list[Any], bad: list[Any]) -> None:
    for value in good:
        assert read(value) == value
    for value in bad:
        with pytest.raises((TypeError, ValueError)):
            read(value)


@pytest.mark.parametrize("read", [bodies.text, bodies.items])
def test_a_missing_required_value_is_refused(read: Callable[[Any, str], Any]) -> None:
    with pytest.raises(KeyError):
        read({}, "a")


@pytest.mark.parametrize("read", [bodies.text_or_none, bodies.objects_or_none])
def test_optional_values_may_be_absent(read: Callable[[Any, str], Any]) -> None:
    assert read({}, "a") is None


def test_objects_are_as_deep_as_they_may_be() -> None:
    deep: Any = {}
    for _ in range(bodies.MAX_DEPTH - 2):
        deep = {"child": deep}
    assert bodies.objects_or_none({"a": [deep]}, "a") == [deep]
    with pytest.raises(TypeError):
        bodies.objects_or_none({"a": [{"child": deep}]}, "a")


def test_unusable_seconds_give_the_default() -> None:
    assert bodies.seconds({}, "a", 5.0) == 5.0
    assert bodies.seconds({"a": "60"}, "a", 5.0) == 60.0
    value: Any
    for value in ("nan", float("inf"), "soon", None, [], 10**400, 0, -60, "-1"):
        assert bodies.seconds({"a": value}, "a", 5.0) == 5.0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "an object"),
        ([], "a list"),
        ("", "a text"),
        (True, "true or false"),
        (None, "nothing"),
        (5, "a number"),
        (0.5, "a number"),
    ],
)
def test_kinds_in_words(value: Any, words: str) -> None:
    assert bodies.kind(value) == words
