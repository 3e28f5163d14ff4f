"""Certificates, company CAs and tunnels: nothing is sent before the server has shown who it is."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from pagerduty_native.api.errors import UnreachableError, UnsendableError
from pagerduty_native.api.parse import Request

from tests.support import HANG_SECONDS

from .fake_server import HEADER, TOKEN, Handler, Server, transport

POST = Request("POST", "/services/PCHECKT/integrations", body={"integration": {}})
YEAR = dt.timedelta(days=365)
NOW = dt.datetime.now(dt.UTC)

Serve = Callable[..., Server]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A company's CA."""
    return trustme.CA()


@pytest.fixture
def serve(authority: trustme.CA) -> Iterator[Serve]:
    """Serves https with a certificate for the names, of the company's CA if no other is given."""
    servers = []

    def serve(*names: str, ca: trustme.CA = authority, ends: dt.datetime = NOW + YEAR) -> Server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ca.issue_cert(*names, not_before=ends - 2 * YEAR, not_after=ends).configure_cert(context)
        server = Server()
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        server.url = server.url.replace("http://", "https://")
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        servers.append(server)
        return server

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def _trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "company-ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "company-ca.pem"))


def refused(server: Server, url: str = "") -> str:
    """The reason for which nothing was sent, which the next attempt would meet as well."""
    with pytest.raises(UnreachableError) as raised:
        transport(url or server.url).send(POST, HEADER)
    assert (raised.value.transient, raised.value.perhaps_done) == (False, False)
    assert server.came == []
    assert TOKEN not in str(raised.value)
    return raised.value.reason


@pytest.mark.usefixtures("_trusted")
def test_a_companys_ca_is_trusted_if_the_environment_names_it(serve: Serve) -> None:
    server = serve("127.0.0.1")
    assert transport(server.url).send(POST, HEADER).body == {"ok": True}
    assert server.came[0][2]["Authorization"] == HEADER


@pytest.mark.usefixtures("_trusted")
def test_an_expired_certificate(serve: Serve) -> None:
    assert "certificate has expired" in refused(serve("127.0.0.1", ends=NOW - YEAR))


@pytest.mark.usefixtures("_trusted")
def test_the_certificate_of_another_host(serve: Serve) -> None:
    assert "certificate is not valid for '127.0.0.1'" in refused(serve("api.pagerduty.com"))


@pytest.mark.usefixtures("_trusted")
def test_the_certificate_of_another_ca(serve: Serve) -> None:
    """The bundle replaces the public CAs, and adds to none."""
    assert "certificate verify failed" in refused(serve("127.0.0.1", ca=trustme.CA()))


def test_the_certificate_of_an_unknown_ca(serve: Serve) -> None:
    assert "certificate verify failed" in refused(serve("127.0.0.1"))


def test_verification_of_certificates_can_be_switched_off(serve: Serve) -> None:
    server = serve("api.pagerduty.com", ca=trustme.CA(), ends=NOW - YEAR)
    assert transport(server.url, verify=False).send(POST, HEADER).body == {"ok": True}


@pytest.mark.parametrize("content", [None, "no certificate", ""], ids=["missing", "something else", "empty"])
def test_a_ca_bundle_that_cannot_be_used(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    """`requests` raises an OSError of no kind of its own for a file that is missing."""
    path = tmp_path / "bundle.pem"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    server = serve("127.0.0.1")
    with pytest.raises(UnsendableError) as raised:
        transport(server.url).send(POST, HEADER)
    assert f"the CA bundle {path} cannot be used" in raised.value.reason
    assert server.came == []


@pytest.mark.parametrize("credentials", ["", "user:proxy-password@"], ids=["open", "with credentials"])
@pytest.mark.usefixtures("_trusted")
def test_a_proxy_never_sees_the_token(
    server: Server, serve: Serve, monkeypatch: pytest.MonkeyPatch, credentials: str
) -> None:
    inside = serve("127.0.0.1")
    server.answering = tunnel
    monkeypatch.setenv("HTTPS_PROXY", server.url.replace("http://", f"http://{credentials}"))
    assert transport(inside.url).send(POST, HEADER).body == {"ok": True}
    assert server.came[0][0] == "CONNECT"
    to_proxy, to_server = ({name.lower() for name in asked.came[0][2]} for asked in (server, inside))
    assert "authorization" not in to_proxy
    assert ("proxy-authorization" in to_proxy) == bool(credentials)
    assert "proxy-authorization" not in to_server


@pytest.mark.usefixtures("_trusted")
def test_a_proxy_with_a_certificate_of_its_own_gets_no_token(
    server: Server, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = serve("127.0.0.1", ca=trustme.CA())
    server.answering = tunnel
    monkeypatch.setenv("HTTPS_PROXY", server.url.replace("http://", "http://user:proxy-password@"))
    assert "proxy-password" not in refused(inside)


def tunnel(handler: Handler) -> None:
    """Pass bytes on in both directions, as a proxy does after CONNECT."""
    host, port = handler.path.split(":")
    handler.send_response(200)
    handler.end_headers()
    with socket.create_connection((host, int(port)), timeout=HANG_SECONDS) as onward:
        back = threading.Thread(target=hand_on, args=[onward, handler.connection], daemon=True)
        back.start()
        hand_on(handler.connection, onward)
        back.join(10)
    handler.close_connection = True


def hand_on(source: socket.socket, target: socket.socket) -> None:
    while True:
        try:
            content = source.recv(65_536)
            target.sendall(content)
        except OSError:
            return
        if not content:
            target.shutdown(socket.SHUT_WR)
            return
