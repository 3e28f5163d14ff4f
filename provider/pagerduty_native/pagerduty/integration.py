"""An inbound integration, as the API describes it. https://developer.pagerduty.com/api-reference (Integrations)"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .bodies import id_of, objects_or_none, text, text_or_none
from .integration_types import takes_email, type_of

EVENTS_URLS = {"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}


@dataclass(frozen=True)
class Integration:
    """An inbound integration. None stands for what it does not have, or what a response does not tell of it."""

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
    self_url: str | None = None
    created_at: str | None = None
    vendor_name: str | None = None

    @property
    def full_id(self) -> str:
        """Its service's ID and its own, `PQL78HM.PE1U9CH`: both are needed to find it."""
        return f"{self.service_id}.{self.id}"

    @property
    def takes_email(self) -> bool:
        """Whether it receives e-mail."""
        return takes_email(self.type, self.integration_email)

    @property
    def events_url(self) -> str | None:
        """Where the sender's webhook goes, with the key in it if this type has it there. None without a key.

        The integration's page tells the account's region, and, if it is not PagerDuty's, the emulator's address.
        """
        if not self.integration_key:
            return None
        key = self.integration_key
        path = "/x-ere/{key}" if _is_orchestration_key(key, self.type) else type_of(self.type).events_path
        return _events_base(self.html_url or self.self_url) + path.format(key=key)


def _is_orchestration_key(key: str, type: str) -> bool:
    return key.startswith("R") and "{key}" in type_of(type).events_path


def _events_base(url: str | None) -> str:
    try:
        page = urlsplit(url or "")
    except ValueError:  # A bracket that does not close: no address of PagerDuty's.
        page = urlsplit("")
    host = page.hostname or "pagerduty.com"
    if host.endswith(".eu.pagerduty.com"):
        return EVENTS_URLS["eu"]
    if host == "pagerduty.com" or host.endswith(".pagerduty.com"):
        return EVENTS_URLS["us"]
    return f"{page.scheme}://{page.netloc}" if page.scheme in {"http", "https"} else EVENTS_URLS["us"]


def integration_from(body: Mapping[str, Any], service_id: str, id: str | None = None) -> Integration:
    """The integration that the API describes. Raises as `bodies` does if it is not that.

    service_id: the one that it was asked for on, if it names none itself. id: the one that was asked for.
    """
    vendor = body.get("vendor") or {}
    service = body.get("service") or {}
    told = functools.partial(text_or_none, body)
    return Integration(
        id=id_of(body, id),
        service_id=service_id if service.get("id") is None else id_of(service),
        type=text(body, "type"),
        name=told("name") or told("summary") or "",
        vendor_id=None if vendor.get("id") is None else id_of(vendor),
        html_url=told("html_url"),
        self_url=told("self"),
        integration_key=told("integration_key"),
        integration_email=told("integration_email"),
        email_incident_creation=told("email_incident_creation"),
        email_filter_mode=told("email_filter_mode"),
        email_filters=objects_or_none(body, "email_filters"),
        email_parsers=objects_or_none(body, "email_parsers"),
        email_parsing_fallback=told("email_parsing_fallback"),
        created_at=told("created_at"),
        vendor_name=text_or_none(vendor, "summary"),
    )


def odd_integration(body: Mapping[str, Any], service_id: str) -> Integration:
    """The little that can be said of an integration that the API does not describe so, but whose ID is there."""
    told = {name: value for name, value in body.items() if isinstance(value, str)}
    return Integration(
        id=id_of(body),
        service_id=service_id,
        type=told.get("type", ""),
        name=told.get("name") or told.get("summary") or "",
        vendor_id=None,
        html_url=told.get("html_url"),
        integration_key=told.get("integration_key"),
    )
