"""HTTP: one request to PagerDuty's REST API, and its response or error.

urllib3 sends the requests. requests only finds the proxy and the CA bundle in the environment: preparing each call and
looking for cookies and .netrc, as its sessions do, takes twice the CPU time.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import ssl
import threading
import time
import traceback
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests
import requests.utils
import urllib3

from pagerduty_native.api.errors import (
    ApiError,
    PagerDutyError,
    UnintelligibleResponseError,
    UnreachableError,
    UnsendableError,
    api_error,
    excerpt,
    quoted,
)
from pagerduty_native.api.parse import READ_TIMEOUT_SECONDS, Request, Response, parsed

MEDIA_TYPE = "application/vnd.pagerduty+json;version=2"
# One for each of the engine's workers. urllib3 opens more if they are needed.
MAX_CONNECTIONS = 64
CONNECT_TIMEOUT_SECONDS = 10.0
# The longest body, also after decompression. A page of 100 services with 250 integrations each is 18 MB.
MAX_BODY_BYTES = 64_000_000
CHUNK_BYTES = 65_536
# Secrets are searched for in this much of a text. Less of it is shown.
MAX_SEARCHED_CHARACTERS = 64_000
# These statuses mean the same without JSON.
REFUSALS = {401, 402, 403, 404, 429}
# Errors of requests and urllib3 for an address that cannot be connected to at all.
BAD_ADDRESSES = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    urllib3.exceptions.LocationValueError,
    UnicodeError,
)
# Errors of urllib3 before there was a connection.
NO_CONNECTION = (
    urllib3.exceptions.ConnectTimeoutError,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ProxyError,
)
# The client retries: see client.Retries.
_NO_RETRIES = urllib3.Retry(0, read=False)
# Lets zlib recognize gzip and zlib headers.
_ANY_HEADER = zlib.MAX_WBITS | 32


class Transport:
    """Sends requests, each once, over connections that are kept open. Safe to share among threads.

    The environment (HTTPS_PROXY, NO_PROXY, REQUESTS_CA_BUNDLE, …) is read once. Redirects are not followed: only a GET
    would survive one, and credentials must not go elsewhere.

    Args:
        api_url: The API's address, without a slash at the end.
        user_agent: The value of the header.
        verify: Verify TLS certificates.
        redact: Hides secrets in text from outside, before it gets into an error. A response may repeat the request.
    """

    def __init__(
        self,
        *,
        api_url: str,
        user_agent: str,
        verify: bool,
        redact: Callable[[str], str] = str,
    ) -> None:
        self.api_url = api_url
        self._redact = redact
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip"}
        environment = requests.Session().merge_environment_settings(api_url, {}, None, verify, None)
        self._verify = environment["verify"]
        self._proxy = requests.utils.select_proxy(api_url, environment["proxies"])
        self._lock = threading.Lock()
        self._connections: urllib3.PoolManager | None = None
        if not verify:  # The user has been warned once, and need not be at every call.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def send(self, request: Request, authorization: str = "", seconds: float = READ_TIMEOUT_SECONDS) -> Response:
        """Send a request and read its response.

        Args:
            request: The request.
            authorization: The header's value.
            seconds: How long the response may take.

        Raises:
            UnreachableError: No complete response came.
            UnsendableError: The request could not be sent.
        """
        headers, body = self._prepared(request, authorization)
        query = f"?{urlencode(request.params, doseq=True)}" if request.params else ""
        deadline = time.monotonic() + seconds
        try:
            response = self._pool().urlopen(
                request.method,
                f"{self.api_url}{request.path}{query}",
                redirect=False,
                body=body,
                headers=headers,
                retries=_NO_RETRIES,
                timeout=urllib3.Timeout(connect=min(seconds, CONNECT_TIMEOUT_SECONDS), read=seconds),
                preload_content=False,
                decode_content=False,
            )
            with contextlib.closing(response):  # Otherwise a response that breaks off would keep its connection.
                content = _content(response, deadline)
        except (OSError, urllib3.exceptions.HTTPError, ValueError) as error:
            raise self._failure(error) from error
        received = time.monotonic()
        parsed_body, refusal = self._parsed(response, content)
        if isinstance(refusal, ApiError):
            refusal.reading = request.method == "GET"
            refusal.by_app = authorization.startswith("Bearer ")
        return Response(response.status, response.headers, parsed_body, refusal, received)

    def _pool(self) -> urllib3.PoolManager:
        """Return the connections. The first call makes them, so that it can report an unusable proxy or CA bundle."""
        with self._lock:
            if self._connections is None:
                self._connections = self._new_pool()
            return self._connections

    def _new_pool(self) -> urllib3.PoolManager:
        proxy = self._proxy or ""
        if proxy and "://" not in proxy:
            proxy = f"http://{proxy}"
        options: dict[str, Any] = {"num_pools": 1, "maxsize": MAX_CONNECTIONS}
        if self.api_url.startswith("https:"):
            options["ssl_context"] = self._tls_context()
        if not proxy:
            return urllib3.PoolManager(**options)
        user, password = requests.utils.get_auth_from_url(proxy)
        if proxy.lower().startswith("socks"):
            return _socks_pool(proxy, user, password, options)
        return urllib3.ProxyManager(
            proxy,
            proxy_headers=urllib3.make_headers(proxy_basic_auth=f"{user}:{password}") if user else None,
            proxy_ssl_context=self._tls_context() if proxy.lower().startswith("https:") else None,
            **options,
        )

    def _tls_context(self) -> ssl.SSLContext:
        """Make a TLS context with the CA bundle of the environment, or the one of requests."""
        if self._verify is False:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return context
        bundle = requests.utils.DEFAULT_CA_BUNDLE_PATH if self._verify is True else str(self._verify)
        try:
            if Path(bundle).is_dir():
                return ssl.create_default_context(capath=bundle)
            return ssl.create_default_context(cafile=bundle)
        except OSError as error:  # SSLError is one.
            raise UnsendableError(
                f"the CA bundle {bundle} cannot be used; the environment variable REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE "
                "names it"
            ) from error

    def _prepared(self, request: Request, authorization: str) -> tuple[dict[str, str], bytes | None]:
        """Make the headers and the body. Raises UnsendableError."""
        headers = {**self._headers, "Accept": MEDIA_TYPE if request.form is None else "application/json"}
        body = None
        try:
            if authorization:
                requests.utils.check_header_validity(("Authorization", authorization))
                authorization.encode("latin-1")
                headers["Authorization"] = authorization
            if request.form is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                body = urlencode(request.form).encode()
            elif request.body is not None:
                headers["Content-Type"] = "application/json"
                body = json.dumps(request.body, allow_nan=False).encode()
        except (ValueError, RecursionError) as error:  # Its text may quote headers.
            raise UnsendableError(f"a value in it is malformed ({type(error).__name__})") from None
        return headers, body

    def _parsed(self, response: urllib3.BaseHTTPResponse, content: bytes | None) -> tuple[Any, PagerDutyError | None]:
        """Return the body, and the error that the response means."""
        status = response.status
        if status == requests.codes.no_content:
            return None, None
        if 300 <= status < 400:  # noqa: PLR2004
            target = self._hide(response.headers.get("Location", ""))
            return None, UnintelligibleResponseError(self.api_url, status, target, "with a redirect")
        try:
            body = parsed(content or b"")
        except (ValueError, RecursionError):
            return None, self._unparsable(response, content)
        return body, None if 200 <= status < 300 else api_error(status, body, self._hide)  # noqa: PLR2004

    def _unparsable(self, response: urllib3.BaseHTTPResponse, content: bytes | None) -> PagerDutyError:
        status = response.status
        text = self._hide((content or b"")[: 4 * MAX_SEARCHED_CHARACTERS].decode(errors="replace"))
        # JSON that was cut off may contain a key, or half of one.
        is_cut = text.lstrip().startswith(("{", "["))
        # These statuses say all that matters, and were seen to come without JSON.
        if status in REFUSALS:
            refusal = {"message": response.reason or "refused", "errors": [] if is_cut else [excerpt(text)]}
            return api_error(status, {"error": refusal}, self._hide)
        if content is None:
            return UnintelligibleResponseError(
                self.api_url, status, f"more than {MAX_BODY_BYTES} bytes", "not with a response of the API"
            )
        if is_cut:
            return UnintelligibleResponseError(self.api_url, status, f"{len(content)} bytes", "with incomplete JSON")
        return UnintelligibleResponseError(self.api_url, status, text)

    def _failure(self, error: Exception) -> PagerDutyError:
        """Make the error to raise for an error of urllib3 or requests."""
        chain = _causes(error)
        if any(isinstance(each, BAD_ADDRESSES) for each in chain):
            return UnsendableError(f"the URL {self.api_url}, the URL of a proxy, or a header is malformed")
        return UnreachableError(
            self.api_url,
            self._reason(chain),
            transient=not any(isinstance(each, ssl.CertificateError) for each in chain),
            perhaps_done=not any(map(_shows_no_connection, chain)),
        )

    def _reason(self, chain: list[BaseException]) -> str:
        """Say in a few words what happened: the innermost error, because the outer ones only name it."""
        if isinstance(chain[0], ValueError):
            return f"the response is malformed ({type(chain[0]).__name__})"
        if any(map(_is_timeout, chain)):
            return "the time for a response ran out"
        # A mistake inside a library means nothing to a user.
        inner = [each for each in chain if not isinstance(each, (AttributeError, TypeError))][-1]
        reason = quoted(self._hide(str(getattr(inner, "strerror", None) or inner))) or type(inner).__name__
        if self._proxy and any(isinstance(each, urllib3.exceptions.ProxyError) for each in chain):
            host = self._proxy.rpartition("@")[2].rpartition("//")[2].partition("/")[0]
            reason += f" (at the proxy {host}, from the environment)"
        return reason

    def _hide(self, text: str) -> str:
        """Return the beginning of a text from outside, without secrets."""
        return self._redact(text[:MAX_SEARCHED_CHARACTERS])


def _socks_pool(proxy: str, user: str, password: str, options: dict[str, Any]) -> urllib3.PoolManager:
    if importlib.util.find_spec("socks") is None:
        raise UnsendableError(
            "a SOCKS proxy in the environment (HTTPS_PROXY, ALL_PROXY) needs the package PySocks, which is not "
            "installed beside the plugin: install it with `pip install PySocks`, or use an HTTP proxy"
        )
    from urllib3.contrib.socks import SOCKSProxyManager  # noqa: PLC0415 (needs PySocks)

    return SOCKSProxyManager(proxy, username=user or None, password=password or None, **options)


def _content(response: urllib3.BaseHTTPResponse, deadline: float) -> bytes | None:
    """Read the body; None if it is longer than any that the API sends.

    deadline: by `time.monotonic()`. A read that is in progress then ends with the socket's timeout.
    """
    received = bytearray()
    # `read1` returns what has arrived. The socket timeout restarts with every byte, so the clock is checked as well.
    while part := response.read1(CHUNK_BYTES):
        received += part
        if len(received) > MAX_BODY_BYTES:
            return None
        if time.monotonic() >= deadline:
            raise urllib3.exceptions.TimeoutError("the response takes too long")
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        return bytes(received)
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise urllib3.exceptions.DecodeError(f"the response has the unknown Content-Encoding {encoding[:40]!r}")
    return _decompressed(bytes(received))


def _decompressed(compressed: bytes) -> bytes | None:
    """Decompress a body, which may be a bomb, to at most `MAX_BODY_BYTES`; None if that is not enough.

    urllib3 would do the same, but before 2.6 without a limit.
    """
    body = bytearray()
    while compressed:
        member = zlib.decompressobj(_ANY_HEADER)
        try:
            body += member.decompress(compressed, MAX_BODY_BYTES + 1 - len(body))
        except zlib.error as error:
            raise urllib3.exceptions.DecodeError(str(error)) from error
        if len(body) > MAX_BODY_BYTES:
            return None
        if not member.eof:
            raise urllib3.exceptions.DecodeError("the compressed response is incomplete")
        compressed = member.unused_data.lstrip(b"\0")
    return bytes(body)


def _causes(error: BaseException) -> list[BaseException]:
    """List the error, its cause, the cause's cause, and so on."""
    chain: list[BaseException] = []
    inner: BaseException | None = error
    while inner is not None and inner not in chain:
        chain.append(inner)
        # urllib3 passes some causes on as arguments.
        arguments = [each for each in (*inner.args, getattr(inner, "reason", None)) if isinstance(each, BaseException)]
        inner = inner.__cause__ or inner.__context__ or (arguments[0] if arguments else None)
    return chain


def _is_timeout(error: BaseException) -> bool:
    # urllib3 2.0 counts a refused connection as a timeout, too.
    is_refused = isinstance(error, urllib3.exceptions.NewConnectionError)
    return isinstance(error, urllib3.exceptions.TimeoutError) and not is_refused


def _shows_no_connection(error: BaseException) -> bool:
    """Return whether an error shows that there was no connection on which the request could have been sent."""
    if isinstance(error, ssl.CertificateError):
        return True
    if isinstance(error, ssl.SSLError):  # The same errors come later, too, if something else responds.
        return any(frame.f_code.co_name == "do_handshake" for frame, _ in traceback.walk_tb(error.__traceback__))
    if isinstance(error, OSError) and "Tunnel connection failed" in str(error):  # the proxy's refusal
        return True
    return isinstance(error, NO_CONNECTION)
