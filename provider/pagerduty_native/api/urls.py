"""The addresses of PagerDuty by region, and the integration URL: the address for a sender's webhook."""

from __future__ import annotations

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
    return _events_url(page_url) + path.format(key=key)


def _events_url(page_url: str | None) -> str:
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
