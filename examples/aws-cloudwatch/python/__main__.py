"""CloudWatch alarms to PagerDuty: an alarm → an SNS topic → a subscription to the integration's URL."""

import pulumi
import pulumi_aws as aws
import pulumi_pagerduty_native as pagerduty

config = pulumi.Config()

cloudwatch = pagerduty.get_vendor(name="Amazon CloudWatch")

integration = pagerduty.Integration(
    "cloudwatch",
    service=config.require("service"),
    vendor=cloudwatch.id,
    config_fields={
        "incident_key": "alarm_name",  # "Correlate events by" in PagerDuty's web app
        "description": "alarm_description",  # "Derive name from"
    },
)

topic = aws.sns.Topic("alarms")

subscription = aws.sns.TopicSubscription(
    "pagerduty",
    topic=topic.arn,
    protocol="https",
    endpoint=integration.integration_url,
    endpoint_auto_confirms=True,  # PagerDuty confirms by itself
)

aws.cloudwatch.MetricAlarm(
    "slow-checkout",
    alarm_description="Checkout answers slowly",
    namespace="AWS/ApplicationELB",
    metric_name="TargetResponseTime",
    dimensions={"LoadBalancer": "app/checkout/50dc6c495c0c9188"},
    statistic="Average",
    period=60,
    evaluation_periods=3,
    comparison_operator="GreaterThanThreshold",
    threshold=2,
    alarm_actions=[topic.arn],
    ok_actions=[topic.arn],  # resolves the incident
)

pulumi.export("topicArn", topic.arn)
