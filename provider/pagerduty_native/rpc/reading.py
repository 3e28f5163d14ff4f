"""Reading requests: to which gRPC would respond with "Exception deserializing request!", and a traceback on stderr."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
from google.protobuf.message import DecodeError, Message


class Unreadable:
    """Stands for a request that cannot be decoded."""

    def __str__(self) -> str:
        return (
            "A request of the engine cannot be read. Usually an input is nested too deeply: protobuf allows about 30 "
            "objects or 50 lists inside each other. Pass it as a JSON string, or nest it less deeply."
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
            return Unreadable()

    return read
