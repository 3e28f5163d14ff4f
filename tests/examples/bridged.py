"""A plugin in the place of pulumi-pagerduty's, whose services are services of the emulator.

Like the real one, it creates a service by POST, with a random name if it is given none, changes every property in place
by PUT, and takes it for gone when the API answers 404.
"""

from __future__ import annotations

import os
from typing import Any

import grpc
import requests
from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2

from .stand_in import Context, StandIn


class Bridged(StandIn):
    url: str

    def Configure(self, request: provider_pb2.ConfigureRequest, _context: Context) -> provider_pb2.ConfigureResponse:
        self.url = request.variables["pagerduty:config:apiUrlOverride"]
        return provider_pb2.ConfigureResponse()

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        if is_service(request.urn) and "name" not in request.news.fields:
            known = request.olds.fields["name"].string_value
            request.news["name"] = known or f"{request.urn.rpartition('::')[-1]}-{request.randomSeed.hex()[:7]}"
        return super().Check(request, context)

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        if not is_service(request.urn):
            return super().Create(request, context)
        made = self.call(context, "POST", "/services", request.properties)
        return provider_pb2.CreateResponse(id=made["id"], properties=request.properties)

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        if is_service(request.urn) and not self.call(context, "GET", f"/services/{request.id}"):
            return provider_pb2.ReadResponse()
        return super().Read(request, context)

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        if is_service(request.urn):
            self.call(context, "PUT", f"/services/{request.id}", request.news)
        return provider_pb2.UpdateResponse(properties=request.news)

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> Empty:
        if is_service(request.urn):
            self.call(context, "DELETE", f"/services/{request.id}")
        return Empty()

    def call(self, context: Context, method: str, path: str, inputs: Struct | None = None) -> dict[str, Any]:
        """The service in the API's answer: nothing in it if there is none."""
        given = json_format.MessageToDict(inputs) if inputs is not None else {}
        service = {
            "type": "service",
            "name": given.get("name"),
            "escalation_policy": {"id": given.get("escalationPolicy"), "type": "escalation_policy_reference"},
        }
        answer = requests.request(
            method,
            self.url + path,
            headers={"Authorization": f"Token token={os.environ['PAGERDUTY_TOKEN']}"},
            json={"service": service} if given else None,
            timeout=10,
        )
        if answer.status_code == requests.codes.not_found:
            return {}
        if not answer.ok:
            context.abort(grpc.StatusCode.UNKNOWN, answer.text)
        found: dict[str, Any] = answer.json()["service"] if answer.content else {}
        return found


def is_service(urn: str) -> bool:
    return "::pagerduty:index/service:Service::" in urn
