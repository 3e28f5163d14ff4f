"""Services: what integrations belong to. https://developer.pagerduty.com/api-reference (Services)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .bodies import id_of, objects_or_none, text, text_or_none
from .client import Client
from .names import containing, folded
from .once import Once
from .paths import service_path


@dataclass(frozen=True)
class Team:
    """A team as its services tell of it."""

    id: str
    name: str


@dataclass(frozen=True)
class Service:
    id: str
    name: str
    html_url: str | None
    teams: tuple[Team, ...] = ()


class Services:
    """The services of an account. What was found is not asked for again; what was not may have been created since."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._service = Once[Service](client.waiting)
        self._search = Once[list[Service]](client.waiting, keep=bool)
        self._index = Once[list[Service]](client.waiting, keep=lambda _services: False)

    def get(self, id: str) -> Service:
        """The service with this ID. Raises NotFoundError if there is none."""
        return self._service.get(
            id, lambda: self._client.get(service_path(id), lambda body: service_from(body["service"], id))
        )

    def search(self, text: str) -> list[Service]:
        """The services whose names contain `text`, whatever its case; none if PagerDuty's own search finds none."""
        query = {"query": text.strip()}
        return self._search.get(folded(text), lambda: containing(text, self._read(query)))

    def all(self) -> list[Service]:
        """Every service of the account that the token may see: a call for each hundred."""
        return self._index.get("", lambda: self._read({}))

    def of_team(self, team_id: str) -> list[Service]:
        """The services of a team, also those that `all` does not reach."""
        return self._read({"team_ids[]": team_id})

    def _read(self, params: dict[str, str]) -> list[Service]:
        # A service moves to the next page if another is added before it.
        pages = self._client.pages("/services", "services", service_from, params)
        return list({service.id: service for page in pages for service in page}.values())


def service_from(body: Mapping[str, Any], id: str | None = None) -> Service:
    """The service that the API describes. Raises as `bodies` does if it is not that. id: the one that was asked for."""
    teams = tuple(
        Team(id_of(each), text_or_none(each, "summary") or "") for each in objects_or_none(body, "teams") or ()
    )
    return Service(id=id_of(body, id), name=text(body, "name"), html_url=text_or_none(body, "html_url"), teams=teams)
