"""A provider as the engine calls it: over gRPC, but with property values in place of messages."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, cast

import grpc
import pytest
from google.protobuf import empty_pb2
from pagerduty_native.framework.resource import Package
from pagerduty_native.framework.server import start
from pagerduty_native.framework.service import Engine as EngineStub
from pagerduty_native.framework.service import ProviderServicer
from pagerduty_native.framework.values import Value, Values
from pagerduty_native.framework.wire import to_struct
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2_grpc, status_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from . import HANG_SECONDS

Response = TypeVar("Response")

NONE: Mapping[str, Value] = {}


class Caller:
    """Requests to a provider, each about the same resource. type: the type of the resource."""

    def __init__(self, channel: grpc.Channel, type: str, name: str) -> None:
        self.stub = provider_pb2_grpc.ResourceProviderStub(channel)
        self.type = type
        self.urn = f"urn:pulumi:dev::test::{type}::{name}"

    def configure(self, **settings: Value) -> pb.ConfigureResponse:
        request = pb.ConfigureRequest(args=to_struct(settings), acceptSecrets=True, acceptResources=True)
        return self._answer("Configure", request, pb.ConfigureResponse)

    def check_config(self, **settings: Value) -> pb.CheckResponse:
        return self._answer("CheckConfig", pb.CheckRequest(news=to_struct(settings)), pb.CheckResponse)

    def diff_config(self, olds: Values, news: Values) -> pb.DiffResponse:
        request = pb.DiffRequest(olds=to_struct(olds), old_inputs=to_struct(olds), news=to_struct(news))
        return self._answer("DiffConfig", request, pb.DiffResponse)

    def check(self, news: Mapping[str, Value], olds: Mapping[str, Value] = NONE, **more: Any) -> pb.CheckResponse:
        request = pb.CheckRequest(urn=self.urn, news=to_struct(news), olds=to_struct(olds), **more)
        return self._answer("Check", request, pb.CheckResponse)

    def diff(self, old_inputs: Values, olds: Values, news: Values, id: str = "S.I") -> pb.DiffResponse:
        request = pb.DiffRequest(
            urn=self.urn, id=id, old_inputs=to_struct(old_inputs), olds=to_struct(olds), news=to_struct(news)
        )
        return self._answer("Diff", request, pb.DiffResponse)

    def create(self, inputs: Mapping[str, Value], *, preview: bool = False) -> pb.CreateResponse:
        request = pb.CreateRequest(urn=self.urn, properties=to_struct(inputs), preview=preview)
        return self._answer("Create", request, pb.CreateResponse)

    def create_later(self, inputs: Mapping[str, Value]) -> Any:
        request = pb.CreateRequest(urn=self.urn, properties=to_struct(inputs))
        return self.stub.Create.future(request, timeout=HANG_SECONDS)

    def read(self, id: str, properties: Values | None = None, inputs: Values | None = None) -> pb.ReadResponse:
        request = pb.ReadRequest(
            urn=self.urn, id=id, properties=to_struct(properties or {}), inputs=to_struct(inputs or {})
        )
        return self._answer("Read", request, pb.ReadResponse)

    def update(
        self, id: str, olds: Values, news: Values, *, old_inputs: Values | None = None, preview: bool = False
    ) -> pb.UpdateResponse:
        request = pb.UpdateRequest(
            urn=self.urn,
            id=id,
            olds=to_struct(olds),
            old_inputs=to_struct(olds if old_inputs is None else old_inputs),
            news=to_struct(news),
            preview=preview,
        )
        return self._answer("Update", request, pb.UpdateResponse)

    def delete(self, id: str, properties: Values | None = None) -> empty_pb2.Empty:
        request = pb.DeleteRequest(urn=self.urn, id=id, properties=to_struct(properties or {}))
        return self._answer("Delete", request, empty_pb2.Empty)

    def invoke(self, token: str, **arguments: Value) -> pb.InvokeResponse:
        return self._answer("Invoke", pb.InvokeRequest(tok=token, args=to_struct(arguments)), pb.InvokeResponse)

    def cancel(self) -> empty_pb2.Empty:
        return self._answer("Cancel", empty_pb2.Empty(), empty_pb2.Empty)

    def _answer(self, method: str, request: object, kind: type[Response]) -> Response:
        answer = getattr(self.stub, method)(request, timeout=HANG_SECONDS)
        assert isinstance(answer, kind)
        return answer


class Provider(Caller):
    """A provider that serves here, and the requests to it. service: what serves, for a look inside. address: where."""

    def __init__(self, service: ProviderServicer, address: str, channel: grpc.Channel, type: str, name: str) -> None:
        super().__init__(channel, type, name)
        self.service = service
        self.address = address


@contextlib.contextmanager
def serving(
    package: Package[Any, Any], type: str, engine_address: str = "", name: str = "alerts"
) -> Iterator[Provider]:
    """Serves a package, and gives the engine's end of it."""
    service = ProviderServicer(package, EngineStub(engine_address))
    server, port = start(service)
    try:
        address = f"127.0.0.1:{port}"
        with grpc.insecure_channel(address) as channel:
            yield Provider(service, address, channel, type, name)
    finally:
        server.stop(None).wait()


class Refusal:
    """An error as the engine gets it."""

    def __init__(self, error: grpc.Call) -> None:
        self.code: grpc.StatusCode = error.code()
        self.message: str = error.details() or ""
        self.metadata: dict[str, Any] = dict(error.trailing_metadata() or ())


def refusal(call: Callable[[], object]) -> Refusal:
    """The error that a call ends with."""
    with pytest.raises(grpc.RpcError) as raised:
        call()
    return Refusal(cast("grpc.Call", raised.value))


def failures(response: pb.CheckResponse | pb.InvokeResponse) -> list[tuple[str, str]]:
    """Each failure of a check: the property, the reason."""
    return [(failure.property, failure.reason) for failure in response.failures]


def failed_initialization(error: Refusal) -> pb.ErrorResourceInitFailed:
    """What the engine learns of it, from the details of the status."""
    status = status_pb2.Status.FromString(error.metadata["grpc-status-details-bin"])
    (packed,) = status.details
    assert status.code == grpc.StatusCode.UNKNOWN.value[0], "the engine, in Go, takes this code: 0 would be no error"
    details = pb.ErrorResourceInitFailed()
    assert packed.Unpack(details)
    assert (error.code, error.message) == (grpc.StatusCode.UNKNOWN, status.message)
    return details


class Engine(engine_pb2_grpc.EngineServicer):
    """The engine, as far as it takes messages."""

    def __init__(self) -> None:
        self.messages: list[engine_pb2.LogRequest] = []

    def Log(self, request: engine_pb2.LogRequest, _context: grpc.ServicerContext) -> empty_pb2.Empty:
        self.messages.append(request)
        return empty_pb2.Empty()
