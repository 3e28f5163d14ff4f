"""Inbound integrations of services. https://developer.pagerduty.com/api-reference (Services, Integrations)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from .client import Client

EVENTS_URLS = {"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}
GENERIC_EMAIL = "generic_email_inbound_integration"
GENERIC_EVENTS_API = "generic_events_api_inbound_integration"
EVENTS_API_V2 = "events_api_v2_inbound_integration"


@dataclass(frozen=True)
class Integration:
    """An inbound integration as the API describes it; None stands for what it does not have."""

    id: str
    service_id: str
    type: str
    name: str
    vendor_id: str | None
    html_url: str | None
    integration_key: str | None = field(repr=False)
    integration_email: str | None = None
    email_incident_creation: str | None = None
    email_filter_mode: str | None = None
    email_filters: list[dict[str, Any]] | None = None
    email_parsers: list[dict[str, Any]] | None = None
    email_parsing_fallback: str | None = None

    @property
    def events_url(self) -> str | None:
        """Where the sender's webhook goes, with the key in it where the kind of integration has it there.

        The integration's page tells the account's region, and, where it is not PagerDuty's, the emulator's address.
        """
        if not self.integration_key:
            return None
        base, key = _events_base(self.html_url), self.integration_key
        if self.type == EVENTS_API_V2:
            return f"{base}/v2/enqueue"
        if key.startswith("R"):
            return f"{base}/x-ere/{key}"
        if self.type.startswith("change_event"):
            return f"{base}/integration/{key}/change/enqueue"
        return f"{base}/integration/{key}/enqueue"


def _events_base(html_url: str | None) -> str:
    page = urlsplit(html_url or "")
    host = page.hostname or "pagerduty.com"
    if host.endswith(".eu.pagerduty.com"):
        return EVENTS_URLS["eu"]
    if host == "pagerduty.com" or host.endswith(".pagerduty.com"):
        return EVENTS_URLS["us"]
    return f"{page.scheme}://{page.netloc}"


class Integrations:
    def __init__(self, client: Client) -> None:
        self._client = client

    def create(self, service_id: str, integration: Mapping[str, Any]) -> Integration:
        """Create an integration on a service. integration: the API's fields, `type` among them."""
        body = self._client.post(_path(service_id), {"integration": integration})
        return _integration(service_id, body["integration"])

    def get(self, service_id: str, id: str) -> Integration:
        return _integration(service_id, self._client.get(_path(service_id, id))["integration"])

    def update(self, service_id: str, id: str, integration: Mapping[str, Any]) -> Integration:
        """Change the fields of an integration that are given; the others stay as they are."""
        body = self._client.put(_path(service_id, id), {"integration": integration})
        return _integration(service_id, body["integration"])

    def delete(self, service_id: str, id: str) -> None:
        self._client.delete(_path(service_id, id))

    def of(self, service_id: str) -> list[Integration]:
        """The integrations of a service. Raises NotFoundError where there is no such service."""
        service = self._client.get(f"/services/{quote(service_id, safe='')}", {"include[]": "integrations"})["service"]
        return [_integration(service_id, body) for body in service["integrations"]]

    def find_moved(self, service_id: str, id: str, key: str | None) -> Integration | None:
        """Where an integration is that its service has no more: the one with the same ID, else with the same key.

        People can move integrations to other services in the web app. Looks through the whole account, once.
        key: the integration's key as it was last known. Returns None where the integration is gone.
        """
        everything = [
            _integration(service["id"], body)
            for page in self._client.pages("/services", "services", {"include[]": "integrations"})
            for service in page
            for body in service["integrations"]
        ]
        elsewhere = [each for each in everything if (each.service_id, each.id) != (service_id, id)]
        by_id = [each for each in elsewhere if each.id == id]
        by_key = [each for each in elsewhere if key and each.integration_key == key]
        return next(iter(by_id + by_key), None)


def _path(service_id: str, *integration_id: str) -> str:
    # An ID with a slash or a question mark in it must not reach another resource.
    parts = ["services", service_id, "integrations", *integration_id]
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def _integration(service_id: str, body: Mapping[str, Any]) -> Integration:
    return Integration(
        id=body["id"],
        service_id=(body.get("service") or {}).get("id") or service_id,
        type=body["type"],
        name=body.get("name") or body.get("summary") or "",
        vendor_id=(body.get("vendor") or {}).get("id"),
        html_url=body.get("html_url"),
        integration_key=body.get("integration_key"),
        integration_email=body.get("integration_email"),
        email_incident_creation=body.get("email_incident_creation"),
        email_filter_mode=body.get("email_filter_mode"),
        email_filters=body.get("email_filters"),
        email_parsers=body.get("email_parsers"),
        email_parsing_fallback=body.get("email_parsing_fallback"),
    )
