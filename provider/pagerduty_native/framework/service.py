"""The gRPC service that the engine talks to: requests in, declarations and resources asked, responses out.

Its messages: `proto/pulumi/provider.proto` in pulumi/pulumi.
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
from typing import Any, NoReturn, Protocol, TypeVar, cast

import grpc
from google.protobuf import empty_pb2, struct_pb2
from google.protobuf.message import DecodeError, Message
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from pagerduty_native.framework.check import Checked, check_inputs, defaulted
from pagerduty_native.framework.config import check_settings
from pagerduty_native.framework.context import Call, Host, serving
from pagerduty_native.framework.declare import NotYetKnownError, camel_case, decode, encode
from pagerduty_native.framework.diff import Changes, changed_inputs, changes_of
from pagerduty_native.framework.errors import Failure, InitializationFailedError, ProviderError, nearest
from pagerduty_native.framework.resource import Function, Instance, Listable, Listed, Package, Resource
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
    reveal,
    same,
    secret,
    secret_texts,
    supported,
)
from pagerduty_native.framework.wire import UNKNOWN_SENTINELS, from_struct, to_struct

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


Autonaming = provider_pb2.CheckRequest.AutonamingOptions

# As the engine names things itself: NAME-1234567.
RANDOM_HEX_DIGITS = 7
# urn:pulumi:STACK::PROJECT::TYPES::NAME
_LEAST_PARTS = 4

# The property values in requests, by the names of their fields.
_VALUES = ("news", "properties", "olds", "inputs", "old_inputs", "args", "query")


def call_of(request: object) -> Call:
    """What a request tells of the call. A timeout of 0 is none."""

    def values() -> Iterator[Values]:
        for name in _VALUES:
            struct = getattr(request, name, None)
            if isinstance(struct, struct_pb2.Struct):
                yield from_struct(struct)

    timeout: float = getattr(request, "timeout", 0.0)
    deadline = time.monotonic() + timeout if timeout > 0 else None
    return Call(getattr(request, "urn", ""), values, deadline)


def token_of(urn: str) -> str:
    """The type of the resource that a URN names, without those of its parents."""
    parts = urn.split("::")
    if len(parts) < _LEAST_PARTS:
        raise ProviderError(f"{urn!r} is not a URN, which has the form urn:pulumi:STACK::PROJECT::TYPE::NAME.")
    return parts[2].rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    """The name that the program gives the resource of a URN, which may hold what stands between a URN's parts."""
    return urn.split("::", _LEAST_PARTS - 1)[-1]


def known_id(id: str) -> str:
    """The ID of a resource that exists."""
    if id in UNKNOWN_SENTINELS:
        raise ProviderError("The ID of the resource is not known yet. Only a preview works without it.")
    return id


def applicable(args: type[Any], properties: struct_pb2.Struct, olds: Values | None = None, *, preview: bool) -> Values:
    """The inputs that a resource is made or changed to, all known but in a preview.

    Checked already, but by an engine, and by the version of the provider, that need not be those of now.
    """
    checked = check_inputs(args, defaulted(args, from_struct(properties)), olds)
    if failures := checked.failures or ([] if preview else unknown_in(checked.inputs)):
        raise ProviderError(listed(failures))
    return checked.inputs


def migrated(resource_type: type[Resource[Any, Any, Any]], old: Values) -> Values:
    """The inputs or outputs in a state, which may be of an older version of the resource, as this version has them."""
    return resource_type.migrate(old) if old else old


def unknown_in(values: Values) -> list[Failure]:
    """A failure for each property that is not known."""
    reason = "`{}` is not known yet, because its source has no value. Only the preview of a resource works without it."
    return [Failure(name, reason.format(name)) for name, value in values.items() if has_unknown(value)]


def generated_name(request: provider_pb2.CheckRequest) -> str | None:
    """A name for a resource that is given none, or None where the user's settings switch that off."""
    name = request.name or name_of(request.urn)
    if request.HasField("autonaming"):
        if request.autonaming.mode == Autonaming.DISABLE:
            return None
        if request.autonaming.proposed_name:
            return request.autonaming.proposed_name
    # The engine's seed makes the name the same when the same step is tried again.
    seed = request.randomSeed.hex() or secrets.token_hex()
    return f"{name}-{seed[:RANDOM_HEX_DIGITS]}"


# Longer values are not shown twice.
MAX_NAMED_CHARACTERS = 100


def failure_messages(
    failures: Iterable[Failure], host: Host, nameable: Collection[str]
) -> list[provider_pb2.CheckFailure]:
    """The failures of a check. nameable: the properties that may be named to the engine, besides in the reason."""
    return [
        provider_pb2.CheckFailure(
            property=each.property if each.property in nameable else "", reason=host.for_user(each.reason)
        )
        for each in failures
    ]


def short_and_plain(news: Values) -> set[str]:
    """The properties whose values the engine may print. news: the inputs as they came.

    It prints the value of a property that a failure names before the reason, whatever it is: `<nil>`, or a long list.
    """
    return {
        name
        for name, value in news.items()
        if isinstance(value, (str, int, float)) and len(str(value)) <= MAX_NAMED_CHARACTERS
    }


def listed(failures: Iterable[Failure]) -> str:
    return " ".join(each.reason for each in failures)


def diff_response(changes: Changes) -> provider_pb2.DiffResponse:
    response = provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changes.by_property else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=list(changes.by_property),
        replaces=sorted(changes.replaces),
        hasDetailedDiff=True,
    )
    for name, differences in changes.by_property.items():
        for difference in differences:
            kind = difference.kind.upper() + ("_REPLACE" if name in changes.replaces else "")
            response.detailedDiff[difference.path].kind = provider_pb2.PropertyDiff.Kind.Value(kind)
            response.detailedDiff[difference.path].inputDiff = True
    return response


_TOKEN = re.compile(r"([1-9][0-9]{0,8}):(.+)", re.DOTALL | re.ASCII)


@dataclass(frozen=True)
class Place:
    """Where a listing goes on. count: how many resources came before. last_id: of the last of them."""

    count: int = 0
    last_id: str = ""

    @property
    def token(self) -> str:
        return f"{self.count}:{self.last_id}"


def place_of(continuation_token: str) -> Place:
    """The place that a token stands for. Raises ProviderError if it stands for none."""
    if not continuation_token:
        return Place()
    found = _TOKEN.fullmatch(continuation_token)
    if found is None:
        raise ProviderError(
            f"There is no page {continuation_token!r} of this listing: the continuation token is one that came with "
            "the page before, or empty for the first."
        )
    return Place(int(found[1]), found[2])


def page_of(listing: Iterable[Listed], request: provider_pb2.ListRequest) -> Iterator[provider_pb2.ListResponse]:
    """The page that is asked for, which takes no more of the listing than it needs.

    The request's limit is that of all pages together. Without it and a page size, all come on one page.
    """
    place = place_of(request.continuation_token)
    left = request.limit - place.count if request.limit > 0 else None
    size = request.page_size if request.page_size > 0 else None
    most = min((each for each in (left, size) if each is not None), default=None)
    page = list(itertools.islice(_after(place, listing), most if most is None else max(most, 0)))
    for each in page:
        yield provider_pb2.ListResponse(result=provider_pb2.ListResponse.Result(id=each.id, name=each.name))
    # Whether a full page is the last is not known: that would take more calls, which nobody asked for.
    if page and len(page) == size and size != left:
        following = Place(place.count + len(page), page[-1].id)
        continuation = provider_pb2.ListResponse.Continuation(continuation_token=following.token)
        yield provider_pb2.ListResponse(continuation=continuation)


def _after(place: Place, listing: Iterable[Listed]) -> Iterator[Listed]:
    rest = iter(listing)
    before = list(itertools.islice(rest, place.count))
    ids = [each.id for each in before]
    start = ids.index(place.last_id) + 1 if place.last_id in ids else place.count - 1
    return itertools.chain(before[start:] if place.count else (), rest)


@dataclass
class _Held:
    """The resources that have one ID.

    urns: all of them. read: those that a refresh read, each an entry of the state. imported: those that this run
    imported. renamed: how many entries were deleted under another URN than they were read, the new one of an alias.
    """

    urns: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    imported: set[str] = field(default_factory=set)
    renamed: int = 0


class Holders:
    """The resources of this process by the ID that each was created, refreshed or compared with.

    A state holds an ID twice after a resource was imported under another name, or imported from where somebody moved
    it to. What another process holds (that of an explicit provider), or what this run does not touch (`--target`), is
    not known here. Safe to share among threads.

    A resource that is renamed by an alias has two URNs in a run: a refresh reads it under the old one, and the steps
    after it may use either. A refresh reads every entry of the state. So if it read an ID, but not under the URN of a
    deletion, and that URN was not imported since, the entry was read under its old URN.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # By type and ID.
        self._held: defaultdict[tuple[str, str], _Held] = defaultdict(_Held)

    def hold(self, urn: str, id: str, *, read: bool = False) -> str | None:
        """Note that a resource has an ID. Return another resource with this ID, or None.

        read: whether a refresh read the resource from the state.
        """
        with self._lock:
            held = self._held[token_of(urn), id]
            held.urns.add(urn)
            if read:
                held.read.add(urn)
            return min(held.urns - {urn}, default=None)

    def note_import(self, urn: str, id: str) -> None:
        """Note that this run imports a resource. It holds the ID only once it is compared, as `import` then does."""
        with self._lock:
            self._held[token_of(urn), id].imported.add(urn)

    def release(self, urn: str, id: str) -> str | None:
        """Note that a resource is about to be deleted. Return another resource with its ID, or None."""
        with self._lock:
            held = self._held.get((token_of(urn), id))
            if held is None:
                return None
            if held.read and urn not in held.read | held.imported:
                held.renamed += 1
            held.urns.discard(urn)
            if len(held.urns) > held.renamed:
                return min(held.urns)
            del self._held[token_of(urn), id]
            return None

    def another(self, urn: str, id: str) -> str | None:
        """Return the URN of another resource of the same type with this ID, or None."""
        with self._lock:
            held = self._held.get((token_of(urn), id))
            return min(held.urns - {urn}, default=None) if held else None


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


class Provider:
    """What a provider's methods have in common, for many threads at once."""

    def __init__(self, package: Package[Any, Any], engine: Engine) -> None:
        self.package = package
        self.engine = engine
        self.host = self._new_host()
        self._attached = False
        # An engine that is attached configures all the providers of its program at once.
        self._configuring = threading.Lock()
        self._settings: Values | None = None
        self._client: Any = None
        self._configured = False

    def _new_host(self) -> Host:
        self._settings = None
        self.holders = Holders()  # Another run may call the same resources otherwise.
        return Host(self.engine, self.package.secret_names)

    def attach(self, engine_address: str) -> None:
        """Serve another engine from now on, or the same one."""
        self._attached = True
        if engine_address != self.engine.address:
            self.engine = Engine(engine_address)
            self.host = self._new_host()

    def configure(self, checked: Checked) -> None:
        """Make the client, from settings that were checked. Raises ProviderError if they do not do."""
        with self._configuring:
            self._configure(checked)

    def _configure(self, checked: Checked) -> None:
        if self.cancelled.is_set():  # A provider that the engine is attached to is used again after it was cancelled.
            self.host = self._new_host()
        # An account's name beside a secret is none in other messages, and neither is the rest of such an object.
        self.host.hide_secrets_of(
            {
                name: inner if isinstance(inner := reveal(value), dict) else value
                for name, value in checked.inputs.items()
            }
        )
        if failures := checked.failures or unknown_in(checked.inputs):
            raise ProviderError(listed(failures))
        settings = defaulted(self.package.settings, checked.inputs)
        self._refuse_other_settings(settings)
        self._client = self.package.configure(decode(self.package.settings, settings), self.host)
        self._settings = settings
        self._configured = True

    def _refuse_other_settings(self, settings: Values) -> None:
        """One client serves all of an engine's resources: other settings would send them to another account."""
        if not self._attached or self._settings is None:
            return
        if others := changes_of(self.package.settings, self._settings, settings).by_property:
            names = ", ".join(f"`{name}`" for name in others)
            raise ProviderError(
                f"This process of the provider {self.package.name}, given by PULUMI_DEBUG_PROVIDERS, serves one "
                f"provider of a program at a time, and already has other settings ({names}). Run without "
                "PULUMI_DEBUG_PROVIDERS, and each provider gets a process of its own, or give all the same settings."
            )

    @property
    def cancelled(self) -> threading.Event:
        return self.host.cancelled

    @property
    def client(self) -> Any:
        if not self._configured:  # The client may be None: a provider may need none.
            raise ProviderError(f"The provider {self.package.name} is not configured.")
        return self._client

    def explain(self, error: Exception) -> str | None:
        return self.package.explain(error)

    def unexpected(self, error: Exception) -> str:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return (
            f"{self.package.name} {self.package.version} has a bug: {type(error).__name__} in "
            f"{frame.name} (line {frame.lineno}). Please report it."
        )

    def resource_type(self, urn: str) -> type[Resource[Any, Any, Any]]:
        resource_type: type[Resource[Any, Any, Any]] = self.declared(token_of(urn), Resource)
        return resource_type

    def resource(self, urn: str) -> Resource[Any, Any, Any]:
        return self.resource_type(urn)(self.client, lambda each: self.holders.another(urn, each) is not None)

    def declared(self, token: str, kind: Any) -> Any:
        cls = self.package.tokens.get(token)
        if cls is None or not issubclass(cls, kind):
            known_tokens = [name for name, each in self.package.tokens.items() if issubclass(each, kind)]
            hint = nearest(token, known_tokens) or known_tokens
            raise ProviderError(
                f"{self.package.name} {self.package.version} has no {kind.__name__.lower()} {token}; "
                f"it has {', '.join(hint)}."
            )
        return cls


# Longer settings are not shown by CheckConfig.
MAX_OPEN_CHARACTERS = 12


class ProviderServicer(Provider, provider_pb2_grpc.ResourceProviderServicer):
    """A provider as the engine sees it. Its methods are called by many threads at once."""

    @rpc_method
    def Handshake(self, _request: provider_pb2.ProviderHandshakeRequest) -> provider_pb2.ProviderHandshakeResponse:
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, supports_autonaming_configuration=True)

    @rpc_method
    def GetPluginInfo(self, _request: empty_pb2.Empty) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=self.package.version)

    @rpc_method
    def Attach(self, request: plugin_pb2.PluginAttach) -> empty_pb2.Empty:
        """Serve an engine that did not start this process, but was told its port with PULUMI_DEBUG_PROVIDERS.

        Others may follow, and each comes once for every provider that its program declares.
        """
        self.attach(request.address)
        return empty_pb2.Empty()

    @rpc_method
    def GetSchema(self, request: provider_pb2.GetSchemaRequest) -> provider_pb2.GetSchemaResponse:
        if request.version > 0:
            raise ProviderError(f"There is no schema version {request.version}, only version 0.")
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema_of(self.package)))

    @rpc_method
    def CheckConfig(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        news = supported(from_struct(request.news))
        checked = check_settings(self.package.settings, news)
        # The engine passes on no secret marks here, so any longer text may be a secret.
        texts = secret_texts(secret({**news, "checked": checked.inputs}))
        self.host.hide_in_this_call(each for each in texts if len(each) > MAX_OPEN_CHARACTERS)
        # As they came, for they are kept in the state. Only the secret marks were lost on the way.
        kept = {
            name: secret(value) if has_secret(checked.inputs.get(camel_case(name))) else value
            for name, value in news.items()
        }
        return self._check_response(checked, kept, nameable=())

    @rpc_method
    def DiffConfig(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        settings = self.package.settings
        olds, news = (
            defaulted(settings, check_settings(settings, from_struct(struct)).inputs)
            for struct in (request.old_inputs, request.news)
        )
        return diff_response(changes_of(settings, olds, news))

    @rpc_method
    def Configure(self, request: provider_pb2.ConfigureRequest) -> provider_pb2.ConfigureResponse:
        checked = check_settings(self.package.settings, from_struct(request.args), os.environ)
        self.configure(checked)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True, supportsPreview=True, supports_autonaming_configuration=True
        )

    @rpc_method
    def Check(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        resource_type = self.resource_type(request.urn)
        args, state = resource_type.types()
        olds = migrated(resource_type, from_struct(request.olds))
        news = from_struct(request.news)
        checked = check_inputs(
            args,
            defaulted(args, news),
            olds,
            functools.partial(generated_name, request),
            outputs=state,
            check_update=resource_type.check_update,
        )
        return self._check_response(checked, checked.inputs, short_and_plain(news))

    @rpc_method
    def Diff(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        resource = self.resource(request.urn)
        changes = self._changes(resource, request)
        if not changes.replaces:  # Else the ID is about to be another one, and the old URN may differ by an alias.
            self.holders.hold(request.urn, request.id)
        return diff_response(changes)

    @rpc_method
    def Create(self, request: provider_pb2.CreateRequest) -> provider_pb2.CreateResponse:
        resource = self.resource(request.urn)
        args, state = resource.types()
        inputs = applicable(args, request.properties, preview=request.preview)
        if request.preview:
            return provider_pb2.CreateResponse(properties=to_struct(preview_of_create(state, inputs)))

        def response(created: Instance[Any]) -> provider_pb2.CreateResponse:
            outputs = outputs_of(state, encode(created.state), inputs)
            self.holders.hold(request.urn, created.id)
            return provider_pb2.CreateResponse(id=created.id, properties=to_struct(outputs))

        return done(lambda: resource.create(decode(args, inputs)), response)

    @rpc_method
    def Read(self, request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse:
        resource = self.resource(request.urn)
        args, state = resource.types()
        olds, inputs = (
            migrated(type(resource), supported(from_struct(struct))) for struct in (request.properties, request.inputs)
        )
        if not (olds or inputs or resource.can_read()):
            raise ProviderError(f"{type(resource).__name__}s cannot be imported: the provider cannot read them.")

        def response(found: Instance[Any] | None) -> provider_pb2.ReadResponse:
            if found is None:
                return provider_pb2.ReadResponse()
            if inputs and not same(olds, inputs):  # A `.get` sends both alike, and owns nothing; an import, neither.
                self._hold_found(request.urn, found.id)
            elif not inputs:
                self.holders.note_import(request.urn, found.id)
            actual = encode(found.state)
            outputs = outputs_of(state, actual, olds)
            self._tell_drift(olds, outputs, inputs)
            found_inputs = refreshed_inputs(args, inputs, olds, actual) if inputs else imported_inputs(args, actual)
            return provider_pb2.ReadResponse(id=found.id, properties=to_struct(outputs), inputs=to_struct(found_inputs))

        return done(lambda: resource.read(known_id(request.id), decode(state, known(olds))), response)

    @rpc_method
    def Update(self, request: provider_pb2.UpdateRequest) -> provider_pb2.UpdateResponse:
        resource = self.resource(request.urn)
        args, state = resource.types()
        olds = migrated(type(resource), supported(from_struct(request.olds)))
        old_inputs = migrated(type(resource), from_struct(request.old_inputs))
        news = applicable(args, request.news, old_inputs or olds, preview=request.preview)
        # The engine replaces, but `pulumi do … patch` does not, and would say that it was done.
        if request.HasField("old_inputs") and (replaces := self._changes(resource, request).replaces):
            names = ", ".join(f"`{name}`" for name in sorted(replaces))
            raise ProviderError(
                f"{names} cannot be changed in place: create another resource, and then delete {request.id}."
            )
        if request.preview:
            return provider_pb2.UpdateResponse(properties=to_struct(preview_of_update(state, olds, news)))

        # Only old engines send no inputs. Outputs repeat them.
        old_inputs = (
            migrated(type(resource), from_struct(request.old_inputs)) if request.HasField("old_inputs") else olds
        )
        changed = changed_inputs(args, defaulted(args, old_inputs), olds, news)

        def update() -> Instance[Any]:
            updated = resource.update(known_id(request.id), decode(state, known(olds)), decode(args, news), changed)
            return Instance(request.id, updated)

        def response(updated: Instance[Any]) -> provider_pb2.UpdateResponse:
            outputs = outputs_of(state, encode(updated.state), news, olds)
            return provider_pb2.UpdateResponse(properties=to_struct(outputs))

        return done(update, response)

    @rpc_method
    def Delete(self, request: provider_pb2.DeleteRequest) -> empty_pb2.Empty:
        resource = self.resource(request.urn)
        _, state = resource.types()
        if other := self.holders.release(request.urn, known_id(request.id)):
            self.host.warn(f"{request.id} was not deleted: the resource {name_of(other)} has the same ID.")
        else:
            olds = migrated(type(resource), from_struct(request.properties))
            resource.delete(request.id, decode(state, known(olds)))
        return empty_pb2.Empty()

    def List(
        self, request: provider_pb2.ListRequest, context: grpc.ServicerContext
    ) -> Iterator[provider_pb2.ListResponse]:
        yield from self._list(request, context)

    @rpc_method
    def _list(self, request: provider_pb2.ListRequest) -> list[provider_pb2.ListResponse]:
        cls = self.declared(request.token, Resource)
        if not issubclass(cls, Listable):
            raise ProviderError(f"{cls.__name__}s cannot be listed.")
        args = cls.list_args()
        checked = check_inputs(args, defaulted(args, from_struct(request.query)))
        if checked.failures:
            raise ProviderError(listed(checked.failures))
        if has_unknown(checked.inputs):
            return [provider_pb2.ListResponse(computed=provider_pb2.ListResponse.Computed())]
        return list(page_of(cls(self.client).list(decode(args, checked.inputs)), request))

    @rpc_method
    def Invoke(self, request: provider_pb2.InvokeRequest) -> provider_pb2.InvokeResponse:
        cls = self.declared(request.tok, Function)
        args_type, _ = cls.types()
        checked = check_inputs(args_type, defaulted(args_type, from_struct(request.args)))
        failures = checked.failures or unknown_in(checked.inputs)
        if failures:
            names = [each.property for each in failures]
            return provider_pb2.InvokeResponse(failures=failure_messages(failures, self.host, names))
        result = cls(self.client).invoke(decode(args_type, checked.inputs))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(encode(result)))
        return response

    @rpc_method
    def Cancel(self, _request: empty_pb2.Empty) -> empty_pb2.Empty:
        self.cancelled.set()
        return empty_pb2.Empty()

    # Calls that wait, for a rate limit or a slow server, may fill the pool, and only Cancel ends their waiting. So gRPC
    # runs it in this pool, however many calls the engine makes at once (`--parallel`).
    Cancel.experimental_thread_pool = ThreadPoolExecutor(1, "cancel")  # type: ignore[attr-defined] # gRPC looks for it

    def _changes(
        self, resource: Resource[Any, Any, Any], request: provider_pb2.DiffRequest | provider_pb2.UpdateRequest
    ) -> Changes:
        """What a request changes of a resource."""
        args, state = resource.types()
        news = defaulted(args, from_struct(request.news))
        # An input that is absent from the state is what the default says: so an import is, and what is older than it.
        old_inputs = defaulted(args, migrated(type(resource), from_struct(request.old_inputs)))
        olds = migrated(type(resource), from_struct(request.olds))
        changes = changes_of(args, old_inputs, news, can_update=resource.can_update())
        with contextlib.suppress(NotYetKnownError):  # Then the declarations alone decide.
            resource.diff(changes, decode(state, olds), decode(args, news))
        return changes

    def _hold_found(self, urn: str, id: str) -> None:
        """Take note of what a refresh found, and warn if another resource has it, too: only the user can part them."""
        if other := self.holders.hold(urn, id, read=True):
            self.host.warn(
                f"The resources {name_of(other)} and {name_of(urn)} have the same ID, {id}: deleting one would delete "
                "it for both. Keep one of them; take the other out of the state with `pulumi state delete`, and out "
                "of the program."
            )

    def _tell_drift(self, olds: Values, outputs: Values, inputs: Values) -> None:
        """Warn of outputs that others changed: the engine shows only how the inputs differ from the program's."""
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
            failures=failure_messages(checked.failures, self.host, nameable),
        )


def _unimplemented(_service: object, name: str, _request: object, context: grpc.ServicerContext) -> NoReturn:
    context.abort(grpc.StatusCode.UNIMPLEMENTED, f"This provider has no {name}.")


# The generated base class would respond with an exception, and gRPC would log its traceback.
for _name in vars(provider_pb2_grpc.ResourceProviderServicer):
    if not _name.startswith("_") and _name not in vars(ProviderServicer):
        setattr(ProviderServicer, _name, functools.partialmethod(_unimplemented, _name))
