"""An event orchestration with its routes from pulumi-pagerduty, and a key of its own for each of its alert sources."""

import pulumi
import pulumi_pagerduty as pagerduty
import pulumi_pagerduty_native as pagerduty_native

config = pulumi.Config()

platform = pagerduty.EventOrchestration("platform", name="Platform")

pagerduty.EventOrchestrationRouter(
    "platform",
    event_orchestration=platform.id,
    set={"id": "start"},  # rules go here; the first one that matches an event routes it
    catch_all={"actions": {"route_to": config.require("service")}},
)

keys = {}
for source in ("clusters", "backups"):
    integration = pagerduty_native.EventOrchestrationIntegration(
        source,
        event_orchestration=platform.id,
        label=source.capitalize(),
        opts=pulumi.ResourceOptions(deleted_with=platform),  # PagerDuty deletes it with its orchestration
    )
    keys[source] = integration.routing_key

pulumi.export("keys", keys)
