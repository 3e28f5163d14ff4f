"""The gRPC service that the engine talks to: requests in, declarations and resources asked, responses out.

Its messages: `proto/pulumi/provider.proto` in pulumi/pulumi.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import secrets
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from .check import Checked, check_inputs
from .declarations import NotYetKnownError, camel_case, decode, encode
from .diff import Changes, changes_of
from .engine import Engine
from .errors import Failure, InitializationFailedError, ProviderError, nearest
from .host import Host, serving
from .outputs import (
    imported_inputs,
    outputs_of,
    preview_of_create,
    preview_of_update,
    refreshed_inputs,
)
from .package import Package
from .resource import Function, Resource
from .schema import schema_of
from .settings import check_settings, with_defaults
from .values import Values, from_struct, has_secret, redact, secret, to_struct

Request = TypeVar("Request")
Response = TypeVar("Response")
Autonaming = provider_pb2.CheckRequest.AutonamingOptions

# As the engine names things itself: NAME-1234567.
RANDOM_HEX_DIGITS = 7


def _answering(
    method: Callable[[ProviderService, Request], Response],
) -> Callable[[ProviderService, Request, grpc.ServicerContext], Response]:
    """Turn a method's exceptions into gRPC statuses that a user can read: never a traceback, never a secret."""

    @functools.wraps(method)
    def answer(self: ProviderService, request: Request, context: grpc.ServicerContext) -> Response:
        try:
            with serving(request):
                return method(self, request)
        except InitializationFailedError as error:
            _abort_initialization_failed(context, error, request)
        except ProviderError as error:
            context.abort(grpc.StatusCode.UNKNOWN, _redacted(str(error), request))
        except Exception as error:  # noqa: BLE001 (the last line of defence)
            if explained := self.package.explain(error):
                context.abort(grpc.StatusCode.UNKNOWN, _redacted(explained, request))
            # The frames, not the message: it may hold what is secret.
            print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr)  # noqa: T201
            context.abort(grpc.StatusCode.INTERNAL, self.unexpected(error))

    return answer


class ProviderService(provider_pb2_grpc.ResourceProviderServicer):
    """A provider as the engine sees it. Its methods are called by many threads at once."""

    def __init__(self, package: Package[Any, Any], engine: Engine) -> None:
        self.package = package
        self.engine = engine
        self._host = Host(engine)
        self._client: Any = None

    @_answering
    def Handshake(self, _request: provider_pb2.ProviderHandshakeRequest) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    @_answering
    def GetPluginInfo(self, _request: empty_pb2.Empty) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self.package.version)

    @_answering
    def Attach(self, request: plugin_pb2.PluginAttach) -> empty_pb2.Empty:
        """Serve an engine that did not start this process, but was told its port with PULUMI_DEBUG_PROVIDERS.

        Others may follow, and each comes once for every provider that its program declares.
        """
        if request.address != self.engine.address:
            self.engine = Engine(request.address)
            self._host = Host(self.engine)
        return empty_pb2.Empty()

    @_answering
    def GetSchema(self, request: provider_pb2.GetSchemaRequest) -> provider_pb2.GetSchemaResponse:
        if request.version > 0:
            raise ProviderError(f"There is no schema of version {request.version}, only of 0.")
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema_of(self.package)))

    @_answering
    def CheckConfig(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        news = from_struct(request.news)
        checked = check_settings(self.package.settings, news)
        # As they came, for they are kept in the state. Only the secret marks were lost on the way.
        kept = {
            name: secret(value) if has_secret(checked.inputs.get(camel_case(name))) else value
            for name, value in news.items()
        }
        return self._check_response(request.urn, checked, kept)

    @_answering
    def DiffConfig(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        olds, news = (
            check_settings(self.package.settings, from_struct(struct)).inputs
            for struct in (request.old_inputs, request.news)
        )
        return _diff_response(changes_of(self.package.settings, olds, news))

    @_answering
    def Configure(self, request: provider_pb2.ConfigureRequest) -> provider_pb2.ConfigureResponse:
        checked = check_settings(self.package.settings, from_struct(request.args), os.environ)
        if checked.failures:
            raise ProviderError(_listed(checked.failures))
        if self.cancelled.is_set():  # A provider that the engine is attached to is used again after it was cancelled.
            self._host = Host(self.engine)
        self._client = self.package.configure(with_defaults(self.package.settings, checked.inputs), self._host)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    @_answering
    def Check(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        args, _ = self._resource_type(request.urn).types()
        olds = from_struct(request.olds)
        checked = check_inputs(args, from_struct(request.news), olds, functools.partial(_autoname, request))
        return self._check_response(request.urn, checked, checked.inputs)

    @_answering
    def Diff(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        resource = self._resource(request.urn)
        args, state = resource.types()
        news = from_struct(request.news)
        changes = changes_of(args, from_struct(request.old_inputs), news)
        with contextlib.suppress(NotYetKnownError):  # Then the declarations alone decide.
            resource.diff(changes, decode(state, from_struct(request.olds)), decode(args, news))
        return _diff_response(changes)

    @_answering
    def Create(self, request: provider_pb2.CreateRequest) -> provider_pb2.CreateResponse:
        resource = self._resource(request.urn)
        args, state = resource.types()
        inputs = from_struct(request.properties)
        if request.preview:
            preview = preview_of_create(state, inputs)
            return provider_pb2.CreateResponse(properties=to_struct(preview))
        created = resource.create(decode(args, inputs))
        outputs = outputs_of(state, encode(created.state), inputs)
        return provider_pb2.CreateResponse(id=created.id, properties=to_struct(outputs))

    @_answering
    def Read(self, request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse:
        resource = self._resource(request.urn)
        args, state = resource.types()
        olds, inputs = from_struct(request.properties), from_struct(request.inputs)
        found = resource.read(request.id, decode(state, olds))
        if found is None:
            return provider_pb2.ReadResponse()
        actual = encode(found.state)
        outputs = outputs_of(state, actual, olds)
        self._tell_drift(request.urn, olds, outputs, inputs)
        inputs = refreshed_inputs(args, inputs, olds, actual) if inputs else imported_inputs(args, actual)
        return provider_pb2.ReadResponse(
            id=found.id,
            properties=to_struct(outputs),
            inputs=to_struct(inputs),
        )

    @_answering
    def Update(self, request: provider_pb2.UpdateRequest) -> provider_pb2.UpdateResponse:
        resource = self._resource(request.urn)
        args, state = resource.types()
        olds, news = from_struct(request.olds), from_struct(request.news)
        if request.preview:
            preview = preview_of_update(state, olds, news)
            return provider_pb2.UpdateResponse(properties=to_struct(preview))
        updated = resource.update(request.id, decode(state, olds), decode(args, news))
        outputs = outputs_of(state, encode(updated), news, olds)
        return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    @_answering
    def Delete(self, request: provider_pb2.DeleteRequest) -> empty_pb2.Empty:
        resource = self._resource(request.urn)
        _, state = resource.types()
        resource.delete(request.id, decode(state, from_struct(request.properties)))
        return empty_pb2.Empty()

    def List(
        self, request: provider_pb2.ListRequest, context: grpc.ServicerContext
    ) -> Iterator[provider_pb2.ListResponse]:
        yield from self._list(request, context)

    @_answering
    def _list(self, request: provider_pb2.ListRequest) -> list[provider_pb2.ListResponse]:
        """A page of a listing. The continuation token is the number of resources before the page."""
        listed = list(self._declared(request.token, Resource)(self.client).list())
        listed = listed[: request.limit] if request.limit > 0 else listed
        start = int(request.continuation_token or 0)
        end = start + request.page_size if request.page_size > 0 else len(listed)
        result = provider_pb2.ListResponse.Result
        page = [provider_pb2.ListResponse(result=result(id=each.id, name=each.name)) for each in listed[start:end]]
        if end < len(listed):
            continuation = provider_pb2.ListResponse.Continuation(continuation_token=str(end))
            page.append(provider_pb2.ListResponse(continuation=continuation))
        return page

    @_answering
    def Invoke(self, request: provider_pb2.InvokeRequest) -> provider_pb2.InvokeResponse:
        cls = self._declared(request.tok, Function)
        args_type, _ = cls.types()
        checked = check_inputs(args_type, from_struct(request.args))
        if checked.failures:
            return provider_pb2.InvokeResponse(failures=_failures(checked.failures))
        result = cls(self.client).invoke(decode(args_type, checked.inputs))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(encode(result)))
        return response

    @_answering
    def Cancel(self, _request: empty_pb2.Empty) -> empty_pb2.Empty:
        self.cancelled.set()
        return empty_pb2.Empty()

    @property
    def cancelled(self) -> threading.Event:
        return self._host.cancelled

    def _tell_drift(self, urn: str, olds: Values, outputs: Values, inputs: Values) -> None:
        """Warn of outputs that others changed: the engine shows only how the inputs differ from the program's."""
        drifted = [name for name in outputs if name in olds and name not in inputs and olds[name] != outputs[name]]
        if inputs and drifted:
            names = ", ".join(f"`{name}`" for name in drifted)
            self.engine.warn(f"Changed outside of Pulumi: {names}. What depends on that follows at the next `up`.", urn)

    @property
    def client(self) -> Any:
        if self._client is None:
            raise ProviderError(f"The provider {self.package.name} is not configured.")
        return self._client

    def unexpected(self, error: Exception) -> str:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return (
            f"{self.package.name} {self.package.version} met an error of its own: {type(error).__name__} in "
            f"{frame.name} (line {frame.lineno}). Please report it."
        )

    def _resource_type(self, urn: str) -> type[Resource[Any, Any, Any]]:
        qualified_type = urn.split("::")[2]
        resource_type: type[Resource[Any, Any, Any]] = self._declared(qualified_type.rsplit("$", 1)[-1], Resource)
        return resource_type

    def _resource(self, urn: str) -> Resource[Any, Any, Any]:
        return self._resource_type(urn)(self.client)

    def _declared(self, token: str, kind: Any) -> Any:
        cls = self.package.tokens.get(token)
        if cls is None or not issubclass(cls, kind):
            known = [name for name, each in self.package.tokens.items() if issubclass(each, kind)]
            hint = nearest(token, known) or known
            raise ProviderError(
                f"{self.package.name} {self.package.version} has no {kind.__name__.lower()} {token}; "
                f"it has {', '.join(hint)}."
            )
        return cls

    def _check_response(self, urn: str, checked: Checked, inputs: Values) -> provider_pb2.CheckResponse:
        for advice in checked.advice:
            self.engine.warn(advice.reason, urn)
        return provider_pb2.CheckResponse(
            inputs=to_struct(inputs) if not checked.failures else None,
            failures=_failures(checked.failures),
        )


def _autoname(request: provider_pb2.CheckRequest) -> str | None:
    name = request.name or request.urn.rsplit("::", 1)[-1]
    if request.HasField("autonaming"):
        if request.autonaming.mode == Autonaming.DISABLE:
            return None
        if request.autonaming.proposed_name:
            return request.autonaming.proposed_name
    # The engine's seed makes the name the same when the same step is tried again.
    seed = request.randomSeed.hex() or secrets.token_hex()
    return f"{name}-{seed[:RANDOM_HEX_DIGITS]}"


def _failures(failures: Iterable[Failure]) -> list[provider_pb2.CheckFailure]:
    return [provider_pb2.CheckFailure(property=each.property, reason=each.reason) for each in failures]


def _listed(failures: Iterable[Failure]) -> str:
    return " ".join(each.reason for each in failures)


def _diff_response(changes: Changes) -> provider_pb2.DiffResponse:
    response = provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changes.by_property else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=list(changes.by_property),
        replaces=sorted(changes.replaces),
        deleteBeforeReplace=changes.delete_before_replace,
        hasDetailedDiff=True,
    )
    for name, differences in changes.by_property.items():
        for difference in differences:
            kind = difference.kind.upper() + ("_REPLACE" if name in changes.replaces else "")
            response.detailedDiff[difference.path].kind = provider_pb2.PropertyDiff.Kind.Value(kind)
            response.detailedDiff[difference.path].inputDiff = True
    return response


def _redacted(text: str, request: object) -> str:
    """A message without any text that came in as secret with the request."""
    return redact(text, list(_values(request)))


def _values(request: object) -> Iterator[Values]:
    """The property values in a request, the newest first."""
    for name in ("news", "properties", "olds", "inputs", "old_inputs", "args"):
        if struct := getattr(request, name, None):
            yield from_struct(struct)


def _abort_initialization_failed(
    context: grpc.ServicerContext, error: InitializationFailedError, request: object
) -> NoReturn:
    message = _redacted(str(error), request)
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.id,
        properties=to_struct(outputs_of(type(error.state), encode(error.state), *_values(request))),
        inputs=getattr(request, "inputs", None),
        reasons=[message],
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message)
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, message)


def _unimplemented(name: str) -> Callable[..., NoReturn]:
    def answer(_self: object, _request: object, context: grpc.ServicerContext) -> NoReturn:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"This provider has no {name}.")

    return answer


# The generated base class would answer with an exception, and gRPC would log its traceback.
for _name in vars(provider_pb2_grpc.ResourceProviderServicer):
    if not _name.startswith("_") and _name not in vars(ProviderService):
        setattr(ProviderService, _name, _unimplemented(_name))
