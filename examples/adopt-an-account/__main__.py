"""Integrations of a PagerDuty account, written by `pagerduty-native adopt`."""

import pulumi_pagerduty_native as pagerduty

checkout = pagerduty.get_service(name="Checkout")
data_warehouse = pagerduty.get_service(name="Data Warehouse")
orders_database = pagerduty.get_service(name="Orders Database")
amazon_cloudwatch = pagerduty.get_vendor(name="Amazon CloudWatch")
datadog = pagerduty.get_vendor(name="Datadog")

checkout_cloudwatch = pagerduty.Integration(
    "checkout-cloudwatch",
    service=checkout.id,
    vendor=amazon_cloudwatch.id,
    name="CloudWatch",
)

checkout_deployments = pagerduty.Integration(
    "checkout-deployments",
    service=checkout.id,
    type="events_api_v2_inbound_integration",
    name="Deployments",
)

data_warehouse_nightly_loads = pagerduty.Integration(
    "data-warehouse-nightly-loads",
    service=data_warehouse.id,
    type="generic_email_inbound_integration",
    name="Nightly loads",
    integration_email="loads@acme.pagerduty.com",
    email_incident_creation="on_new_email_subject",
    email_filter_mode="and-rules-email",
    email_filters=[
        pagerduty.EmailFilterArgs(
            subject_mode="match",
            subject_regex=r"^\[load\] .*FAILED",
            from_email_mode="match",
            from_email_regex=r"@warehouse\.example\.com$",
        ),
    ],
)

orders_database_datadog = pagerduty.Integration(
    "orders-database-datadog",
    service=orders_database.id,
    vendor=datadog.id,
    name="Datadog",
)
