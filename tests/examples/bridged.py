"""A plugin in the place of pulumi-pagerduty's: its escalation policies, services and orchestrations are the emulator's.

Like the real one, it creates them by POST, a service with a random name if it is given none, changes every property in
place by PUT, and takes them for gone when the API answers 404. The router of an event orchestration is part of it, is
created by PUT, and has its ID.
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

from tests.support import HANG_SECONDS

from .stand_in import Context, StandIn

ROUTER = "pagerduty:index/eventOrchestrationRouter:EventOrchestrationRouter"
PATHS = {
    "pagerduty:index/escalationPolicy:EscalationPolicy": "/escalation_policies",
    "pagerduty:index/service:Service": "/services",
    "pagerduty:index/eventOrchestration:EventOrchestration": "/event_orchestrations",
    ROUTER: "/event_orchestrations",
}


class Bridged(StandIn):
    url: str

    def Configure(self, request: provider_pb2.ConfigureRequest, _context: Context) -> provider_pb2.ConfigureResponse:
        self.url = request.variables["pagerduty:config:apiUrlOverride"]
        return provider_pb2.ConfigureResponse()

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        if "name" not in request.news.fields:
            known = request.olds.fields["name"].string_value
            request.news["name"] = known or f"{request.urn.rpartition('::')[-1]}-{request.randomSeed.hex()[:7]}"
        return super().Check(request, context)

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        if type_of(request.urn) == ROUTER:
            id_ = request.properties.fields["eventOrchestration"].string_value
            self.call(context, "PUT", address(request.urn, id_), body(request.urn, request.properties))
            return provider_pb2.CreateResponse(id=id_, properties=request.properties)
        made = self.call(context, "POST", path(request.urn), body(request.urn, request.properties))
        (id_,) = [each["id"] for each in made.values()]
        return provider_pb2.CreateResponse(id=id_, properties=request.properties)

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        if not self.call(context, "GET", address(request.urn, request.id)):
            return provider_pb2.ReadResponse()
        return super().Read(request, context)

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        self.call(context, "PUT", address(request.urn, request.id), body(request.urn, request.news))
        return provider_pb2.UpdateResponse(properties=request.news)

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> Empty:
        if type_of(request.urn) != ROUTER:
            self.call(context, "DELETE", address(request.urn, request.id))
        return Empty()

    def call(self, context: Context, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The API's answer: nothing in it if there is no such object."""
        answer = requests.request(
            method,
            self.url + path,
            headers={"Authorization": f"Token token={os.environ['PAGERDUTY_TOKEN']}"},
            json=body,
            timeout=HANG_SECONDS,
        )
        if answer.status_code == requests.codes.not_found:
            return {}
        if not answer.ok:
            context.abort(grpc.StatusCode.UNKNOWN, answer.text)
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


def type_of(urn: str) -> str:
    return urn.split("::")[2]


def path(urn: str) -> str:
    return PATHS[type_of(urn)]


def address(urn: str, id_: str) -> str:
    return f"{path(urn)}/{id_}{'/router' if type_of(urn) == ROUTER else ''}"


def body(urn: str, inputs: Struct) -> dict[str, Any]:
    given = json_format.MessageToDict(inputs)
    if path(urn) == "/services":
        policy = {"id": given["escalationPolicy"], "type": "escalation_policy_reference"}
        return {"service": {"type": "service", "name": given["name"], "escalation_policy": policy}}
    if type_of(urn) == ROUTER:
        catch_all = {"actions": {"route_to": given["catchAll"]["actions"]["routeTo"]}}
        return {"orchestration_path": {"type": "router", "sets": [given["set"]], "catch_all": catch_all}}
    if path(urn) == "/event_orchestrations":
        return {"orchestration": {"name": given["name"]}}
    rules = [
        {"escalation_delay_in_minutes": int(rule["escalationDelayInMinutes"]), "targets": rule["targets"]}
        for rule in given["rules"]
    ]
    return {"escalation_policy": {"type": "escalation_policy", "name": given["name"], "escalation_rules": rules}}
