"""Reading requests: to which gRPC would respond with "Exception deserializing request!", and a traceback on stderr."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import empty_pb2, struct_pb2
from google.protobuf.message import DecodeError, Message


@dataclass(frozen=True)
class Unreadable:
    """What came in place of a request. property_name: the property at fault, as far as it can be told."""

    property_name: str

    def __str__(self) -> str:
        what = f"The value of `{self.property_name}`" if self.property_name else "A request of the engine"
        return (
            f"{what} cannot be read: it is nested too deeply (protobuf allows about 30 objects or 50 lists inside "
            "each other), or it is not valid UTF-8. Pass the value as a JSON string, or nest it less deeply."
        )


class Reading(grpc.ServerInterceptor):  # type: ignore[type-arg] # only the stubs are generic
    """Hands what cannot be read to the method, as an `Unreadable`."""

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        handler = continuation(details)
        if handler is None:
            return None
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                handler.unary_stream, _tolerant(handler.request_deserializer), handler.response_serializer
            )
        return grpc.unary_unary_rpc_method_handler(
            handler.unary_unary, _tolerant(handler.request_deserializer), handler.response_serializer
        )


def _tolerant(deserialize: Callable[[bytes], Message]) -> Callable[[bytes], Message | Unreadable]:
    def read(raw: bytes) -> Message | Unreadable:
        try:
            return deserialize(raw)
        except DecodeError:
            return Unreadable(next(_unreadable_properties(raw), ""))

    return read


def _unreadable_properties(raw: bytes) -> Iterator[str]:
    """The names of the properties, in any map of properties in a request, whose values cannot be read."""
    for field in _fields(raw):
        for entry in _fields(field):
            for name, value in zip(_fields(entry, number=1), _fields(entry, number=2), strict=False):
                if not _is_readable(value):
                    yield name.decode(errors="replace")


def _is_readable(value: bytes) -> bool:
    try:
        struct_pb2.Value.FromString(value)
    except DecodeError:
        return False
    return True


def _fields(raw: bytes, number: int | None = None) -> Iterator[bytes]:
    """The fields of a message that hold bytes, none where it is no message."""
    with contextlib.suppress(DecodeError, ImportError):
        # Protobuf has it from 4.22 on. Before that, no name is told.
        from google.protobuf.unknown_fields import UnknownFieldSet  # noqa: PLC0415

        for field in UnknownFieldSet(empty_pb2.Empty.FromString(raw)):  # type: ignore[attr-defined] # it can be iterated
            if isinstance(field.data, bytes) and number in {None, field.field_number}:
                yield field.data
