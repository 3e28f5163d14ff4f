"""Keeps strangers out: web pages of other sites, and whoever has no token if there is one."""

from __future__ import annotations

import base64
import binascii
import secrets
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class Guard:
    """Refuses foreign Host headers (DNS rebinding) and writes with a foreign Origin."""

    def __init__(self, app: ASGIApp, allowed_hosts: set[str] | None) -> None:
        self.app = app
        self.allowed_hosts = allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            problem = self._problem(scope)
            if problem is not None:
                await PlainTextResponse(problem, 403)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _problem(self, scope: Scope) -> str | None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        if self.allowed_hosts is not None and host_name(host) not in self.allowed_hosts:
            return f"This emulator is not reached by the name {host_name(host)!r}.\n"
        origin = headers.get(b"origin", b"").decode("latin-1")
        foreign = origin and urlsplit(origin).netloc.lower() != host.lower()
        if foreign and scope["method"] not in SAFE_METHODS:
            return "Writes from pages of other sites are refused.\n"
        return None


def host_name(host: str) -> str:
    """A Host header without its port."""
    if host.startswith("["):
        return host[: host.find("]") + 1].lower()
    return host.partition(":")[0].lower()


def has_token(scope: Scope, token: str) -> bool:
    """Whether a request has the token: as the REST API takes it, or as the password that a browser asked for."""
    headers = dict(scope["headers"])
    scheme, _, given = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() == b"basic":
        try:
            given = base64.b64decode(given, validate=True).partition(b":")[2]
        except binascii.Error:
            return False
    else:
        given = given.strip().removeprefix(b"token=").strip(b'"')
    return secrets.compare_digest(given, token.encode())
