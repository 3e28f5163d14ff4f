// An event orchestration with its routes from pulumi-pagerduty, and a key of its own for each of its alert sources.

import * as pagerduty from "@pulumi/pagerduty";
import * as pulumi from "@pulumi/pulumi";
import * as pagerdutyNative from "pulumi-pagerduty-native";

const config = new pulumi.Config();

const platform = new pagerduty.EventOrchestration("platform", { name: "Platform" });

new pagerduty.EventOrchestrationRouter("platform", {
    eventOrchestration: platform.id,
    set: { id: "start" }, // rules go here; the first one that matches an event routes it
    catchAll: { actions: { routeTo: config.require("service") } },
});

export const keys: Record<string, pulumi.Output<string>> = {};
for (const source of ["clusters", "backups"]) {
    const integration = new pagerdutyNative.EventOrchestrationIntegration(
        source,
        { eventOrchestration: platform.id, label: source[0].toUpperCase() + source.slice(1) },
        { deletedWith: platform }, // PagerDuty deletes it with its orchestration
    );
    keys[source] = integration.routingKey;
}
