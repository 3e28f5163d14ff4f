"""A PagerDuty account: the API's resources, each with its operations."""

from __future__ import annotations

from collections.abc import Callable

from .client import Client
from .integrations import Integrations
from .inventory import Inventory
from .services import Services
from .vendors import Vendors

API_URLS = {"us": "https://api.pagerduty.com", "eu": "https://api.eu.pagerduty.com"}


class Account:
    """What can be done in the account that a client's token belongs to. Safe to share among threads.

    client: what makes the calls. warn: takes a message for the person who is waiting.
    """

    def __init__(self, client: Client, warn: Callable[[str], object] = lambda _message: None) -> None:
        self.client = client
        self.warn = warn
        self.vendors = Vendors(client)
        self.services = Services(client)
        self.integrations = Integrations(client, self.vendors, warn)
        self.inventory = Inventory(self.services, self.integrations)
