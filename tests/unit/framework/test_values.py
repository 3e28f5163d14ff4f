"""Values on the wire and in here: nothing is lost on the way, least of all that something is secret."""

from __future__ import annotations

import math

import pytest
from google.protobuf import json_format, struct_pb2
from hypothesis import given
from pagerduty_native.framework import wire
from pagerduty_native.framework.errors import ProviderError
from pagerduty_native.framework.values import (
    MAX_DEPTH,
    UNKNOWN,
    Secret,
    Unsupported,
    Value,
    Values,
    has_secret,
    has_unknown,
    known,
    number_text,
    parts_of,
    refuse_unsupported,
    reveal,
    same,
    secret,
    secret_texts,
)
from pagerduty_native.framework.wire import from_struct, to_struct
from pulumi.runtime import rpc

from .strategies import property_maps, property_values


def message_of(content: dict[str, object]) -> struct_pb2.Struct:
    """Return JSON as a message."""
    return json_format.ParseDict(content, struct_pb2.Struct())


def special(signature: str, **content: object) -> dict[str, object]:
    return {wire.SIGNATURE_KEY: signature, **content}


SECRET = wire.SECRET_SIGNATURE
OUTPUT = rpc._special_output_value_sig
REFERENCE = rpc._special_resource_sig
UNKNOWN_TEXT = wire.UNKNOWN_SENTINEL


@given(property_maps)
def test_values_survive_the_wire(sent: Values) -> None:
    assert from_struct(to_struct(sent)) == sent


@given(property_maps)
def test_every_value_means_the_same_as_itself_unless_it_is_unknown(value: Values) -> None:
    assert same(value, value) is not has_unknown(value)


@given(property_values, property_values)
def test_meaning_the_same_is_symmetric(left: Value, right: Value) -> None:
    assert same(left, right) is same(right, left)


@given(property_values)
def test_a_secret_mark_changes_no_meaning(value: Value) -> None:
    assert same(value, secret(value)) is not has_unknown(value)
    assert not has_secret(reveal(value))


@pytest.mark.parametrize(
    ("ours", "pulumis"),
    [
        pytest.param(wire.SIGNATURE_KEY, rpc._special_sig_key, id="key"),
        pytest.param(wire.SECRET_SIGNATURE, rpc._special_secret_sig, id="secret"),
        pytest.param(set(wire.UNSUPPORTED_SIGNATURES), {rpc._special_asset_sig, rpc._special_archive_sig}, id="assets"),
        pytest.param(wire.UNKNOWN_SENTINEL, rpc.UNKNOWN, id="unknown"),
    ],
)
def test_the_marks_are_pulumis_own(ours: object, pulumis: object) -> None:
    assert ours == pulumis


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        pytest.param(None, None, id="null is absent"),
        pytest.param(True, True, id="boolean"),
        pytest.param(2, 2.0, id="number"),
        pytest.param("", "", id="empty text"),
        pytest.param([], [], id="empty list"),
        pytest.param({}, {}, id="empty object"),
        pytest.param(["a", None], ["a", None], id="null in a list keeps its place"),
        pytest.param({"a": None, "b": {"c": None}}, {"b": {}}, id="null in an object is absent"),
        pytest.param(special(SECRET, value="s"), Secret("s"), id="secret"),
        pytest.param(special(SECRET, value={"a": ["s"]}), Secret({"a": ["s"]}), id="secret object"),
        pytest.param({"a": [special(SECRET, value="s")]}, {"a": [Secret("s")]}, id="secret at depth"),
        pytest.param(special(SECRET, value=special(SECRET, value="s")), Secret("s"), id="secret secret"),
        pytest.param(special(SECRET, value=UNKNOWN_TEXT), Secret(UNKNOWN), id="secret unknown"),
        pytest.param(special(SECRET, value=None), None, id="secret null is absent"),
        pytest.param(special(OUTPUT, value="v"), Unsupported("a value of an unsupported kind"), id="output"),
        pytest.param(
            special(REFERENCE, urn="u", id="PX"), Unsupported("a value of an unsupported kind"), id="reference"
        ),
        pytest.param(special("c44067f5952c0a294b673a41bacd8c17", text="t"), Unsupported("an asset"), id="asset"),
        pytest.param(special("0def7320c3a5731c473e5ecbe6d01bc7", assets={}), Unsupported("an archive"), id="archive"),
        pytest.param(special("?"), Unsupported("a value of an unsupported kind"), id="signature of the future"),
    ],
)
def test_values_are_read_from_the_wire(sent: object, read: Value) -> None:
    assert from_struct(message_of({"property": sent})).get("property") == read


@pytest.mark.parametrize("sentinel", sorted(wire.UNKNOWN_SENTINELS))
def test_the_sentinel_of_every_kind_is_unknown(sentinel: str) -> None:
    assert from_struct(message_of({"property": [sentinel]})) == {"property": [UNKNOWN]}


def test_reading_leaves_the_message_as_it_is() -> None:
    message = message_of({"a": special(SECRET, value="v"), "b": special("?", urn="u"), "c": special(SECRET)})
    before = message.SerializeToString(deterministic=True)
    from_struct(message)
    assert message.SerializeToString(deterministic=True) == before


def test_pulumi_reads_the_sent_values() -> None:
    sent: Values = {"key": Secret("s"), "later": UNKNOWN, "list": [1.5, None, {"a": True}], "empty": {}}
    read = rpc.deserialize_properties(to_struct(sent), keep_unknowns=True)
    assert rpc.is_rpc_secret(read.pop("key"))
    assert isinstance(read.pop("later"), type(rpc.deserialize_property(UNKNOWN_TEXT, keep_unknowns=True)))
    assert read == {"list": [1.5, None, {"a": True}], "empty": {}}


def test_absent_properties_are_not_sent() -> None:
    assert to_struct({"a": None, "b": {"c": None}}) == message_of({"b": {}})


def test_values_that_no_property_takes_are_not_sent() -> None:
    with pytest.raises(TypeError, match="an asset"):
        to_struct({"a": Unsupported("an asset")})


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(None, [], id="empty list"),
        pytest.param(None, {}, id="empty object"),
        pytest.param({"a": None, "b": 1.0}, {"b": 1.0, "c": []}, id="empty inside"),
        pytest.param(1, 1.0, id="number"),
        pytest.param(Secret({"a": "b"}), {"a": Secret("b")}, id="where the secret mark stands"),
    ],
)
def test_equal_values_are_the_same(left: Value, right: Value) -> None:
    assert same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(["a", "b"], ["b", "a"], id="order of a list"),
        pytest.param(None, "", id="empty text"),
        pytest.param(None, False, id="false"),
        pytest.param(None, 0.0, id="zero"),
        pytest.param(1.0, True, id="one and true"),
        pytest.param([1.0], [True], id="one and true at depth"),
        pytest.param("1", 1.0, id="text and number"),
        pytest.param(UNKNOWN, UNKNOWN, id="unknown"),
        pytest.param({"a": UNKNOWN}, {"a": UNKNOWN}, id="unknown at depth"),
    ],
)
def test_different_values_are_not_the_same(left: Value, right: Value) -> None:
    assert not same(left, right)


def test_secrets_do_not_show_in_a_representation() -> None:
    assert "hush" not in repr({"a": [Secret("hush")]})


def test_secret_texts_are_found_at_every_depth() -> None:
    value: Value = {"a": Secret({"b": ["x", {"c": "y"}]}), "d": ["public", Secret("z")], "e": Secret(True)}
    assert secret_texts(value) == {"x", "y", "z"}


def test_secret_texts_are_found_by_the_names_of_properties_too() -> None:
    value: Value = {"key": "k", "a": [{"pin": 4711.0, "title": "t"}], "b": Secret("z")}
    assert secret_texts(value, {"key", "pin"}) == {"k", "4711", "z"}


@pytest.mark.parametrize(
    ("number", "text"),
    [
        pytest.param(12345670.0, "12345670", id="whole"),
        pytest.param(-3.0, "-3", id="negative"),
        pytest.param(0.25, "0.25", id="fraction"),
        pytest.param(1e300, "1e+300", id="very large"),
        pytest.param(1e21, "1e+21", id="the least that is, as in JavaScript"),
        pytest.param(math.nan, "NaN", id="none"),
        pytest.param(-math.inf, "-Infinity", id="infinite"),
    ],
)
def test_numbers_are_written_as_a_person_does(number: float, text: str) -> None:
    assert number_text(number) == text


def lists(depth: int) -> Value:
    value: Value = []
    for _ in range(depth - 1):
        value = [value]
    return value


def test_values_nested_too_deep_become_unsupported() -> None:
    sent = to_struct({"a": lists(MAX_DEPTH), "b": [lists(MAX_DEPTH)]})
    read = from_struct(sent)
    assert read["a"] == lists(MAX_DEPTH)
    assert Unsupported("a value that is nested too deeply") in parts_of(read["b"])


@pytest.mark.parametrize(
    "value", [Unsupported("an asset"), ["a", Unsupported("an asset")], Secret({"b": Unsupported("an asset")})]
)
def test_values_that_no_property_takes_are_refused_by_name(value: Value) -> None:
    refuse_unsupported({"a": ["b"]})
    with pytest.raises(ProviderError, match=r"^`x` holds an asset, which this provider does not support"):
        refuse_unsupported({"a": "b", "x": value})


def test_only_what_is_known() -> None:
    assert known({"a": "b", "c": UNKNOWN, "d": [Secret(UNKNOWN)]}) == {"a": "b"}


def test_infinity_and_nan_survive() -> None:
    read = from_struct(to_struct({"a": math.inf, "b": math.nan}))
    assert read["a"] == math.inf
    assert isinstance(read["b"], float)
    assert math.isnan(read["b"])
