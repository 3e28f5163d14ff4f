"""A PagerDuty account: the API's resources, each with its operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .integrations import Integrations
from .services import Services
from .vendors import Vendors

if TYPE_CHECKING:
    from .client import Client

API_URLS = {"us": "https://api.pagerduty.com", "eu": "https://api.eu.pagerduty.com"}


class Account:
    """What can be done in the account that a client's token belongs to. Safe to share among threads."""

    def __init__(self, client: Client) -> None:
        self.vendors = Vendors(client)
        self.services = Services(client)
        self.integrations = Integrations(client)
