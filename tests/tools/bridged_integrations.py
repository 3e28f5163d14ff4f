"""A plugin in the place of pulumi-pagerduty's, with what the benchmark's program uses: integrations and a lookup.

Like the real one, it reads an integration after each creation.
"""

from __future__ import annotations

import json
from typing import Any

from google.protobuf import json_format
from pulumi.runtime.proto import provider_pb2

from tests.examples.bridged import Bridged
from tests.examples.stand_in import Context

STRING = {"type": "string"}
PROPERTIES = dict.fromkeys(("service", "vendor", "name"), STRING)
SCHEMA = {
    "name": "pagerduty",
    "version": "4.37.0",
    "meta": {"moduleFormat": "(.*)(?:/[^/]*)"},
    "resources": {
        "pagerduty:index/serviceIntegration:ServiceIntegration": {
            "properties": PROPERTIES,
            "inputProperties": PROPERTIES,
        }
    },
    "functions": {
        "pagerduty:index/getVendor:getVendor": {
            "inputs": {"properties": {"name": STRING}},
            "outputs": {"properties": {"id": STRING, "name": STRING}},
        }
    },
}


class BridgedIntegrations(Bridged):
    def GetSchema(self, _request: provider_pb2.GetSchemaRequest, _context: Context) -> provider_pb2.GetSchemaResponse:
        return provider_pb2.GetSchemaResponse(schema=json.dumps(SCHEMA))

    def Invoke(self, request: provider_pb2.InvokeRequest, context: Context) -> provider_pb2.InvokeResponse:
        name = request.args["name"]
        vendors = self.call(context, "GET", f"/vendors?query={name}")["vendors"]
        found = provider_pb2.InvokeResponse()
        found.__getattribute__("return").update({"id": vendors[0]["id"], "name": name})
        return found

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        given = json_format.MessageToDict(request.properties)
        path = f"/services/{given['service']}/integrations"
        made = self.call(context, "POST", path, body(given))["integration"]
        self.call(context, "GET", f"{path}/{made['id']}")
        return provider_pb2.CreateResponse(id=made["id"], properties=request.properties)

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        self.call(context, "GET", f"/services/{request.properties['service']}/integrations/{request.id}")
        return provider_pb2.ReadResponse(id=request.id, properties=request.properties, inputs=request.inputs)

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        given = json_format.MessageToDict(request.news)
        self.call(context, "PUT", f"/services/{given['service']}/integrations/{request.id}", body(given))
        return provider_pb2.UpdateResponse(properties=request.news)

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> Any:
        self.call(context, "DELETE", f"/services/{request.properties['service']}/integrations/{request.id}")
        return super(Bridged, self).Delete(request, context)


def body(inputs: dict[str, Any]) -> dict[str, Any]:
    vendor = {"id": inputs["vendor"], "type": "vendor_reference"}
    return {"integration": {"type": "generic_events_api_inbound_integration", "name": inputs["name"], "vendor": vendor}}
