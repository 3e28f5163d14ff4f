"""The gRPC service that the engine calls: it converts requests, calls resources and functions, and builds responses.

`ProviderServicer` has one method for each call of the engine. `rpc_method` turns exceptions into errors of gRPC.
`Holders` notes which resources share an ID. The messages: `proto/pulumi/provider.proto` in pulumi/pulumi.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import logging
import os
import re
import secrets
import sys
import threading
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2, struct_pb2
from google.protobuf.message import DecodeError, Message
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from pagerduty_native.framework.check import Checked, check_inputs, defaulted
from pagerduty_native.framework.config import check_settings
from pagerduty_native.framework.context import Call, Host, Severity, serving
from pagerduty_native.framework.declare import MapOf, NotYetKnownError, camel_case, decode, encode, properties_of
from pagerduty_native.framework.diff import Changes, changed_inputs, changes_of
from pagerduty_native.framework.errors import (
    Advice,
    Failure,
    InitializationFailedError,
    ProviderError,
    nearest,
    readable,
)
from pagerduty_native.framework.resource import Function, Instance, Listable, Listed, Provider, Resource
from pagerduty_native.framework.schema import schema_of
from pagerduty_native.framework.state import (
    imported_inputs,
    outputs_of,
    preview_of_create,
    preview_of_update,
    refreshed_inputs,
)
from pagerduty_native.framework.values import (
    Values,
    has_secret,
    has_unknown,
    known,
    refuse_unsupported,
    reveal,
    same,
    secret,
    texts_in,
)
from pagerduty_native.framework.wire import from_struct, null_entries, to_struct

# If this environment variable is set, an unexpected exception is shown with its message and traceback.
DEBUG_VARIABLE = "PULUMI_PYTHON_PROVIDER_DEBUG"
# The engine names resources in the same way: NAME-1234567.
RANDOM_HEX_DIGITS = 7
# CheckConfig hides longer settings, because they may be secret.
MAX_OPEN_CHARACTERS = 12
# Check does not name properties with longer values to the engine, which would print the value.
MAX_NAMED_CHARACTERS = 100
# The fields of requests that contain property values.
VALUE_FIELDS = ("news", "properties", "olds", "inputs", "old_inputs", "args", "query")
# urn:pulumi:STACK::PROJECT::TYPES::NAME
MIN_URN_PARTS = 4

UNREADABLE = (
    "A request of the engine cannot be read. Usually an input is nested too deeply: protobuf allows about 30 objects "
    "or 50 lists inside each other. Pass it as a JSON string, or nest it less deeply."
)

Autonaming = provider_pb2.CheckRequest.AutonamingOptions

_log = logging.getLogger(__name__)
_PAGE_TOKEN = re.compile(r"([1-9][0-9]{0,8}):(.+)", re.DOTALL | re.ASCII)

Request = TypeVar("Request")
Response = TypeVar("Response")


class Engine:
    """The engine that started this provider. Without an address (`HOST:PORT`), messages go to the log."""

    def __init__(self, address: str = "") -> None:
        self.address = address

    @functools.cached_property
    def _stub(self) -> engine_pb2_grpc.EngineStub:
        # The engine is on this machine: a proxy would swallow the messages.
        channel = grpc.insecure_channel(self.address, options=[("grpc.enable_http_proxy", 0)])
        return engine_pb2_grpc.EngineStub(channel)

    def log(self, severity: Severity, message: str, urn: str, *, ephemeral: bool = False) -> None:
        if not self.address:
            _log.warning("%s", message)
            return
        request = engine_pb2.LogRequest(
            severity=engine_pb2.LogSeverity.Value(severity), message=message, urn=urn, ephemeral=ephemeral
        )
        try:
            self._stub.Log(request, timeout=5)
        except grpc.RpcError:  # A message that cannot be shown must not fail the call.
            _log.warning("the engine did not take the message: %s", message)


class DecodingErrors(grpc.ServerInterceptor):  # type: ignore[type-arg] # only the stubs are generic
    """Passes the exception to a method whose request cannot be decoded, so that the user gets a clear error."""

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        handler = continuation(details)
        if handler is None:
            return None

        def deserialize(raw: bytes) -> Message | DecodeError:
            try:
                message: Message = handler.request_deserializer(raw)
            except DecodeError as error:
                return error
            return message

        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(handler.unary_stream, deserialize, handler.response_serializer)
        return grpc.unary_unary_rpc_method_handler(handler.unary_unary, deserialize, handler.response_serializer)


class PartlyDoneError(Exception):
    """An `InitializationFailedError` with the response that describes the resource."""

    def __init__(self, error: InitializationFailedError, response: Any) -> None:
        super().__init__(str(error))
        self.id = error.id
        self.response = response


def rpc_method(
    method: Callable[[ProviderServicer, Request], Response],
) -> Callable[[ProviderServicer, Request, grpc.ServicerContext], Response]:
    """Make a method of the service from one that takes a request and raises exceptions."""

    @functools.wraps(method)
    def call(self: ProviderServicer, request: Request, context: grpc.ServicerContext) -> Response:
        with serving(call_of(request)):
            try:
                if isinstance(request, DecodeError):
                    raise ProviderError(UNREADABLE)
                return method(self, request)
            except PartlyDoneError as error:
                _abort_partly_done(context, error, self.host)
            except ProviderError as error:
                context.abort(grpc.StatusCode.UNKNOWN, self.host.for_user(str(error)))
            except Exception as error:  # noqa: BLE001 (the last line of defense)
                if explained := self.provider.explain(error):
                    context.abort(grpc.StatusCode.UNKNOWN, self.host.for_user(explained))
                # Only the frames, because the message may contain a secret.
                print("".join(traceback.format_tb(error.__traceback__)), file=sys.stderr)  # noqa: T201
                context.abort(grpc.StatusCode.INTERNAL, self.unexpected(error))

    return call


def _abort_partly_done(context: grpc.ServicerContext, error: PartlyDoneError, host: Host) -> NoReturn:
    message = host.for_user(str(error))
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.id,
        properties=error.response.properties,
        inputs=getattr(error.response, "inputs", None),  # Only the response of a Read has inputs.
        reasons=[message],
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message)
    status.details.add().Pack(detail)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, message)


class ProviderServicer(provider_pb2_grpc.ResourceProviderServicer):
    """A provider as the engine calls it. Many threads call its methods at once."""

    def __init__(self, provider: Provider[Any, Any], engine: Engine) -> None:
        self.provider = provider
        self.engine = engine
        self._attached = False
        # An attached engine configures all providers of its program at once.
        self._configuring = threading.Lock()
        self._begin_run()

    @property
    def client(self) -> Any:
        if self._settings is None:  # The client itself may be None.
            raise ProviderError(f"The provider {self.provider.name} is not configured.")
        return self._client

    def unexpected(self, error: Exception) -> str:
        """Describe an unexpected exception, which is a bug, to the user."""
        frame = traceback.extract_tb(error.__traceback__)[-1]
        message = (
            f"{self.provider.name} {self.provider.version} has a bug: {type(error).__name__} in "
            f"{frame.name} (line {frame.lineno}). Please report it."
        )
        if os.environ.get(DEBUG_VARIABLE):
            message += "\n" + readable(self.host.redact("".join(traceback.format_exception(error)).rstrip()))
        return message

    # The provider itself.

    @rpc_method
    def Handshake(self, _request: provider_pb2.ProviderHandshakeRequest) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    @rpc_method
    def GetPluginInfo(self, _request: empty_pb2.Empty) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self.provider.version)

    @rpc_method
    def Attach(self, request: plugin_pb2.PluginAttach) -> empty_pb2.Empty:
        """Serve an engine that did not start this process, but got its port from PULUMI_DEBUG_PROVIDERS.

        Several engines may attach one after another, and each does so once for every provider of its program.
        """
        self._attached = True
        if request.address != self.engine.address:
            self.engine = Engine(request.address)
            self._begin_run()
        return empty_pb2.Empty()

    @rpc_method
    def GetSchema(self, request: provider_pb2.GetSchemaRequest) -> provider_pb2.GetSchemaResponse:
        if request.version > 0:
            raise ProviderError(f"There is no schema version {request.version}, only version 0.")
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema_of(self.provider)))

    @rpc_method
    def CheckConfig(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        news = from_struct(request.news)
        refuse_unsupported(news)
        checked = check_settings(self.provider.settings, news)
        # The engine passes on no secret marks here, so any longer text may be a secret.
        texts = texts_in({**news, "checked": checked.inputs})
        self.host.hide_in_this_call(each for each in texts if len(each) > MAX_OPEN_CHARACTERS)
        # The state keeps the settings as they came, with the secret marks that they had lost.
        kept = {
            name: secret(value) if has_secret(checked.inputs.get(camel_case(name))) else value
            for name, value in news.items()
        }
        return self._check_response(checked, kept, nameable=())

    @rpc_method
    def DiffConfig(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        settings = self.provider.settings
        olds, news = (
            defaulted(settings, check_settings(settings, from_struct(struct)).inputs)
            for struct in (request.old_inputs, request.news)
        )
        return diff_response(changes_of(settings, olds, news))

    @rpc_method
    def Configure(self, request: provider_pb2.ConfigureRequest) -> provider_pb2.ConfigureResponse:
        with self._configuring:
            self._configure(check_settings(self.provider.settings, from_struct(request.args), os.environ))
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    @rpc_method
    def Cancel(self, _request: empty_pb2.Empty) -> empty_pb2.Empty:
        self.host.cancelled.set()
        return empty_pb2.Empty()

    # Calls that wait, for a rate limit or a slow server, may occupy all threads, and only Cancel ends their waiting. So
    # gRPC runs it in a pool of its own.
    Cancel.experimental_thread_pool = ThreadPoolExecutor(1, "cancel")  # type: ignore[attr-defined] # gRPC looks for it

    # Resources.

    @rpc_method
    def Check(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        resource_type = self._declared(token_of(request.urn), Resource)
        args, state = resource_type.types()
        news = from_struct(request.news)
        checked = check_inputs(
            args,
            defaulted(args, news),
            _migrated(resource_type, request.olds),
            functools.partial(generated_name, request),
            outputs=state,
            check_update=resource_type.check_update,
        )
        for each in properties_of(args):
            if isinstance(each.type, MapOf):
                checked.advice.extend(
                    Advice(path, f"`{path}` is null, so it is left out (is a variable empty?).")
                    for path in (f"{each.name}.{name}" for name in null_entries(request.news, each.name))
                )
        # The engine prints the value of a property that a failure names, even `<nil>` or a long list.
        nameable = {
            name
            for name, value in news.items()
            if isinstance(value, (str, int, float)) and len(str(value)) <= MAX_NAMED_CHARACTERS
        }
        return self._check_response(checked, checked.inputs, nameable)

    @rpc_method
    def Diff(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        resource = self._resource(request.urn)
        old_inputs, olds = _migrated(resource, request.old_inputs), _migrated(resource, request.olds)
        changes = _changes(resource, old_inputs, olds, from_struct(request.news))
        if not changes.replaces:  # A replaced resource gets another ID, and an alias may have changed its URN.
            self._warn_of_second(request.urn, request.id, self.holders.hold_declared(request.urn, request.id))
        return diff_response(changes)

    @rpc_method
    def Create(self, request: provider_pb2.CreateRequest) -> provider_pb2.CreateResponse:
        resource = self._resource(request.urn)
        args, state = resource.types()
        inputs = checked_inputs(request.properties, preview=request.preview)
        if request.preview:
            return provider_pb2.CreateResponse(properties=to_struct(preview_of_create(state, inputs)))
        failed = None
        try:
            created = resource.create(decode(args, inputs))
        except InitializationFailedError as error:
            created, failed = Instance(error.id, error.state), error
        outputs = outputs_of(state, encode(created.state), inputs)
        self.holders.hold(request.urn, created.id)
        response = provider_pb2.CreateResponse(id=created.id, properties=to_struct(outputs))
        if failed:
            raise PartlyDoneError(failed, response)
        return response

    @rpc_method
    def Read(self, request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse:
        resource = self._resource(request.urn)
        args, state = resource.types()
        olds, inputs = _migrated(resource, request.properties), _migrated(resource, request.inputs)
        refuse_unsupported(olds)
        refuse_unsupported(inputs)
        if not (olds or inputs or resource.can_read()):
            raise ProviderError(f"{type(resource).__name__}s cannot be imported: the provider cannot read them.")
        failed = None
        try:
            found = resource.read(request.id, decode(state, known(olds)))
        except InitializationFailedError as error:
            found, failed = Instance(error.id, error.state), error
        if found is None:
            return provider_pb2.ReadResponse()
        # `import` sends no inputs. `Resource.get` sends equal properties and inputs, also empty ones, and owns nothing.
        if not request.HasField("inputs"):
            self._warn_of_second(request.urn, found.id, self.holders.note_import(request.urn, found.id))
        elif inputs and not same(olds, inputs):
            self._hold_refreshed(request.urn, found.id)
        actual = encode(found.state)
        outputs = outputs_of(state, actual, olds)
        self._warn_of_drift(olds, outputs, inputs)
        found_inputs = refreshed_inputs(args, inputs, olds, actual) if inputs else imported_inputs(args, actual)
        response = provider_pb2.ReadResponse(id=found.id, properties=to_struct(outputs), inputs=to_struct(found_inputs))
        if failed:
            raise PartlyDoneError(failed, response)
        return response

    @rpc_method
    def Update(self, request: provider_pb2.UpdateRequest) -> provider_pb2.UpdateResponse:
        resource = self._resource(request.urn)
        args, state = resource.types()
        olds, old_inputs = _migrated(resource, request.olds), _migrated(resource, request.old_inputs)
        refuse_unsupported(olds)
        news = checked_inputs(request.news, preview=request.preview)
        # The engine replaces, but `pulumi do … patch` does not, and would report success.
        if replaces := _changes(resource, old_inputs, olds, news).replaces:
            names = ", ".join(f"`{name}`" for name in sorted(replaces))
            raise ProviderError(
                f"{names} cannot be changed in place: create another resource, and then delete {request.id}."
            )
        if request.preview:
            return provider_pb2.UpdateResponse(properties=to_struct(preview_of_update(state, olds, news)))
        changed = changed_inputs(args, defaulted(args, old_inputs), olds, news)
        failed = None
        try:
            updated = resource.update(request.id, decode(state, known(olds)), decode(args, news), changed)
        except InitializationFailedError as error:
            updated, failed = error.state, error
        response = provider_pb2.UpdateResponse(properties=to_struct(outputs_of(state, encode(updated), news, olds)))
        if failed:
            raise PartlyDoneError(failed, response)
        return response

    @rpc_method
    def Delete(self, request: provider_pb2.DeleteRequest) -> empty_pb2.Empty:
        resource = self._resource(request.urn)
        _, state = resource.types()
        if other := self.holders.release(request.urn, request.id):
            self.host.warn(f"{request.id} was not deleted: the resource {name_of(other)} has the same ID.")
        else:
            olds = _migrated(resource, request.properties)
            resource.delete(request.id, decode(state, known(olds)))
        return empty_pb2.Empty()

    @rpc_method
    def List(self, request: provider_pb2.ListRequest) -> Iterator[provider_pb2.ListResponse]:
        cls = self._declared(request.token, Resource)
        if not issubclass(cls, Listable):
            raise ProviderError(f"{cls.__name__}s cannot be listed.")
        args = cls.list_args()
        checked = check_inputs(args, defaulted(args, from_struct(request.query)))
        if checked.failures:
            raise ProviderError(joined_reasons(checked.failures))
        if has_unknown(checked.inputs):
            return iter([provider_pb2.ListResponse(computed=provider_pb2.ListResponse.Computed())])
        # Read here, where exceptions become errors of gRPC.
        return iter(list(page_of(cls(self.client).list(decode(args, checked.inputs)), request)))

    # Functions.

    @rpc_method
    def Invoke(self, request: provider_pb2.InvokeRequest) -> provider_pb2.InvokeResponse:
        cls = self._declared(request.tok, Function)
        args_type, _ = cls.types()
        checked = check_inputs(args_type, defaulted(args_type, from_struct(request.args)))
        if failures := checked.failures or unknown_failures(checked.inputs):
            names = [each.property for each in failures]
            return provider_pb2.InvokeResponse(failures=self._failure_messages(failures, names))
        result = cls(self.client).invoke(decode(args_type, checked.inputs))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(encode(result)))
        return response

    def _begin_run(self) -> None:
        """Forget an earlier run of an attached engine: it may have had other settings, and names for its resources."""
        self.host = Host(self.engine, self.provider.secret_names)
        self.holders = Holders()
        self._settings: Values | None = None
        self._client: Any = None

    def _configure(self, checked: Checked) -> None:
        if self.host.cancelled.is_set():  # A provider with an attached engine is used again after a cancellation.
            self._begin_run()
        # Objects are revealed, because only their secret properties are hidden: an account's name may be in messages.
        settings = {
            name: reveal(value) if isinstance(reveal(value), dict) else value for name, value in checked.inputs.items()
        }
        self.host.hide_secrets_of(settings)
        if failures := checked.failures or unknown_failures(checked.inputs):
            raise ProviderError(joined_reasons(failures))
        settings = defaulted(self.provider.settings, checked.inputs)
        if self._attached and self._settings is not None:
            self._refuse_other_settings(self._settings, settings)
        self._client = self.provider.configure(decode(self.provider.settings, settings), self.host)
        self._settings = settings

    def _refuse_other_settings(self, olds: Values, news: Values) -> None:
        """Raise ProviderError if settings differ. One client serves all resources of an attached engine."""
        if others := changes_of(self.provider.settings, olds, news).by_property:
            names = ", ".join(f"`{name}`" for name in others)
            raise ProviderError(
                f"This process of the provider {self.provider.name}, given by PULUMI_DEBUG_PROVIDERS, serves one "
                f"provider of a program at a time, and already has other settings ({names}). Run without "
                "PULUMI_DEBUG_PROVIDERS, and each provider gets a process of its own, or give all the same settings."
            )

    def _declared(self, token: str, kind: Any) -> Any:
        """Return the resource or function with a token. Raises ProviderError, with similar tokens."""
        cls = self.provider.tokens.get(token)
        if cls is None or not issubclass(cls, kind):
            known_tokens = [name for name, each in self.provider.tokens.items() if issubclass(each, kind)]
            hint = nearest(token, known_tokens) or known_tokens
            raise ProviderError(
                f"{self.provider.name} {self.provider.version} has no {kind.__name__.lower()} {token}; "
                f"it has {', '.join(hint)}."
            )
        return cls

    def _resource(self, urn: str) -> Resource[Any, Any, Any]:
        resource_type: type[Resource[Any, Any, Any]] = self._declared(token_of(urn), Resource)
        return resource_type(self.client, lambda each: self.holders.another(urn, each) is not None)

    def _hold_refreshed(self, urn: str, id: str) -> None:
        """Note a refreshed resource, and warn if another one has the same ID: only the user can decide between them."""
        if other := self.holders.hold(urn, id, read=True):
            self.host.warn(
                f"The resources {name_of(other)} and {name_of(urn)} have the same ID, {id}: deleting one would delete "
                "it for both. Keep one of them; take the other out of the state with `pulumi state delete`, and out "
                "of the program."
            )

    def _warn_of_second(self, urn: str, id: str, other: str | None) -> None:
        """Warn if a run imports the ID of another resource of the program."""
        if other:
            self.host.warn(
                f"{name_of(urn)} has the ID {id}, which another resource has already: {other}. Deleting one would "
                "delete it for both. Import it once: take one of them out of the program, and out of the state with "
                "`pulumi state delete`."
            )

    def _warn_of_drift(self, olds: Values, outputs: Values, inputs: Values) -> None:
        """Warn of changed outputs: the engine shows only how the inputs differ from those of the program."""
        drifted = [
            name for name in outputs if name in olds and name not in inputs and not same(olds[name], outputs[name])
        ]
        if inputs and drifted:
            names = ", ".join(f"`{name}`" for name in drifted)
            self.host.warn(f"Changed outside of Pulumi: {names}. The next `up` updates what depends on it.")

    def _check_response(
        self, checked: Checked, inputs: Values, nameable: Collection[str]
    ) -> provider_pb2.CheckResponse:
        for advice in checked.advice:
            self.host.warn(advice.reason)
        return provider_pb2.CheckResponse(
            inputs=to_struct(inputs) if not checked.failures else None,
            failures=self._failure_messages(checked.failures, nameable),
        )

    def _failure_messages(
        self, failures: Iterable[Failure], nameable: Collection[str]
    ) -> list[provider_pb2.CheckFailure]:
        """Convert failures. nameable: the properties whose values the engine may print."""
        return [
            provider_pb2.CheckFailure(
                property=each.property if each.property in nameable else "", reason=self.host.for_user(each.reason)
            )
            for each in failures
        ]


def _unimplemented(_service: object, name: str, _request: object, context: grpc.ServicerContext) -> NoReturn:
    context.abort(grpc.StatusCode.UNIMPLEMENTED, f"This provider has no {name}.")


# The methods of the generated base class raise an exception, and gRPC would log its traceback.
for _name in vars(provider_pb2_grpc.ResourceProviderServicer):
    if not _name.startswith("_") and _name not in vars(ProviderServicer):
        setattr(ProviderServicer, _name, functools.partialmethod(_unimplemented, _name))


# Requests.


def call_of(request: object) -> Call:
    """Read the URN, the values and the deadline of a call. A timeout of 0 means none."""

    def values() -> Iterator[Values]:
        for name in VALUE_FIELDS:
            struct = getattr(request, name, None)
            if isinstance(struct, struct_pb2.Struct):
                yield from_struct(struct)

    timeout: float = getattr(request, "timeout", 0.0)
    deadline = time.monotonic() + timeout if timeout > 0 else None
    return Call(getattr(request, "urn", ""), values, deadline)


def token_of(urn: str) -> str:
    """Return the type of the resource with this URN, without the types of its parents."""
    parts = urn.split("::")
    if len(parts) < MIN_URN_PARTS:
        raise ProviderError(f"{urn!r} is not a URN, which has the form urn:pulumi:STACK::PROJECT::TYPE::NAME.")
    return parts[2].rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    """Return the name of the resource with this URN. It may contain `::`."""
    return urn.split("::", MIN_URN_PARTS - 1)[-1]


def checked_inputs(properties: struct_pb2.Struct, *, preview: bool) -> Values:
    """Read inputs that Check returned. Raises ProviderError if one is unknown and this is no preview."""
    inputs = from_struct(properties)
    refuse_unsupported(inputs)
    if not preview and (failures := unknown_failures(inputs)):
        raise ProviderError(joined_reasons(failures))
    return inputs


def unknown_failures(values: Values) -> list[Failure]:
    """Return a failure for each property that is not known."""
    reason = "`{}` is not known yet, because its source has no value. Only the preview of a resource works without it."
    return [Failure(name, reason.format(name)) for name, value in values.items() if has_unknown(value)]


def generated_name(request: provider_pb2.CheckRequest) -> str | None:
    """Return a name for a resource without one, or None if the user's settings disable autonaming."""
    name = request.name or name_of(request.urn)
    if request.HasField("autonaming"):
        if request.autonaming.mode == Autonaming.DISABLE:
            return None
        if request.autonaming.proposed_name:
            return request.autonaming.proposed_name
    # With the engine's seed, a second attempt at the same step gets the same name.
    seed = request.randomSeed.hex() or secrets.token_hex()
    return f"{name}-{seed[:RANDOM_HEX_DIGITS]}"


def _migrated(resource: Resource[Any, Any, Any] | type[Resource[Any, Any, Any]], stored: struct_pb2.Struct) -> Values:
    """Read inputs or outputs from a state, which an older version of the resource may have written."""
    values = from_struct(stored)
    return resource.migrate(values) if values else values


def _changes(resource: Resource[Any, Any, Any], old_inputs: Values, olds: Values, news: Values) -> Changes:
    args, state = resource.types()
    # A default that is absent from a state is no change: an import leaves it out, and an older version had none.
    old_inputs, news = defaulted(args, old_inputs), defaulted(args, news)
    changes = changes_of(args, old_inputs, news, can_update=resource.can_update())
    with contextlib.suppress(NotYetKnownError):  # Then only the declarations decide.
        resource.diff(changes, decode(state, olds), decode(args, news))
    return changes


# Responses.


def joined_reasons(failures: Iterable[Failure]) -> str:
    return " ".join(each.reason for each in failures)


def diff_response(changes: Changes) -> provider_pb2.DiffResponse:
    response = provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changes.by_property else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=list(changes.by_property),
        replaces=sorted(changes.replaces),
        hasDetailedDiff=True,
    )
    for name, differences in changes.by_property.items():
        suffix = "_REPLACE" if name in changes.replaces else ""
        for path, kind in differences.items():
            response.detailedDiff[path].kind = provider_pb2.PropertyDiff.Kind.Value(kind + suffix)
            response.detailedDiff[path].inputDiff = True
    return response


def place_of(continuation_token: str) -> tuple[int, str]:
    """Return the number of resources before a page, and the ID of the last of them. Raises ProviderError."""
    if not continuation_token:
        return 0, ""
    found = _PAGE_TOKEN.fullmatch(continuation_token)
    if found is None:
        raise ProviderError(
            f"There is no page {continuation_token!r} of this listing: the continuation token is one that came with "
            "the page before, or empty for the first."
        )
    return int(found[1]), found[2]


def page_of(listing: Iterable[Listed], request: provider_pb2.ListRequest) -> Iterator[provider_pb2.ListResponse]:
    """Yield the requested page, and take no more of the listing than it needs.

    The request's limit applies to all pages together. Without a limit and a page size, there is a single page.
    """
    before, last_id = place_of(request.continuation_token)
    left = max(request.limit - before, 0) if request.limit > 0 else sys.maxsize
    size = request.page_size if request.page_size > 0 else sys.maxsize
    page = list(itertools.islice(_after(before, last_id, listing), min(left, size)))
    for each in page:
        yield provider_pb2.ListResponse(result=provider_pb2.ListResponse.Result(id=each.id, name=each.name))
    # Nothing shows whether a full page is the last one, except further calls.
    if len(page) == size and size < left:
        token = f"{before + size}:{page[-1].id}"
        continuation = provider_pb2.ListResponse.Continuation(continuation_token=token)
        yield provider_pb2.ListResponse(continuation=continuation)


def _after(count: int, last_id: str, listing: Iterable[Listed]) -> Iterator[Listed]:
    """Skip to a place, also if resources were created or deleted before it. Then a page may repeat some."""
    rest = iter(listing)
    before = list(itertools.islice(rest, count))
    ids = [each.id for each in before]
    start = ids.index(last_id) + 1 if last_id in ids else count - 1
    return itertools.chain(before[start:], rest)


# Resources that share an ID.


@dataclass
class _Held:
    """The resources that have one ID.

    urns: all of them. read: those that a refresh read, each an entry of the state. imported: those that this run
    imported. declared: those of the program, each compared or imported. renamed: the number of entries that were
    deleted under the new URN of an alias. is_reported: whether a second one was reported.
    """

    urns: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    imported: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)
    renamed: int = 0
    is_reported: bool = False


class Holders:
    """The resources of this process, by the ID with which each was created, refreshed or compared.

    A state contains an ID twice after a resource was imported under another name, or followed to another place and
    imported there. Resources of another process (of an explicit provider) or outside of this run (`--target`) are not
    known here. Many threads may use this at once.

    A resource that an alias renames has two URNs in a run: a refresh reads it under the old one, and later steps may
    use either. A refresh reads every entry of the state. So if it read an ID, but not under the URN of a deletion, and
    that URN was not imported since, then it read this entry under its old URN.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By type and ID.
        self._held: defaultdict[tuple[str, str], _Held] = defaultdict(_Held)

    def hold(self, urn: str, id: str, *, read: bool = False) -> str | None:
        """Note that a resource has an ID, and with `read`, that a refresh read it. Return another with the same ID."""
        with self._lock:
            held = self._held[token_of(urn), id]
            held.urns.add(urn)
            if read:
                held.read.add(urn)
            return min(held.urns - {urn}, default=None)

    def hold_declared(self, urn: str, id: str) -> str | None:
        """Note that a resource of the program has an ID. Return another one that does, once, if one was imported."""
        self.hold(urn, id)
        with self._lock:
            return self._second(urn, id)

    def note_import(self, urn: str, id: str) -> str | None:
        """Note that this run imports a resource. It holds the ID only after the comparison that follows an import.

        Returns the URN of another resource of the program with this ID, once, or None.
        """
        with self._lock:
            self._held[token_of(urn), id].imported.add(urn)
            return self._second(urn, id)

    def _second(self, urn: str, id: str) -> str | None:
        held = self._held[token_of(urn), id]
        held.declared.add(urn)
        other = min(held.declared - {urn}, default=None)
        if other is None or not held.imported or held.is_reported:
            return None
        held.is_reported = True
        return other

    def release(self, urn: str, id: str) -> str | None:
        """Note that a resource is about to be deleted. Return another with its ID."""
        with self._lock:
            held = self._held[token_of(urn), id]
            if held.read and urn not in held.read | held.imported:
                held.renamed += 1
            held.urns.discard(urn)
            if len(held.urns) > held.renamed:
                return min(held.urns)
            del self._held[token_of(urn), id]
            return None

    def another(self, urn: str, id: str) -> str | None:
        """Return the URN of another resource of the same type with this ID, if there is one."""
        with self._lock:
            held = self._held.get((token_of(urn), id), _Held())
            return min(held.urns - {urn}, default=None)
