"""A CloudWatch integration for a PagerDuty service, and the key that CloudWatch's alarms need."""

import pulumi
import pulumi_pagerduty_native as pagerduty

config = pulumi.Config()

cloudwatch = pagerduty.get_vendor(name="Amazon CloudWatch")

alarms = pagerduty.Integration(
    "alarms",
    service=config.require("service"),
    vendor=cloudwatch.id,
)

pulumi.export("integrationKey", alarms.integration_key)
pulumi.export("integrationUrl", alarms.integration_url)
