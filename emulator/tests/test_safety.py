"""Safety against strangers, slow clients and clients that send too much."""

import contextlib
import gzip
import json
import re
import select
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pagerduty_emulator
import pytest
from pagerduty_emulator import Emulator
from pagerduty_emulator.api.addresses import REST
from pagerduty_emulator.control import Control
from pagerduty_emulator.serving import protocol, server
from pagerduty_emulator.serving.connection import MAX_BODY
from pagerduty_emulator.serving.protocol import MAX_HEAD
from pagerduty_emulator.web.actions import Actions

from tests.support import HANG_SECONDS, wait_for

from .client import TOKEN, Client, connected

SECRET = "a-token-of-more-than-16-characters"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}
NEW = {"integration": {"name": "New", "type": "generic_events_api_inbound_integration"}}
PATH = "/services/PCHECKT/integrations"
OPERATION = Path(__file__).parents[1] / "docs" / "operation.md"


def received(connection: socket.socket) -> bytes:
    """Return everything received until the connection ends or breaks."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


# A token that is the only one


@pytest.fixture(scope="module")
def guarded() -> Iterator[Emulator]:
    with pagerduty_emulator.serve(token=SECRET) as emulator:
        yield emulator


PROTECTED = [
    ("GET", "/services"),
    ("POST", "/services/PCHECKT/integrations"),
    ("GET", "/nowhere"),
    ("POST", "/emulator/reset"),
    ("GET", "/emulator/requests"),
    ("GET", "/"),
    ("GET", "/services/PCHECKT/integrations/PXXXXXX"),
]


@pytest.mark.parametrize("header", [None, "Token token=another", "Bearer", "Basic !", "Basic Og==", f"Basic {SECRET}"])
@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_only_its_own_token_is_good(guarded: Emulator, method: str, path: str, header: str | None) -> None:
    with Client(guarded.url, {"Authorization": header} if header else {}) as client:
        answer = client.request(method, path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, 2006)
        assert len(guarded.requests) == 0


@pytest.mark.parametrize("header", [f"Token token={SECRET}", f"Bearer {SECRET}"])
def test_its_token_opens_both_apis(guarded: Emulator, header: str) -> None:
    with Client(guarded.url, {"Authorization": header}) as client:
        assert client.get("/services").status_code == 200
        assert client.post("/emulator/reset").status_code == 204


def test_a_browser_gives_the_token_as_a_password(guarded: Emulator) -> None:
    with Client(guarded.url, BROWSER) as browser:
        assert browser.get("/").headers["www-authenticate"].startswith("Basic ")
        browser.auth = ("anyone", SECRET)
        assert "Checkout" in browser.get("/").text
        assert browser.get("/services/PCHECKT/integrations/PXXXXXX").status_code == 404
        assert browser.post("/emulator/reset", headers={"Origin": "https://evil.example"}).status_code == 403


def test_an_oauth_token_is_no_way_around_it(guarded: Emulator) -> None:
    form = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "x", "scope": "services.read"}
    with Client(guarded.url) as client:
        token = client.post("/oauth/token", data=form).json()["access_token"]
        assert client.get("/services", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_events_need_only_the_key(guarded: Emulator) -> None:
    event = {"routing_key": "0" * 32, "event_action": "resolve", "dedup_key": "x"}
    with Client(guarded.url) as client:
        assert client.post("/v2/enqueue", json=event).status_code == 202


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({}, "other machines can reach the emulator at 0.0.0.0"),
        ({"token": SECRET}, "pass --allow-remote"),
        ({"allow_remote": True}, "--allow-remote requires --token"),
        ({"allow_remote": True, "token": "short"}, "at least 16 characters"),
    ],
)
def test_other_machines_reach_it_only_with_a_token(options: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint), pagerduty_emulator.serve(host="0.0.0.0", **options):  # noqa: S104
        pass


def test_the_page_says_which_token_is_valid(guarded: Emulator, emulator: Emulator) -> None:
    with Client(guarded.url, BROWSER) as browser:
        browser.auth = ("anyone", SECRET)
        assert "any token" not in browser.get("/").text
    with Client(emulator.url, BROWSER) as browser:
        assert "any token" in browser.get("/").text


# Pages of other sites


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},  # <img>
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"},  # a link
        {"Sec-Fetch-Site": "same-site"},  # another port of this machine
        {"Referer": "https://evil.example/page"},  # an older browser
    ],
)
def test_an_image_on_another_site_sends_no_event(
    emulator: Emulator, anonymous: Client, create: Any, headers: dict[str, str]
) -> None:
    key = create(vendor={"id": "PCJ0EFQ", "type": "vendor_reference"})["integration_key"]
    path = f"/integration/{key}/enqueue?summary=From+a+page"
    assert anonymous.get(path, headers=headers).status_code == 403
    assert (emulator.events(), emulator.alerts()) == ([], [])
    assert anonymous.get(path).status_code == 202  # as event transformers take it from tools
    assert anonymous.get(path, headers={"Sec-Fetch-Site": "none"}).status_code == 202  # typed into the address bar


def test_no_get_changes_anything(emulator: Emulator, api: Client, create: Any) -> None:
    """Of all addresses, but those of events: see above."""
    create()
    before = emulator.database.changes
    paths = {route for table in (REST, Control(emulator).table(), Actions(emulator).table()) for route in table}
    for path in sorted(paths):
        api.get(path.replace("{id}", "PCHECKT"))
    assert emulator.database.changes == before
    assert emulator.faults.all() == []


@pytest.mark.parametrize("path", ["//evil.example/x", "///evil.example", "//evil.example/services"])
def test_a_path_with_two_slashes_makes_no_link_to_another_site(emulator: Emulator, path: str) -> None:
    with connected(emulator) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        assert not re.search(rb"(?:href|src|action|hx-\w+)=[\"']?//", received(connection))
        assert emulator.requests.count() == 0
    with Client(emulator.url) as client:
        answer = client.post("/actions/faults/clear", headers={"Referer": f"{emulator.url}{path}"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    ("request_line", "header", "status"),
    [
        ("GET http://[ HTTP/1.1", "Host: localhost", 403),
        ("GET https://[::1/ HTTP/1.1", "Host: localhost", 403),
        ("GET http://localhost:x/services HTTP/1.1", "Host: localhost", 403),
        ("GET /services HTTP/1.1", "Host: [", 403),
        ("GET /services HTTP/1.1", "Host: localhost:[<b>", 403),
        ("GET /services HTTP/1.1", "Host: localhost:123456", 403),
        ("POST /v2/enqueue HTTP/1.1", "Host: localhost\r\nOrigin: http://[", 403),
        (f"GET /integration/{'0' * 32}/enqueue HTTP/1.1", "Host: localhost\r\nReferer: http://[x", 403),
        ("POST /actions/faults/clear HTTP/1.1", "Host: localhost\r\nReferer: http://[x", 303),
        ("OPTIONS * HTTP/1.1", "Host: localhost", 204),
    ],
)
def test_an_odd_address_is_answered(emulator: Emulator, request_line: str, header: str, status: int) -> None:
    with connected(emulator) as connection:
        connection.sendall(f"{request_line}\r\n{header}\r\nConnection: close\r\n\r\n".encode())
        assert received(connection).startswith(f"HTTP/1.1 {status} ".encode())


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example;proto=https"},
    ],
)
def test_forwarding_headers_are_not_believed(emulator: Emulator, api: Client, headers: dict[str, str]) -> None:
    service = api.get("/services/PCHECKT", headers=headers).json()["service"]
    assert service["self"] == f"{emulator.url}/services/PCHECKT"


# Secrets


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/integration/{key}/nonsense", "/integration/KEY/nonsense"),
        ("/x-ere/R0123456789ABCDEFGHIJKLMNOPQRSTU", "/x-ere/KEY"),
        ("/vendors?token=very-secret&query=x", "/vendors?token=***&query=x"),
        ("/services?routing_key={key}&query={key}", "/services?routing_key=***&query=KEY"),
    ],
)
def test_the_log_never_has_a_key(emulator: Emulator, api: Client, create: Any, path: str, shown: str) -> None:
    api.get(path.format(key=create()["integration_key"]))
    logged = emulator.requests[-1]
    assert f"{logged.path}?{logged.query}".rstrip("?") == shown


def test_a_long_request_is_shortened_in_the_log(emulator: Emulator, api: Client) -> None:
    """Because 100,000 of them are kept."""
    api.get("/services/" + "x" * 8000 + "?" + "y" * 7000)
    with connected(emulator) as connection:
        connection.sendall(b"X" * 5000 + b" /services HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received(connection)
    for logged in emulator.requests:
        assert len(json.dumps(logged.as_json())) < 2500


def test_events_with_unknown_keys_are_counted_and_not_kept(emulator: Emulator, api: Client) -> None:
    payload = {"summary": "x", "source": "x", "severity": "info", "custom_details": {"x": "x" * 500_000}}
    event = {"routing_key": "0" * 32, "event_action": "trigger", "payload": payload}
    before = emulator.database.changes
    for _ in range(3):
        assert api.post("/v2/enqueue", json=event).status_code == 202
    emulator.receive_email("nobody@acme.pagerduty.com", body="x" * 500_000)
    assert (emulator.database.changes, emulator.events_with_unknown_keys) == (before, 4)
    assert "4 events for unknown keys" in api.get("/", headers={**BROWSER, "Authorization": ""}).text
    emulator.reset()
    assert emulator.events_with_unknown_keys == 0


def test_callers_whose_calls_are_counted_are_bounded(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pagerduty_emulator.rate_limit.MAX_CALLERS", 10)
    emulator.settings.update({"rate_limit": 1, "events_rate_limit": 1})
    for number in range(100):
        assert emulator.rate_limiter.admit(f"token {number}").admitted
        assert emulator.rate_limiter.admits_event(f"key {number}")
    assert len(emulator.rate_limiter._windows) == len(emulator.rate_limiter._event_windows) == 10


def test_a_pattern_of_an_email_rule_does_not_block_other_clients(emulator: Emulator, api: Client, create: Any) -> None:
    """It would take longer than the universe is old with an engine that tries everything."""
    filters = [{"subject_mode": "match", "subject_regex": "^(a+)+$"}]
    rule = {"email_filter_mode": "and-rules-email", "email_filters": filters}
    made = create(type="generic_email_inbound_integration", **rule)
    emulator.receive_email(made["integration_email"], subject="a" * 100_000 + "!")
    assert api.get("/services").status_code == 200


# Too much


def test_a_body_that_is_too_long_is_413(emulator: Emulator, api: Client) -> None:
    answer = api.post(PATH, data=b" " * MAX_BODY + json.dumps(NEW).encode())
    assert answer.status_code == 413
    assert answer.json() == {"error": {"message": "Request Entity Too Large (maximum is 4194304 bytes)"}}
    assert emulator.integrations() == []
    assert api.post("/emulator/emails", data=b" " * (MAX_BODY + 1)).status_code == 413
    body = json.dumps(NEW).encode()
    assert api.post(PATH, data=b" " * (MAX_BODY - len(body)) + body).status_code == 201


def test_a_body_in_chunks_is_bounded_as_well(api: Client) -> None:
    assert api.post(PATH, data=(b" " * 65536 for _ in range(MAX_BODY // 65536 + 1))).status_code == 413


def test_headers_are_bounded(emulator: Emulator) -> None:
    with connected(emulator) as connection:
        connection.sendall(b"GET /services HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 16_400)
        assert received(connection).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("size", "status"), [(MAX_HEAD, 200), (MAX_HEAD + 1, 400), (90_000, 400), (300_000, 400)], ids=str
)
def test_headers_that_arrive_in_one_piece_are_bounded_as_well(emulator: Emulator, size: int, status: int) -> None:
    assert f"headers {MAX_HEAD // 1024} KB (then 400)" in OPERATION.read_text(encoding="utf-8")
    head = (
        b"GET /services?limit=1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token token=x\r\nConnection: close\r\nX: "
    )
    with connected(emulator) as connection, contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(head + b"x" * (size - len(head) - 4) + b"\r\n\r\n")
        assert received(connection).startswith(f"HTTP/1.1 {status} ".encode())


# Too slow


BEGINNINGS = {
    "nothing": b"",
    "half of the headers": b"GET /services HTTP/1.1\r\nHost: localhost\r\n",
    "half of the body": b"POST /v2/enqueue HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{",
    "the body of what was refused": b"POST /v2/enqueue HTTP/1.1\r\nHost: evil\r\nContent-Length: 1000\r\n\r\n{",
}


@pytest.mark.parametrize("beginning", BEGINNINGS.values(), ids=BEGINNINGS.keys())
def test_a_slow_client_is_not_waited_for(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, beginning: bytes) -> None:
    def is_open(connection: socket.socket) -> bool:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            try:
                return connection.recv(65536) != b""
            except TimeoutError:
                if beginning:
                    connection.sendall(b"x")  # one byte after the other
                return True
        return False

    with Client(emulator.url, TOKEN) as patient:
        assert patient.get("/services").status_code == 200
        monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.5)  # in place of half a minute
        with connected(emulator) as slow:
            slow.settimeout(0.02)
            slow.sendall(beginning)
            wait_for(lambda: not is_open(slow))
        assert patient.get("/services").status_code == 200  # though it was idle for longer
    assert emulator.requests.count("POST") == 0


@pytest.mark.skipif(not hasattr(select, "poll"), reason="Windows cannot tell that a connection was reset")
def test_a_client_that_does_not_read_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "IDLE_SECONDS", 0.1)
    with pagerduty_emulator.serve() as emulator, connected(emulator) as connection:
        emulator.inject("status", body="x" * 8_000_000)
        connection.sendall(b"GET /vendors HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token token=x\r\n\r\n")
        ended = select.poll()
        ended.register(connection, 0)
        assert ended.poll(HANG_SECONDS * 1000) != []


def test_a_client_that_does_not_read_does_not_hold_back_the_end() -> None:
    """An unclosed connection would be an error of pytest's."""
    with pagerduty_emulator.serve() as emulator, connected(emulator) as connection:
        emulator.inject("status", body="x" * 8_000_000)
        connection.sendall(b"GET /vendors HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token token=x\r\n\r\n")
        assert connection.recv(1) == b"H"


def test_half_of_a_request_is_not_handled(emulator: Emulator, api: Client) -> None:
    """A whole JSON object, but not the whole body."""
    body = json.dumps(NEW).encode()
    with connected(emulator) as connection:
        head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token token=x\r\n"
        connection.sendall(f"{head}Content-Length: {len(body) + 1}\r\n\r\n".encode() + body)
        connection.shutdown(socket.SHUT_WR)
        assert b" 20" not in received(connection)
    assert api.get("/vendors/PZQ6AUS").status_code == 200
    assert emulator.integrations() == []


# HTTP/1.1


def test_one_connection_serves_many_requests(emulator: Emulator) -> None:
    request = b"GET /vendors/PZQ6AUS HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token token=x\r\n"
    with connected(emulator) as connection:
        connection.sendall((request + b"\r\n") * 2 + request + b"Connection: close\r\n\r\n")
        assert received(connection).count(b"HTTP/1.1 200 OK") == 3


def test_answers_are_compressed_for_clients_that_take_it(emulator: Emulator, api: Client) -> None:
    plain = api.get("/vendors?limit=100", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    compressed = api.get("/vendors?limit=100", headers={"Accept-Encoding": "gzip, deflate"}, stream=True)
    assert compressed.headers["content-encoding"] == "gzip"
    assert compressed.headers["vary"] == "accept-encoding"
    raw = compressed.raw.read()
    assert len(raw) == int(compressed.headers["content-length"]) < len(plain.content) / 4
    assert gzip.decompress(raw) == plain.content
    assert "content-encoding" not in api.get("/abilities/no_such").headers  # not worth it


@pytest.mark.parametrize("coding", ["gzip", "br", "nonsense"])
def test_a_compressed_request_is_415(emulator: Emulator, api: Client, coding: str) -> None:
    body = gzip.compress(json.dumps(NEW).encode())
    refused = api.post(PATH, data=body, headers={"Content-Encoding": coding, "Content-Type": "application/json"})
    assert (refused.status_code, refused.json()["error"]["message"]) == (415, f"Unsupported Content-Encoding: {coding}")
    assert emulator.integrations() == []
