"""Services: what integrations belong to. https://developer.pagerduty.com/api-reference (Services)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
        return _service(self._client.get(f"/services/{id}")["service"])


def _service(body: dict[str, Any]) -> Service:
    return Service(id=body["id"], name=body["name"], html_url=body.get("html_url"))
