"""How a method's exceptions become gRPC statuses that a user can read: never a traceback, never a secret."""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn, Protocol, TypeVar, cast

import grpc
from pulumi.runtime.proto import provider_pb2, status_pb2

from .errors import InitializationFailedError, ProviderError
from .host import Host, serving
from .reading import Unreadable
from .requests import call_of
from .resource import Instance

Response = TypeVar("Response")
Request = TypeVar("Request")
# An Instance, or None where it is gone.
Done = TypeVar("Done")


class Service(Protocol):
    """What is asked of the service whose methods these are."""

    @property
    def host(self) -> Host: ...

    def explain(self, error: Exception) -> str | None:
        """The message for the user that an exception stands for, or None where it is unexpected."""

    def unexpected(self, error: Exception) -> str:
        """The message for the user about an exception that nobody thought of."""


AnyService = TypeVar("AnyService", bound=Service)


class PartlyDoneError(Exception):
    """What an `InitializationFailedError` leaves behind, as the engine gets it."""

    def __init__(self, error: InitializationFailedError, response: Any) -> None:
        super().__init__(str(error))
        self.id = error.id
        self.response = response


def done(act: Callable[[], Done], response: Callable[[Done], Response]) -> Response:
    """The response to what `act` did, or, if that was not all that was asked for, a `PartlyDoneError` with it."""
    try:
        instance = act()
    except InitializationFailedError as error:
        raise PartlyDoneError(error, response(cast("Done", Instance(error.id, error.state)))) from error
    return response(instance)


def rpc_method(
    method: Callable[[AnyService, Request], Response],
) -> Callable[[AnyService, Request, grpc.ServicerContext], Response]:
    """Make a method of the service out of one that takes a request and raises exceptions."""

    @functools.wraps(method)
    def call(self: AnyService, request: Request, context: grpc.ServicerContext) -> Response:
        with serving(call_of(request)):
            try:
                if isinstance(request, Unreadable):
                    raise ProviderError(str(request))
                return method(self, request)
            except PartlyDoneError as error:
                _abort_partly_done(context, error, self.host)
            except ProviderError as error:
                context.abort(grpc.StatusCode.UNKNOWN, self.host.for_user(str(error)))
            except Exception as error:  # noqa: BLE001 (the last line of defence)
                if explained := self.explain(error):
                    context.abort(grpc.StatusCode.UNKNOWN, self.host.for_user(explained))
                # The frames, not the message: it may hold what is secret.
                print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr)  # noqa: T201
                context.abort(grpc.StatusCode.INTERNAL, self.unexpected(error))

    return call


def _abort_partly_done(context: grpc.ServicerContext, error: PartlyDoneError, host: Host) -> NoReturn:
    message = host.for_user(str(error))
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.id,
        properties=error.response.properties,
        inputs=getattr(error.response, "inputs", None),  # which only a Read finds
        reasons=[message],
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message)
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, message)
