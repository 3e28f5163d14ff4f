"""`--proxy`: the proxy that clients read from their settings leads PagerDuty's hosts to the emulator."""

import base64
import http.client
import json
import logging
import select
import socket
import ssl
import struct
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pagerduty_emulator
import pytest
import requests
from pagerduty_emulator import Emulator
from pagerduty_emulator.serving import protocol
from pagerduty_emulator.serving.protocol import MAX_HEAD
from pagerduty_emulator.serving.proxy import PAGERDUTY_HOSTS

from tests.support import HANG_SECONDS

from .client import TOKEN, connected

SECRET = "a-token-of-more-than-16-characters"
HOSTS = (*PAGERDUTY_HOSTS, "acme.pagerduty.com")
SERVED = f"use one of its hosts: {', '.join(HOSTS)}"
HEAD = "Authorization: Token token=x\r\nConnection: close\r\n\r\n"


@pytest.fixture
def client(proxy: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[requests.Session]:
    """A client with nothing but the environment's variables."""
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", proxy.url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(proxy.ca_file))
    with requests.Session() as session:
        session.headers.update(TOKEN)
        yield session


def asked(emulator: Emulator, request: str) -> bytes:
    """The answer to bytes on a connection of their own, until it ends."""
    parts = []
    with connected(emulator) as connection:
        connection.sendall(request.encode())
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("host", HOSTS)
def test_each_of_pagerdutys_hosts_leads_here(proxy: Emulator, client: requests.Session, host: str) -> None:
    for _ in range(2):
        assert client.get(f"https://{host}/services", timeout=HANG_SECONDS).status_code == 200
    assert proxy.requests.count("GET", "/services") == 2


@pytest.mark.parametrize("host", HOSTS)
def test_a_final_dot_makes_no_difference(proxy: Emulator, host: str) -> None:
    """`api.pagerduty.com.` is the complete name in DNS. Refused, its user would be led to the real PagerDuty."""
    context = ssl.create_default_context(cafile=str(proxy.ca_file))
    with connected(proxy) as connection:
        connection.sendall(f"CONNECT {host}.:443 HTTP/1.1\r\nHost: {host}.:443\r\n\r\n".encode())
        assert connection.recv(100) == b"HTTP/1.1 200 Connection established\r\n\r\n"
        with context.wrap_socket(connection, server_hostname=host) as tunnel:
            tunnel.sendall(f"GET /services/PCHECKT HTTP/1.1\r\nHost: {host}.\r\n{HEAD}".encode())
            answer = http.client.HTTPResponse(tunnel)
            answer.begin()
            service = json.load(answer)["service"]
    assert service["html_url"] == "https://acme.pagerduty.com/service-directory/PCHECKT"
    absolute = asked(proxy, f"GET https://{host}./services HTTP/1.1\r\nHost: {host}.\r\n{HEAD}")
    assert absolute.startswith(b"HTTP/1.1 200 ")


def test_links_are_pagerdutys_own(client: requests.Session) -> None:
    """So that a client reads the account's name from them, and follows them to the emulator."""
    service = client.get("https://api.pagerduty.com/services/PCHECKT", timeout=HANG_SECONDS).json()["service"]
    assert service["self"] == "https://api.pagerduty.com/services/PCHECKT"
    assert service["html_url"] == "https://acme.pagerduty.com/service-directory/PCHECKT"
    page = client.get(service["html_url"], headers={"Accept": "text/html", "Authorization": ""}, timeout=HANG_SECONDS)
    assert "Checkout" in page.text


def test_httpx_is_led_here_too(proxy: Emulator) -> None:
    trust = ssl.create_default_context(cafile=str(proxy.ca_file))
    with httpx.Client(proxy=proxy.url, verify=trust) as client:
        assert client.get("https://api.eu.pagerduty.com/services", headers=TOKEN).status_code == 200


def test_a_large_event_passes(proxy: Emulator, client: requests.Session) -> None:
    body = {"integration": {"type": "events_api_v2_inbound_integration", "name": "Events"}}
    made = client.post("https://api.pagerduty.com/services/PCHECKT/integrations", json=body, timeout=HANG_SECONDS)
    event = {
        "routing_key": made.json()["integration"]["integration_key"],
        "event_action": "trigger",
        "payload": {
            "summary": "Disk full",
            "source": "db1",
            "severity": "critical",
            "custom_details": {"x": "x" * 400_000},
        },
    }
    assert client.post("https://events.pagerduty.com/v2/enqueue", json=event, timeout=HANG_SECONDS).status_code == 202
    assert [alert["summary"] for alert in proxy.alerts()] == ["Disk full"]


def test_faults_reach_the_tunnel(proxy: Emulator, client: requests.Session) -> None:
    proxy.inject("reset", "GET", "/vendors")
    with pytest.raises(requests.ConnectionError):
        client.get("https://api.pagerduty.com/vendors", timeout=HANG_SECONDS)
    assert client.get("https://api.pagerduty.com/vendors", timeout=HANG_SECONDS).status_code == 200


def test_the_same_port_still_speaks_http(proxy: Emulator) -> None:
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"{proxy.url}/services", headers=TOKEN, timeout=HANG_SECONDS).status_code == 200


def test_the_proxy_itself_can_be_reached_by_https() -> None:
    with pagerduty_emulator.serve(proxy=True, tls=True) as emulator, requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": emulator.url}
        session.verify = str(emulator.ca_file)
        assert session.get("https://api.pagerduty.com/services", headers=TOKEN, timeout=HANG_SECONDS).status_code == 200


def test_http_2_is_not_offered(proxy: Emulator) -> None:
    context = ssl.create_default_context(cafile=str(proxy.ca_file))
    context.set_alpn_protocols(["h2", "http/1.1"])
    with connected(proxy) as connection:
        connection.sendall(b"CONNECT api.pagerduty.com:443 HTTP/1.1\r\nHost: api.pagerduty.com:443\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 200 Connection established\r\n\r\n"
        with context.wrap_socket(connection, server_hostname="api.pagerduty.com") as tunnel:
            assert tunnel.selected_alpn_protocol() is None


def test_a_client_that_does_not_trust_the_authority_disturbs_no_other(
    proxy: Emulator, client: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY"):
        client.get("https://api.pagerduty.com/services", timeout=HANG_SECONDS)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(proxy.ca_file))
    assert client.get("https://api.pagerduty.com/services", timeout=HANG_SECONDS).status_code == 200


# Refusals


@pytest.mark.parametrize(
    "target",
    [
        "example.com:443",
        "pagerduty.com:443",
        "other.pagerduty.com:443",
        "api.pagerduty.com.example.com:443",
        "api.pagerduty.com:80",
        "api.pagerduty.com:22",
        "api.pagerduty.com..:443",
        "api.pagerduty.com",
        "127.0.0.1:443",
        "localhost:8123",
        "[::1]:443",
    ],
)
def test_connect_to_anything_else_is_refused(proxy: Emulator, target: str) -> None:
    answer = asked(proxy, f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 403 The emulator is a proxy for PagerDuty only: ")
    assert b"api.pagerduty.com" in answer
    assert len(proxy.requests) == 0


@pytest.mark.parametrize(
    ("target", "advice"),
    [
        ("example.com:443", "put other hosts into NO_PROXY"),
        ("api.pagerduty.com.example.com:443", "put other hosts into NO_PROXY"),
        ("[::1]:443", "put other hosts into NO_PROXY"),
        ("pagerduty.com:443", SERVED),
        ("pagerduty.com.:443", SERVED),
        ("foo.bar.pagerduty.com:443", SERVED),
        ("identity.eu.pagerduty.com:443", SERVED),
        ("a_b.pagerduty.com:443", SERVED),
        ("shop.eu.pagerduty.com:443", "start it with --subdomain shop --region eu for that account"),
        ("api.pagerduty.com", "the port is missing, write api.pagerduty.com:443"),
        ("API.pagerduty.com.:", "the port is missing, write api.pagerduty.com:443"),
        ("example.com", "the port is missing, write example.com:443"),
        ("[::1]", "the port is missing, write HOST:443"),
    ],
)
def test_a_refused_connect_names_the_next_step(proxy: Emulator, target: str, advice: str) -> None:
    """The real PagerDuty would get the writes of a client that has one of its hosts in NO_PROXY."""
    head, _, body = asked(proxy, f"CONNECT {target} HTTP/1.1\r\nHost: x\r\n\r\n").decode().partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 403 The emulator is a proxy for PagerDuty only: {advice}\r\n")
    assert body.endswith(f"only, at port 443: {advice}.\n")


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ("one.example:443", "one.example"),
        ("two.example.:443", "two.example"),
        ("[::7]:443", "[::7]"),
        ("::8:443", "::8:443"),
        ("three_<b>.example:443", "three_%3Cb%3E.example"),
        ("four.pagerduty.com", "four.pagerduty.com"),
        ("five" + "x" * 500 + ":443", "five" + "x" * 249),
    ],
)
@pytest.mark.parametrize("form", ["CONNECT {}", "GET http://{}/"])
def test_every_refused_host_is_named_once(caplog: pytest.LogCaptureFixture, form: str, target: str, named: str) -> None:
    with pagerduty_emulator.serve(proxy=True) as emulator:
        for _ in range(2):
            asked(emulator, f"{form.format(target)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    lines = [record.getMessage() for record in caplog.records if record.name == "pagerduty_emulator"]
    assert [line.partition(": ")[0] for line in lines] == [f"the proxy refused {named}"]


@pytest.mark.parametrize(
    ("host", "advice"),
    [
        ("unlisted.example", "put other hosts into NO_PROXY"),
        ("shop.pagerduty.com", "start it with --subdomain shop for that account"),
        ("identity.pagerduty.com:80", "it leads there at port 443 only"),
    ],
)
def test_a_refused_host_is_named_by_client_and_standard_error(
    client: requests.Session, caplog: pytest.LogCaptureFixture, host: str, advice: str
) -> None:
    for _ in range(2):
        with pytest.raises(requests.exceptions.ProxyError, match=f"proxy for PagerDuty only: {advice}"):
            client.get(f"https://{host}/", timeout=HANG_SECONDS)
    lines = [record.getMessage() for record in caplog.records if record.name == "pagerduty_emulator"]
    assert lines.count(f"the proxy refused {host.partition(':')[0]}: {advice}") == 1


@pytest.mark.parametrize(
    "request_",
    [
        "CONNECT \r\n\r\n",
        "CONNECT api.pagerduty.com:443 HTTP/1.1\r\n\r\n",  # no Host
        "CONNECT api.pagerduty.com:443 HTTP/1.1\r\nHost: x\r\n\r\nwhat comes too early",
        "CONNECT api.pagerduty.com:443 HTTP/1.1\r\nHost: x\r\nX-Long: " + "x" * MAX_HEAD,
    ],
)
def test_connect_that_is_malformed_is_400(proxy: Emulator, request_: str) -> None:
    assert asked(proxy, request_).startswith(b"HTTP/1.1 400 Bad Request\r\n")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [(b"CONN", b""), (b"CONNECT api.pagerduty.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 200")],
)
def test_a_slow_client_of_the_proxy_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, sent: bytes, expected: bytes
) -> None:
    """Neither with half of a CONNECT, nor with a handshake that never comes."""
    monkeypatch.setattr(protocol, "REQUEST_SECONDS", 0.2)
    monkeypatch.setattr("pagerduty_emulator.serving.proxy.REQUEST_SECONDS", 0.2)
    with pagerduty_emulator.serve(proxy=True) as emulator, connected(emulator) as connection:
        connection.sendall(sent)
        received = b""
        while part := connection.recv(1000):
            received += part
        assert received.startswith(expected)


def test_an_open_tunnel_and_half_a_handshake_do_not_hold_back_the_end() -> None:
    """An unclosed connection would be an error of pytest's."""
    connect = b"CONNECT api.pagerduty.com:443 HTTP/1.1\r\nHost: x\r\n\r\n"
    with pagerduty_emulator.serve(proxy=True) as emulator, connected(emulator) as half, connected(emulator) as whole:
        for connection in (half, whole):
            connection.sendall(connect)
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        trust = ssl.create_default_context(cafile=str(emulator.ca_file))
        with trust.wrap_socket(whole, server_hostname="api.pagerduty.com"):
            pass


@pytest.mark.parametrize("moment", ["at once", "after the 200", "in the handshake", "after the handshake"])
def test_a_client_that_leaves_leaves_nothing_behind(moment: str, caplog: pytest.LogCaptureFixture) -> None:
    """At the end, the server would report each task that still waits for a client."""
    with pagerduty_emulator.serve(proxy=True) as emulator:
        trust = ssl.create_default_context(cafile=str(emulator.ca_file))
        for _ in range(20):
            connection = connected(emulator)
            connection.sendall(b"CONNECT api.pagerduty.com:443 HTTP/1.1\r\nHost: x\r\n\r\n")
            if moment != "at once":
                assert connection.recv(100).startswith(b"HTTP/1.1 200")
            if moment == "in the handshake":
                connection.sendall(b"\x16\x03\x01")
            if moment == "after the handshake":
                connection = trust.wrap_socket(connection, server_hostname="api.pagerduty.com")
                connection.sendall(b"GET /services HTTP/1.1\r\n")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
            connection.close()
        with requests.Session() as other:
            other.trust_env = False
            assert other.get(f"{emulator.url}/services", headers=TOKEN, timeout=HANG_SECONDS).status_code == 200
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


# Absolute addresses, which older clients send


def test_an_absolute_address_of_pagerdutys_is_served(proxy: Emulator) -> None:
    """`POST https://events.pagerduty.com/v2/enqueue HTTP/1.1`, as axios before 1.0 sends it, unencrypted."""
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(proxy.url).port or 0, timeout=HANG_SECONDS)
    connection.request("GET", "https://api.pagerduty.com/services/PCHECKT?include[]=teams", headers=TOKEN)
    service = json.load(connection.getresponse())["service"]
    assert service["self"] == "https://api.pagerduty.com/services/PCHECKT"
    connection.request("GET", "https://api.pagerduty.com/vendors", headers={**TOKEN, "Host": "example.com"})
    assert connection.getresponse().read()
    connection.close()
    assert [(item.path, item.query, item.status) for item in proxy.requests] == [
        ("/services/PCHECKT", "include[]=teams", 200),
        ("/vendors", "", 200),
    ]


@pytest.mark.parametrize("address", ["http://example.com/services", "https://pagerduty.com/", "http:///services"])
def test_an_absolute_address_of_others_is_refused(proxy: Emulator, address: str) -> None:
    answer = asked(proxy, f"GET {address} HTTP/1.1\r\nHost: api.pagerduty.com\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert (b"NO_PROXY" in answer) == ("pagerduty.com" not in address)
    assert len(proxy.requests) == 0


def test_without_a_proxy_an_absolute_address_counts_as_the_host_header(emulator: Emulator) -> None:
    address = urlsplit(emulator.url).netloc
    head = f"Host: {address}\r\nAuthorization: Token token=x\r\nConnection: close\r\n\r\n"
    assert asked(emulator, f"GET {emulator.url}/services HTTP/1.1\r\n{head}").startswith(b"HTTP/1.1 200 ")
    assert asked(emulator, f"GET https://api.pagerduty.com/services HTTP/1.1\r\n{head}").startswith(b"HTTP/1.1 403 ")
    assert not asked(emulator, f"CONNECT api.pagerduty.com:443 HTTP/1.1\r\n{head}").startswith(b"HTTP/1.1 2")
    head = "Host: api.pagerduty.com:443\r\nConnection: close\r\n\r\n"
    assert b"start it with --proxy" in asked(emulator, f"CONNECT api.pagerduty.com:443 HTTP/1.1\r\n{head}")


# Other machines


def test_other_machines_need_the_token_to_use_the_proxy() -> None:
    login = base64.b64encode(f"emulator:{SECRET}".encode()).decode()
    wrong = base64.b64encode(b"emulator:wrong").decode()
    with pagerduty_emulator.serve(host="0.0.0.0", allow_remote=True, token=SECRET, proxy=True) as emulator:  # noqa: S104
        for given in ("", f"Proxy-Authorization: Basic {wrong}\r\n", "Proxy-Authorization: Basic !\r\n"):
            connect = f"CONNECT api.pagerduty.com:443 HTTP/1.1\r\nHost: x\r\n{given}\r\n"
            assert asked(emulator, connect).startswith(b"HTTP/1.1 407 ")
            head = f"Host: x\r\nConnection: close\r\n{given}\r\n"
            absolute = f"POST https://events.pagerduty.com/v2/enqueue HTTP/1.1\r\n{head}"
            assert asked(emulator, absolute).startswith(b"HTTP/1.1 407 ")
            other = asked(emulator, f"GET http://example.com/ HTTP/1.1\r\n{head}")
            assert other.startswith(b"HTTP/1.1 403 ")
        with connected(emulator) as connection:
            head = f"Host: x\r\nProxy-Authorization: Basic {login}\r\n\r\n"
            connection.sendall(f"CONNECT api.pagerduty.com:443 HTTP/1.1\r\n{head}".encode())
            assert select.select([connection], [], [], HANG_SECONDS)[0]
            assert connection.recv(100).startswith(b"HTTP/1.1 200 ")
