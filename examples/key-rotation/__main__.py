"""A key that is changed without losing an alert: set `keyVersion` to another number."""

import pulumi
import pulumi_kubernetes as kubernetes
import pulumi_pagerduty_native as pagerduty

config = pulumi.Config()

integration = pagerduty.Integration(
    "events",
    service=config.require("service"),
    type="events_api_v2_inbound_integration",
    opts=pulumi.ResourceOptions(replacement_trigger=config.require_int("keyVersion")),
)

# What uses the key is updated after the new integration is made, and before the old one is deleted.
kubernetes.core.v1.Secret(
    "pagerduty",
    metadata={"name": "pagerduty"},
    string_data={"routing-key": integration.integration_key},
)
