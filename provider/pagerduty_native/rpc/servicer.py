"""The gRPC service that the engine talks to: requests in, declarations and resources asked, responses out.

Its messages: `proto/pulumi/provider.proto` in pulumi/pulumi.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from .check import Checked, check_inputs
from .declarations import NotYetKnownError, decode, encode
from .defaults import defaulted
from .diff import Changes, changed_inputs, changes_of
from .error_handling import done, rpc_method
from .errors import ProviderError
from .fields import camel_case
from .listing import page_of
from .outputs import (
    imported_inputs,
    outputs_of,
    preview_of_create,
    preview_of_update,
    refreshed_inputs,
)
from .provider import Provider
from .requests import applicable, generated_name, known_id, migrated, name_of, unknown_in
from .resource import Function, Instance, Listable, Resource
from .responses import diff_response, failure_messages, listed, short_and_plain
from .schema import schema_of
from .settings import check_settings
from .values import Values, has_secret, has_unknown, known, same, secret, secret_texts, supported
from .wire import from_struct, to_struct

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
            args, defaulted(args, news), olds, functools.partial(generated_name, request), outputs=state
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
