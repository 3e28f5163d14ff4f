"""HEAD, OPTIONS, and web pages of other sites that are clients of the API (CORS)."""

from typing import Any

import pytest
from pagerduty_emulator import Emulator

from .client import Client

ORIGIN = "http://localhost:3000"
PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


def test_head_is_answered_like_get(emulator: Emulator, api: Client) -> None:
    answer = api.head("/services/PCHECKT")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["content-length"]) > 0
    assert [(item.method, item.status) for item in emulator.requests] == [("HEAD", 200)]
    assert api.head("/services/PNONE").status_code == 404
    assert api.head("/oncalls").headers["emulator-not-served"] == "GET /oncalls"


def test_head_of_an_events_address_sends_no_event(emulator: Emulator, anonymous: Client, create: Any) -> None:
    key = create(vendor={"id": "PCJ0EFQ"})["integration_key"]
    assert anonymous.head(f"/integration/{key}/enqueue?summary=x").status_code == 405
    assert emulator.events() == []


def test_options_names_the_methods_without_a_token(emulator: Emulator, anonymous: Client) -> None:
    answer = anonymous.options("/services/PCHECKT")
    assert (answer.status_code, answer.headers["allow"]) == (204, "DELETE, GET, PUT, OPTIONS")
    assert list(emulator.requests) == []


def test_by_default_no_page_of_another_site_is_a_client(api: Client) -> None:
    answer = api.options("/services", headers=PREFLIGHT)
    assert not [name for name in answer.headers if name.startswith("access-control")]
    read = api.get("/services", headers={"Origin": ORIGIN})
    assert (read.status_code, "access-control-allow-origin" in read.headers) == (200, False)
    refused = api.post("/services/PCHECKT/integrations", json={}, headers={"Origin": ORIGIN})
    assert (refused.status_code, "cors_origins" in refused.text) == (403, True)


@pytest.mark.parametrize("allowed", [ORIGIN, "*"])
def test_pages_of_allowed_origins_are_clients(emulator: Emulator, api: Client, allowed: str) -> None:
    emulator.settings.cors_origins = {allowed}
    preflight = api.options("/services/PCHECKT/integrations", headers=PREFLIGHT)
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert preflight.headers["access-control-allow-methods"] == "POST"
    assert preflight.headers["access-control-allow-headers"] == "authorization,content-type"
    refused = api.post("/services/PCHECKT/integrations", json={}, headers={"Origin": ORIGIN})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (400, ORIGIN)
    assert (
        "emulator-not-served"
        in api.get("/oncalls", headers={"Origin": ORIGIN}).headers["access-control-expose-headers"]
    )
    event = api.post("/v2/enqueue", json={}, headers={"Origin": ORIGIN})
    assert (event.status_code, event.headers["access-control-allow-origin"]) == (400, ORIGIN)


def test_the_emulators_own_addresses_stay_closed(emulator: Emulator, api: Client) -> None:
    emulator.settings.cors_origins = {"*"}
    for path in ("/emulator/reset", "/actions/faults/clear", "/emulator/../emulator/reset"):
        assert api.post(path, headers={"Origin": ORIGIN}).status_code == 403, path
    assert "access-control-allow-origin" not in api.get("/emulator/requests", headers={"Origin": ORIGIN}).headers


def test_another_origin_stays_refused(emulator: Emulator, api: Client) -> None:
    emulator.settings.cors_origins = {ORIGIN}
    for origin in ("http://localhost:3001", "null", "http://localhost:3000.evil.example"):
        assert "access-control-allow-origin" not in api.options("/services", headers={"Origin": origin}).headers
        assert api.post("/services", json={}, headers={"Origin": origin}).status_code == 403
