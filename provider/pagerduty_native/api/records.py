"""An inbound integration: its types, its record, and its parser.

https://developer.pagerduty.com/api-reference (Integrations)
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pagerduty_native.api.parse import id_of, objects_or_none, text, text_or_none
from pagerduty_native.api.urls import integration_url

# Stands for the type of an event orchestration's integrations, which PagerDuty gives none.
EVENT_ORCHESTRATION = "event_orchestration"
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
    """The known facts about a type.

    description: the senders that it is for. takes_email: it receives e-mail instead of events; None if that is not
    known. events_path: the path of the integration URL, with {key} for the key.
    """

    description: str
    takes_email: bool | None = None
    events_path: str = "/integration/{key}/enqueue"


TYPES = {
    GENERIC_EVENTS_API: IntegrationType(
        "any sender of the Events API, and vendors such as Datadog, New Relic, Prometheus and Zabbix.",
        takes_email=False,
    ),
    GENERIC_EMAIL: IntegrationType("any sender of e-mail, and vendors such as Email.", takes_email=True),
    # Events contain the key in their body.
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
    "nagios_inbound_integration": IntegrationType("Nagios."),
    PINGDOM: IntegrationType("Pingdom by e-mail."),
    CLOUDWATCH: IntegrationType(
        "an older name of Amazon CloudWatch's type. PagerDuty refuses it without `vendor`, and changes it to "
        "`event_transformer_api_inbound_integration`.",
        takes_email=False,
    ),
    "cloudkick_inbound_integration": IntegrationType("Cloudkick."),
    "keynote_inbound_integration": IntegrationType("Keynote."),
    "sql_monitor_inbound_integration": IntegrationType("SQL Monitor."),
}


def type_of(name: str) -> IntegrationType:
    """Return the known facts about a type, also about one that is not in `TYPES`."""
    return TYPES.get(name, IntegrationType(""))


def takes_email(type: str, address: str | None = None) -> bool:
    """Return whether an integration receives e-mail. One with an address does, also if its type is not known."""
    return bool(address) or bool(type_of(type).takes_email)


@dataclass(frozen=True)
class Integration:
    """An inbound integration. None means that it has no such value, or that the response lacks it."""

    id: str
    service_id: str
    type: str
    name: str
    vendor_id: str | None = None
    html_url: str | None = None
    integration_key: str | None = field(default=None, repr=False)
    integration_email: str | None = None
    email_incident_creation: str | None = None
    email_filter_mode: str | None = None
    email_filters: list[dict[str, Any]] | None = None
    email_parsers: list[dict[str, Any]] | None = None
    email_parsing_fallback: str | None = None
    config_fields: dict[str, str] | None = field(default=None, repr=False)
    self_url: str | None = None
    created_at: str | None = None
    vendor_name: str | None = None

    @property
    def full_id(self) -> str:
        """The service's ID and its own, such as `PQL78HM.PE1U9CH`: both are needed to find it."""
        return f"{self.service_id}.{self.id}"

    @property
    def takes_email(self) -> bool:
        """It receives e-mail."""
        return takes_email(self.type, self.integration_email)

    @property
    def integration_url(self) -> str | None:
        """The URL for the sender's webhook (urls.py), or None without a key."""
        if not self.integration_key:
            return None
        path = type_of(self.type).events_path
        return integration_url(self.integration_key, path, self.html_url or self.self_url)


def integration_from(body: Mapping[str, Any], service_id: str, id: str | None = None) -> Integration:
    """Parse an integration. Raises one of `NOT_DOCUMENTED`.

    Args:
        body: The API's object.
        service_id: The service in the request, for an object that names none.
        id: The ID in the request.
    """
    vendor = body.get("vendor") or {}
    service = body.get("service") or {}
    optional = functools.partial(text_or_none, body)
    return Integration(
        id=id_of(body, id),
        service_id=service_id if service.get("id") is None else id_of(service),
        type=text(body, "type"),
        name=optional("name") or optional("summary") or "",
        vendor_id=None if vendor.get("id") is None else id_of(vendor),
        html_url=optional("html_url"),
        self_url=optional("self"),
        integration_key=optional("integration_key"),
        integration_email=optional("integration_email"),
        email_incident_creation=optional("email_incident_creation"),
        email_filter_mode=optional("email_filter_mode"),
        email_filters=objects_or_none(body, "email_filters"),
        email_parsers=objects_or_none(body, "email_parsers"),
        email_parsing_fallback=optional("email_parsing_fallback"),
        config_fields=_config_fields(body.get("config")),
        created_at=optional("created_at"),
        vendor_name=text_or_none(vendor, "summary"),
    )


def _config_fields(config: Any) -> dict[str, str] | None:
    """Return the text values of `config.fields`, which PagerDuty does not document; None if it shows no `config`."""
    if not isinstance(config, dict):
        return None
    fields = config.get("fields")
    values: dict[str, str] = {}
    for name, each in fields.items() if isinstance(fields, dict) else ():
        if isinstance(each, dict) and isinstance(each.get("value"), str):
            values[name] = each["value"]
    return values


def integration_from_texts(body: Mapping[str, Any], service_id: str) -> Integration:
    """Make a record of an object that cannot be parsed, from its ID and texts."""
    texts = {name: value for name, value in body.items() if isinstance(value, str)}
    return Integration(
        id=id_of(body),
        service_id=service_id,
        type=texts.get("type", ""),
        name=texts.get("name") or texts.get("summary") or "",
        html_url=texts.get("html_url"),
        integration_key=texts.get("integration_key"),
    )
