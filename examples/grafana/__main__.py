"""Grafana alerts to PagerDuty: an integration, and a contact point with its key."""

import pulumi
import pulumi_pagerduty_native as pagerduty
import pulumiverse_grafana as grafana

config = pulumi.Config()

# Grafana sends to the Events API v2.
integration = pagerduty.Integration(
    "grafana",
    service=config.require("service"),
    type="events_api_v2_inbound_integration",
)

contact_point = grafana.alerting.ContactPoint(
    "pagerduty",
    name="PagerDuty Checkout",
    pagerduties=[{"integration_key": integration.integration_key}],
)

# For notification policies and alert rules:
pulumi.export("contactPoint", contact_point.name)
