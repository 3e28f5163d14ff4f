"""Inbound integrations of services. https://developer.pagerduty.com/api-reference (Services, Integrations)"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from .creation import Creator
from .errors import NotFoundError
from .services import service_path
from .survey import Survey

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
    self_url: str | None = None
    created_at: str | None = None

    @property
    def events_url(self) -> str | None:
        """Where the sender's webhook goes, with the key in it where the kind of integration has it there.

        The integration's page tells the account's region, and, where it is not PagerDuty's, the emulator's address.
        """
        if not self.integration_key:
            return None
        base, key = _events_base(self.html_url or self.self_url), self.integration_key
        if self.type == EVENTS_API_V2:
            return f"{base}/v2/enqueue"
        if key.startswith("R"):
            return f"{base}/x-ere/{key}"
        if self.type.startswith("change_event"):
            return f"{base}/integration/{key}/change/enqueue"
        return f"{base}/integration/{key}/enqueue"


def _events_base(url: str | None) -> str:
    page = urlsplit(url or "")
    host = page.hostname or "pagerduty.com"
    if host.endswith(".eu.pagerduty.com"):
        return EVENTS_URLS["eu"]
    if host == "pagerduty.com" or host.endswith(".pagerduty.com"):
        return EVENTS_URLS["us"]
    return f"{page.scheme}://{page.netloc}"


class Integrations:
    """The integrations of an account. Reads share calls (survey.py); creations are made once (creation.py)."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._survey = Survey(client, _integration)
        self._creator = Creator(client, self._look, self._survey.seen)

    def create(self, service_id: str, integration: Mapping[str, Any]) -> Integration:
        """Create an integration on a service. integration: the API's fields, `type` among them.

        Raises UnsettledError where it cannot be told whether it was created.
        """
        body = {"integration": integration}
        created = self._creator.create(
            service_id, integration, lambda: self._client.post(_path(service_id), body, _parsing(service_id))
        )
        self._survey.written(service_id, created.id)
        return created

    def get(self, service_id: str, id: str) -> Integration:
        """An integration, as it was a minute ago at the most. Raises NotFoundError where its service has none such."""
        found = self._survey.find(service_id, id) or self._client.get(_path(service_id, id), _parsing(service_id))
        self._creator.take(found)
        return found

    def update(self, service_id: str, id: str, integration: Mapping[str, Any]) -> Integration:
        """Change the fields of an integration that are given; the others stay as they are."""
        try:
            changed = self._client.put(_path(service_id, id), {"integration": integration}, _parsing(service_id))
        finally:
            self._survey.written(service_id, id)
        self._creator.take(changed)
        return changed

    def delete(self, service_id: str, id: str) -> None:
        """Delete an integration. Raises NotFoundError where there was none."""
        try:
            self._client.delete(_path(service_id, id))
        finally:
            self._survey.written(service_id, id)

    def of(self, service_id: str) -> list[Integration]:
        """The integrations of a service. Raises NotFoundError where there is no such service."""
        snapshot = self._survey.of(service_id)
        if snapshot.missing:
            raise NotFoundError(404, None, f"There is no service {service_id}", ())
        return [*snapshot.integrations.values(), *self._singly(service_id, snapshot.references)]

    def all(self) -> list[Integration]:
        """Every integration of every service that the token may see: a call for each hundred services."""
        return list(self._survey.everything())

    def find_moved(self, service_id: str, id: str, key: str | None) -> Integration | None:
        """Where an integration is that its service has no more: the one with the same ID, else with the same key.

        People can move integrations to other services in the web app. Looks through the whole account, once.
        key: the integration's key as it was last known. Returns None where the integration is gone.
        """
        elsewhere = [each for each in self._survey.everything() if (each.service_id, each.id) != (service_id, id)]
        by_id = (each for each in elsewhere if each.id == id)
        by_key = (each for each in elsewhere if key and each.integration_key == key)
        return next(by_id, None) or next(by_key, None)

    def _look(self, service_id: str, name: str) -> list[Integration]:
        """The integrations that a service has at this moment; those of other names may be left out."""
        snapshot = self._survey.look(service_id)
        alike = [key for key, each in snapshot.references.items() if each.strip() == name.strip()]
        return [*snapshot.integrations.values(), *self._singly(service_id, alike)]

    def _singly(self, service_id: str, ids: Iterable[str]) -> list[Integration]:
        return [self._client.get(_path(service_id, each), _parsing(service_id)) for each in ids]


def _path(service_id: str, *integration_id: str) -> str:
    return "".join(
        [service_path(service_id), "/integrations", *(f"/{quote(each, safe='')}" for each in integration_id)]
    )


def _parsing(service_id: str) -> Callable[[Any], Integration]:
    """What parses the API's answer about one integration of a service."""
    return lambda body: _integration(service_id, body["integration"])


def _integration(service_id: str, body: Mapping[str, Any]) -> Integration:
    return Integration(
        id=_of_type(str, body["id"]),
        service_id=(body.get("service") or {}).get("id") or service_id,
        type=_of_type(str, body["type"]),
        name=_of_type(str, body.get("name") or body.get("summary") or ""),
        vendor_id=(body.get("vendor") or {}).get("id"),
        html_url=body.get("html_url"),
        self_url=body.get("self"),
        integration_key=_of_type(str, body.get("integration_key")),
        integration_email=_of_type(str, body.get("integration_email")),
        email_incident_creation=body.get("email_incident_creation"),
        email_filter_mode=body.get("email_filter_mode"),
        email_filters=_of_type(list, body.get("email_filters")),
        email_parsers=_of_type(list, body.get("email_parsers")),
        email_parsing_fallback=body.get("email_parsing_fallback"),
        created_at=_of_type(str, body.get("created_at")),
    )


def _of_type(kind: type[Any], value: Any) -> Any:
    """The value as it is. Raises TypeError where it is of another kind; None is none."""
    if value is None or isinstance(value, kind):
        return value
    raise TypeError
