"""A plugin in the place of one that tests cannot have, such as AWS's: it takes every resource and gives it back.

With it, programs that use the real `pulumi-aws` run on the real engine: what depends on what, what is secret, and in
which order things happen is Pulumi's own doing. Like the plugins that are made from Terraform providers, it gets and
gives secrets as plain values, so that it is the engine and the SDKs that keep them secret.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from concurrent import futures
from pathlib import Path

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

ROOT = Path(__file__).parents[2]
VERSION = "1.0.0"
Context = grpc.ServicerContext


class StandIn(provider_pb2_grpc.ResourceProviderServicer):
    def GetPluginInfo(self, _request: Empty, _context: Context) -> plugin_pb2.PluginInfo:
        return plugin_pb2.PluginInfo(version=VERSION)

    def CheckConfig(self, request: provider_pb2.CheckRequest, _context: Context) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Configure(self, _request: provider_pb2.ConfigureRequest, _context: Context) -> provider_pb2.ConfigureResponse:
        return provider_pb2.ConfigureResponse()

    def Check(self, request: provider_pb2.CheckRequest, _context: Context) -> provider_pb2.CheckResponse:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Diff(self, request: provider_pb2.DiffRequest, _context: Context) -> provider_pb2.DiffResponse:
        same = request.old_inputs == request.news
        changes = provider_pb2.DiffResponse.DIFF_NONE if same else provider_pb2.DiffResponse.DIFF_SOME
        return provider_pb2.DiffResponse(changes=changes)

    def Create(self, request: provider_pb2.CreateRequest, _context: Context) -> provider_pb2.CreateResponse:
        name = request.urn.rpartition("::")[-1]
        return provider_pb2.CreateResponse(id=name, properties=completed(request.properties, name))

    def Read(self, request: provider_pb2.ReadRequest, _context: Context) -> provider_pb2.ReadResponse:
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Update(self, request: provider_pb2.UpdateRequest, _context: Context) -> provider_pb2.UpdateResponse:
        return provider_pb2.UpdateResponse(properties=completed(request.news, request.id))

    def Delete(self, _request: provider_pb2.DeleteRequest, _context: Context) -> Empty:
        return Empty()

    def Cancel(self, _request: Empty, _context: Context) -> Empty:
        return Empty()


def completed(inputs: Struct, name: str) -> Struct:
    """The inputs, with what AWS and Kubernetes add to them."""
    outputs = Struct()
    outputs.CopyFrom(inputs)
    outputs.update({"arn": f"arn:aws:::{name}"})
    metadata = outputs.fields["metadata"].struct_value
    if not metadata.fields["name"].string_value:
        metadata.update({"name": name})
    return outputs


def write(plugin: Path, plugin_class: type[StandIn]) -> None:
    """Makes an executable file that is the plugin."""
    plugin.write_text(
        f"#!{sys.executable}\n"
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        f"from {plugin_class.__module__} import {plugin_class.__name__} as Plugin\n"
        f"from {__name__} import serve\n"
        "serve(Plugin())\n"
    )
    plugin.chmod(0o755)


def serve(plugin: StandIn) -> None:
    """Be the plugin until the engine ends it."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(plugin, server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)  # noqa: T201 (the engine reads it)
    server.start()
    # The engine ends its plugins with a signal. If it is gone itself, nothing must be left behind.
    engine = os.getppid()
    with contextlib.suppress(KeyboardInterrupt):
        while os.getppid() == engine:
            time.sleep(1)
