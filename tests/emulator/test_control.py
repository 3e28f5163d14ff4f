"""What tests and the web app do outside of PagerDuty's APIs: from Python, and by HTTP."""

import re
from pathlib import Path
from typing import Any

import pagerduty_emulator
import pytest
from pagerduty_emulator import GUESSES, Emulator, Settings

from .client import Client

README = Path(__file__).parents[2] / "emulator" / "README.md"


def send(client: Client, key: str) -> None:
    payload = {"summary": "Disk is full", "source": "db1", "severity": "error"}
    client.post("/v2/enqueue", json={"routing_key": key, "event_action": "trigger", "payload": payload})


def test_exact_counts(emulator: Emulator, api: Client, create: Any) -> None:
    for service in ("PCHECKT", "PCHECKT", "PAYMNT2"):
        create(service)
    api.get("/services?limit=1")
    assert emulator.requests.count() == len(emulator.requests) == 4
    assert emulator.requests.count("POST") == 3
    assert emulator.requests.count("POST", "/services/*/integrations") == 3
    assert emulator.requests.count(path="/services/PCHECKT/**") == 2
    assert emulator.requests.counts() == {"POST /services/{id}/integrations": 3, "GET /services": 1}
    assert [item.query for item in emulator.requests.matching("GET")] == ["limit=1"]
    assert {item.status for item in emulator.requests} == {200, 201}


def test_counts_by_http(anonymous: Client, create: Any) -> None:
    create()
    answer = anonymous.get("/emulator/requests?method=POST").json()
    assert answer["total"] == 1
    assert answer["requests"][0]["path"] == "/services/PCHECKT/integrations"
    assert answer["counts"] == {"POST /services/{id}/integrations": 1}
    assert anonymous.delete("/emulator/requests").status_code == 204
    assert anonymous.get("/emulator/requests").json()["total"] == 0


def test_a_regenerated_key_replaces_the_old(emulator: Emulator, api: Client, anonymous: Client, create: Any) -> None:
    made = create()
    key = emulator.regenerate_key(made["id"])
    assert api.get(made["self"]).json()["integration"] == {**made, "integration_key": key}
    assert anonymous.post(f"/emulator/integrations/{made['id']}/regenerate-key").status_code == 200
    assert api.get(made["self"]).json()["integration"]["integration_key"] not in (key, made["integration_key"])
    send(api, made["integration_key"])
    assert emulator.alerts() == []


def test_an_integration_moves_with_its_key(emulator: Emulator, api: Client, create: Any) -> None:
    made = create()
    assert emulator.move_integration(made["id"], "PAYMNT2") == made["id"]
    assert api.get(made["self"]).status_code == 404
    moved = api.get(f"/services/PAYMNT2/integrations/{made['id']}").json()["integration"]
    assert (moved["integration_key"], moved["service"]["id"]) == (made["integration_key"], "PAYMNT2")
    send(api, made["integration_key"])
    assert emulator.alerts()[0]["service"]["id"] == "PAYMNT2"


def test_it_may_get_a_new_id_by_moving(anonymous: Client, create: Any) -> None:
    made = create()
    answer = anonymous.post(f"/emulator/integrations/{made['id']}/move", json={"service": "PAYMNT2", "keep_id": False})
    assert answer.json()["integration"]["id"] != made["id"]
    assert "integration_key" not in answer.text


def test_edits_out_of_band(emulator: Emulator, create: Any) -> None:
    made = create(type="generic_email_inbound_integration")
    emulator.edit_integration(made["id"], name="Renamed", email_filter_mode="or-rules-email")
    edited = emulator.integration(made["id"])
    assert (edited["name"], edited["email_filter_mode"]) == ("Renamed", "or-rules-email")
    with pytest.raises(ValueError, match="Name cannot be empty"):
        emulator.edit_integration(made["id"], name="")
    assert emulator.requests.count("PUT") == 0


def test_deletions_out_of_band(emulator: Emulator, create: Any) -> None:
    emulator.delete_integration(create()["id"])
    create()
    emulator.delete_service("PCHECKT")
    assert emulator.integrations() == []
    with pytest.raises(KeyError, match="no service PCHECKT"):
        emulator.delete_service("PCHECKT")
    with pytest.raises(KeyError, match="no integration PXXXXXX"):
        emulator.delete_integration("PXXXXXX")


def test_more_services_and_vendors(emulator: Emulator, anonymous: Client, create: Any) -> None:
    service = emulator.add_service("Extra")
    vendor = emulator.add_vendor("My (Tool", "email")
    assert create(service, vendor={"id": vendor})["type"] == "generic_email_inbound_integration"
    answer = anonymous.post("/emulator/services", json={"name": "By HTTP", "id": "PBYHTTP"})
    assert (answer.status_code, answer.json()) == (201, {"id": "PBYHTTP"})
    assert anonymous.post("/emulator/services", json={"name": "Again", "id": "PBYHTTP"}).status_code == 400
    assert anonymous.post("/emulator/vendors", json={"name": "Another"}).status_code == 201
    assert [item["id"] for item in emulator.integrations(service)] != []


def test_settings_by_http(anonymous: Client, create: Any) -> None:
    change = {"subdomain": "shop", "latency": 0.001, "rejected_tokens": ["secret-token"], "rate_limit": None}
    shown = anonymous.patch("/emulator/settings", json=change)
    assert shown.json()["settings"]["subdomain"] == "shop"
    assert "secret-token" not in shown.text
    made = create(type="generic_email_inbound_integration")
    assert made["integration_email"].endswith("@shop.pagerduty.com")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"nonsense": 1}, "unknown setting 'nonsense'"),
        ({"region": "mars"}, "region must be one of us, eu, not 'mars'"),
        ({"latency": -1}, "latency cannot be -1"),
        ({"rate_limit": "many"}, "rate_limit cannot be 'many'"),
        ({"vendor_query": "no"}, "vendor_query cannot be 'no'"),
        ({"subdomain": ""}, "subdomain cannot be ''"),
        ({"utc_offset": "EST"}, "utc_offset must be Z or such as -04:00, not 'EST'"),
        ({"oauth_scopes": "services.read"}, "oauth_scopes cannot be 'services.read'"),
    ],
)
def test_settings_that_do_not_fit(anonymous: Client, change: dict[str, Any], error: str) -> None:
    answer = anonymous.patch("/emulator/settings", json={"latency": 9, **change})
    assert answer.status_code == 400
    assert error in answer.json()["error"]["message"]
    assert anonymous.get("/emulator/settings").json()["settings"]["latency"] == 0


@pytest.mark.parametrize("name", GUESSES)
def test_every_guess_can_be_either_way(anonymous: Client, name: str) -> None:
    ways = anonymous.get("/emulator/guesses").json()["guesses"][name]
    assert list(GUESSES[name]) == ways
    assert len(ways) > 1
    assert getattr(Settings(), name) == ways[0]
    for way in ways:
        shown = anonymous.patch("/emulator/settings", json={name: way}).json()["settings"]
        assert shown[name] == way


def test_the_readme_tells_every_guess() -> None:
    readme = README.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", readme.partition("## Guesses")[2].partition("\n## ")[0], re.MULTILINE)
    told = {name: re.findall(r"`(\w+)`", ways) for name, ways in rows}
    assert told == {name: [str(way).lower() for way in ways] for name, ways in GUESSES.items()}


def test_faults_by_http(emulator: Emulator, api: Client, anonymous: Client) -> None:
    answer = anonymous.post("/emulator/faults", json={"kind": "status", "path": "/vendors", "status": 500})
    assert answer.status_code == 201
    assert api.get("/vendors").status_code == 500
    assert anonymous.get("/emulator/faults").json()["faults"][0]["hits"] == 1
    path = f"/emulator/faults/{answer.json()['fault']['id']}"
    assert [anonymous.delete(path).status_code for _ in range(2)] == [204, 404]
    assert anonymous.delete("/emulator/faults").status_code == 204
    for bad in ({"kind": "meteor"}, {"status": 500}, {"kind": "reset", "wehn": 1}):
        assert anonymous.post("/emulator/faults", json=bad).status_code == 400
    assert emulator.faults.all() == []


def test_mail_events_and_alerts_by_http(anonymous: Client, create: Any) -> None:
    made = create(type="generic_email_inbound_integration")
    mail = {"to": made["integration_email"], "subject": "Disk"}
    assert anonymous.post("/emulator/emails", json=mail).json() == {"outcome": "alert triggered"}
    assert anonymous.post("/emulator/emails", json={}).json()["error"]["message"] == "to is required"
    assert [item["summary"] for item in anonymous.get("/emulator/events").json()["events"]] == ["Disk"]
    assert [item["summary"] for item in anonymous.get("/emulator/alerts").json()["alerts"]] == ["Disk"]


def test_oauth_tokens_are_expired_by_http(anonymous: Client) -> None:
    assert anonymous.post("/emulator/oauth/expire").status_code == 204


def test_the_endpoints_are_listed(anonymous: Client) -> None:
    assert "/emulator/faults" in anonymous.get("/emulator").json()["endpoints"]


def test_what_is_not_there(anonymous: Client) -> None:
    assert anonymous.post("/emulator/integrations/PXXXXXX/regenerate-key").status_code == 404
    assert anonymous.post("/emulator/faults", data="{").status_code == 400
    assert anonymous.post("/emulator/faults", data="[]").status_code == 400


def test_reset_takes_everything_back(emulator: Emulator, api: Client, anonymous: Client, create: Any) -> None:
    send(api, create()["integration_key"])
    emulator.settings.update({"subdomain": "other", "oauth_scopes": ["x"]})
    emulator.inject("status", times=None)
    assert anonymous.post("/emulator/reset").status_code == 204
    assert [emulator.integrations(), emulator.alerts(), emulator.events()] == [[], [], []]
    assert emulator.faults.all() == []
    assert (len(emulator.requests), emulator.settings) == (0, Settings())
    assert len(emulator.services()) == 12


def test_settings_are_given_to_serve() -> None:
    with pagerduty_emulator.serve(subdomain="shop", latency=0.0, services=3) as emulator:
        assert emulator.settings.subdomain == "shop"
        assert len(emulator.services()) == 3
        with pytest.raises(TypeError), pagerduty_emulator.serve(emulator, subdomain="x"):
            pass


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1"])
def test_pages_of_other_sites_cannot_write(emulator: Emulator, anonymous: Client, create: Any, origin: str) -> None:
    made = create()
    path = f"/emulator/integrations/{made['id']}/regenerate-key"
    assert anonymous.post(path, headers={"Origin": origin}).status_code == 403
    assert emulator.integration(made["id"]) == made


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "[::2]"])
def test_foreign_names_are_refused(api: Client, host: str) -> None:
    assert api.get("/services", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:8123"])
def test_loopback_names_are_good(api: Client, host: str) -> None:
    assert api.get("/services", headers={"Host": host}).status_code == 200
