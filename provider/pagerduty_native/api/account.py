"""A PagerDuty account: everything that the provider can read and change there."""

from __future__ import annotations

from collections.abc import Callable

from pagerduty_native.api.client import Client
from pagerduty_native.api.integrations import Integrations
from pagerduty_native.api.lookups import Services, Vendors
from pagerduty_native.api.orchestrations import Orchestrations
from pagerduty_native.api.urls import EVENTS_URLS


class Account:
    """The account that a client's token belongs to. Safe to share among threads.

    Args:
        client: Makes the calls.
        warn: Shows a message to the user.
        events_url: The address of the Events API.
        orchestrations_client: Makes the calls about event orchestrations, if another client does.
    """

    def __init__(
        self,
        client: Client,
        warn: Callable[[str], object] = lambda _message: None,
        *,
        events_url: str = EVENTS_URLS["us"],
        orchestrations_client: Client | None = None,
    ) -> None:
        self.client = client
        self.warn = warn
        self.events_url = events_url
        self.orchestrations = Orchestrations(orchestrations_client or client, warn)
        self.vendors = Vendors(client, warn)
        self.services = Services(client, warn)
        self.integrations = Integrations(client, self.vendors, self.services, warn)
