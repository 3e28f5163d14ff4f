"""Messages to the engine, and an engine that takes none."""

from __future__ import annotations

import grpc
import pytest
from pagerduty_native.framework.service import Engine
from pulumi.runtime.proto import engine_pb2

URN = "urn:pulumi:dev::test::library:index:Book::emma"


class Stub:
    """An engine's service, which fails if `error` says so."""

    def __init__(self, error: grpc.RpcError | None = None) -> None:
        self.error = error
        self.came: list[engine_pb2.LogRequest] = []
        self.timeouts: list[float] = []

    def Log(self, request: engine_pb2.LogRequest, timeout: float) -> None:
        self.came.append(request)
        self.timeouts.append(timeout)
        if self.error:
            raise self.error


def engine_of(stub: Stub) -> Engine:
    engine = Engine("127.0.0.1:1")
    vars(engine)["_stub"] = stub
    return engine


def test_the_engine_gets_warnings_and_status_messages() -> None:
    stub = Stub()
    engine = engine_of(stub)
    engine.log("WARNING", "careful", URN)
    engine.log("INFO", "waiting", URN, ephemeral=True)
    assert stub.came == [
        engine_pb2.LogRequest(severity=engine_pb2.WARNING, message="careful", urn=URN),
        engine_pb2.LogRequest(severity=engine_pb2.INFO, message="waiting", urn=URN, ephemeral=True),
    ]
    assert stub.timeouts == [5, 5], "an engine that hangs holds no resource up for long"


def test_a_message_that_the_engine_does_not_take_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    engine_of(Stub(grpc.RpcError())).log("WARNING", "100 % sure", URN)
    Engine().log("WARNING", "50 % sure", URN)
    assert caplog.messages == ["the engine did not take the message: 100 % sure", "50 % sure"]


def test_the_address_of_the_engine() -> None:
    assert Engine().address == ""
    assert Engine("127.0.0.1:1").address == "127.0.0.1:1"
