"""Test a provider over gRPC, as the engine calls it, but without an engine.

    with serving(PROVIDER, "lockers:index:Locker") as locker:
        locker.configure(file="lockers.json")
        assert failures(locker.check({"room": ""})) == [("room", "`room` must not be empty (is a variable empty?).")]

Property values are plain Python data, with `Secret` and `UNKNOWN` in it; `from_struct` reads those of a response.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2_grpc, status_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from pagerduty_native.framework.resource import Provider
from pagerduty_native.framework.server import start
from pagerduty_native.framework.service import Engine, ProviderServicer
from pagerduty_native.framework.values import UNKNOWN, Secret, Value, Values
from pagerduty_native.framework.wire import from_struct, to_struct

__all__ = [
    "UNKNOWN",
    "Caller",
    "FakeEngine",
    "Refusal",
    "Secret",
    "Served",
    "failed_initialization",
    "failures",
    "from_struct",
    "refusal",
    "serving",
]

# A call that hangs fails its test after this time.
TIMEOUT_SECONDS = 60.0

Response = TypeVar("Response")


class Caller:
    """Calls a provider as the engine does, always about the same resource."""

    def __init__(self, channel: grpc.Channel, type: str, name: str = "alerts") -> None:
        self.stub = provider_pb2_grpc.ResourceProviderStub(channel)
        self.type = type
        self.urn = f"urn:pulumi:dev::test::{type}::{name}"

    def configure(self, **settings: Value) -> pb.ConfigureResponse:
        request = pb.ConfigureRequest(args=to_struct(settings), acceptSecrets=True, acceptResources=True)
        return self._call("Configure", request, pb.ConfigureResponse)

    def check_config(self, **settings: Value) -> pb.CheckResponse:
        return self._call("CheckConfig", pb.CheckRequest(news=to_struct(settings)), pb.CheckResponse)

    def diff_config(self, olds: Values, news: Values) -> pb.DiffResponse:
        request = pb.DiffRequest(olds=to_struct(olds), old_inputs=to_struct(olds), news=to_struct(news))
        return self._call("DiffConfig", request, pb.DiffResponse)

    def check(
        self, news: Mapping[str, Value], olds: Mapping[str, Value] | None = None, **more: Any
    ) -> pb.CheckResponse:
        """Check inputs. olds: the inputs in the state. more: further fields of the request, such as `randomSeed`."""
        request = pb.CheckRequest(urn=self.urn, news=to_struct(news), olds=to_struct(olds or {}), **more)
        return self._call("Check", request, pb.CheckResponse)

    def diff(self, old_inputs: Values, olds: Values, news: Values, id: str = "S.I") -> pb.DiffResponse:
        """Compare inputs. olds: the outputs in the state."""
        request = pb.DiffRequest(
            urn=self.urn, id=id, old_inputs=to_struct(old_inputs), olds=to_struct(olds), news=to_struct(news)
        )
        return self._call("Diff", request, pb.DiffResponse)

    def create(self, inputs: Mapping[str, Value], *, preview: bool = False) -> pb.CreateResponse:
        """Create the resource from inputs that `check` returned."""
        request = pb.CreateRequest(urn=self.urn, properties=to_struct(inputs), preview=preview)
        return self._call("Create", request, pb.CreateResponse)

    def create_later(self, inputs: Mapping[str, Value]) -> Any:
        """Begin to create the resource, and return a future of gRPC."""
        request = pb.CreateRequest(urn=self.urn, properties=to_struct(inputs))
        return self.stub.Create.future(request, timeout=TIMEOUT_SECONDS)

    def read(self, id: str, properties: Values | None = None, inputs: Values | None = None) -> pb.ReadResponse:
        """Refresh the resource, or import it if there are neither properties nor inputs. `get` sends empty ones."""
        request = pb.ReadRequest(
            urn=self.urn,
            id=id,
            properties=to_struct(properties or {}),
            inputs=None if inputs is None else to_struct(inputs),
        )
        return self._call("Read", request, pb.ReadResponse)

    def update(
        self, id: str, olds: Values, news: Values, *, old_inputs: Values | None = None, preview: bool = False
    ) -> pb.UpdateResponse:
        """Update the resource. olds: the outputs in the state, which are taken for the old inputs, too, by default."""
        request = pb.UpdateRequest(
            urn=self.urn,
            id=id,
            olds=to_struct(olds),
            old_inputs=to_struct(olds if old_inputs is None else old_inputs),
            news=to_struct(news),
            preview=preview,
        )
        return self._call("Update", request, pb.UpdateResponse)

    def delete(self, id: str, properties: Values | None = None) -> empty_pb2.Empty:
        request = pb.DeleteRequest(urn=self.urn, id=id, properties=to_struct(properties or {}))
        return self._call("Delete", request, empty_pb2.Empty)

    def invoke(self, token: str, **arguments: Value) -> pb.InvokeResponse:
        return self._call("Invoke", pb.InvokeRequest(tok=token, args=to_struct(arguments)), pb.InvokeResponse)

    def cancel(self) -> empty_pb2.Empty:
        return self._call("Cancel", empty_pb2.Empty(), empty_pb2.Empty)

    def _call(self, method: str, request: object, kind: type[Response]) -> Response:
        response = getattr(self.stub, method)(request, timeout=TIMEOUT_SECONDS)
        if not isinstance(response, kind):
            raise TypeError(f"{method} returned {type(response).__name__}")
        return response


class Served(Caller):
    """Calls a provider that is served in this process. service: the service, to look inside. address: `HOST:PORT`."""

    def __init__(self, service: ProviderServicer, address: str, channel: grpc.Channel, type: str, name: str) -> None:
        super().__init__(channel, type, name)
        self.service = service
        self.address = address


@contextlib.contextmanager
def serving(
    provider: Provider[Any, Any], type: str, *, engine_address: str = "", name: str = "alerts"
) -> Iterator[Served]:
    """Serve a provider in this process, and yield a client that calls it about one resource.

    Args:
        provider: The provider.
        type: The type of the resource, such as `lockers:index:Locker`.
        engine_address: The address that `FakeEngine.listening` yields. By default, messages go to the log.
        name: The name of the resource.

    """
    service = ProviderServicer(provider, Engine(engine_address))
    server, port = start(service)
    try:
        address = f"127.0.0.1:{port}"
        with grpc.insecure_channel(address) as channel:
            yield Served(service, address, channel, type, name)
    finally:
        server.stop(None).wait()


class Refusal:
    """An error as the engine gets it: its gRPC status code, message and metadata."""

    def __init__(self, error: grpc.Call) -> None:
        self.code: grpc.StatusCode = error.code()
        self.message: str = error.details() or ""
        self.metadata: dict[str, Any] = dict(error.trailing_metadata() or ())


def refusal(call: Callable[[], object]) -> Refusal:
    """Make a call, and return the error with which it fails. Raises AssertionError if it succeeds."""
    try:
        call()
    except grpc.RpcError as error:
        return Refusal(cast("grpc.Call", error))
    raise AssertionError("the call succeeded")


def failures(response: pb.CheckResponse | pb.InvokeResponse) -> list[tuple[str, str]]:
    """Return each failure of a check, as its property and its reason."""
    return [(failure.property, failure.reason) for failure in response.failures]


def failed_initialization(error: Refusal) -> pb.ErrorResourceInitFailed:
    """Return what the engine keeps of a resource whose creation failed in a later step."""
    status = status_pb2.Status.FromString(error.metadata["grpc-status-details-bin"])
    details = pb.ErrorResourceInitFailed()
    (packed,) = status.details
    # The engine reads the details only if the code is not 0.
    if status.code != grpc.StatusCode.UNKNOWN.value[0] or not packed.Unpack(details):
        raise AssertionError(f"no failed initialization: {status}")
    return details


class FakeEngine(engine_pb2_grpc.EngineServicer):
    """The part of the engine that takes messages. messages: those that it got."""

    def __init__(self) -> None:
        self.messages: list[engine_pb2.LogRequest] = []

    def Log(self, request: engine_pb2.LogRequest, _context: grpc.ServicerContext) -> empty_pb2.Empty:
        self.messages.append(request)
        return empty_pb2.Empty()

    @contextlib.contextmanager
    def listening(self) -> Iterator[str]:
        """Listen on a loopback port, and yield the address."""
        server = grpc.server(ThreadPoolExecutor(1))
        engine_pb2_grpc.add_EngineServicer_to_server(self, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(1).wait()
