// The API client inside PagerDuty's Backstage plugin, with the addresses that it has built in, as an OAuth app.
// What else the plugin depends on, such as Backstage itself, is replaced by an empty package: see package.json.
const assert = require("node:assert/strict");
const path = require("node:path");

const dist = path.dirname(require.resolve("@pagerduty/backstage-plugin-backend/package.json")) + "/dist";
const auth = require(`${dist}/auth/auth.cjs.js`);
const pagerduty = require(`${dist}/apis/pagerduty.cjs.js`);

const oauth = { clientId: "client", clientSecret: "secret", subDomain: "acme" };
const settings = { "pagerDuty.accounts": [{ id: "default", isDefault: true, oauth }] };
const config = {
  getOptional: (name) => settings[name],
  getOptionalString: (name) => settings[name],
  getOptionalConfigArray: (name) => settings[name],
  getString: (name) => settings[name],
};
const quiet = { debug() {}, info() {}, warn() {}, error: (message) => assert.fail(message) };
const payload = { summary: "Disk full", source: "db1", severity: "error" };

async function main() {
  await auth.loadAuthConfig(config, quiet);
  pagerduty.loadPagerDutyEndpointsFromConfig(config, quiet);
  assert.match(await auth.getAuthToken("default"), /^Bearer /);

  const services = await pagerduty.getAllServices();
  assert.equal(services.length, 12);
  assert.equal((await pagerduty.getAllTeams()).length, 4);
  assert.ok((await pagerduty.getAllEscalationPolicies()).length >= 4);

  const key = await pagerduty.createServiceIntegration({ serviceId: "PCHECKT", vendorId: "PRO19CT", account: "default" });
  assert.match(key, /^[0-9a-f]{32}$/);
  const found = await pagerduty.getServiceByIntegrationKey(key, "default");
  assert.equal(found.id, "PCHECKT");
  assert.equal(found.html_url, "https://acme.pagerduty.com/service-directory/PCHECKT");
  const service = await pagerduty.getServiceById("PCHECKT", "default");
  assert.deepEqual(service.integrations.map((each) => each.integration_key), [key]);
  assert.deepEqual((await pagerduty.getServicesByIds(["PCHECKT"])).map((each) => each.name), ["Checkout"]);
  assert.deepEqual((await pagerduty.getServicesByPartialName("heckou")).map((each) => each.id), ["PCHECKT"]);
  assert.deepEqual((await pagerduty.getFilteredServices([], "Checkout", 10)).map((each) => each.id), ["PCHECKT"]);

  const send = (address, body) => fetch(`https://events.pagerduty.com${address}`, {
    method: "POST",
    body: JSON.stringify({ routing_key: key, payload, ...body }),
  });
  assert.equal((await send("/v2/enqueue", { event_action: "trigger" })).status, 202);
  assert.equal((await send("/v2/change/enqueue", { payload: { summary: "Deployed" } })).status, 202);
  const incidents = await pagerduty.getIncidents("PCHECKT", "default");
  assert.deepEqual(incidents.map((each) => each.title), ["Disk full"]);
  const changes = await pagerduty.getChangeEvents("PCHECKT", "default");
  assert.deepEqual(changes.map((each) => each.summary), ["Deployed"]);

  // The emulator does not serve it, and answers 404; the plugin has no case for that.
  await assert.rejects(pagerduty.getOncallUsers(service.escalation_policy.id, "default"));
}

main();
