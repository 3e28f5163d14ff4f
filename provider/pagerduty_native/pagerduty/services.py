"""Services: what integrations belong to. https://developer.pagerduty.com/api-reference (Services)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from .client import Client


@dataclass(frozen=True)
class Service:
    id: str
    name: str
    html_url: str | None


class Services:
    def __init__(self, client: Client) -> None:
        self._client = client

    def get(self, id: str) -> Service:
        """The service with this ID. Raises NotFoundError where there is none."""
        return _service(self._client.get(f"/services/{quote(id, safe='')}")["service"])

    def search(self, text: str) -> list[Service]:
        """The services whose names contain `text`, whatever its case; all of them, from any page."""
        folded = text.strip().casefold()
        return [service for service in self.all() if folded in service.name.casefold()]

    def all(self) -> list[Service]:
        """Every service of the account that the token may see: a call for each hundred."""
        return [_service(body) for page in self._client.pages("/services", "services") for body in page]


def _service(body: dict[str, Any]) -> Service:
    return Service(id=body["id"], name=body["name"], html_url=body.get("html_url"))
