"""An inbound integration, as the API describes it. https://developer.pagerduty.com/api-reference (Integrations)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

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
    return f"{page.scheme}://{page.netloc}"


def integration_from(body: Mapping[str, Any], service_id: str) -> Integration:
    """The integration that the API describes. service_id: the one that it was asked for on, if it names none itself.

    Raises KeyError, TypeError or AttributeError if it is not what the API describes.
    """
    vendor = body.get("vendor") or {}
    service = body.get("service") or {}

    def text(name: str) -> str | None:
        value: str | None = _of_type(str, body.get(name))
        return value

    return Integration(
        id=_of_type(str, body["id"]),
        service_id=_of_type(str, service.get("id")) or service_id,
        type=_of_type(str, body["type"]),
        name=text("name") or text("summary") or "",
        vendor_id=_of_type(str, vendor.get("id")),
        html_url=text("html_url"),
        self_url=text("self"),
        integration_key=text("integration_key"),
        integration_email=text("integration_email"),
        email_incident_creation=text("email_incident_creation"),
        email_filter_mode=text("email_filter_mode"),
        email_filters=_objects(body.get("email_filters")),
        email_parsers=_objects(body.get("email_parsers")),
        email_parsing_fallback=text("email_parsing_fallback"),
        created_at=text("created_at"),
        vendor_name=_of_type(str, vendor.get("summary")),
    )


def _objects(value: Any) -> list[dict[str, Any]] | None:
    """A list of objects as it is; None is none. Raises TypeError if it is anything else."""
    objects: list[dict[str, Any]] | None = _of_type(list, value)
    for each in objects or []:
        if not isinstance(each, dict):
            raise TypeError
    return objects


def _of_type(kind: type[Any], value: Any) -> Any:
    """The value as it is. Raises TypeError if it is of another kind; None is none."""
    if value is None or isinstance(value, kind):
        return value
    raise TypeError
