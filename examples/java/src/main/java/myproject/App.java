package myproject;

import com.pulumi.Pulumi;
import com.pulumi.core.Either;
import io.github.pulumipagerdutynative.pagerdutynative.Integration;
import io.github.pulumipagerdutynative.pagerdutynative.IntegrationArgs;
import io.github.pulumipagerdutynative.pagerdutynative.PagerdutynativeFunctions;
import io.github.pulumipagerdutynative.pagerdutynative.inputs.GetVendorArgs;

/** A CloudWatch integration for a PagerDuty service, and the key that CloudWatch's alarms need. */
public class App {
    public static void main(String[] args) {
        Pulumi.run(ctx -> {
            var cloudwatch = PagerdutynativeFunctions.getVendor(
                GetVendorArgs.builder().name("Amazon CloudWatch").build());

            var alarms = new Integration("alarms", IntegrationArgs.builder()
                .service(ctx.config().require("service"))
                .vendor(cloudwatch.applyValue(vendor -> Either.ofLeft(vendor.id())))
                .build());

            ctx.export("integrationKey", alarms.integrationKey());
            ctx.export("integrationUrl", alarms.integrationUrl());
        });
    }
}
