"""The engine at the other end: where messages for the user go."""

from __future__ import annotations

import functools
import logging

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

_log = logging.getLogger(__name__)


class Engine:
    """The engine that started this provider.

    address: `HOST:PORT` of its gRPC service; empty where there is none, and then messages go to the log.
    """

    def __init__(self, address: str = "") -> None:
        self.address = address

    @functools.cached_property
    def _stub(self) -> engine_pb2_grpc.EngineStub:
        # The engine is on this machine; a proxy for the rest of the world would swallow what it is told.
        channel = grpc.insecure_channel(self.address, options=[("grpc.enable_http_proxy", 0)])
        return engine_pb2_grpc.EngineStub(channel)

    def warn(self, message: str, urn: str) -> None:
        """Show a warning beside the resource `urn`."""
        self._send(engine_pb2.WARNING, message, urn, ephemeral=False)

    def status(self, message: str, urn: str) -> None:
        """Show a message in the resource's status line, for as long as nothing newer comes."""
        self._send(engine_pb2.INFO, message, urn, ephemeral=True)

    def _send(self, severity: engine_pb2.LogSeverity.ValueType, message: str, urn: str, *, ephemeral: bool) -> None:
        if not self.address:
            _log.warning("%s", message)
            return
        request = engine_pb2.LogRequest(severity=severity, message=message, urn=urn, ephemeral=ephemeral)
        try:
            self._stub.Log(request, timeout=5)
        except grpc.RpcError:  # A message that cannot be shown must not fail what it is about.
            _log.warning("the engine did not take the message: %s", message)
