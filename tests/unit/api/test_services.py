"""Services: what is looked up once, and what is looked at again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import pytest
from pagerduty_native.api.client import Client
from pagerduty_native.api.errors import NotFoundError
from pagerduty_native.api.lookups import Service, Services, Team
from pagerduty_native.api.waiting import Waiting

PAGE = 2


class FakeClient:
    """A client of an account with services, two a page. calls: what was asked.

    filters: whether `query` counts. tells_pages: whether services have addresses. more: what else they have.
    """

    def __init__(self) -> None:
        self.waiting = Waiting()
        self.filters = True
        self.tells_pages = True
        self.more: dict[str, Any] = {}
        self.calls: list[str] = []
        self.names = {"P1": "Checkout", "P2": " Payments ", "P3": "Checkout (old)"}

    def get(self, path: str, parse: Callable[[Any], Any]) -> Any:
        self.calls.append(path)
        service = path.removeprefix("/services/")
        if service not in self.names:
            raise NotFoundError(404, 2100, "Not Found", ())
        return parse({"service": self.body(service)})

    def pages(
        self, path: str, key: str, parse: Callable[[Any], Any], params: Mapping[str, Any], **_warn: Any
    ) -> Iterator[list[Any]]:
        assert (path, key) == ("/services", "services")
        self.calls.append(str(params.get("query") or params.get("team_ids[]")))
        wanted = str(params.get("query", "")).casefold() if self.filters else ""
        found = [parse(self.body(each)) for each, name in self.names.items() if wanted in name.casefold()]
        for start in range(0, len(found), PAGE):
            yield found[start : start + PAGE]

    def body(self, service: str) -> dict[str, Any]:
        page = {"html_url": f"https://acme.pagerduty.com/{service}"} if self.tells_pages else {}
        return {"id": service, "name": self.names[service], **page, **self.more}


@pytest.fixture
def pagerduty() -> FakeClient:
    return FakeClient()


@pytest.fixture
def services(pagerduty: FakeClient) -> Services:
    return Services(cast("Client", pagerduty))


def ids(found: list[Service]) -> list[str]:
    return [each.id for each in found]


def test_a_service_is_requested_once(services: Services, pagerduty: FakeClient) -> None:
    for _ in range(2):
        assert services.get("P1") == Service("P1", "Checkout", "https://acme.pagerduty.com/P1")
    assert pagerduty.calls == ["/services/P1"]
    assert services.get("P3").name == "Checkout (old)"


def test_one_that_is_not_there_may_be_created_yet(services: Services, pagerduty: FakeClient) -> None:
    with pytest.raises(NotFoundError):
        services.get("P9")
    pagerduty.names["P9"] = "New"
    assert services.get("P9").name == "New"


def test_without_a_page_there_is_no_address(services: Services, pagerduty: FakeClient) -> None:
    pagerduty.tells_pages = False
    assert services.get("P1").html_url is None


def test_searches_that_differ_in_case_and_blanks_share_a_request(services: Services, pagerduty: FakeClient) -> None:
    for text in (" checkout ", "Checkout"):
        assert ids(services.search(text)) == ["P1", "P3"]
    assert pagerduty.calls == ["checkout"]
    assert ids(services.search("payments")) == ["P2"]


@pytest.mark.parametrize("filters", [True, False])
def test_a_search_does_not_rely_on_pagerdutys_filter(services: Services, pagerduty: FakeClient, filters: bool) -> None:
    pagerduty.filters = filters
    assert ids(services.search("payment")) == ["P2"]


def test_a_search_that_found_nothing_is_made_again(services: Services, pagerduty: FakeClient) -> None:
    assert services.search("new") == []
    pagerduty.names["P9"] = "New"
    assert ids(services.search("new")) == ["P9"]


def test_the_index_is_every_page_and_read_anew_each_time(services: Services, pagerduty: FakeClient) -> None:
    assert ids(services.all()) == ["P1", "P2", "P3"]
    pagerduty.names["P9"] = "New"
    assert ids(services.all()) == ["P1", "P2", "P3", "P9"]
    assert pagerduty.calls == ["None", "None"]


def test_teams_as_services_tell_of_them(services: Services, pagerduty: FakeClient) -> None:
    """A service of the recorded GET /services in the documents of IBM SOAR's app, with teams as references."""
    pagerduty.more = {
        "description": None,
        "created_at": "2023-08-24T14:52:50+08:00",
        "status": "active",
        "teams": [
            {"id": "PT1", "type": "team_reference", "summary": "Shop", "self": "https://api.pagerduty.com/teams/PT1"},
            {"id": "PT2", "type": "team_reference", "summary": None},
        ],
        "alert_creation": "create_alerts_and_incidents",
        "escalation_policy": {"id": "PE1", "type": "escalation_policy_reference", "summary": "Default"},
        "acknowledgement_timeout": None,
        "auto_resolve_timeout": None,
    }
    assert services.all()[0].teams == (Team("PT1", "Shop"), Team("PT2", ""))
    pagerduty.more = {"teams": None}
    assert services.all()[0].teams == ()


def test_the_services_of_a_team(services: Services, pagerduty: FakeClient) -> None:
    """By `team_ids[]`, of GET /services in PagerDuty's OpenAPI description."""
    assert ids(services.of_team("PT1")) == ["P1", "P2", "P3"]
    assert pagerduty.calls == ["PT1"]
