"""`pagerduty`, PagerDuty's client for Python, against the emulator; it takes https only."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from pagerduty import EventsApiV2Client, HttpError, RestApiV2Client, api_client
from pagerduty_emulator import Emulator

SERVICE = "services/PCHECKT"
KEYED = {"type": "events_api_v2_inbound_integration", "name": "Events"}


@pytest.fixture
def client(secure: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[RestApiV2Client]:
    monkeypatch.setenv("SSL_CERT_FILE", str(secure.ca_file))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with RestApiV2Client("any-token", base_url=secure.url) as client:
        yield client


@pytest.fixture
def events(secure: Emulator, client: RestApiV2Client) -> Iterator[EventsApiV2Client]:
    """A client with the key of a new integration."""
    key = client.rpost(f"{SERVICE}/integrations", json=KEYED)["integration_key"]
    with EventsApiV2Client(key, base_url=secure.url) as events:
        yield events


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the clients would have waited before each new try, in seconds."""
    seconds: list[float] = []
    monkeypatch.setattr(api_client, "time", SimpleNamespace(sleep=seconds.append))
    return seconds


def test_vendors(client: RestApiV2Client) -> None:
    every = client.list_all("vendors")
    assert len({vendor["id"] for vendor in every}) == len(every) > 400
    found = client.find("vendors", "Amazon CloudWatch")
    assert found is not None
    assert client.rget(found) == client.rget("vendors/PZQ6AUS") == found


def test_pages(secure: Emulator, client: RestApiV2Client) -> None:
    paged = [item["id"] for item in client.iter_all("services", page_size=5)]
    assert paged == [item["id"] for item in sorted(secure.services(), key=lambda service: service["name"].lower())]
    assert secure.requests.count("GET", "/services") == 3
    told: list[tuple[int, int]] = []

    def hook(service: dict[str, Any], number: int, total: int) -> None:
        told.append((number, total))

    list(client.iter_all("services", page_size=5, total=True, item_hook=hook))
    assert told[-1] == (12, 12)
    page = client.jget("services", params={"limit": 5, "offset": 10, "total": 1})
    assert (len(page["services"]), page["more"], page["total"]) == (2, False, 12)


def test_services(client: RestApiV2Client) -> None:
    policy = client.rget(SERVICE)["escalation_policy"]
    wanted = {"type": "service", "name": "By Python", "escalation_policy": policy}
    made = client.persist("services", "name", wanted)
    assert client.persist("services", "name", {**wanted, "name": "by python"})["id"] == made["id"]
    changed = client.persist("services", "name", {**wanted, "description": "Changed"}, update=True)
    assert (changed["id"], changed["description"]) == (made["id"], "Changed")
    client.rdelete(changed)
    with pytest.raises(HttpError, match="status 404"):
        client.rget(changed)


def test_integrations(client: RestApiV2Client) -> None:
    vendor = {"type": "vendor_reference", "id": "PZQ6AUS"}
    made = client.rpost(f"{SERVICE}/integrations", json={**KEYED, "vendor": vendor})
    assert (made["type"], len(made["integration_key"])) == ("event_transformer_api_inbound_integration", 32)
    assert client.rput(made, json={**made, "name": "Renamed"})["name"] == "Renamed"
    (service,) = client.list_all("services", params={"query": "Checkout", "include[]": ["integrations"]})
    assert [item["integration_key"] for item in service["integrations"]] == [made["integration_key"]]
    client.rdelete(made)
    assert client.get(made["self"]).status_code == 404


def test_email_rules(secure: Emulator, client: RestApiV2Client) -> None:
    predicate = {"type": "all", "children": [{"type": "contains", "part": "subject", "matcher": "down"}]}
    extractor = {"type": "entire", "part": "subject", "value_name": "incident_key"}
    rules: dict[str, Any] = {
        "email_incident_creation": "use_rules",
        "email_filter_mode": "and-rules-email",
        "email_filters": [{"subject_mode": "match", "subject_regex": "^host", "body_mode": "always"}],
        "email_parsers": [{"action": "trigger", "match_predicate": predicate, "value_extractors": [extractor]}],
    }
    mail = {"type": "generic_email_inbound_integration", "name": "E-mail", "integration_email": "py@acme.pagerduty.com"}
    made = client.rpost(f"{SERVICE}/integrations", json={**mail, **rules})
    assert "integration_key" not in made
    assert made["email_filters"][0]["from_email_mode"] == "always"
    assert secure.receive_email("py@acme.pagerduty.com", subject="host down") == "alert triggered"
    changed = client.rput(made, json={**made, "email_filter_mode": "all-email"})
    assert changed["email_filter_mode"] == "all-email"
    assert client.rget(made) == changed


def test_users_and_abilities(client: RestApiV2Client) -> None:
    made = client.rpost("users", json={"name": "On-call", "email": "on-call@acme.example", "type": "user"})
    assert client.find("users", "on-call@acme.example", attribute="email") == client.rget(made)
    client.rdelete(made)
    assert client.rget("users/me")["type"] == "user"
    assert client.account_has_ability("urgencies")
    assert not client.account_has_ability("no_such")


def test_escalation_policies(client: RestApiV2Client) -> None:
    owner = {"id": "POWNER1", "type": "user_reference"}
    rules = [{"escalation_delay_in_minutes": 15, "targets": [owner]}]
    made = client.persist("escalation_policies", "name", {"name": "By Python", "escalation_rules": rules})
    assert client.rput(made, json={**made, "num_loops": 2})["num_loops"] == 2
    read = client.rget(made)
    assert [target["id"] for rule in read["escalation_rules"] for target in rule["targets"]] == ["POWNER1"]
    used = client.rget(SERVICE)["escalation_policy"]
    assert client.delete(f"escalation_policies/{used['id']}").status_code == 400
    client.rdelete(made)
    assert client.get(made["self"]).status_code == 404


def test_refusals_reach_the_client_as_errors(secure: Emulator, client: RestApiV2Client) -> None:
    refused = client.post(f"{SERVICE}/integrations", json={"integration": {"name": "No type"}})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 2001)
    secure.settings.rejected_tokens.add("any-token")
    with pytest.raises(HttpError, match="401 Unauthorized"):
        client.get("services")


def test_it_tries_again_after_429_and_503(secure: Emulator, client: RestApiV2Client, waited: list[float]) -> None:
    """It does not look at `ratelimit-reset`: 3 seconds, and twice as long each time, without end."""
    secure.inject("rate_limit", "GET", "/vendors", times=2)
    secure.inject("rate_limit", "GET", "/vendors", times=1, bare=True)
    assert client.get("vendors").status_code == 200
    assert waited == [3, 6, 12]
    secure.inject("status", "GET", "/vendors", times=1)
    assert client.get("vendors").status_code == 503  # by default
    client.retry[503] = 1
    secure.inject("status", "GET", "/vendors", times=1)
    assert client.get("vendors").status_code == 200


def test_it_tries_again_after_a_reset(secure: Emulator, client: RestApiV2Client, waited: list[float]) -> None:
    """Also a POST that was done: so there are two."""
    secure.inject("reset", "POST", after_commit=True)
    client.rpost(f"{SERVICE}/integrations", json=KEYED)
    assert waited == [3]
    assert [item["name"] for item in secure.integrations()] == ["Events", "Events"]


def test_events(secure: Emulator, events: EventsApiV2Client) -> None:
    key = events.trigger("Disk is full", "db1", severity="error", custom_details={"percent": 99})
    assert events.acknowledge(key) == key
    assert events.resolve(key) == key
    assert [(item["summary"], item["status"]) for item in secure.alerts()] == [("Disk is full", "resolved")]
    with pytest.raises(HttpError, match="status 400"):
        events.trigger("Disk is full", "db1", severity="bad")


def test_change_events(secure: Emulator, events: EventsApiV2Client) -> None:
    events.submit("Deployed", source="ci", timestamp="2026-01-01T00:00:00Z")
    assert [(item["channel"], item["summary"]) for item in secure.events()] == [("change", "Deployed")]
    with pytest.raises(AttributeError, match="has no attribute 'timezone'"):  # 7.2.0's own, before it sends anything
        events.submit("Deployed")


def test_events_beyond_the_limit(secure: Emulator, events: EventsApiV2Client, monkeypatch: pytest.MonkeyPatch) -> None:
    secure.settings.update({"events_rate_limit": 1})
    events.trigger("One", "db1")

    def sleep(seconds: float) -> None:
        secure.settings.events_rate_limit = None

    monkeypatch.setattr(api_client, "time", SimpleNamespace(sleep=sleep))
    events.trigger("Two", "db1")
    assert [item["summary"] for item in secure.alerts()] == ["One", "Two"]
    assert [item.status for item in secure.requests.matching("POST", "/v2/enqueue")] == [202, 429, 202]
