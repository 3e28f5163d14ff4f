"""The addresses of PagerDuty by region, and the integration URL: the address for a sender's webhook."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

API_URLS = {"us": "https://api.pagerduty.com", "eu": "https://api.eu.pagerduty.com"}
EVENTS_URLS = {"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}
IDENTITY_URL = "https://identity.pagerduty.com"

ORCHESTRATION_PATH = "/x-ere/{key}"


def integration_url(key: str, path: str, page_url: str | None) -> str:
    """Return the URL of an integration.

    Args:
        key: The integration key. One that begins with R is an event orchestration's.
        path: The path for the integration's type, with {key} if the URL contains the key.
        page_url: The URL of the integration's page in the web app, which is in the account's region.
    """
    if key.startswith("R") and "{key}" in path:
        path = ORCHESTRATION_PATH
    return _events_url_of(page_url) + path.format(key=key)


def events_url_for(api_url: str | None, region: str | None) -> str:
    """Return the address of the Events API: the emulator's own if the API is on this machine, else the region's."""
    api = urlsplit(api_url or "")
    if api.hostname and is_this_machine(api.hostname):
        return f"{api.scheme}://{api.netloc}"
    if api.hostname == urlsplit(API_URLS["eu"]).hostname:
        return EVENTS_URLS["eu"]
    return EVENTS_URLS[region or "us"]


def is_this_machine(host: str) -> bool:
    """Return whether a host's name or address leads to this machine."""
    name = host.rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:  # the name of a host
        return False


def _events_url_of(page_url: str | None) -> str:
    """Return the address of the Events API for the account with this page.

    A page that is not PagerDuty's is the emulator's.
    """
    try:
        page = urlsplit(page_url or "")
    except ValueError:  # A bracket that does not close.
        return EVENTS_URLS["us"]
    host = page.hostname or "pagerduty.com"
    if host.endswith(".eu.pagerduty.com"):
        return EVENTS_URLS["eu"]
    if host == "pagerduty.com" or host.endswith(".pagerduty.com") or page.scheme not in {"http", "https"}:
        return EVENTS_URLS["us"]
    return f"{page.scheme}://{page.netloc}"
