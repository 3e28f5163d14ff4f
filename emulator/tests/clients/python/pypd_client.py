"""pypd 1.1.0, PagerDuty's older client for Python: its addresses are fixed, and those of events end in a slash."""

import pypd

pypd.api_key = "any"
(service,) = pypd.Service.find(query="Checkout")
vendor = pypd.Vendor.find_one(query="Amazon CloudWatch")
service.create_integration(  # which returns nothing
    {
        "type": "event_transformer_api_inbound_integration",
        "name": "By pypd",
        "vendor": {"type": "vendor_reference", "id": vendor["id"]},
    }
)
(service,) = pypd.Service.find(query="Checkout")
(made,) = service.integrations()
key = made["integration_key"]
assert (made["name"], len(key)) == ("By pypd", 32), made

payload = {"summary": "Disk is full", "severity": "error", "source": "db1"}
event = {"routing_key": key, "event_action": "trigger", "payload": payload, "links": [{"href": "https://x.example"}]}
assert pypd.EventV2.create(data=event)["status"] == "success"
old = {"service_key": key, "event_type": "trigger", "description": "By the older API"}
assert pypd.Event.create(data=old)["incident_key"]

first, second = pypd.Incident.find(statuses=["triggered"])
assert [alert["summary"] for alert in first.alerts()] == ["Disk is full"]
assert first["assignments"][0]["assignee"]["summary"] == "Shop Responder"
assert pypd.User.find_one(email="owner@acme.pagerduty.com")["name"] == "Account Owner"
