"""An Integration's properties as the API has them, and back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pagerduty_native.pagerduty.integration import Integration
from pagerduty_native.rpc import encode

from . import email

EMAIL_PROPERTIES = (
    "integration_email",
    "email_incident_creation",
    "email_filter_mode",
    "email_filters",
    "email_parsers",
    "email_parsing_fallback",
)
UPDATABLE = ("name", *EMAIL_PROPERTIES)


def to_api(args: object, names: Iterable[str]) -> dict[str, Any]:
    """The API's fields for the named properties of an `IntegrationArgs`; what is absent or empty is left out."""
    fields: dict[str, Any] = {name: getattr(args, name) for name in names}
    for name, each_to_api in (("email_filters", email.filter_to_api), ("email_parsers", email.to_api)):
        if fields.get(name):
            fields[name] = [each_to_api(each) for each in fields[name]]
    return {name: value for name, value in fields.items() if value}


def cleared(old: object, new: object) -> dict[str, Any]:
    """The API's fields that take away what a state has and the arguments have not: what an update leaves out stays."""
    gone = {name for name in ("email_filters", "email_parsers") if getattr(old, name) and not getattr(new, name)}
    return {name: [email.NO_FILTER] if name == "email_filters" else [] for name in gone}


def from_api(found: Integration) -> dict[str, Any]:
    """The properties of an `IntegrationState`, by their Python names."""
    filters = [email.from_api(email.EmailFilter, each) for each in found.email_filters or []]
    return {
        "service": found.service_id,
        "vendor": found.vendor_id,
        "type": found.type,
        "name": found.name,
        "integration_email": found.integration_email,
        "email_incident_creation": found.email_incident_creation,
        "email_filter_mode": found.email_filter_mode,
        # The one filter that lets everything pass is how PagerDuty says that there is none.
        "email_filters": filters if email.filters_meaning([encode(each) for each in filters]) else None,
        "email_parsers": [email.from_api(email.EmailParser, each) for each in found.email_parsers or []] or None,
        "email_parsing_fallback": found.email_parsing_fallback,
        "integration_id": found.id,
        "integration_key": found.integration_key,
        "integration_url": found.events_url,
        "html_url": found.html_url,
    }


def tells_enough(found: Integration, old: Any) -> bool:
    """Whether a bulk read tells all of an integration: what it leaves out must not be taken for a change.

    old: its `IntegrationState` as far as it is known; nothing of it at import.
    """
    if old.integration_id is None:
        return not found.takes_email or (found.email_filters is not None and found.email_parsers is not None)
    told = {name: getattr(found, name) for name in ("integration_key", "html_url", *EMAIL_PROPERTIES)}
    told["vendor"] = found.vendor_id
    return all(getattr(old, name) is None or value is not None for name, value in told.items())
