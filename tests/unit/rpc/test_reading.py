"""Requests that protobuf cannot read: which property is at fault."""

from __future__ import annotations

import sys

import pytest
from google.protobuf import struct_pb2
from google.protobuf.message import DecodeError
from pagerduty_native.rpc.reading import Unreadable, _tolerant
from pulumi.runtime.proto import provider_pb2 as pb

NO_TEXT = b"\x1a\x01\xff"  # a Value that is a text, of one byte that is no UTF-8


def field(number: int, content: bytes) -> bytes:
    """A field of a message that holds bytes."""
    return bytes([number << 3 | 2, len(content)]) + content


def request(*entries: bytes) -> bytes:
    """A request to create a resource, with these entries in its map of properties."""
    return field(2, b"".join(field(1, entry) for entry in entries))


GOOD = field(1, b"shelf") + field(2, struct_pb2.Value(string_value="S1").SerializeToString())
BAD = field(1, b"title") + field(2, NO_TEXT)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        pytest.param(request(GOOD, BAD), "title", id="a text"),
        pytest.param(request(field(1, b"empty"), GOOD, BAD), "title", id="after an entry without a value"),
        pytest.param(request(field(2, b""), BAD), "title", id="after an entry without a name"),
        pytest.param(request(field(1, b"t\xfftle") + field(2, NO_TEXT)), "t\ufffdtle", id="a name that is no UTF-8"),
        pytest.param(request(field(2, NO_TEXT) + field(1, b"title")), "title", id="the value before the name"),
        pytest.param(b"\xff\xff", "", id="no message at all"),
    ],
)
def test_the_property_is_told(raw: bytes, name: str) -> None:
    with pytest.raises(DecodeError):
        pb.CreateRequest.FromString(raw)
    assert _tolerant(pb.CreateRequest.FromString)(raw) == Unreadable(name)


def test_with_an_old_protobuf_no_property_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """It cannot look into what it does not know before 4.22."""
    monkeypatch.setitem(sys.modules, "google.protobuf.unknown_fields", None)
    assert _tolerant(pb.CreateRequest.FromString)(request(BAD)) == Unreadable("")


@pytest.mark.parametrize(
    ("unreadable", "what"), [(Unreadable("title"), "The value of `title`"), (Unreadable(""), "A request of the engine")]
)
def test_what_the_user_is_told(unreadable: Unreadable, what: str) -> None:
    assert str(unreadable) == (
        f"{what} cannot be read: it is nested too deeply (protobuf allows about 30 objects or 50 lists inside "
        "each other), or it is not valid UTF-8. Pass the value as a JSON string, or nest it less deeply."
    )


def test_what_can_be_read_is_read() -> None:
    read = _tolerant(pb.CreateRequest.FromString)(request(GOOD))
    assert isinstance(read, pb.CreateRequest)
    assert read.properties["shelf"] == "S1"
