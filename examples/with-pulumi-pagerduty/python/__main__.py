"""A service from pulumi-pagerduty, a CloudWatch integration on it, and the integration's URL in an SNS subscription."""

import pulumi
import pulumi_aws as aws
import pulumi_pagerduty as pagerduty
import pulumi_pagerduty_native as pagerduty_native

config = pulumi.Config()

policy = pagerduty.EscalationPolicy(
    "on-call",
    name="Storefront on call",
    rules=[
        {
            "escalation_delay_in_minutes": 15,
            "targets": [{"type": "user_reference", "id": config.require("user")}],
        }
    ],
)

service = pagerduty.Service(
    "storefront",
    name="Storefront",
    escalation_policy=policy.id,
    opts=pulumi.ResourceOptions(delete_before_replace=True),  # two services cannot have the same name
)

cloudwatch = pagerduty_native.get_vendor(name="Amazon CloudWatch")

integration = pagerduty_native.Integration(
    "cloudwatch",
    service=service.id,
    vendor=cloudwatch.id,
    opts=pulumi.ResourceOptions(deleted_with=service),  # PagerDuty deletes it with its service
)

topic = aws.sns.Topic("alarms")

aws.sns.TopicSubscription(
    "pagerduty",
    topic=topic.arn,
    protocol="https",
    endpoint=integration.integration_url,
    endpoint_auto_confirms=True,  # PagerDuty confirms by itself
)

pulumi.export("topicArn", topic.arn)
