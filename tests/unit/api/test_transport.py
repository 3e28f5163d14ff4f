"""HTTP as it is on the wire: proxies and certificates from the environment, and bodies of all sorts."""

from __future__ import annotations

import gzip
import json
import re
import threading
import tracemalloc
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import urllib3
from pagerduty_native.api import transport as transport_module
from pagerduty_native.api.errors import UnintelligibleResponseError, UnreachableError
from pagerduty_native.api.parse import Request

from tests.support import HANG_SECONDS

from .fake_server import GET, HEADER, Handler, Server, transport

KEY = "0123456789abcdef0123456789abcdef"


def test_a_request_carries_its_query_body_and_header(server: Server) -> None:
    request = Request("POST", "/services", {"include[]": "integrations"}, {"a": 1})
    answer = transport(server.url).send(request, HEADER)
    assert (answer.status, answer.body, answer.error) == (200, {"ok": True}, None)
    ((method, path, headers),) = server.came
    assert (method, path) == ("POST", "/services?include%5B%5D=integrations")
    assert headers["Authorization"] == HEADER
    assert headers["Accept"] == "application/vnd.pagerduty+json;version=2"
    assert headers["User-Agent"] == "tests"


def test_a_request_without_credentials_has_no_such_header(server: Server) -> None:
    transport(server.url).send(GET)
    assert "Authorization" not in server.came[0][2]


def test_a_form_is_sent_as_one_to_what_gives_tokens(server: Server) -> None:
    """https://developer.pagerduty.com/docs/app-oauth-token: the form's fields, and plain JSON back."""
    transport(server.url).send(Request("POST", "/oauth/token", form={"scope": "a b", "client_id": "1"}))
    ((_, _, headers),) = server.came
    assert server.bodies == [b"scope=a+b&client_id=1"]
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["Accept"] == "application/json"


@pytest.mark.parametrize(("seconds", "connect"), [(60.0, 10.0), (4.0, 4.0)])
def test_how_long_a_call_may_take(monkeypatch: pytest.MonkeyPatch, seconds: float, connect: float) -> None:
    """A connection that takes more than ten seconds will not be there after sixty."""
    given: list[tuple[object, object]] = []

    def urlopen(*_: object, timeout: urllib3.Timeout, **_options: object) -> None:
        given.append((timeout.connect_timeout, timeout.read_timeout))
        raise ValueError

    monkeypatch.setattr("urllib3.HTTPConnectionPool.urlopen", urlopen)
    with pytest.raises(UnreachableError):
        transport("https://api").send(GET, seconds=seconds)
    assert given == [(connect, seconds)]


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


def test_the_connections_of_all_the_engines_workers_are_kept(server: Server) -> None:
    """More than the ten of `requests`: else each round of calls would shake hands again."""
    workers, ports = 16, set[int]()
    together = threading.Barrier(workers)

    def answering(handler: Handler) -> None:
        together.wait(HANG_SECONDS)
        ports.add(handler.client_address[1])
        handler.answer(b"{}")

    server.answering = answering
    kept = transport(server.url)
    with ThreadPoolExecutor(workers) as pool:
        for _ in range(3):
            assert all(each.status == 200 for each in pool.map(lambda _: kept.send(GET), range(workers)))
    assert len(ports) == workers


def test_a_client_without_verification_does_not_warn_at_every_call() -> None:
    warning = urllib3.exceptions.InsecureRequestWarning
    transport("https://api")
    with pytest.raises(warning):
        warnings.warn("unverified", warning, stacklevel=1)
    transport("https://api", verify=False)
    warnings.warn("unverified", warning, stacklevel=1)
    with pytest.raises(urllib3.exceptions.DependencyWarning):
        warnings.warn("another", urllib3.exceptions.DependencyWarning, stacklevel=1)


# The environment


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, server.url.replace("http://", "http://user:secret@"))
    assert transport("http://pagerduty.invalid").send(Request("GET", "/vendors")).body == {"ok": True}
    ((_, path, headers),) = server.came
    assert path == "http://pagerduty.invalid/vendors"
    assert {name.lower(): value for name, value in headers.items()}["proxy-authorization"].startswith("Basic ")


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
    assert transport("https://api")._verify == str(tmp_path / "bundle.pem")
    assert transport("https://api", verify=False)._verify is False


# Bodies


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(b"", "not with the JSON of PagerDuty's API: (empty)", id="empty"),
        pytest.param(b"<html>Log in</html>", "not with the JSON of PagerDuty's API: <html>Log in</html>", id="HTML"),
        pytest.param(b'{"integration_key": "' + KEY[:20].encode(), "with incomplete JSON: 41 bytes", id="cut off"),
        pytest.param(b' \n {"integration_key": "' + KEY[:20].encode(), "incomplete JSON: 44 bytes", id="cut later"),
        pytest.param(b"[1, 2", "with incomplete JSON: 5 bytes", id="a list that is cut off"),
        pytest.param(b'{"a": "\xff"}', "with incomplete JSON", id="no UTF-8"),
        pytest.param(b"[" * 100_000, "with incomplete JSON", id="deep"),
        pytest.param(f"key: {KEY}.".encode(), "key: [key].", id="a key"),
        pytest.param(b"\x00\x01 binary", "binary", id="binary"),
    ],
)
@pytest.mark.parametrize("status", [200, 201, 502])
def test_bodies_that_are_not_the_apis(server: Server, body: bytes, said: str, status: int) -> None:
    server.answering = lambda handler: handler.answer(body, status)
    error = transport(server.url).send(GET).error
    assert isinstance(error, UnintelligibleResponseError)
    assert f"{server.url} responded with status {status} but" in str(error)
    assert said in str(error)
    assert KEY[:20] not in str(error)
    assert error.transient
    assert error.perhaps_done


@pytest.mark.parametrize("status", [404, 429])
def test_refusals_that_are_known_to_come_without_json(server: Server, status: int) -> None:
    server.answering = lambda handler: handler.answer(b"<html>", status)
    error = transport(server.url).send(GET).error
    assert error is not None
    assert not isinstance(error, UnintelligibleResponseError)
    reason = {404: "Not Found", 429: "Too Many Requests"}[status]
    assert str(error) == f"{reason}: <html> (status {status})"


def test_a_refusal_without_any_words(server: Server) -> None:
    def answer(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n")

    server.answering = answer
    assert str(transport(server.url).send(GET).error) == "refused (status 404)"


def test_a_body_that_does_not_end(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MAX_BODY_BYTES", 200_000)
    pieces = iter(range(400))

    def pour(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in pieces:
            handler.wfile.write(b"x" * 100_000)

    server.answering = pour
    assert "more than 200000 bytes" in str(transport(server.url).send(GET).error)
    assert next(pieces, None) is not None, "it was read to its end"


def test_a_body_that_is_too_large(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MAX_BODY_BYTES", 200_000)
    whole = json.dumps({"padding": "x" * 199_985}).encode()
    server.answering = lambda handler: handler.answer(whole)
    response = transport(server.url).send(GET)
    assert (len(whole), response.body, response.error) == (200_000, {"padding": "x" * 199_985}, None)
    server.answering = lambda handler: handler.answer(whole + b" ")
    error = transport(server.url).send(GET).error
    said = "responded with status 200 but not with a response of the API: more than 200000 bytes"
    assert str(error) == f"{server.url} {said}"


def gzipped(text: bytes, times: int = 1) -> bytes:
    for _ in range(times):
        text = gzip.compress(text, mtime=0)
    return text


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzipped(b'{"ok": true}')),
        ("GZIP", gzipped(b'{"ok": ') + gzipped(b"true}") + b"\0\0"),
        ("deflate", zlib.compress(b'{"ok": true}')),
        ("identity", b'{"ok": true}'),
    ],
    ids=["gzip", "in parts", "deflate", "identity"],
)
def test_a_compressed_body(server: Server, encoding: str, body: bytes) -> None:
    server.answering = lambda handler: handler.answer(body, 200, {"Content-Encoding": encoding})
    assert transport(server.url).send(GET).body == {"ok": True}


@pytest.mark.parametrize(
    ("encoding", "body", "said"),
    [
        ("gzip", gzipped(b'{"ok": true}')[:-9], "the compressed response is incomplete"),
        ("gzip", b'{"ok": true}', "while decompressing data: incorrect header check"),
        ("gzip, gzip", gzipped(b'{"ok": true}', 2), "the response has the unknown Content-Encoding 'gzip, gzip'"),
        ("br", b"?", "the response has the unknown Content-Encoding 'br'"),
    ],
    ids=["cut off", "not compressed", "twice", "unknown"],
)
def test_a_body_that_cannot_be_decompressed(server: Server, encoding: str, body: bytes, said: str) -> None:
    server.answering = lambda handler: handler.answer(body, 200, {"Content-Encoding": encoding})
    with pytest.raises(UnreachableError, match=re.escape(said)) as raised:
        transport(server.url).send(GET)
    assert raised.value.transient
    assert raised.value.perhaps_done


@pytest.mark.parametrize("times", [1, 2, 5])
def test_a_body_that_is_a_bomb_takes_little_memory(server: Server, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    monkeypatch.setattr(transport_module, "MAX_BODY_BYTES", 1_000_000)
    bomb = gzipped(b" " * 100_000_000, times)
    headers = {"Content-Encoding": ", ".join(["gzip"] * times)}
    server.answering = lambda handler: handler.answer(bomb, 200, headers)
    asked = transport(server.url)
    tracemalloc.start()
    try:
        if times == 1:
            assert "more than 1000000 bytes" in str(asked.send(GET).error)
        else:
            with pytest.raises(UnreachableError):
                asked.send(GET)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("status", [300, 302, 307, 399])
def test_a_redirect_is_reported_and_not_followed(server: Server, status: int) -> None:
    server.answering = lambda handler: handler.answer(b"", status, {"Location": "https://elsewhere/login"})
    error = transport(server.url).send(Request("POST", "/", body={})).error
    assert str(error) == f"{server.url} responded with status {status} but with a redirect: https://elsewhere/login"
    assert error is not None
    assert not error.transient
    assert len(server.came) == 1


def test_a_redirect_to_nowhere(server: Server) -> None:
    server.answering = lambda handler: handler.answer(b"", 304)
    error = transport(server.url).send(GET).error
    assert str(error) == f"{server.url} responded with status 304 but with a redirect: (empty)"


@pytest.mark.parametrize(("status", "refused"), [(200, False), (299, False), (400, True)])
def test_the_status_decides_if_a_body_is_a_refusal(server: Server, status: int, refused: bool) -> None:
    server.answering = lambda handler: handler.answer(b'{"error": {"message": "No"}}', status)
    response = transport(server.url).send(GET)
    assert response.body == {"error": {"message": "No"}}
    assert str(response.error) == (f"No (status {status})" if refused else "None")


def test_no_content(server: Server) -> None:
    server.answering = lambda handler: handler.answer(b"", 204)
    answer = transport(server.url).send(GET)
    assert (answer.body, answer.error) == (None, None)
