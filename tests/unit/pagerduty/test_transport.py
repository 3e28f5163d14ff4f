"""HTTP as it is on the wire: proxies and certificates from the environment, bodies of all sorts, failures."""

from __future__ import annotations

import base64
import json
import socket
import socketserver
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pagerduty_native.pagerduty import transport as transport_module
from pagerduty_native.pagerduty.errors import ApiError, UnintelligibleAnswerError, UnreachableError, UnsendableError
from pagerduty_native.pagerduty.transport import Request, Transport

TOKEN = "u+TestTokenThatMustNotShow"
HEADER = f"Token token={TOKEN}"
HEADERS = (HEADER, "Bearer pdus+_AccessTokenThatMustNotShow")
CLIENT_SECRET = "Client/Secret+That=Must&Not Show"
KEY = "0123456789abcdef0123456789abcdef"
GET = Request("GET", "/")

NONE: Mapping[str, str] = {}
Answering = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers as the server's `answering` says; keeps what came."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.came.append((self.command, self.path, dict(self.headers)))
        self.server.answering(self)

    do_POST = do_CONNECT = do_GET  # noqa: N815

    def answer(self, body: bytes, status: int = 200, headers: Mapping[str, str] = NONE) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.came: list[tuple[str, str, dict[str, str]]] = []
        self.answering: Answering = lambda handler: handler.answer(b'{"ok": true}')

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def transport(url: str, *, verify: bool = True) -> Transport:
    return Transport(api_url=url, user_agent="tests", verify=verify)


def test_a_request(server: Server) -> None:
    request = Request("POST", "/services", {"include[]": "integrations"}, {"a": 1})
    answer = transport(server.url).send(request, HEADER)
    assert (answer.status, answer.body, answer.error) == (200, {"ok": True}, None)
    ((method, path, headers),) = server.came
    assert (method, path) == ("POST", "/services?include%5B%5D=integrations")
    assert headers["Authorization"] == HEADER
    assert headers["Accept"] == "application/vnd.pagerduty+json;version=2"
    assert headers["User-Agent"] == "tests"


def test_connections_are_kept(server: Server) -> None:
    ports: set[int] = set()

    def answering(handler: Handler) -> None:
        ports.add(handler.client_address[1])
        handler.answer(b"{}")

    server.answering = answering
    kept = transport(server.url)
    for _ in range(5):
        kept.send(GET)
    assert len(ports) == 1


# The environment


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, server.url.replace("http://", "http://user:secret@"))
    assert transport("http://pagerduty.invalid").send(Request("GET", "/vendors")).body == {"ok": True}
    ((_, path, headers),) = server.came
    assert path == "http://pagerduty.invalid/vendors"
    assert headers["Proxy-Authorization"].startswith("Basic ")


def test_a_proxy_for_https_is_asked_for_a_tunnel_and_its_refusal_is_told(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", server.url.replace("http://", "http://user:secret@"))
    server.answering = lambda handler: handler.answer(b"", 407)
    error = failure(transport("https://pagerduty.invalid"))
    assert server.came[0][:2] == ("CONNECT", "pagerduty.invalid:443")
    assert "407" in str(error)
    assert "secret" not in str(error)
    assert not error.perhaps_done


def test_no_proxy_is_obeyed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert transport(server.url).send(GET).body == {"ok": True}


def test_the_environment_is_read_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    made = transport(server.url)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert made.send(GET).body == {"ok": True}


def test_a_password_from_netrc_does_not_replace_the_token(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "netrc").write_text("default login user password secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    transport(server.url).send(GET, HEADER)
    assert server.came[0][2]["Authorization"] == HEADER


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_ca_bundle_from_the_environment(monkeypatch: pytest.MonkeyPatch, variable: str, tmp_path: Path) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "bundle.pem"))
    assert transport("https://api")._environment["verify"] == str(tmp_path / "bundle.pem")
    assert transport("https://api", verify=False)._environment["verify"] is False


# Bodies


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(b"", "not with the JSON of PagerDuty's API: nothing", id="empty"),
        pytest.param(b"<html>Log in</html>", "not with the JSON of PagerDuty's API: <html>Log in</html>", id="HTML"),
        pytest.param(b'{"integration_key": "' + KEY[:20].encode(), "with JSON that is cut off: 41 bytes", id="cut off"),
        pytest.param(b'{"a": "\xff"}', "with JSON that is cut off", id="no UTF-8"),
        pytest.param(b"[" * 100_000, "with JSON that is cut off", id="deep"),
        pytest.param(f"key: {KEY}.".encode(), "key: [key].", id="a key"),
        pytest.param(b"\x00\x01 binary", "binary", id="binary"),
    ],
)
@pytest.mark.parametrize("status", [200, 201, 502])
def test_bodies_that_are_not_the_apis(server: Server, body: bytes, said: str, status: int) -> None:
    server.answering = lambda handler: handler.answer(body, status)
    error = transport(server.url).send(GET).error
    assert isinstance(error, UnintelligibleAnswerError)
    assert f"{server.url} answered with status {status} but" in str(error)
    assert said in str(error)
    assert KEY[:20] not in str(error)
    assert error.transient
    assert error.perhaps_done


@pytest.mark.parametrize("status", [404, 429])
def test_refusals_that_are_known_to_come_without_json(server: Server, status: int) -> None:
    server.answering = lambda handler: handler.answer(b"<html>", status)
    error = transport(server.url).send(GET).error
    assert error is not None
    assert not isinstance(error, UnintelligibleAnswerError)


def test_a_body_that_does_not_end_is_not_read_to_its_end(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MOST_BYTES", 200_000)
    server.answering = lambda handler: handler.answer(json.dumps({"padding": "x" * 1_000_000}).encode())
    error = transport(server.url).send(GET).error
    assert "not with what was asked: over 200000 bytes" in str(error)


def test_a_redirect_is_told_and_not_followed(server: Server) -> None:
    server.answering = lambda handler: handler.answer(b"", 302, {"Location": "https://elsewhere/login"})
    error = transport(server.url).send(Request("POST", "/", body={})).error
    assert "status 302 but sends elsewhere: https://elsewhere/login" in str(error)
    assert error is not None
    assert not error.transient
    assert len(server.came) == 1


def test_no_content(server: Server) -> None:
    server.answering = lambda handler: handler.answer(b"", 204)
    answer = transport(server.url).send(GET)
    assert (answer.body, answer.error) == (None, None)


# What failed, and whether the request may have arrived


def failure(made: Transport, **options: Any) -> UnreachableError:
    with pytest.raises(UnreachableError) as raised:
        made.send(GET, HEADER, **options)
    assert TOKEN not in str(raised.value)
    return raised.value


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def test_a_refused_connection() -> None:
    error = failure(transport(f"http://127.0.0.1:{closed_port()}"))
    assert (error.reason, error.transient, error.perhaps_done) == ("Connection refused", True, False)


def test_a_name_that_is_not_known() -> None:
    error = failure(transport("http://pagerduty.invalid"))
    assert (error.transient, error.perhaps_done) == (True, False)


def test_an_answer_that_never_comes(server: Server) -> None:
    def answering(_handler: Handler) -> None:
        threading.Event().wait(1)

    server.answering = answering
    error = failure(transport(server.url), seconds=0.1)
    assert (error.reason, error.transient, error.perhaps_done) == ("the time for an answer ran out", True, True)


def test_a_body_that_comes_too_slowly(server: Server) -> None:
    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(10 * transport_module.CHUNK_BYTES))
        handler.end_headers()
        for _ in range(10):
            handler.wfile.write(b"x" * transport_module.CHUNK_BYTES)
            threading.Event().wait(0.1)

    server.answering = drip
    assert failure(transport(server.url), seconds=0.25).reason == "the time for an answer ran out"


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


# What cannot be sent


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_json_does_not_have(server: Server, number: float) -> None:
    with pytest.raises(UnsendableError, match=r"cannot be sent: JSON has no number .* \(NaN or infinity\)") as raised:
        transport(server.url).send(Request("POST", "/", body={"number": number}))
    assert (raised.value.transient, raised.value.perhaps_done) == (False, False)
    assert server.came == []


def test_a_token_that_no_header_can_hold(server: Server) -> None:
    with pytest.raises(UnsendableError) as raised:
        transport(server.url).send(GET, "Token token=u+Secret\nToken")
    assert "Secret" not in str(raised.value)


@pytest.mark.parametrize("url", ["http://a..b", f"http://{'a' * 64}.invalid", "ftp://127.0.0.1"])
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(UnsendableError) as raised:
        transport(url).send(GET, HEADER)
    assert (raised.value.transient, raised.value.perhaps_done) == (False, False)


def test_a_proxys_address_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://")
    with pytest.raises(UnsendableError, match="that of a proxy"):
        transport("http://pagerduty.invalid").send(GET, HEADER)


def test_a_redirect_to_no_address_is_told_as_well(server: Server) -> None:
    server.answering = lambda handler: handler.answer(b"", 307, {"Location": "http://[::1"})
    error = transport(server.url).send(Request("POST", "/", body={})).error
    assert "status 307 but sends elsewhere" in str(error)


# What an answer repeats of the request

FORMS = [
    pytest.param(lambda text: text, id="as it is"),
    pytest.param(urllib.parse.quote_plus, id="URL-encoded"),
    pytest.param(lambda text: json.dumps(json.dumps(f'"{text}')), id="JSON in JSON"),
    pytest.param(lambda text: "".join(f"&#{ord(each)};" for each in text), id="HTML-escaped"),
    pytest.param(str.upper, id="another case"),
    pytest.param(lambda text: base64.b64encode(f"x{text}".encode()).decode(), id="base64"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("sent", ["token", "header", "secret"])
@pytest.mark.parametrize("kind", ["message", "errors", "scopes", "page", "reason", "location"])
def test_credentials_that_an_answer_repeats_are_hidden(
    server: Server, form: Callable[[str], str], sent: str, kind: str
) -> None:
    repeated = form({"token": TOKEN, "header": HEADER, "secret": CLIENT_SECRET}[sent])
    repeat_in(server, kind, f"Saw {repeated}.")
    request = Request("POST", "/", form={"client_secret": CLIENT_SECRET})
    error = transport(server.url).send(request, HEADER).error
    assert "Saw" in str(error)
    assert not any(each in str(error) for each in (repeated, TOKEN, CLIENT_SECRET))


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


def test_what_an_error_is_about_is_told(server: Server) -> None:
    server.answering = lambda handler: handler.answer(b"{}", 403)
    made = transport(server.url)
    errors = [made.send(Request(method, "/"), header).error for method in ("GET", "POST") for header in HEADERS]
    assert [(error.reading, error.by_app) for error in errors if isinstance(error, ApiError)] == [
        (True, False),
        (True, True),
        (False, False),
        (False, True),
    ]
