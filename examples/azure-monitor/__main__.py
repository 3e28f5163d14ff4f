"""Azure alerts to PagerDuty: an integration, and an action group that calls its URL."""

import pulumi
import pulumi_azure_native as azure
import pulumi_pagerduty_native as pagerduty

config = pulumi.Config()

integration = pagerduty.Integration(
    "azure",
    service=config.require("service"),
    vendor=pagerduty.get_vendor(name="Microsoft Azure").id,
)

action_group = azure.monitor.ActionGroup(
    "pagerduty",
    resource_group_name=config.require("resourceGroup"),
    location="Global",
    group_short_name="PagerDuty",
    enabled=True,
    webhook_receivers=[
        {
            "name": "PagerDuty",
            "service_uri": integration.integration_url,
            "use_common_alert_schema": True,
        }
    ],
)

# For the actions of alert rules:
pulumi.export("actionGroup", action_group.id)
