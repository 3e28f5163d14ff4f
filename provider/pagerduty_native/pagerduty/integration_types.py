"""The types of integrations, and what follows from each.

What is said of vendors was recorded (`GET /services`: IBM SOAR's and Coralogix' documents, PagerDuty's own Python
client's tests). PagerDuty's API description lacks `app_event_transform_…` and `change_event_transform_…`.
"""

from __future__ import annotations

from dataclasses import dataclass

GENERIC_EMAIL = "generic_email_inbound_integration"
GENERIC_EVENTS_API = "generic_events_api_inbound_integration"
PINGDOM = "pingdom_inbound_integration"
EVENT_TRANSFORMER = "event_transformer_api_inbound_integration"
CLOUDWATCH = "aws_cloudwatch_inbound_integration"
# Without a vendor, PagerDuty refuses these: terraform-provider-pagerduty issues 173 and 1059.
NEED_VENDOR = {EVENT_TRANSFORMER, CLOUDWATCH}
EVENTS_API_V2 = "events_api_v2_inbound_integration"
# With a vendor PagerDuty ignores the type. This is what PagerDuty's own Terraform provider sends with every vendor.
ANY_WITH_VENDOR = "service_integration"


@dataclass(frozen=True)
class IntegrationType:
    """What is known of a type.

    description: which senders it is for. takes_email: whether it receives e-mail instead of events; None if that is not
    known. events_path: the path of its events' URL, for the key as {key}.
    """

    description: str
    takes_email: bool | None
    events_path: str = "/integration/{key}/enqueue"


TYPES = {
    GENERIC_EVENTS_API: IntegrationType(
        "any sender of the Events API, and vendors such as Datadog, New Relic, Prometheus and Zabbix.",
        takes_email=False,
    ),
    GENERIC_EMAIL: IntegrationType("any sender of e-mail, and vendors such as Email.", takes_email=True),
    # The key goes into the body.
    EVENTS_API_V2: IntegrationType(
        "any sender of the Events API v2, and vendors such as SolarWinds Orion.",
        takes_email=False,
        events_path="/v2/enqueue",
    ),
    EVENT_TRANSFORMER: IntegrationType(
        "a vendor whose own events PagerDuty transforms, such as Amazon CloudWatch, Splunk and Custom Event "
        "Transformer. Needs `vendor`.",
        takes_email=False,
    ),
    "app_event_transform_inbound_integration": IntegrationType(
        "an app whose events PagerDuty transforms, such as Sentry, Elastic Alerts, Backstage and Coralogix.",
        takes_email=False,
    ),
    "change_event_transform_inbound_integration": IntegrationType(
        "a sender of change events, such as Custom Change Event Transformer.",
        takes_email=False,
        events_path="/integration/{key}/change/enqueue",
    ),
    "nagios_inbound_integration": IntegrationType("Nagios.", takes_email=None),
    PINGDOM: IntegrationType("Pingdom by e-mail.", takes_email=None),
    CLOUDWATCH: IntegrationType(
        "an older name of Amazon CloudWatch's type. PagerDuty refuses it without `vendor`, and changes it to "
        "`event_transformer_api_inbound_integration`.",
        takes_email=False,
    ),
    "cloudkick_inbound_integration": IntegrationType("Cloudkick.", takes_email=None),
    "keynote_inbound_integration": IntegrationType("Keynote.", takes_email=None),
    "sql_monitor_inbound_integration": IntegrationType("SQL Monitor.", takes_email=None),
}
_UNKNOWN = IntegrationType("", takes_email=None)


def type_of(name: str) -> IntegrationType:
    """What is known of a type, also of one that is not in `TYPES`."""
    return TYPES.get(name, _UNKNOWN)


def takes_email(type: str, address: str | None = None) -> bool:
    """Whether an integration receives e-mail: an address tells, also for types that are not known here."""
    return bool(address) or bool(type_of(type).takes_email)
