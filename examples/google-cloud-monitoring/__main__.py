"""Google Cloud alerts to PagerDuty: an integration, and a notification channel with its key."""

import pulumi
import pulumi_gcp as gcp
import pulumi_pagerduty_native as pagerduty

config = pulumi.Config()

integration = pagerduty.Integration(
    "google-cloud",
    service=config.require("service"),
    vendor=pagerduty.get_vendor(name="Google Cloud Monitoring").id,
)

channel = gcp.monitoring.NotificationChannel(
    "pagerduty",
    display_name="PagerDuty Checkout",
    type="pagerduty",
    sensitive_labels={"service_key": integration.integration_key},
)

# For the notification channels of alerting policies:
pulumi.export("channel", channel.id)
