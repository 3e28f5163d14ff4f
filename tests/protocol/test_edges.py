"""The protocol's edges: what no engine should send is answered in words that name what is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from pagerduty_native.framework.testing import Served, failures, refusal
from pagerduty_native.framework.values import UNKNOWN, Secret, Value, Values
from pagerduty_native.framework.wire import SIGNATURE_KEY, to_struct
from pulumi.runtime.proto import provider_pb2 as pb

from tests.support import HANG_SECONDS

from . import mutations

BOOK: Values = {"shelf": "S1", "genre": "novel", "title": "Emma"}
STATE: Values = {**BOOK, "number": "B1"}
ASSET: Value = {SIGNATURE_KEY: "c44067f5952c0a294b673a41bacd8c17", "text": "x"}
NOT_KNOWN = "is not known yet, because its source has no value. Only the preview of a resource works without it."
UNREADABLE = (
    "A request of the engine cannot be read. Usually an input is nested too deeply: protobuf allows about 30 objects "
    "or 50 lists inside each other. Pass it as a JSON string, or nest it less deeply."
)


def raw(books: Served, method: str, request: bytes) -> str:
    """The words with which a request is refused, given as the bytes on the wire."""
    with grpc.insecure_channel(books.address) as channel:
        call = channel.unary_unary(f"/pulumirpc.ResourceProvider/{method}", None, None)
        return refusal(lambda: call(request, timeout=HANG_SECONDS)).message


def deep(depth: int) -> bytes:
    value = mutations.tagged(3, b"deep")
    for _ in range(depth):
        value = mutations.tagged(6, mutations.tagged(1, value))
    return mutations.tagged(1, mutations.tagged(1, b"tags") + mutations.tagged(2, value))


@pytest.mark.parametrize(
    "request_",
    [mutations.tagged(2, deep(60)), b"\xff\xff\xff", mutations.tagged(1, b"\xff")],
    ids=["too deep", "no message", "no UTF-8"],
)
def test_a_request_that_protobuf_cannot_read_is_answered_in_words(
    books: Served, request_: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    good = pb.CreateRequest(urn=books.urn, properties=to_struct(BOOK)).SerializeToString()
    assert raw(books, "Create", good + request_) == UNREADABLE
    assert "Traceback" not in capfd.readouterr().err


def test_a_value_that_is_nested_too_deep_to_go_back_is_refused_by_name(books: Served) -> None:
    nested = mutations.nested(30, "x")
    assert failures(books.check({**BOOK, "tags": [nested]})) == [("", "`tags[0]` must be a string, got a list.")]
    assert failures(books.check({**BOOK, "author": {"id": "A1", "books": nested}})) == [], (
        "what is beside an ID is not kept"
    )
    error = refusal(lambda: books.read("B1", STATE, {**BOOK, "notes": nested}))
    assert error.message == "`notes` holds a value that is nested too deeply, which this provider does not support."


@pytest.mark.parametrize(
    ("call", "message"),
    [
        pytest.param(
            lambda books: books.create({**BOOK, "title": ASSET}),
            "`title` holds an asset, which this provider does not support.",
            id="create",
        ),
        pytest.param(
            lambda books: books.read("B1", {**STATE, "title": ASSET}, BOOK),
            "`title` holds an asset, which this provider does not support.",
            id="read",
        ),
        pytest.param(
            lambda books: books.check_config(version=ASSET),
            "`version` holds an asset, which this provider does not support.",
            id="settings that are the engine's",
        ),
        pytest.param(
            lambda books: books.configure(address=ASSET), "`address` must be a string, got an asset.", id="settings"
        ),
        pytest.param(
            lambda books: books.create({**BOOK, "shelf": UNKNOWN}),
            f"`shelf` {NOT_KNOWN}",
            id="unknown at create",
        ),
        pytest.param(
            lambda books: books.update("B1", STATE, {**BOOK, "tags": [UNKNOWN]}),
            f"`tags` {NOT_KNOWN}",
            id="unknown at update",
        ),
        pytest.param(
            lambda books: books.configure(seats=UNKNOWN),
            f"`seats` {NOT_KNOWN}",
            id="unknown setting",
        ),
        pytest.param(
            lambda books: list(books.stub.List(pb.ListRequest(token="library:index:Stamp", continuation_token="x"))),
            "Stamps cannot be listed.",
            id="no list",
        ),
    ],
)
def test_a_request_that_cannot_be_served(books: Served, call: Callable[[Served], Any], message: str) -> None:
    assert refusal(lambda: call(books)).message == message


def test_unknown_arguments_of_a_function(books: Served) -> None:
    ((name, reason),) = failures(books.invoke("library:index:countBooks", shelf=UNKNOWN))
    assert name == "shelf"
    assert reason.startswith("`shelf` is not known yet")


@pytest.mark.parametrize(
    "token", ["x", "-1", "1.5", "1", "1:", ":PCHECKT.P1", "0:PCHECKT.P1", "9" * 400 + ":P1", "\u0661:P1"]
)
def test_a_continuation_token_that_is_none(provider: Served, token: str) -> None:
    request = pb.ListRequest(token="pagerduty-native:index:Integration", continuation_token=token)
    assert refusal(lambda: list(provider.stub.List(request))).message.startswith("There is no page '")


@pytest.mark.parametrize(
    "urn", ["", "urn:pulumi:dev", "urn:pulumi:dev::test", "urn:pulumi:dev::test::library:index:Book"]
)
def test_a_urn_that_is_none(books: Served, urn: str) -> None:
    books.urn = urn
    assert refusal(lambda: books.check(BOOK)).message == (
        f"{urn!r} is not a URN, which has the form urn:pulumi:STACK::PROJECT::TYPE::NAME."
    )


def test_unknown_or_odd_values_in_a_state_prevent_no_read_or_delete(books: Served) -> None:
    made = books.create(BOOK)
    odd: Values = {**STATE, "title": UNKNOWN, "chapters": [None, {"title": 3.0}], "weight": math.inf}
    assert books.read(made.id, odd, {**BOOK, "title": UNKNOWN}).id == made.id
    books.delete(made.id, odd)
    assert books.service.client.books == {}


def test_null_in_a_list_of_filters_in_old_inputs(provider: Served) -> None:
    old: Values = {"service": "PCHECKT", "vendor": "PZQ6AUS", "name": "alerts", "emailFilters": [None, {}]}
    response = provider.diff(old, old, {**old, "emailFilters": [{}]})
    assert list(response.diffs) == ["emailFilters"]


def test_a_long_id_is_not_repeated_whole(provider: Served) -> None:
    for call in (lambda: provider.read("x" * 10_000), lambda: provider.delete("x " * 10_000)):
        assert len(refusal(call).message) < 4100


def test_secrets_in_a_long_message_are_hidden_before_it_is_cut(books: Served) -> None:
    secret = "s3cret" * 1000
    ((_, reason),) = failures(books.check({**BOOK, "genre": "novel", "password": Secret(secret), "title": secret}))
    assert "s3cret" not in reason
