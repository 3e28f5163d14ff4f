"""The emulator as a proxy: CONNECT and absolute addresses lead PagerDuty's own hosts to the emulator, and no others."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import re
import secrets
import ssl
from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import quote

import h11

from pagerduty_emulator.settings import FORMS

from .protocol import MAX_HEAD, REQUEST_SECONDS, Protocol

PAGERDUTY_HOSTS = (
    "api.pagerduty.com",
    "api.eu.pagerduty.com",
    "events.pagerduty.com",
    "events.eu.pagerduty.com",
    "identity.pagerduty.com",
)
"""PagerDuty's hosts that its clients have built in; each account has one of its own as well."""
MAX_WARNINGS = 100  # hosts that standard error names
MAX_SHOWN = 253  # characters of each
HOST = re.compile(r"(?!.{254})(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.|$))+(?<!\.)")
"""The name of a host, in lower case."""

logger = logging.getLogger("pagerduty_emulator")


@dataclass(frozen=True)
class Proxy:
    """Hosts that the proxy leads to the emulator, with their certificate."""

    hosts: tuple[str, ...]
    context: ssl.SSLContext
    """TLS with a certificate for `hosts`."""
    token: str | None = None
    """The token that clients need to use the proxy, as the password; None: none."""
    warned: set[str] = field(default_factory=set, compare=False)
    """Refused hosts that standard error has named."""

    def protocol(self) -> type[Protocol]:
        """Return the connection protocol that also accepts CONNECT."""
        return type("ProxyProtocol", (ProxyProtocol,), {"proxy": self})


@dataclass(frozen=True)
class Refusal:
    """An answer to CONNECT other than 200."""

    status: str
    message: str
    header: str = ""

    def encoded(self) -> bytes:
        """Return the response as bytes. The connection ends after it."""
        body = f"{self.message}\n".encode()
        head = (
            f"HTTP/1.1 {self.status}\r\n{self.header}Content-Type: text/plain; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body


class ProxyProtocol(Protocol):
    """A connection that may begin with CONNECT, which is answered before an HTTP server sees it.

    The tunnel ends in this process: TLS is spoken with the client on the same connection, and nothing is relayed.
    """

    proxy: Proxy
    _head: bytearray | None = bytearray()
    """The bytes so far; None once the connection is known to be no tunnel."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._head = bytearray()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._head is None:
            super().data_received(data)
            return
        self._head += data
        head = bytes(self._head)
        if not head.startswith(b"CONNECT "[: len(head)]):
            self._head = None
            super().data_received(head)
        elif b"\r\n\r\n" in head or len(head) > MAX_HEAD:
            self._connect(head)

    def _connect(self, head: bytes) -> None:
        refusal = refusal_of(head, self.proxy)
        if refusal is not None:
            self.transport.write(refusal.encoded())
            self.transport.close()
            return
        self._stop_watching()
        self.transport.pause_reading()  # start_tls goes on; what comes before it would be lost
        self.transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        task = self.loop.create_task(self._tunnel())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _tunnel(self) -> None:
        """Speak TLS, then HTTP, on the connection."""
        waiting = _Waiting()
        try:
            if self.transport.is_closing():  # the client is gone already, and start_tls would wait for it
                return
            transport = await self.loop.start_tls(
                self.transport,
                waiting,
                self.proxy.context,
                server_side=True,
                ssl_handshake_timeout=REQUEST_SECONDS,
            )
        except (OSError, asyncio.CancelledError) as error:  # ssl.SSLError is an OSError
            logger.info("CONNECT: no TLS with the client: %s", getattr(error, "reason", type(error).__name__))
            self.transport.abort()
            return
        finally:
            self.connections.discard(self)
        if transport is None or transport.is_closing() or waiting.is_lost:
            self.transport.abort()
            return
        inner = Protocol(self.config, self.server_state, self.app_state, self.loop)
        transport.set_protocol(inner)
        inner.connection_made(transport)
        if waiting.data:
            inner.data_received(waiting.data)


class _Waiting(asyncio.Protocol):
    """Keeps the bytes that arrive right after the handshake, until there is a protocol for them."""

    def __init__(self) -> None:
        self.data = b""
        self.is_lost = False

    def data_received(self, data: bytes) -> None:
        self.data += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_lost = True


def refusal_of(head: bytes, proxy: Proxy) -> Refusal | None:
    """Return the answer to a CONNECT that is refused; None if it is granted."""
    parser = h11.Connection(h11.SERVER, MAX_HEAD)
    parser.receive_data(head)
    try:
        request = parser.next_event()
    except h11.RemoteProtocolError:
        request = None
    if not isinstance(request, h11.Request) or parser.trailing_data[0]:
        return Refusal("400 Bad Request", "This is not a CONNECT request that the emulator understands.")
    target = request.target.decode("ascii", "replace")
    host, port = split_port(target)
    if host not in proxy.hosts or port != "443":
        if not port:
            advice = f"the port is missing, write {host if HOST.fullmatch(host) else 'HOST'}:443"
        else:
            advice = "it leads there at port 443 only" if host in proxy.hosts else advice_for(host, proxy.hosts)
        warn_of(host or target, advice, proxy.warned)
        # Python, Go and Java show the reason of a refused CONNECT, and not its body.
        reason = f"403 The emulator is a proxy for PagerDuty only: {advice}"
        return Refusal(reason, f"This proxy leads to {' '.join(proxy.hosts)} only, at port 443: {advice}.")
    if proxy.token is not None and not has_password(dict(request.headers), proxy.token):
        realm = 'Proxy-Authenticate: Basic realm="PagerDuty emulator"\r\n'
        message = "This proxy needs the emulator's token as the password: https_proxy=http://emulator:TOKEN@HOST:PORT."
        return Refusal("407 Proxy Authentication Required", message, realm)
    return None


def split_port(address: str) -> tuple[str, str]:
    """Split `HOST:PORT`. The host is in lower case, without the final dot of a complete name in DNS."""
    end = address.find("]") + 1 if address.startswith("[") else 0
    name, _, port = address[end:].partition(":")
    return (address[:end] + name).lower().removesuffix("."), port


def advice_for(host: str, served: Collection[str]) -> str:
    """Return the next step for a client whose request to this host was refused.

    NO_PROXY is for others' hosts only: with it, the client would write to the real PagerDuty.
    """
    if f".{host}".endswith(".pagerduty.com"):
        account, _, domain = host.partition(".")
        region = {"pagerduty.com": "", "eu.pagerduty.com": " --region eu"}.get(domain)
        if region is not None and re.fullmatch(FORMS["subdomain"][0], account):
            return f"start it with --subdomain {account}{region} for that account"
        return f"use one of its hosts: {', '.join(served)}"
    return "put other hosts into NO_PROXY"


def warn_of(host: str, advice: str, warned: set[str]) -> None:
    """Write a line to standard error, once for each refused host."""
    shown = quote(host, safe="[]:")[:MAX_SHOWN]
    if shown and shown not in warned and len(warned) < MAX_WARNINGS:
        warned.add(shown)
        logger.warning("the proxy refused %s: %s", shown, advice)


def has_password(headers: dict[bytes, bytes], token: str) -> bool:
    """Return True if a request to the proxy has the token as the password."""
    scheme, _, value = headers.get(b"proxy-authorization", b"").partition(b" ")
    password = basic_password(value.strip()) if scheme.lower() == b"basic" else None
    return password is not None and secrets.compare_digest(password, token.encode())


def basic_password(value: bytes) -> bytes | None:
    """Return the password in what follows "Basic" in a header, or None if it is not Base64."""
    try:
        return base64.b64decode(value, validate=True).partition(b":")[2]
    except binascii.Error:
        return None
