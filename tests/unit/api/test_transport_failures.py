"""HTTP that fails: whether the request may have arrived, what cannot be sent, and what an answer repeats of it."""

from __future__ import annotations

import gzip
import json
import socket
import socketserver
import threading
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest
from pagerduty_native.api import transport as transport_module
from pagerduty_native.api.errors import ApiError, UnreachableError, UnsendableError
from pagerduty_native.api.parse import Request
from pagerduty_native.api.transport import Transport
from pagerduty_native.redaction import Redaction

from tests.support import HANG_SECONDS, doubling, free_port

from .fake_server import GET, HEADER, TOKEN, Answering, Handler, Server, transport

APPS_TOKEN = "pdus+_AccessTokenThatMustNotShow"
HEADERS = (HEADER, f"Bearer {APPS_TOKEN}")
CLIENT_SECRET = "Client/Secret+That=Must&Not Show"

# Failures, and whether the request may have arrived


def failure(made: Transport, **options: Any) -> UnreachableError:
    with pytest.raises(UnreachableError) as raised:
        made.send(GET, HEADER, **options)
    assert TOKEN not in str(raised.value)
    return raised.value


def test_a_refused_tunnel_is_the_proxys_error(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", server.url.replace("http://", "http://user:secret@"))
    server.answering = lambda handler: handler.answer(b"", 407)
    error = failure(transport("https://pagerduty.invalid"))
    assert server.came[0][:2] == ("CONNECT", "pagerduty.invalid:443")
    assert "407" in str(error)
    assert "secret" not in str(error)
    assert not error.perhaps_done


def test_a_refused_connection() -> None:
    error = failure(transport(f"http://127.0.0.1:{free_port()}"))
    assert (error.reason, error.transient, error.perhaps_done) == ("Connection refused", True, False)


def test_a_name_that_is_not_known() -> None:
    error = failure(transport("http://pagerduty.invalid"))
    assert (error.transient, error.perhaps_done) == (True, False)


def test_an_answer_that_never_comes(server: Server) -> None:
    over = threading.Event()

    def answering(_handler: Handler) -> None:
        assert over.wait(HANG_SECONDS)

    server.answering = answering
    error = failure(transport(server.url), seconds=0.1)
    over.set()
    assert (error.reason, error.transient, error.perhaps_done) == ("the time for a response ran out", True, True)


def test_a_body_that_comes_too_slowly(server: Server) -> None:
    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(10 * transport_module.CHUNK_BYTES))
        handler.end_headers()
        for _ in range(10):
            handler.wfile.write(b"x" * transport_module.CHUNK_BYTES)
            threading.Event().wait(0.1)

    server.answering = drip
    assert failure(transport(server.url), seconds=0.25).reason == "the time for a response ran out"


def drip(raw: bytes, *, whole: bytes = b"") -> Answering:
    """Send some of a response at once, and the rest byte by byte, for ten seconds or until the client hangs up."""

    def answering(handler: Handler) -> None:
        handler.connection.sendall(whole)
        for each in raw:
            handler.connection.sendall(bytes([each]))
            threading.Event().wait(10 / len(raw))

    return answering


JSON = b'{"padding": "' + b"x" * 200 + b'"}'
COMPRESSED = gzip.compress(JSON, compresslevel=0)
START = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LENGTH = b"Content-Length: %d\r\n\r\n"


@pytest.mark.parametrize(
    "answering",
    [
        pytest.param(drip(START + LENGTH % len(JSON) + JSON), id="from the first byte on"),
        pytest.param(drip(JSON, whole=START + LENGTH % len(JSON)), id="body"),
        pytest.param(
            drip(b"%x\r\n%s\r\n0\r\n\r\n" % (len(JSON), JSON), whole=START + b"Transfer-Encoding: chunked\r\n\r\n"),
            id="chunks",
        ),
        pytest.param(
            drip(COMPRESSED, whole=START + b"Content-Encoding: gzip\r\n" + LENGTH % len(COMPRESSED)), id="compressed"
        ),
    ],
)
def test_a_response_that_comes_byte_by_byte(server: Server, answering: Answering) -> None:
    """Within the time for the next byte, but not within the time for all of it: else there would be no error."""
    server.answering = answering
    error = failure(transport(server.url), seconds=0.2)
    assert (error.reason, error.transient, error.perhaps_done) == ("the time for a response ran out", True, True)


def test_a_short_time_for_one_response_is_no_shorter_time_for_the_next(server: Server) -> None:
    for seconds in doubling(0.5):
        sending = transport(server.url)
        server.answering = lambda handler: handler.answer(str(handler.client_address[1]).encode())
        try:
            port = sending.send(GET, seconds=seconds).body
        except UnreachableError:  # on a machine that is busy
            continue

        def late(handler: Handler, seconds: float = 1.2 * seconds) -> None:
            threading.Event().wait(seconds)
            handler.answer(str(handler.client_address[1]).encode())

        server.answering = late
        assert sending.send(GET, seconds=HANG_SECONDS).body == port
        break


def test_a_connection_that_ends(server: Server) -> None:
    server.answering = lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)
    error = failure(transport(server.url))
    assert (error.transient, error.perhaps_done) == (True, True)


def test_a_body_that_ends_early(server: Server) -> None:
    def answering(handler: Handler) -> None:
        handler.answer(b'{"a"', headers={"Content-Length": "100"})
        handler.connection.shutdown(socket.SHUT_RDWR)

    server.answering = answering
    error = failure(transport(server.url))
    assert (error.transient, error.perhaps_done) == (True, True)


def test_http_where_https_was_expected(server: Server) -> None:
    error = failure(transport(server.url.replace("http://", "https://")))
    assert not error.perhaps_done


def test_an_answer_whose_headers_contradict_each_other(server: Server) -> None:
    server.answering = lambda handler: handler.answer(b"{}", headers={"content-length": "100"})
    error = failure(transport(server.url))
    assert (error.transient, error.perhaps_done) == (True, True)


def test_a_server_that_speaks_something_else() -> None:
    class Greeting(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(100)
            self.request.sendall(b"220 mail.example.com ESMTP\r\n")

    with socketserver.TCPServer(("127.0.0.1", 0), Greeting) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert failure(transport(f"http://127.0.0.1:{server.server_address[1]}")).perhaps_done


# Requests that cannot be sent


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_have(server: Server, number: float) -> None:
    with pytest.raises(UnsendableError, match=r"cannot be sent: a value in it is malformed") as raised:
        transport(server.url).send(Request("POST", "/", body={"number": number}))
    assert (raised.value.transient, raised.value.perhaps_done) == (False, False)
    assert server.came == []


def test_a_token_that_no_header_can_hold(server: Server) -> None:
    with pytest.raises(UnsendableError) as raised:
        transport(server.url).send(GET, "Token token=u+Secret\nToken")
    assert raised.value.reason == "a value in it is malformed (InvalidHeader)"


@pytest.mark.parametrize("url", ["http://a..b", f"http://{'a' * 64}.invalid", "ftp://127.0.0.1"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(UnsendableError) as raised:
        transport(url).send(GET, HEADER)
    assert (raised.value.transient, raised.value.perhaps_done) == (False, False)


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4"])
def test_a_socks_proxy_is_named(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:1")
    with pytest.raises(
        UnsendableError, match=r"a SOCKS proxy in the environment .* needs the package PySocks"
    ) as raised:
        transport("http://pagerduty.invalid").send(GET)
    assert "malformed" not in str(raised.value)


@pytest.mark.parametrize("scheme", ["", "http://", "http://user:hush-hush@"])
def test_a_proxy_that_cannot_be_reached_is_named(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    address = f"127.0.0.1:{free_port()}"
    for variable, url in (("HTTP_PROXY", "http://pagerduty.invalid"), ("HTTPS_PROXY", "https://pagerduty.invalid")):
        monkeypatch.setenv(variable, f"{scheme}{address}")
        error = failure(transport(url))
        assert error.reason == f"Connection refused (at the proxy {address}, from the environment)"


def test_a_proxys_address_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://")
    with pytest.raises(UnsendableError, match="the URL of a proxy"):
        transport("http://pagerduty.invalid").send(GET, HEADER)


def test_a_redirect_without_an_address_is_reported(server: Server) -> None:
    server.answering = lambda handler: handler.answer(b"", 307, {"Location": "http://[::1"})
    error = transport(server.url).send(Request("POST", "/", body={})).error
    assert "status 307 but with a redirect" in str(error)


# Responses that repeat the request

FORMS = [
    pytest.param(lambda text: text, id="as it is"),
    pytest.param(urllib.parse.quote_plus, id="URL-encoded"),
    pytest.param(lambda text: json.dumps(text)[1:-1], id="JSON-escaped"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sent", ["token", "header", "secret", "app's token"])
@pytest.mark.parametrize("kind", ["message", "errors", "scopes", "page", "reason", "location"])
def test_credentials_that_an_answer_repeats_are_hidden(
    server: Server, form: Callable[[str], str], sent: str, kind: str
) -> None:
    texts = {"token": TOKEN, "header": HEADER, "secret": CLIENT_SECRET, "app's token": APPS_TOKEN}
    repeated = form(texts[sent])
    repeat_in(server, kind, f"Saw {repeated}.")
    request = Request("POST", "/", form={"client_secret": CLIENT_SECRET})
    header = f"Bearer {APPS_TOKEN}" if sent == "app's token" else HEADER
    redaction = Redaction([TOKEN, CLIENT_SECRET, APPS_TOKEN])
    error = transport(server.url, redact=redaction.of_text).send(request, header).error
    assert "Saw" in str(error)
    assert not any(each in str(error) for each in (repeated, *texts.values()))


def repeat_in(server: Server, kind: str, words: str) -> None:
    """Let the server say these words in some part of its answer."""
    bodies: dict[str, Any] = {
        "message": {"error": {"message": words}},
        "errors": {"error": {"message": "No", "errors": {"header": [words]}}},
        "scopes": {"error": {"message": f"Saw {words}", "required_scopes": words}},
    }

    def answering(handler: Handler) -> None:
        if kind in bodies:
            handler.answer(json.dumps(bodies[kind]).encode(), 403)
        elif kind == "page":
            handler.answer(f"<html>{words}</html>".encode(), 502)
        elif kind == "location":
            handler.answer(b"", 307, {"Location": words})
        else:
            handler.send_response(404, words)
            handler.send_header("Content-Length", "0")
            handler.end_headers()

    server.answering = answering


def test_an_error_says_if_it_was_a_read_and_an_apps_token(server: Server) -> None:
    server.answering = lambda handler: handler.answer(b"{}", 403)
    made = transport(server.url)
    errors = [made.send(Request(method, "/"), header).error for method in ("GET", "POST") for header in HEADERS]
    assert [(error.reading, error.by_app) for error in errors if isinstance(error, ApiError)] == [
        (True, False),
        (True, True),
        (False, False),
        (False, True),
    ]
