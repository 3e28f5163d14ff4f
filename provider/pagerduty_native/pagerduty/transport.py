"""HTTP: one request to PagerDuty's REST API, and its answer."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
import requests.adapters
import requests.auth
import urllib3

from .errors import PagerDutyError, UnintelligibleAnswerError, UnreachableError, api_error, redacted

MEDIA_TYPE = "application/vnd.pagerduty+json;version=2"
# A connection for each of the engine's workers; more are made where they are needed.
CONNECTIONS = 64
CONNECT_TIMEOUT_SECONDS = 10.0
# PagerDuty's own gateway gives up after a minute.
READ_TIMEOUT_SECONDS = 65.0
# A hundred services with all their integrations are some MB; what is larger would not fit into a small machine.
MOST_BYTES = 16_000_000
CHUNK_BYTES = 65_536
# OpenSSL's reasons that end a connection before anything is sent on it.
HANDSHAKE_FAILURES = {"CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "HTTP_REQUEST"}


@dataclass(frozen=True)
class Answer:
    """An answer that came whole. body: parsed from JSON, or None where there was none. sent, received: local times."""

    status: int
    headers: Mapping[str, str]
    body: Any
    error: PagerDutyError | None
    sent: float
    received: float


class Transport:
    """Sends requests, each once, over connections that are kept.

    Proxies and CA bundles come from the usual environment variables, which are read once: `requests` would read them,
    and .netrc, at every call. Redirects are not followed, for no request but a GET would survive one.
    """

    def __init__(
        self,
        authorization: requests.auth.AuthBase,
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
        self._session.auth = authorization
        self._session.headers.update({"Accept": MEDIA_TYPE, "User-Agent": user_agent})
        adapter = requests.adapters.HTTPAdapter(pool_connections=1, pool_maxsize=CONNECTIONS)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._environment = self._session.merge_environment_settings(api_url, {}, True, verify, None)
        self._session.trust_env = False
        if not verify:  # Whoever asked for it has been warned, and not at every call.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        seconds: float = READ_TIMEOUT_SECONDS,
    ) -> Answer:
        """Send one request. seconds: how long the answer may take. Raises UnreachableError where none came whole."""
        request = requests.Request(method, f"{self.api_url}{path}", params=params, json=body)
        sent = self._clock()
        try:
            prepared = self._session.prepare_request(request)
            response = self._session.send(
                prepared,
                timeout=(min(seconds, self._connect_seconds), seconds),
                allow_redirects=False,
                **self._environment,
            )
            content = self._content(response, sent + seconds)
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            raise self._unreachable(error) from error
        received = self._clock()
        parsed, refusal = self._parsed(response, content)
        return Answer(response.status_code, response.headers, parsed, refusal, sent, received)

    def _content(self, response: requests.Response, until: float) -> bytes | None:
        """The body; None where it is longer than any that the API sends."""
        parts: list[bytes] = []
        size = 0
        for part in response.iter_content(CHUNK_BYTES):
            parts.append(part)
            size += len(part)
            if size > MOST_BYTES:
                response.close()
                return None
            if self._clock() > until:
                response.close()
                raise requests.ReadTimeout
        return b"".join(parts)

    def _parsed(self, response: requests.Response, content: bytes | None) -> tuple[Any, PagerDutyError | None]:
        """The body, and the error that the answer stands for."""
        status = response.status_code
        if status == requests.codes.no_content:
            return None, None
        try:
            body = json.loads(content or b"")
        except (ValueError, RecursionError):
            return None, self._unparsable(response, content)
        return body, None if 200 <= status < 300 else api_error(status, body)  # noqa: PLR2004

    def _unparsable(self, response: requests.Response, content: bytes | None) -> PagerDutyError:
        status = response.status_code
        # Known to come without JSON from PagerDuty itself.
        if status in {requests.codes.not_found, requests.codes.too_many_requests}:
            return api_error(status, {"message": response.reason or "refused"})
        if content is None:
            return UnintelligibleAnswerError(
                self.api_url, status, f"over {MOST_BYTES} bytes", "not with what was asked"
            )
        if location := response.headers.get("Location"):
            return UnintelligibleAnswerError(self.api_url, status, location, "sends elsewhere")
        text = content[:CHUNK_BYTES].decode(errors="replace")
        # JSON that was cut off may hold a key, or half of one.
        if text.lstrip().startswith(("{", "[")):
            return UnintelligibleAnswerError(self.api_url, status, f"{len(content)} bytes", "with JSON that is cut off")
        return UnintelligibleAnswerError(self.api_url, status, text)

    def _unreachable(self, error: Exception) -> UnreachableError:
        chain = _causes(error)
        return UnreachableError(
            self.api_url,
            _reason(chain),
            transient=not any(isinstance(each, ssl.CertificateError) for each in chain),
            perhaps_done=not any(map(_shows_no_connection, chain)),
        )


def _shows_no_connection(error: BaseException) -> bool:
    """Whether an error shows that there was no connection on which the request could have gone out."""
    if isinstance(error, ssl.SSLError):
        return error.reason in HANDSHAKE_FAILURES
    if isinstance(error, OSError) and "Tunnel connection failed" in str(error):  # the proxy's refusal
        return True
    return isinstance(
        error, (requests.ConnectTimeout, urllib3.exceptions.NewConnectionError, urllib3.exceptions.ProxyError)
    )


def _reason(chain: list[BaseException]) -> str:
    """What happened, in a few words: the innermost cause, as the outer ones only name the one inside."""
    if isinstance(chain[0], ValueError):  # Its text may quote headers.
        return f"the request or the answer is malformed ({type(chain[0]).__name__})"
    if any(isinstance(each, (requests.Timeout, urllib3.exceptions.ReadTimeoutError)) for each in chain):
        return "the time for an answer ran out"
    return redacted(getattr(chain[-1], "strerror", None) or str(chain[-1]) or type(chain[-1]).__name__)


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
