// A CloudWatch integration for a PagerDuty service, and the key that CloudWatch's alarms need.

using System.Collections.Generic;
using Pulumi;
using PagerDutyNative.Sdk;

return await Deployment.RunAsync(() =>
{
    var config = new Pulumi.Config();

    var cloudwatch = GetVendor.Invoke(new() { Name = "Amazon CloudWatch" });

    var alarms = new Integration("alarms", new()
    {
        Service = config.Require("service"),
        Vendor = cloudwatch.Apply(vendor => vendor.Id),
    });

    return new Dictionary<string, object?>
    {
        ["integrationKey"] = alarms.IntegrationKey,
        ["integrationUrl"] = alarms.IntegrationUrl,
    };
});
