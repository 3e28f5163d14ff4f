"""Services: what integrations belong to. https://developer.pagerduty.com/api-reference (Services)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .names import containing, folded
from .once import Once

if TYPE_CHECKING:
    from .client import Client


@dataclass(frozen=True)
class Service:
    id: str
    name: str
    html_url: str | None


class Services:
    """The services of an account. What was found is not asked for again; what was not may have been created since."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._service = Once[Service]()
        self._search = Once[list[Service]](keep=bool)
        self._index = Once[list[Service]](keep=lambda _services: False)

    def get(self, id: str) -> Service:
        """The service with this ID. Raises NotFoundError where there is none."""
        return self._service.get(id, lambda: self._client.get(service_path(id), lambda body: _service(body["service"])))

    def search(self, text: str) -> list[Service]:
        """The services whose names contain `text`, whatever its case; all of them, from any page."""
        return self._search.get(folded(text), lambda: self._containing(text.strip()))

    def all(self) -> list[Service]:
        """Every service of the account that the token may see: a call for each hundred."""
        return self._index.get("", lambda: self._read({}))

    def _containing(self, text: str) -> list[Service]:
        # How `query` compares is not said: what it leaves out counts only where something was found.
        return containing(text, self._read({"query": text})) or containing(text, self.all())

    def _read(self, params: dict[str, str]) -> list[Service]:
        return [service for page in self._client.pages("/services", "services", _service, params) for service in page]


def service_path(service_id: str) -> str:
    # An ID with a slash or a question mark in it must not reach another resource.
    return f"/services/{quote(service_id, safe='')}"


def _service(body: Mapping[str, Any]) -> Service:
    return Service(id=body["id"], name=body["name"], html_url=body.get("html_url"))
