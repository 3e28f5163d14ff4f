"""HTTP: one request to PagerDuty's REST API, and its response. Nothing else here imports `requests`."""

from __future__ import annotations

import contextlib
import functools
import http.client
import io
import json
import math
import socket
import ssl
import threading
import time
import traceback
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests
import requests.adapters
import requests.utils
import urllib3

from pagerduty_native.api.errors import (
    ApiError,
    ForbiddenError,
    NotFoundError,
    PagerDutyError,
    RateLimitedError,
    UnauthorizedError,
    UnintelligibleResponseError,
    UnreachableError,
    UnsendableError,
    api_error,
    excerpt,
    quoted,
)
from pagerduty_native.api.parse import parsed

# PagerDuty's own gateway gives up after a minute.
READ_TIMEOUT_SECONDS = 65.0


@dataclass(frozen=True)
class Request:
    """What to ask. body: goes out as JSON. form: goes out as HTML's forms do; it may hold a client secret."""

    method: str
    path: str
    params: Mapping[str, Any] | None = None
    body: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Response:
    """A response that came whole. body: parsed from JSON, or None where there was none. sent, received: local times."""

    status: int
    headers: Mapping[str, str]
    body: Any
    error: PagerDutyError | None
    sent: float
    received: float


def shows_no_connection(error: BaseException) -> bool:
    """Whether an error shows that there was no connection on which the request could have gone out."""
    if isinstance(error, ssl.CertificateError):
        return True
    if isinstance(error, ssl.SSLError):  # The same errors come later, too, if something else responds on the way.
        return any(frame.f_code.co_name == "do_handshake" for frame, _ in traceback.walk_tb(error.__traceback__))
    if isinstance(error, OSError) and "Tunnel connection failed" in str(error):  # the proxy's refusal
        return True
    return isinstance(
        error,
        (
            urllib3.exceptions.ConnectTimeoutError,
            urllib3.exceptions.NewConnectionError,
            urllib3.exceptions.ProxyError,
        ),
    )


def reason_of(chain: list[BaseException], redact: Callable[[str], str] = str) -> str:
    """Say in a few words what happened: the innermost cause, as the outer ones only name the one inside."""
    if isinstance(chain[0], ValueError):
        return f"the response is malformed ({type(chain[0]).__name__})"
    if any(map(_is_timeout, chain)):
        return "the time for a response ran out"
    # What a library stumbled over inside itself says nothing to people.
    inner = [each for each in chain if not isinstance(each, (AttributeError, TypeError))][-1]
    return quoted(redact(str(getattr(inner, "strerror", None) or inner))) or type(inner).__name__


def _is_timeout(error: BaseException) -> bool:
    # A refused connection counts as a timeout, too, for urllib3.
    refused = isinstance(error, urllib3.exceptions.NewConnectionError)
    return isinstance(error, urllib3.exceptions.TimeoutError) and not refused


def causes_of(error: BaseException) -> list[BaseException]:
    """The error, its cause, the cause's cause, and so on."""
    chain = [error]
    while (inner := error.__cause__ or error.__context__ or _argument(error)) and inner not in chain:
        chain.append(inner)
        error = inner
    return chain


def _argument(error: BaseException) -> BaseException | None:
    """urllib3 hands its causes on as arguments."""
    candidates = [*error.args, getattr(error, "reason", None)]
    return next((each for each in candidates if isinstance(each, BaseException)), None)


class _Deadline(threading.local):
    """When the time of this thread's response is over, by `time.monotonic()`."""

    until = math.inf


_deadline = _Deadline()


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """While it lasts, this thread reads no `TimedResponse` longer: TimeoutError is raised in the middle of it."""
    _deadline.until = time.monotonic() + seconds
    try:
        yield
    finally:
        _deadline.until = math.inf


class _TimedReader(io.RawIOBase):
    """What comes over a socket: each time something is waited for, there is only so much time as is left."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._at_once = connected.gettimeout()
        self._raw = connected.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def readinto(self, buffer: Any) -> int | None:
        left = _deadline.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        if left < (math.inf if self._at_once is None else self._at_once):
            self._socket.settimeout(left)
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedSocket:
    """All that an HTTP response wants of a socket."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._socket))


class TimedResponse(http.client.HTTPResponse):
    """A response, headers and body, that is read as long as `within` allows and no longer."""

    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(_TimedSocket(sock), *args, **kwargs)  # type: ignore[arg-type]


MEDIA_TYPE = "application/vnd.pagerduty+json;version=2"
# A connection for each of the engine's workers; more are made where they are needed.
CONNECTIONS = 64
CONNECT_TIMEOUT_SECONDS = 10.0
# The longest body, also after decompression. A page of 100 services with 250 integrations each is 18 MB.
MOST_BYTES = 64_000_000
# Lets zlib recognize gzip and zlib headers.
_ANY_HEADER = zlib.MAX_WBITS | 32
CHUNK_BYTES = 65_536
# How much of a text is searched for secrets; less is shown.
MAX_SEARCHED_CHARACTERS = 64_000
# Statuses that mean the same without JSON.
REFUSALS = frozenset().union(
    *(each.statuses for each in (UnauthorizedError, ForbiddenError, NotFoundError, RateLimitedError))
)
# Whether and when to try again is decided elsewhere (retries.py).
_NO_RETRIES = urllib3.Retry(0, read=False)
# What requests and urllib3 say where an address cannot be asked at all.
BAD_ADDRESSES = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    urllib3.exceptions.LocationValueError,
    UnicodeError,
)


@functools.cache
def _timed(connection: type[Any]) -> type[Any]:
    """A kind of connection whose responses are timed; itself if they are."""
    if connection.response_class is TimedResponse:
        return connection
    return type(connection.__name__, (connection,), {"response_class": TimedResponse})


class Transport:
    """Sends requests, each once, over connections that are kept.

    `requests` finds the proxy and the CA bundle in the usual environment variables, once, and makes the pool of
    connections. The pool, urllib3's, is then asked directly: all that `requests` does for each call, to prepare it and
    to look for cookies, redirects and .netrc, would take as long again. Redirects are not followed, for no request but
    a GET would survive one, and none may carry credentials elsewhere.

    redact: hides secrets in text from outside, before any of it gets into an error. A response may repeat the request.
    """

    def __init__(
        self,
        *,
        api_url: str,
        user_agent: str,
        verify: bool,
        connect_seconds: float = CONNECT_TIMEOUT_SECONDS,
        redact: Callable[[str], str] = str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.api_url = api_url
        self._connect_seconds = connect_seconds
        self._redact = redact
        self._clock = clock
        self._headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip"}
        self._environment: dict[str, Any] = {
            **requests.Session().merge_environment_settings(api_url, {}, None, verify, None)
        }
        if not verify:  # Whoever asked for it has been warned, and not at every call.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def send(self, request: Request, authorization: str = "", seconds: float = READ_TIMEOUT_SECONDS) -> Response:
        """Send one request. authorization: the header's value. seconds: how long the response may take.

        Raises UnreachableError if none came whole, and UnsendableError if nothing could be sent.
        """
        headers, body = self._prepared(request, authorization)
        sent = self._clock()
        try:
            with within(seconds):
                response = self._asked(request, headers, body, seconds)
                with contextlib.closing(response):  # One that breaks off would keep its connection.
                    content = _content(response)
        except (OSError, urllib3.exceptions.HTTPError, ValueError) as error:  # RequestException is an OSError
            raise self._failure(error) from error
        received = self._clock()
        parsed, refusal = self._parsed(response, content)
        if isinstance(refusal, ApiError):
            refusal.reading = request.method == "GET"
            refusal.by_app = authorization.startswith("Bearer ")
        return Response(response.status, response.headers, parsed, refusal, sent, received)

    def _asked(
        self, request: Request, headers: dict[str, str], body: bytes | None, seconds: float
    ) -> urllib3.BaseHTTPResponse:
        """The response, of which only the headers are read yet."""
        pool, address = self._pool
        query = f"?{urlencode(request.params, doseq=True)}" if request.params else ""
        return pool.urlopen(
            request.method,
            f"{address}{request.path}{query}",
            body=body,
            headers=headers,
            retries=_NO_RETRIES,
            redirect=False,
            assert_same_host=False,
            timeout=urllib3.Timeout(connect=min(seconds, self._connect_seconds), read=seconds),
            preload_content=False,
            decode_content=False,
        )

    @functools.cached_property
    def _pool(self) -> tuple[urllib3.HTTPConnectionPool, str]:
        """The connections, and the address that they are asked for, to which a path is added.

        The address is a path, or, for a proxy that is asked over plain HTTP, the whole URL.
        """
        verify, cert, proxies = (self._environment[name] for name in ("verify", "cert", "proxies"))
        adapter = requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=CONNECTIONS)
        base = requests.PreparedRequest()
        base.prepare_url(self.api_url, None)
        pool: Any = adapter.get_connection_with_tls_context(base, verify, proxies=proxies, cert=cert)
        adapter.cert_verify(pool, self.api_url, verify, cert)  # type: ignore[no-untyped-call]
        pool.ConnectionCls = _timed(pool.ConnectionCls)
        return pool, adapter.request_url(base, proxies).rstrip("/")

    def _prepared(self, request: Request, authorization: str) -> tuple[dict[str, str], bytes | None]:
        """The headers and the body to send."""
        headers = {**self._headers, "Accept": MEDIA_TYPE if request.form is None else "application/json"}
        if authorization:
            headers["Authorization"] = authorization
        try:
            requests.utils.check_header_validity(("Authorization", authorization))
            authorization.encode("latin-1")
            if request.form is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                return headers, urlencode(request.form).encode()
        except ValueError as error:  # Their text may quote headers.
            raise UnsendableError(f"a value in it is malformed ({type(error).__name__})") from None
        if request.body is None:
            return headers, None
        headers["Content-Type"] = "application/json"
        return headers, _json(request.body)

    def _parsed(self, response: urllib3.BaseHTTPResponse, content: bytes | None) -> tuple[Any, PagerDutyError | None]:
        """The body, and the error that the response stands for."""
        status = response.status
        if status == requests.codes.no_content:
            return None, None
        if 300 <= status < 400:  # noqa: PLR2004
            elsewhere = self._hide(response.headers.get("Location", ""))
            return None, UnintelligibleResponseError(self.api_url, status, elsewhere, "with a redirect")
        try:
            body = parsed(content or b"")
        except (ValueError, RecursionError):
            return None, self._unparsable(response, content)
        return body, None if 200 <= status < 300 else api_error(status, body, self._hide)  # noqa: PLR2004

    def _unparsable(self, response: urllib3.BaseHTTPResponse, content: bytes | None) -> PagerDutyError:
        status = response.status
        text = self._hide((content or b"")[: 4 * MAX_SEARCHED_CHARACTERS].decode(errors="replace"))
        # JSON that was cut off may hold a key, or half of one.
        cut_off = text.lstrip().startswith(("{", "["))
        # These statuses say all that matters, and were seen to come without JSON.
        if status in REFUSALS:
            refusal = {"message": response.reason or "refused", "errors": [] if cut_off else [excerpt(text)]}
            return api_error(status, {"error": refusal}, self._hide)
        if content is None:
            return UnintelligibleResponseError(
                self.api_url, status, f"more than {MOST_BYTES} bytes", "not with a response of the API"
            )
        if cut_off:
            return UnintelligibleResponseError(self.api_url, status, f"{len(content)} bytes", "with incomplete JSON")
        return UnintelligibleResponseError(self.api_url, status, text)

    def _failure(self, error: Exception) -> PagerDutyError:
        chain = causes_of(error)
        if any("SOCKS" in str(each) for each in chain):
            return UnsendableError(
                "a SOCKS proxy in the environment (HTTPS_PROXY, ALL_PROXY) needs the package PySocks, which is not "
                "installed beside the plugin: install it with `pip install PySocks`, or use an HTTP proxy"
            )
        if any(isinstance(each, BAD_ADDRESSES) for each in chain):
            return UnsendableError(f"the URL {self.api_url}, the URL of a proxy, or a header is malformed")
        if bundle := _unusable(self._environment["verify"]):
            return UnsendableError(
                f"the CA bundle {bundle} cannot be used; the environment variable REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE "
                "names it"
            )
        return UnreachableError(
            self.api_url,
            reason_of(chain, self._hide),
            transient=not any(isinstance(each, ssl.CertificateError) for each in chain),
            perhaps_done=not any(map(shows_no_connection, chain)),
        )

    def _hide(self, text: str) -> str:
        """The beginning of a text from outside, without secrets."""
        return self._redact(text[:MAX_SEARCHED_CHARACTERS])


def _json(body: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(body, allow_nan=False).encode()
    except ValueError:
        raise UnsendableError("one of its values is NaN or infinity, which JSON does not support") from None
    except RecursionError as error:
        raise UnsendableError(f"a value in it is malformed ({type(error).__name__})") from None


def _content(response: urllib3.BaseHTTPResponse) -> bytes | None:
    """The body; None where it is longer than any that the API sends."""
    received = bytearray()
    for part in response.stream(CHUNK_BYTES, decode_content=False):
        received += part
        if len(received) > MOST_BYTES:
            return None
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        return bytes(received)
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise urllib3.exceptions.DecodeError(f"the response has the unknown Content-Encoding {encoding[:40]!r}")
    return _decompressed(bytes(received))


def _decompressed(compressed: bytes) -> bytes | None:
    """Decompress a body that may be a bomb: never to more than `MOST_BYTES`. None where that is not enough.

    urllib3 would do the same, but before 2.6 without a limit.
    """
    body = bytearray()
    while compressed:
        member = zlib.decompressobj(_ANY_HEADER)
        try:
            body += member.decompress(compressed, MOST_BYTES + 1 - len(body))
        except zlib.error as error:
            raise urllib3.exceptions.DecodeError(str(error)) from error
        if len(body) > MOST_BYTES:
            return None
        if not member.eof:
            raise urllib3.exceptions.DecodeError("the compressed response is incomplete")
        compressed = member.unused_data.lstrip(b"\0")
    return bytes(body)


def _unusable(verify: object) -> str | None:
    """The path of a CA bundle that is missing, unreadable or has no certificate, or None."""
    if not isinstance(verify, str) or Path(verify).is_dir():
        return None
    try:
        ssl.create_default_context(cafile=verify)
    except OSError:  # SSLError is one
        return verify
    return None
