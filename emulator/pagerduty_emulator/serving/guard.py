"""Refuses web pages of other sites, names that are not the emulator's, and requests without the token."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from urllib.parse import unquote

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from pagerduty_emulator.settings import Settings

from .proxy import HOST, Proxy, advice_for, basic_password, has_password, split_port, warn_of

OWN = ("/emulator", "/actions")
ADDRESS = re.compile(r"(https?)://([^/?#]*)([^?#]*)", re.IGNORECASE)
HOST_HEADER = re.compile(r"(?:[0-9A-Za-z._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
"""Methods that write nothing."""


class Guard:
    """Refuses foreign Host headers (DNS rebinding), writes from pages of other sites, and hosts that are not ours."""

    def __init__(
        self, app: ASGIApp, settings: Settings, allowed_hosts: set[str] | None, proxy: Proxy | None = None
    ) -> None:
        self.app = app
        self.settings = settings
        self.proxy = proxy
        self.proxied = set(proxy.hosts) if proxy else set()
        self.allowed_hosts = None if allowed_hosts is None else allowed_hosts | self.proxied

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            is_absolute = scope["path"].startswith(("http://", "https://"))
            if is_absolute:
                scope = origin_form(scope)
            refusal = (self._proxy_refusal(scope) if is_absolute else None) or self._refusal(scope)
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _proxy_refusal(self, scope: Scope) -> PlainTextResponse | None:
        """Return the refusal of a request with an absolute address, as a proxy gets it; None if it is granted."""
        if self.proxy is None:
            return None
        headers = dict(scope["headers"])
        given = headers[b"host"].decode("latin-1")
        host, _ = split_port(given)
        if host not in self.proxied | (self.allowed_hosts or set()):
            advice = advice_for(host, self.proxy.hosts)
            warn_of(host or given, advice, self.proxy.warned)
            return PlainTextResponse(f"This proxy leads to {' '.join(self.proxy.hosts)} only: {advice}.\n", 403)
        if self.proxy.token is not None and not has_password(headers, self.proxy.token):
            challenge = {"proxy-authenticate": 'Basic realm="PagerDuty emulator"'}
            return PlainTextResponse("This proxy needs the emulator's token as the password.\n", 407, challenge)
        return None

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        name, _ = split_port(host)
        if HOST_HEADER.fullmatch(host) is None or (self.allowed_hosts is not None and name not in self.allowed_hosts):
            hint = " Start it with --name to allow that name." if HOST.fullmatch(name) else ""
            if hint and name.endswith(".pagerduty.com") and self.proxy is None:
                hint += " For clients that use it as a proxy, start it with --proxy."
            return PlainTextResponse(f"This emulator is not reached by the name {name!r}.{hint}\n", 403)
        origin = headers.get(b"origin", b"").decode("latin-1")
        foreign = origin and netloc_of(origin) != host.lower()
        if foreign and scope["method"] not in SAFE_METHODS:
            own = scope["path"].startswith(OWN)
            if own or not is_allowed(origin, self.settings.cors_origins):
                hint = "" if own else " The setting cors_origins allows them, for PagerDuty's APIs."
                return PlainTextResponse(f"Writes from pages of other sites are refused.{hint}\n", 403)
        return None


def is_allowed(origin: str, origins: Collection[str]) -> bool:
    """Say whether a page of this origin may use PagerDuty's APIs here: if the setting lists it, or "*"."""
    return bool(origin) and origin.isascii() and ("*" in origins or origin in origins)


def origin_form(scope: Scope) -> Scope:
    """Return a request with an absolute address as one to the host in that address."""
    scheme, netloc, path = ADDRESS.findall(scope["raw_path"].decode("latin-1"))[0]
    headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
    return {
        **scope,
        "scheme": scheme,
        "raw_path": (path or "/").encode("latin-1"),
        "path": unquote(path or "/"),
        "headers": [(b"host", netloc.rpartition("@")[2].encode("latin-1")), *headers],
    }


def netloc_of(address: str) -> str:
    """Return the host and port in an address; "" if it is no http address. Odd ones do not raise, as urlsplit does."""
    found = ADDRESS.match(address)
    return found[2].lower() if found else ""


def is_from_another_site(scope: Scope) -> bool:
    """Tell whether a page of another site made a browser send a request, such as by <img> or by a link."""
    headers = dict(scope["headers"])
    if b"sec-fetch-site" in headers:
        return headers[b"sec-fetch-site"] not in (b"same-origin", b"none")
    referer = netloc_of(headers.get(b"referer", b"").decode("latin-1"))
    return bool(referer) and referer != headers.get(b"host", b"").decode("latin-1").lower()


def has_token(scope: Scope, token: str) -> bool:
    """Return True if a request has the token, in the REST API's form or as a browser's password."""
    headers = dict(scope["headers"])
    scheme, _, value = headers.get(b"authorization", b"").partition(b" ")
    if scheme.lower() == b"basic":
        given = basic_password(value)
    else:
        given = value.strip().removeprefix(b"token=").strip().strip(b'"')
    return given is not None and secrets.compare_digest(given, token.encode())
