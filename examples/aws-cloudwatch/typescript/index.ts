// CloudWatch alarms to PagerDuty: an alarm → an SNS topic → a subscription to the integration's URL.

import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as pagerduty from "pulumi-pagerduty-native";

const config = new pulumi.Config();

const cloudwatch = pagerduty.getVendorOutput({ name: "Amazon CloudWatch" });

const integration = new pagerduty.Integration("cloudwatch", {
    service: config.require("service"),
    vendor: cloudwatch.id,
    configFields: {
        incident_key: "alarm_name", // "Correlate events by" in PagerDuty's web app
        description: "alarm_description", // "Derive name from"
    },
});

const topic = new aws.sns.Topic("alarms");

new aws.sns.TopicSubscription("pagerduty", {
    topic: topic.arn,
    protocol: "https",
    endpoint: integration.integrationUrl,
    endpointAutoConfirms: true, // PagerDuty confirms by itself
});

new aws.cloudwatch.MetricAlarm("slow-checkout", {
    alarmDescription: "Checkout answers slowly",
    namespace: "AWS/ApplicationELB",
    metricName: "TargetResponseTime",
    dimensions: { LoadBalancer: "app/checkout/50dc6c495c0c9188" },
    statistic: "Average",
    period: 60,
    evaluationPeriods: 3,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 2,
    alarmActions: [topic.arn],
    okActions: [topic.arn], // resolves the incident
});

export const topicArn = topic.arn;
