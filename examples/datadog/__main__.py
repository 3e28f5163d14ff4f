"""Datadog alerts to PagerDuty: an integration, and a PagerDuty service object in Datadog with its key."""

import pulumi
import pulumi_datadog as datadog
import pulumi_pagerduty_native as pagerduty

config = pulumi.Config()

integration = pagerduty.Integration(
    "datadog",
    service=config.require("service"),
    vendor=pagerduty.get_vendor(name="Datadog").id,
)

service = datadog.pagerduty.ServiceObject(
    "checkout",
    service_name="checkout",
    service_key=integration.integration_key,
)

# In the message of a monitor:
pulumi.export("mention", pulumi.Output.format("@pagerduty-{}", service.service_name))
