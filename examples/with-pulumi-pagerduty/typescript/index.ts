// A service from pulumi-pagerduty, a CloudWatch integration on it, and the integration's URL in an SNS subscription.

import * as aws from "@pulumi/aws";
import * as pagerduty from "@pulumi/pagerduty";
import * as pulumi from "@pulumi/pulumi";
import * as pagerdutyNative from "pulumi-pagerduty-native";

const config = new pulumi.Config();

const policy = new pagerduty.EscalationPolicy("on-call", {
    name: "Storefront on call",
    rules: [
        {
            escalationDelayInMinutes: 15,
            targets: [{ type: "user_reference", id: config.require("user") }],
        },
    ],
});

const service = new pagerduty.Service(
    "storefront",
    { name: "Storefront", escalationPolicy: policy.id },
    { deleteBeforeReplace: true }, // two services cannot have the same name
);

const cloudwatch = pagerdutyNative.getVendorOutput({ name: "Amazon CloudWatch" });

const integration = new pagerdutyNative.Integration(
    "cloudwatch",
    { service: service.id, vendor: cloudwatch.id },
    { deletedWith: service }, // PagerDuty deletes it with its service
);

const topic = new aws.sns.Topic("alarms");

new aws.sns.TopicSubscription("pagerduty", {
    topic: topic.arn,
    protocol: "https",
    endpoint: integration.integrationUrl,
    endpointAutoConfirms: true, // PagerDuty confirms by itself
});

export const topicArn = topic.arn;
