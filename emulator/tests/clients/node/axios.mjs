// axios before 1.0, which sends a request for an https address to a proxy with that address, without CONNECT.
import assert from "node:assert/strict";
import axios from "axios";

const headers = { Authorization: "Token token=any-token" };
const { data } = await axios.get("https://api.pagerduty.com/services/PCHECKT", { headers });
assert.equal(data.service.self, "https://api.pagerduty.com/services/PCHECKT");
assert.equal(data.service.html_url, "https://acme.pagerduty.com/service-directory/PCHECKT");
await assert.rejects(axios.get("https://example.com/"), { message: "Request failed with status code 403" });
