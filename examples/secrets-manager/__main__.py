"""An integration and its key in AWS Secrets Manager, where applications read it."""

import pulumi
import pulumi_aws as aws
import pulumi_pagerduty_native as pagerduty

config = pulumi.Config()

integration = pagerduty.Integration(
    "events",
    service=config.require("service"),
    type="events_api_v2_inbound_integration",
)

secret = aws.secretsmanager.Secret(
    "pagerduty",
    name="checkout/pagerduty-integration-key",
    description="The key with which Checkout sends events to PagerDuty",
)

aws.secretsmanager.SecretVersion(
    "pagerduty-key",
    secret_id=secret.id,
    secret_string=integration.integration_key,
)

pulumi.export("secretArn", secret.arn)
