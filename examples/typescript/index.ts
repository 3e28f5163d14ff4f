// A CloudWatch integration for a PagerDuty service, and the key that CloudWatch's alarms need.

import * as pulumi from "@pulumi/pulumi";
import * as pagerduty from "pulumi-pagerduty-native";

const config = new pulumi.Config();

const cloudwatch = pagerduty.getVendorOutput({ name: "Amazon CloudWatch" });

const alarms = new pagerduty.Integration("alarms", {
    service: config.require("service"),
    vendor: cloudwatch.id,
});

export const integrationKey = alarms.integrationKey;
export const integrationUrl = alarms.integrationUrl;
