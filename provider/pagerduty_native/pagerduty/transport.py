"""HTTP: one request to PagerDuty's REST API, and its response. Nothing else here imports `requests`."""

from __future__ import annotations

import functools
import ssl
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
import requests.adapters
import urllib3

from pagerduty_native.redaction import redact

from .bodies import parsed
from .errors import (
    ApiError,
    PagerDutyError,
    UnintelligibleResponseError,
    UnreachableError,
    UnsendableError,
    api_error,
)
from .exchange import READ_TIMEOUT_SECONDS, Request, Response
from .quoting import quoted
from .timed_reading import TimedResponse, within

MEDIA_TYPE = "application/vnd.pagerduty+json;version=2"
# A connection for each of the engine's workers; more are made where they are needed.
CONNECTIONS = 64
CONNECT_TIMEOUT_SECONDS = 10.0
# A hundred services with all their integrations are some MB; what is larger would not fit into a small machine.
MOST_BYTES = 16_000_000
CHUNK_BYTES = 65_536
# How much of a text is looked at for an error; less is shown.
MOST_CHARACTERS = 4000
# What requests and urllib3 say where an address cannot be asked at all.
BAD_ADDRESSES = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    urllib3.exceptions.LocationValueError,
    UnicodeError,
)


class _Adapter(requests.adapters.HTTPAdapter):
    """Makes connections whose responses are read within `within`."""

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = _timed(pool.ConnectionCls)
        return pool


@functools.cache
def _timed(connection: type[Any]) -> type[Any]:
    """A kind of connection whose responses are timed; itself if they are."""
    if connection.response_class is TimedResponse:
        return connection
    return type(connection.__name__, (connection,), {"response_class": TimedResponse})


class Transport:
    """Sends requests, each once, over connections that are kept.

    Proxies and CA bundles come from the usual environment variables, which are read once: `requests` would read them,
    and .netrc, at every call. Redirects are not followed, for no request but a GET would survive one, and none may
    carry credentials elsewhere.

    A response may repeat what was sent: the request's credentials are hidden in every error that is made of it.
    """

    def __init__(
        self,
        *,
        api_url: str,
        user_agent: str,
        verify: bool,
        connect_seconds: float = CONNECT_TIMEOUT_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.api_url = api_url
        self._connect_seconds = connect_seconds
        self._clock = clock
        self._session = requests.Session()
        self._session.headers["User-Agent"] = user_agent
        # Asked without the session, which would keep cookies, and look into redirects that are not followed.
        self._adapter = _Adapter(pool_connections=1, pool_maxsize=CONNECTIONS)
        self._environment: dict[str, Any] = {
            **self._session.merge_environment_settings(api_url, {}, True, verify, None)
        }
        self._session.trust_env = False
        if not verify:  # Whoever asked for it has been warned, and not at every call.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def send(self, request: Request, authorization: str = "", seconds: float = READ_TIMEOUT_SECONDS) -> Response:
        """Send one request. authorization: the header's value. seconds: how long the response may take.

        Raises UnreachableError if none came whole, and UnsendableError if nothing could be sent.
        """
        prepared = self._prepared(request, authorization)
        hide = functools.partial(_hide, _credentials(request, authorization))
        sent = self._clock()
        try:
            timeout = min(seconds, self._connect_seconds), seconds
            with within(seconds):
                response = self._adapter.send(prepared, timeout=timeout, **self._environment)
                with response:  # One that breaks off would keep its connection.
                    content = self._content(response)
        except (OSError, urllib3.exceptions.HTTPError, ValueError) as error:  # RequestException is an OSError
            raise self._failure(error, hide) from error
        received = self._clock()
        parsed, refusal = self._parsed(response, content, hide)
        if isinstance(refusal, ApiError):
            refusal.reading = request.method == "GET"
            refusal.by_app = authorization.startswith("Bearer ")
        return Response(response.status_code, response.headers, parsed, refusal, sent, received)

    def _prepared(self, request: Request, authorization: str) -> requests.PreparedRequest:
        headers = {"Accept": MEDIA_TYPE if request.form is None else "application/json"}
        if authorization:
            headers["Authorization"] = authorization
        made = requests.Request(
            request.method,
            f"{self.api_url}{request.path}",
            headers=headers,
            params=request.params,
            data=request.form,
            json=request.body,
        )
        try:
            return self._session.prepare_request(made)
        except requests.exceptions.InvalidJSONError:
            raise UnsendableError("one of its values is NaN or infinity, which JSON does not support") from None
        except (ValueError, RecursionError) as error:  # Their text may quote headers.
            raise UnsendableError(f"a value in it is malformed ({type(error).__name__})") from None

    def _content(self, response: requests.Response) -> bytes | None:
        """The body; None where it is longer than any that the API sends."""
        parts: list[bytes] = []
        size = 0
        for part in response.iter_content(CHUNK_BYTES):
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                return None
        return b"".join(parts)

    def _parsed(
        self, response: requests.Response, content: bytes | None, hide: Callable[[str], str]
    ) -> tuple[Any, PagerDutyError | None]:
        """The body, and the error that the response stands for."""
        status = response.status_code
        if status == requests.codes.no_content:
            return None, None
        if 300 <= status < 400:  # noqa: PLR2004
            elsewhere = hide(response.headers.get("Location", ""))
            return None, UnintelligibleResponseError(self.api_url, status, elsewhere, "with a redirect")
        try:
            body = parsed(content or b"")
        except (ValueError, RecursionError):
            return None, self._unparsable(response, content, hide)
        return body, None if 200 <= status < 300 else api_error(status, body, hide)  # noqa: PLR2004

    def _unparsable(
        self, response: requests.Response, content: bytes | None, hide: Callable[[str], str]
    ) -> PagerDutyError:
        status = response.status_code
        # Known to come without JSON from PagerDuty itself.
        if status in {requests.codes.not_found, requests.codes.too_many_requests}:
            return api_error(status, {"message": response.reason or "refused"}, hide)
        if content is None:
            return UnintelligibleResponseError(
                self.api_url, status, f"more than {MOST_BYTES} bytes", "not with a response of the API"
            )
        text = hide(content[: 2 * MOST_CHARACTERS].decode(errors="replace"))
        # JSON that was cut off may hold a key, or half of one.
        if text.lstrip().startswith(("{", "[")):
            return UnintelligibleResponseError(self.api_url, status, f"{len(content)} bytes", "with incomplete JSON")
        return UnintelligibleResponseError(self.api_url, status, text)

    def _failure(self, error: Exception, hide: Callable[[str], str]) -> PagerDutyError:
        chain = _causes(error)
        if any(isinstance(each, BAD_ADDRESSES) for each in chain):
            return UnsendableError(f"the URL {self.api_url}, the URL of a proxy, or a header is malformed")
        if bundle := _unusable(self._environment["verify"]):
            return UnsendableError(
                f"the CA bundle {bundle} cannot be used; the environment variable REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE "
                "names it"
            )
        return UnreachableError(
            self.api_url,
            quoted(hide(_reason(chain))),
            transient=not any(isinstance(each, ssl.CertificateError) for each in chain),
            perhaps_done=not any(map(_shows_no_connection, chain)),
        )


def _unusable(verify: object) -> str | None:
    """The path of a CA bundle that is missing, unreadable or has no certificate, or None."""
    if not isinstance(verify, str) or Path(verify).is_dir():
        return None
    try:
        ssl.create_default_context(cafile=verify)
    except OSError:  # SSLError is one
        return verify
    return None


def _credentials(request: Request, authorization: str) -> frozenset[str]:
    """What a request holds that nobody may see: the header as a whole, the token in it, and a form's client secret."""
    token = authorization.removeprefix("Bearer ").removeprefix("Token token=")
    return frozenset({authorization, token, (request.form or {}).get("client_secret", "")})


def _hide(credentials: frozenset[str], text: str) -> str:
    """The beginning of a text, without credentials, nor a part of one at its end."""
    return redact(text[: 2 * MOST_CHARACTERS], credentials)[:MOST_CHARACTERS]


def _shows_no_connection(error: BaseException) -> bool:
    """Whether an error shows that there was no connection on which the request could have gone out."""
    if isinstance(error, ssl.CertificateError):
        return True
    if isinstance(error, ssl.SSLError):  # The same errors come later, too, if something else responds on the way.
        return any(frame.f_code.co_name == "do_handshake" for frame, _ in traceback.walk_tb(error.__traceback__))
    if isinstance(error, OSError) and "Tunnel connection failed" in str(error):  # the proxy's refusal
        return True
    return isinstance(
        error, (requests.ConnectTimeout, urllib3.exceptions.NewConnectionError, urllib3.exceptions.ProxyError)
    )


def _reason(chain: list[BaseException]) -> str:
    """What happened, in a few words: the innermost cause, as the outer ones only name the one inside."""
    if isinstance(chain[0], ValueError):
        return f"the response is malformed ({type(chain[0]).__name__})"
    if any(isinstance(each, (requests.Timeout, urllib3.exceptions.ReadTimeoutError)) for each in chain):
        return "the time for a response ran out"
    # What a library stumbled over inside itself says nothing to people.
    inner = [each for each in chain if not isinstance(each, (AttributeError, TypeError))][-1]
    return str(getattr(inner, "strerror", None) or str(inner) or type(inner).__name__)


def _causes(error: BaseException) -> list[BaseException]:
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
