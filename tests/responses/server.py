"""PagerDuty over HTTP: the emulator carries requests out, and a test says what goes back.

A server of plain sockets: what an HTTP library would put right must go out wrong.
"""

from __future__ import annotations

import re
import socket
import socketserver
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote

from pagerduty_emulator import Emulator
from pagerduty_emulator.api.addresses import EVENTS, REST
from pagerduty_emulator.http import Answer, Request
from pagerduty_emulator.serving.endpoint import Endpoint, Kind


@dataclass(frozen=True)
class Reply:
    """What goes out: the bytes of a response. closes: whether the connection ends after it; resets: at once."""

    raw: bytes
    closes: bool = False
    resets: bool = False


Responding = Callable[[Request, Callable[[], Answer]], Reply]


class Connection(socketserver.StreamRequestHandler):
    """Requests, one after the other. The provider's own are well-formed."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        while line := self.rfile.readline():
            method, target, _ = line.decode("latin-1").split()
            headers: dict[str, str] = {}
            while line := self.rfile.readline().strip():
                name, _, value = line.decode("latin-1").partition(":")
                headers[name.lower()] = value.strip()
            body = self.rfile.read(int(headers.get("content-length", 0)))
            reply = cast("Server", self.server).reply(method, target, headers, body)
            self.wfile.write(reply.raw)
            if reply.resets:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            if reply.closes or reply.resets:
                return


class Server(socketserver.ThreadingTCPServer):
    """A PagerDuty account at an address.

    respond: gets a request, and what carries it out; returns what goes back.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, emulator: Emulator, respond: Responding) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._respond = respond
        self._endpoints = [
            (re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), Endpoint(emulator, path, operations, kind))
            for kind, table in ((Kind.REST, REST), (Kind.EVENTS, EVENTS))
            for path, operations in table.items()
        ]
        self._elsewhere = Endpoint(emulator, "(unknown)", {}, Kind.REST)

    def reply(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        path, _, query = target.partition("?")
        matches = ((pattern.fullmatch(path), endpoint) for pattern, endpoint in self._endpoints)
        params, endpoint = next(
            ((match.groupdict(), endpoint) for match, endpoint in matches if match), ({}, self._elsewhere)
        )
        params = {name: unquote(value) for name, value in params.items()}
        request = Request(method, path, params, query, headers, body, self.url)
        return self._respond(request, lambda: endpoint.answer(request))

    def handle_error(self, request: object, client_address: object) -> None:
        """A provider that hangs up is none of ours."""
