// pdjs, PagerDuty's client for JavaScript, with the addresses that it has built in: global-agent leads it to the proxy.
import assert from "node:assert/strict";
import { api, change, event } from "@pagerduty/pdjs";

const pd = api({ token: "any-token" });

const first = await pd.get("/services", { data: { limit: 5 } });
assert.equal(first.response.status, 200);
assert.equal(first.resource.length, 5);
const pages = await pd.all("/services", { data: { limit: 5 } });
assert.equal(pages.resource.length, 12);

const made = await pd.post("/services/PCHECKT/integrations", {
  data: { integration: { type: "events_api_v2_inbound_integration", name: "By Node" } },
});
assert.equal(made.response.status, 201);
const { id, integration_key: key } = made.data.integration;
assert.match(key, /^[0-9a-f]{32}$/);

const payload = { summary: "Disk full", source: "db1", severity: "error" };
const data = { routing_key: key, event_action: "trigger", dedup_key: "disk", payload };
const sent = await event({ data });
assert.deepEqual(sent.data, { status: "success", message: "Event processed", dedup_key: "disk" });
const changed = await change({ data: { routing_key: key, payload: { summary: "Deployed" } } });
assert.equal(changed.response.status, 202);

const incidents = await pd.get("/incidents", { data: { "service_ids[]": "PCHECKT" } });
assert.deepEqual(incidents.resource.map((incident) => incident.title), ["Disk full"]);

const removed = await pd.delete(`/services/PCHECKT/integrations/${id}`);
assert.equal(removed.response.status, 204);
const gone = await pd.get(`/services/PCHECKT/integrations/${id}`);
assert.equal(gone.response.status, 404);
