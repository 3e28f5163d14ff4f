"""The same integration in two PagerDuty accounts: one in the US, one in the EU."""

import pulumi
import pulumi_pagerduty_native as pagerduty

config = pulumi.Config()

accounts = {
    "us": pagerduty.Provider("us", token=config.require_secret("usToken"), service_region="us"),
    "eu": pagerduty.Provider("eu", token=config.require_secret("euToken"), service_region="eu"),
}

for region, account in accounts.items():
    sentry = pagerduty.get_vendor(name="Sentry", opts=pulumi.InvokeOptions(provider=account))
    checkout = pagerduty.get_service(name="Checkout", opts=pulumi.InvokeOptions(provider=account))
    integration = pagerduty.Integration(
        f"sentry-{region}",
        service=checkout.id,
        vendor=sentry.id,
        opts=pulumi.ResourceOptions(provider=account),
    )
    pulumi.export(f"{region}Key", integration.integration_key)
