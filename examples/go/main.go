// A CloudWatch integration for a PagerDuty service, and the key that CloudWatch's alarms need.
package main

import (
	"github.com/pulumi-pagerduty-native/pulumi-pagerduty-native/sdk/go/pagerdutynative"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		cloudwatch, err := pagerdutynative.GetVendor(ctx, &pagerdutynative.GetVendorArgs{
			Name: pulumi.StringRef("Amazon CloudWatch"),
		})
		if err != nil {
			return err
		}

		alarms, err := pagerdutynative.NewIntegration(ctx, "alarms", &pagerdutynative.IntegrationArgs{
			Service: pulumi.String(config.Require(ctx, "service")),
			Vendor:  pulumi.String(cloudwatch.Id),
		})
		if err != nil {
			return err
		}

		ctx.Export("integrationKey", alarms.IntegrationKey)
		ctx.Export("integrationUrl", alarms.IntegrationUrl)
		return nil
	})
}
