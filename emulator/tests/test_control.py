"""Actions of tests and of the web app outside of PagerDuty's APIs: from Python, and by HTTP."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pagerduty_emulator
import pytest
import requests
from pagerduty_emulator import GUESSES, Emulator, Settings
from pagerduty_emulator.serving.proxy import PAGERDUTY_HOSTS

from tests.support import HANG_SECONDS

from .client import Client

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
TESTING = PAGE.with_name("testing.md")


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


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("served=false", ["POST /services", "GET /services"]),
        ("served=true", ["GET /nonsense"]),
        ("method=POST", ["GET /services", "GET /nonsense"]),
        ("method=get&path=/serv*", ["POST /services", "GET /nonsense"]),
        ("path=/elsewhere", ["POST /services", "GET /services", "GET /nonsense"]),
        ("", []),
    ],
)
def test_delete_of_requests_keeps_those_that_do_not_match(
    emulator: Emulator, api: Client, anonymous: Client, query: str, kept: list[str]
) -> None:
    api.post("/services", json={})
    api.get("/services")
    api.get("/nonsense")
    assert anonymous.delete(f"/emulator/requests?{query}").status_code == 204
    assert [f"{each.method} {each.path}" for each in emulator.requests] == kept


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (
            "DELETE requests?serve=false",
            "no query parameter 'serve': did you mean 'served'; its parameters: method, ",
        ),
        ("GET requests?serve=false", "did you mean 'served'"),
        ("DELETE requests?count=1", "no query parameter 'count'; its parameters: method, path, served"),
        ("DELETE requests?method=GET&method=POST", "method of /emulator/requests can be given only once"),
        ("DELETE requests?served=no", "served must be true or false, not 'no'"),
        ("DELETE requests?served=", "served must be true or false, not ''"),
        ("DELETE requests?path=s", "path must begin with / or *, such as /services/*/integrations, not 's'"),
        ("GET requests?path=", "path must begin with / or *"),
        ("DELETE requests?path=*", "path must begin with / or *"),
        ("DELETE requests?path=/services%3Flimit=1", "path must begin with / or *"),
        ("DELETE requests?method=FETCH", "method must be a method such as GET, not 'FETCH'"),
        ("DELETE faults?kind=reset", "/emulator/faults has no query parameter 'kind'; it has none"),
        ("POST reset?x", "/emulator/reset has no query parameter 'x'; it has none"),
    ],
)
def test_a_query_that_a_control_does_not_know_changes_nothing(
    emulator: Emulator, api: Client, anonymous: Client, call: str, error: str
) -> None:
    api.get("/services")
    emulator.inject("status", path="/vendors")
    method, address = call.split()
    answer = anonymous.request(method, f"/emulator/{address}")
    assert (answer.status_code, error in answer.json()["error"]["message"]) == (400, True), answer.text
    assert (len(emulator.requests), len(emulator.faults.all())) == (1, 1)


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
    answer = anonymous.post("/emulator/vendors", json={"name": "By HTTP", "id": "PBYHTTP"})
    assert (answer.status_code, answer.json()) == (201, {"id": "PBYHTTP"})
    assert anonymous.post("/emulator/vendors", json={"name": "Again", "id": "PBYHTTP"}).status_code == 400
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
        ({"nonsense": 1}, "unknown setting 'nonsense'; known: absent_fields, aiops"),
        ({"latancy": 1}, "unknown setting 'latancy': did you mean 'latency'"),
        ({"region": "mars"}, "region must be one of us, eu, not 'mars'"),
        ({"region": ["us"]}, "region must be one of us, eu, not ['us']"),
        ({"latency": -1}, "latency must be a number from 0 to 3600, not -1"),
        ({"latency": True}, "latency must be a number from 0 to 3600, not True"),
        ({"latency": float("inf")}, "latency must be a number from 0 to 3600, not inf"),
        ({"latency": float("nan")}, "latency must be a number from 0 to 3600, not nan"),
        ({"latency": 10**400}, "latency must be a number from 0 to 3600, not 1000"),
        ({"rate_limit": "many"}, "rate_limit must be a whole number from 0 to 1000000000 or null, not 'many'"),
        ({"rate_limit": 1.5}, "rate_limit must be a whole number"),
        ({"rate_limit": 10**30}, "rate_limit must be a whole number"),
        ({"rate_limit_window": 0}, "rate_limit_window must be a number from 0.001"),
        ({"oauth_expires_in": float("inf")}, "oauth_expires_in must be a whole number"),
        ({"vendor_query": "no"}, "vendor_query must be true or false, not 'no'"),
        ({"vendor_query": None}, "vendor_query must be true or false, not None"),
        ({"subdomain": ""}, "subdomain must be the account's name in SUBDOMAIN.pagerduty.com"),
        ({"subdomain": "a/b"}, "not 'a/b'"),
        ({"subdomain": "api"}, "and not api, events or identity, which are PagerDuty's own hosts, not 'api'"),
        ({"subdomain": "events"}, "not 'events'"),
        ({"subdomain": "identity"}, "not 'identity'"),
        ({"subdomain": "-a"}, "not '-a'"),
        ({"subdomain": "a\n"}, "not 'a\\n'"),
        ({"subdomain": ["acme"]}, "not ['acme']"),
        ({"utc_offset": "EST"}, "utc_offset must be Z or such as -04:00, not 'EST'"),
        ({"utc_offset": None}, "utc_offset must be Z or such as -04:00, not None"),
        ({"oauth_scopes": "services.read"}, "oauth_scopes must be a list of text or null, not 'services.read'"),
        ({"create_ignores": [["email_filters"]]}, "create_ignores must be a list of text"),
        ({"token_users": {"secret-token": 1}}, "token_users must be an object with texts"),
        ({"rejected_tokens": {"secret-token": 1}}, "rejected_tokens must be a list of text"),
    ],
)
def test_settings_that_do_not_fit(anonymous: Client, change: dict[str, Any], error: str) -> None:
    body = json.dumps({"latency": 9, **change})  # Python's JSON has Infinity and NaN, as other clients' has
    answer = anonymous.patch("/emulator/settings", data=body)
    assert answer.status_code == 400
    assert "secret-token" not in answer.text
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
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", page.partition("## Guesses")[2].partition("\n## ")[0], re.MULTILINE)
    told = {name: re.findall(r"`([\w-]+)`", ways) for name, ways in rows}
    assert told == {name: [str(way).lower() for way in ways] for name, ways in GUESSES.items()}


def test_no_account_has_the_name_of_a_host_of_pagerdutys() -> None:
    for host in PAGERDUTY_HOSTS:
        with pytest.raises(ValueError, match="subdomain must be"):
            Settings(subdomain=host.partition(".")[0])
    assert Settings(subdomain="api-team").email_domain == "api-team.pagerduty.com"


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "application/json", "text/plain"])
def test_json_is_taken_under_the_content_type_that_curl_gives_it(
    emulator: Emulator, anonymous: Client, create: Any, content_type: str
) -> None:
    headers = {"Content-Type": content_type}
    anonymous.post("/emulator/faults", data=' {"kind": "reset"}', headers=headers)
    anonymous.patch("/emulator/settings", data='{"subdomain": "shop", "latency": 0.001}', headers=headers)
    assert [each.kind for each in emulator.faults.all()] == ["reset"]
    assert emulator.settings.subdomain == "shop"
    emulator.faults.clear()
    moved = anonymous.post(
        f"/emulator/integrations/{create()['id']}/move", data='{"service": "PAYMNT2"}', headers=headers
    )
    assert moved.status_code == 200
    for body in ("[]", '{"kind": "reset"'):
        refused = anonymous.post("/emulator/faults", data=body, headers=headers)
        assert (refused.status_code, "required" in refused.text) == (400, False)


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("emails", {"to": "a@b", "sbject": "Down"}, "no field 'sbject': did you mean 'subject'; its fields: to, from,"),
        ("vendors", {"name": "Mine", "type": "x"}, "a vendor has no field 'type'; its fields: name, "),
        ("integrations/PX/move", {"service": "PCHECKT", "keepId": False}, "no field 'keepId': did you mean 'keep_id'"),
    ],
)
def test_a_field_that_a_control_does_not_know_changes_nothing(
    api: Client, anonymous: Client, path: str, body: dict[str, Any], error: str
) -> None:
    answer = anonymous.post(f"/emulator/{path}", json=body)
    assert (answer.status_code, error in answer.json()["error"]["message"]) == (400, True), answer.text
    assert api.get("/vendors?query=Mine").json()["vendors"] == []


@pytest.mark.parametrize("form", ["{'kind': 'reset'}", "kind: reset", "--x\r\nContent-Disposition: form-data"])
def test_a_body_that_is_neither_json_nor_a_form_is_named(anonymous: Client, form: str) -> None:
    answer = anonymous.post("/emulator/faults", data=form, headers={"Content-Type": "multipart/form-data; boundary=x"})
    message = answer.json()["error"]["message"]
    assert (answer.status_code, message.partition(": ")[0]) == (
        400,
        "the body must be JSON, or a form in application/x-www-form-urlencoded",
    )


def test_json_as_a_form_is_no_way_for_pages_of_other_sites(emulator: Emulator, anonymous: Client) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://evil.example"}
    assert anonymous.post("/emulator/faults", data='{"kind": "reset"}', headers=headers).status_code == 403
    assert emulator.faults.all() == []


@pytest.mark.skipif(os.name == "nt" or shutil.which("curl") is None, reason="no shell or no curl on this machine")
def test_the_commands_for_curl_in_the_page(emulator: Emulator, api: Client) -> None:
    (commands,) = re.findall(r"^```sh\n(curl .*?)^```$", TESTING.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    api.get("/nonsense")
    api.get("/services")
    commands = commands.replace("http://127.0.0.1:8123", emulator.url)
    subprocess.run(["bash", "-euc", commands], check=True, timeout=HANG_SECONDS)
    assert [(each.kind, each.path) for each in emulator.faults.all()] == [("reset", "/services/*/integrations")]
    assert emulator.settings.latency == 0.02
    assert [each.path for each in emulator.requests] == ["/services"]


def test_faults_by_http(emulator: Emulator, api: Client, anonymous: Client) -> None:
    answer = anonymous.post("/emulator/faults", json={"kind": "status", "path": "/vendors", "status": 500})
    assert answer.status_code == 201
    assert api.get("/vendors").status_code == 500
    assert anonymous.get("/emulator/faults").json()["faults"][0]["hits"] == 1
    path = f"/emulator/faults/{answer.json()['fault']['id']}"
    assert [anonymous.delete(path).status_code for _ in range(2)] == [204, 404]
    assert anonymous.delete("/emulator/faults").status_code == 204
    assert emulator.faults.all() == []


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"kind": "meteor"}, "kind of a fault must be one of status, rate_limit,"),
        ({"kind": ["reset"]}, "not ['reset']"),
        ({"kind": None}, "not None"),
        ({"method": ["GET"]}, "method of a fault must be null or a method such as GET, not ['GET']"),
        ({"method": ""}, "not ''"),
        ({"method": "GTE"}, "method of a fault must be null or a method such as GET, not 'GTE'"),
        ({"path": ["/vendors"]}, "path of a fault must be null or a path that begins with / or *, such as"),
        ({"path": "vendors"}, "not 'vendors'"),
        ({"times": "x"}, "times of a fault must be null or a whole number from 1, not 'x'"),
        ({"times": 0}, "not 0"),
        ({"times": True}, "not True"),
        ({"skip": -1}, "skip of a fault must be a whole number from 0, not -1"),
        ({"skip": None}, "not None"),
        ({"after_commit": "yes"}, "after_commit of a fault must be null, true or false, not 'yes'"),
        ({"status": "500"}, "status of a fault must be null or a status from 200 to 599, not '500'"),
        ({"status": 100}, "not 100"),
        ({"status": 1000}, "not 1000"),
        ({"seconds": float("inf")}, "seconds of a fault must be a number from 0 to 3600, not inf"),
        ({"seconds": float("nan")}, "not nan"),
        ({"seconds": "1"}, "not '1'"),
        ({"bare": 1}, "bare of a fault must be true or false, not 1"),
        ({"headers": ["x"]}, "headers of a fault must be an object with texts"),
        ({"headers": {"x": 1}}, "not {'x': 1}"),
        ({"headers": {"x": "a\r\nSet-Cookie: b"}}, "headers of a fault"),
        ({"headers": {"a b": "c"}}, "headers of a fault"),
        ({"headers": {"Content-Length": "5"}}, "headers of a fault"),
        ({"wehn": 1}, "a fault has no field 'wehn'"),
        ({"tims": 1}, "a fault has no field 'tims': did you mean 'times'"),
        ({"hits": 1}, "a fault has no field 'hits'"),
    ],
)
def test_a_fault_that_does_not_fit_is_refused(
    emulator: Emulator, anonymous: Client, change: dict[str, Any], error: str
) -> None:
    answer = anonymous.post("/emulator/faults", data=json.dumps({"kind": "status", **change}))
    assert (answer.status_code, error in answer.json()["error"]["message"]) == (400, True), answer.text
    assert emulator.faults.all() == []
    assert anonymous.get("/", headers={"Accept": "text/html"}).status_code == 200


@pytest.mark.parametrize("status", [204, 299, 304, 418, 499, 599])
@pytest.mark.parametrize("kind", ["status", "html", "empty", "truncated_json", "truncated_body"])
def test_a_fault_with_any_status_reaches_the_client(api: Client, emulator: Emulator, kind: Any, status: int) -> None:
    emulator.inject(kind, status=status)
    if kind == "truncated_body" and status not in (204, 304):
        with pytest.raises(requests.RequestException):
            api.get("/vendors")
    elif kind != "truncated_body":
        assert api.get("/vendors").status_code == status
    assert api.get("/abilities").status_code in (200, status)


@pytest.mark.parametrize("wrong", [["a"], {"a": 1}, 1, True])
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/emulator/vendors", "name"),
        ("/emulator/vendors", "id"),
        ("/emulator/vendors", "generic_service_type"),
        ("/emulator/emails", "to"),
        ("/emulator/emails", "subject"),
    ],
)
def test_what_must_be_text_is_refused_otherwise(anonymous: Client, path: str, name: str, wrong: Any) -> None:
    fitting = {"to": "a@example.com"} if path.endswith("emails") else {"name": "New"}
    answer = anonymous.post(path, json={**fitting, name: wrong})
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, f"{name} must be text, not {wrong!r}")


def test_a_setting_that_does_not_fit_is_refused_in_python_too(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="latency must be a number from 0 to 3600, not inf"):
        emulator.settings.latency = float("inf")
    with pytest.raises(AttributeError, match="unknown setting 'ratelimit': did you mean 'rate_limit'"):
        emulator.settings.ratelimit = 5
    with pytest.raises(ValueError, match="times of a fault must be null or a whole number"):
        emulator.inject("status", times="x")
    assert (emulator.settings, emulator.faults.all()) == (Settings(), [])


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
