"""Responses on the wire, whole or spoilt by a fault, down to the TCP connection."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from starlette.types import Receive, Scope, Send

from pagerduty_emulator.faults import Fault
from pagerduty_emulator.http import HTML_TYPE, Answer

from .protocol import TRANSPORT, reset

MAX_BODY = 4 * 1024 * 1024
"""The longest body that is kept, in bytes; PagerDuty's longest known is an event's, of 512 KB."""
BODILESS = (204, 304)  # statuses
WORTH_COMPRESSING = 1024  # bytes

Commit = Callable[[], Answer]
"""Handle the request now, and return its answer."""

ERROR_PAGE = """<html>
<head><title>503 Service Temporarily Unavailable</title></head>
<body><center><h1>503 Service Temporarily Unavailable</h1></center><hr></body>
</html>
"""


class HungUpError(Exception):
    """The client left before its whole request arrived; it is not handled."""


class Connection:
    """The client's side of one request."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self.on_start: Callable[[int], object] = int
        """Called with the status right before an answer starts."""
        self._transport: asyncio.Transport | None = scope.get("extensions", {}).get(TRANSPORT)
        self._takes_gzip = any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])

    async def read_body(self) -> bytes | None:
        """Read the request's body; None if it is longer than MAX_BODY. HungUpError if it ends too early.

        All of it is read, as most clients do not listen before they have sent all.
        """
        body = bytearray()
        length = 0
        while True:
            message = await self._receive()
            if message["type"] != "http.request":
                raise HungUpError
            part = message.get("body", b"")
            length += len(part)
            if length <= MAX_BODY:
                body += part
            if not message.get("more_body"):
                return bytes(body) if length <= MAX_BODY else None

    async def send(self, answer: Answer) -> None:
        """Send an answer, compressed if the client accepts that and it is worth it."""
        body = answer.encoded()
        if self._takes_gzip and len(body) >= WORTH_COMPRESSING:
            body = gzip.compress(body, compresslevel=1)
            coding = {"content-encoding": "gzip", "vary": "accept-encoding"}
            answer = replace(answer, headers={**answer.headers, **coding})
        await self._send_as_it_is(answer, body)

    async def _send_as_it_is(self, answer: Answer, body: bytes) -> None:
        await self._start(answer, len(body))
        await self._send({"type": "http.response.body", "body": body})

    async def stream(self, answer: Answer, changes: Callable[[], str], every: float) -> None:
        """Send the head of an answer, then what `changes` returns, now and `every` so many seconds, until a hang-up."""
        await self._send({"type": "http.response.start", "status": answer.status, "headers": answer.raw_headers()})
        while True:
            if text := changes():
                await self._send(
                    {"type": "http.response.body", "body": text.encode(errors="replace"), "more_body": True}
                )
            if await self._hangs_up_within(every):
                return

    async def _start(self, answer: Answer, length: int) -> None:
        self.on_start(answer.status)
        await self._send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": answer.raw_headers(length),
            }
        )

    async def send_with_fault(self, fault: Fault, commit: Commit) -> None:
        """Send what a fault makes of the answer."""
        answer = commit() if fault.strikes_after_commit else None
        if fault.kind == "delay":
            # A client that hangs up before its request is handled is not served any more.
            if not await self._hangs_up_within(fault.seconds):
                await self.send(answer or commit())
        elif fault.kind == "reset":
            await self.reset()
        elif fault.kind == "drip":
            await self._drip(spoil(fault, answer), fault.seconds)
        elif fault.kind == "truncated_body":
            await self._send_half(spoil(fault, answer))
        else:
            spoilt = spoil(fault, answer)
            await self._send_as_it_is(spoilt, spoilt.encoded())

    async def _hangs_up_within(self, seconds: float) -> bool:
        """Wait, and return True if the client closed the connection meanwhile."""
        try:
            message = await asyncio.wait_for(self._receive(), seconds)
        except TimeoutError:
            return False
        return bool(message["type"] == "http.disconnect")

    async def reset(self) -> None:
        """End the connection with a TCP reset and without an answer."""
        if self._transport is None:
            raise ConnectionResetError("reset by an injected fault")
        reset(self._transport)
        await self._receive()  # until the server has noticed, or it would complain

    async def _drip(self, answer: Answer, seconds: float) -> None:
        """Send the body byte by byte, until the client hangs up."""
        body = answer.encoded()
        await self._start(answer, len(body))
        for place in range(len(body)):
            if await self._hangs_up_within(seconds / len(body)):
                return
            await self._send({"type": "http.response.body", "body": body[place : place + 1], "more_body": True})
        await self._send({"type": "http.response.body"})

    async def _send_half(self, answer: Answer) -> None:
        """Promise the whole body, send half of it and end the connection."""
        body = answer.encoded()
        await self._start(answer, len(body))
        half = body[: len(body) // 2]
        await self._send({"type": "http.response.body", "body": half, "more_body": True})
        if self._transport is None:
            raise ConnectionResetError("ended by an injected fault")
        self._transport.close()
        await self._receive()


def spoil(fault: Fault, answer: Answer | None) -> Answer:
    """Return the answer that a fault sends instead of `answer` (None: the request was not handled)."""
    spoilt = _spoilt(fault, answer)
    if spoilt.status in BODILESS:
        spoilt.body = None
    return spoilt


def _spoilt(fault: Fault, answer: Answer | None) -> Answer:
    status = fault.status or 503
    if fault.kind == "rate_limit":
        return _rate_limited(fault)
    if fault.kind == "status":
        return Answer(_error_body(fault, status), status, fault.headers)
    if fault.kind == "html":
        return Answer(ERROR_PAGE, status, fault.headers, HTML_TYPE)
    answer = answer or Answer({}, 200)
    spoilt = Answer(answer.body, fault.status or answer.status, {**answer.headers, **fault.headers})
    if fault.kind == "empty":
        spoilt.body = ""
    elif fault.kind == "truncated_json":
        text = answer.encoded()
        spoilt.body = text[: len(text) // 2]
    return spoilt


def _rate_limited(fault: Fault) -> Answer:
    if fault.bare:
        return Answer(None, 429, {})
    limited = {"ratelimit-limit": "960", "ratelimit-remaining": "0", "ratelimit-reset": "1"}
    body = {"error": {"message": "Rate Limit Exceeded", "code": 2020}}
    return Answer(body, 429, {**limited, **fault.headers})


def _error_body(fault: Fault, status: int) -> Any:
    if fault.body is not None:
        return fault.body if isinstance(fault.body, str) else json.loads(json.dumps(fault.body))
    known = {each.value: each.phrase for each in HTTPStatus}
    return {"error": {"message": known.get(status, "Unknown"), "code": 2000}}
