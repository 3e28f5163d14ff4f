"""HTTP/1.1 over a TCP or TLS connection: uvicorn's, with time limits for slow clients."""

from __future__ import annotations

import asyncio
import socket
import struct

import h11
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

TRANSPORT = "pagerduty_emulator.transport"
REQUEST_SECONDS = 30.0
"""Time for a whole request to arrive, from the start of the connection or its first byte."""
MAX_HEAD = 16 * 1024
"""Bytes of a request line with its headers. h11 limits only those that arrive in several pieces."""
IDLE_SECONDS = 75
"""Time that a connection without a request is kept, and an answer that the client does not read."""


class Protocol(H11Protocol):
    """uvicorn's protocol, which also hands its transport to the application, and does not wait for slow clients."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app = _with_transport(self.app, transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_watching()
        super().connection_lost(exc)

    def timeout_keep_alive_handler(self) -> None:
        """Do as uvicorn does, and reset the connection if the client has not read its answer by now."""
        super().timeout_keep_alive_handler()
        if self.transport.get_write_buffer_size():
            reset(self.transport)

    def _watch(self) -> None:
        """Set the deadline of a request that is arriving. Further bytes do not move it."""
        arriving = self.conn.their_state in (h11.IDLE, h11.SEND_BODY) and self.timeout_keep_alive_task is None
        if not arriving:
            self._stop_watching()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def _stop_watching(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def reset(transport: asyncio.Transport) -> None:
    """End a connection with a TCP reset, even if an answer is not sent yet."""
    raw = transport.get_extra_info("socket")
    if raw is not None:
        # No lingering: closing sends RST at once instead of FIN.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def _with_transport(app: ASGIApp, transport: asyncio.Transport) -> ASGIApp:
    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("extensions", {})[TRANSPORT] = transport
        if size_of_head(scope) > MAX_HEAD:
            too_long = f"The request line and the headers are longer than {MAX_HEAD} bytes.\n"
            await PlainTextResponse(too_long, 400)(scope, receive, send)
            return
        await app(scope, receive, send)

    return wrapped


def size_of_head(scope: Scope) -> int:
    """Return the bytes of a request line and its headers, with their blanks, colons and ends of lines."""
    line = len(f"{scope['method']} ? HTTP/1.1\r\n\r\n") + len(scope["raw_path"]) + len(scope["query_string"])
    return line + sum(len(name) + len(value) + len(": \r\n") for name, value in scope["headers"])
