"""What the tests are about: a service's alert sources."""

import pulumi
import pulumi_pagerduty_native as pagerduty


def alert_sources(service: str) -> dict[str, pulumi.Output[str]]:
    """Return an integration for CloudWatch and one for deployments; returns their keys."""
    cloudwatch = pagerduty.get_vendor(name="Amazon CloudWatch")
    return {
        "cloudwatch": pagerduty.Integration("cloudwatch", service=service, vendor=cloudwatch.id).integration_key,
        "deployments": pagerduty.Integration(
            "deployments", service=service, type="events_api_v2_inbound_integration"
        ).integration_key,
    }
