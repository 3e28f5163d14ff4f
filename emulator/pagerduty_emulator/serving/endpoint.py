"""The steps of every request: log, faults, latency, authentication, rate limit, transaction."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
import sys
import time
from collections.abc import Collection
from enum import Enum
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.oauth.rules import caller_of
from pagerduty_emulator.errors import ApiError, invalid, not_served
from pagerduty_emulator.http import TEXT_TYPE, Answer, Request
from pagerduty_emulator.operation import Operation
from pagerduty_emulator.request_log import KEYS, LoggedRequest, shown_path, shown_query
from pagerduty_emulator.web.view import HEADERS, Page

from .connection import MAX_BODY, Connection, HungUpError
from .guard import has_token, is_allowed, is_from_another_site

LIVE_SECONDS = 0.2  # how often a page that is open is looked at for changes
MAX_METHOD = 20  # characters of a method in the log
MAX_NAMED = 200  # characters of a path in a header
MAX_WARNINGS = 1000  # of operations that are not served, each once
NOT_SERVED = "emulator-not-served"
METHODS = {"GET", "POST", "PUT", "DELETE"}
HEADER_NAMES = r"[\w-]+(, ?[\w-]+)*"
EXPOSED = "emulator-ignored-parameters, emulator-not-served, ratelimit-limit, ratelimit-remaining, ratelimit-reset"
IGNORED = "emulator-ignored-parameters"
logger = logging.getLogger("pagerduty_emulator")


class Kind(Enum):
    """The group of addresses that are treated alike."""

    REST = "REST"
    """Needs a token, is counted, limited, logged, delayed and struck by faults."""
    EVENTS = "Events and OAuth"
    """As REST, but needs no token and is not limited."""
    OWN = "the emulator's own"
    """Pages and emulator-only requests: none of these."""


class Endpoint:
    """One address, as an ASGI application. With a `token`, all requests but events need it.

    A handler runs from start to end without giving way to another request, in one transaction.
    """

    def __init__(
        self,
        account: Account,
        route: str,
        operations: dict[str, Operation],
        kind: Kind,
        *,
        unserved: Collection[str] = (),
        page: Page | None = None,
        token: str | None = None,
    ) -> None:
        self.account = account
        self.route = route
        self.operations = operations
        self.kind = kind
        self.unserved = unserved
        """Methods that PagerDuty has at this address and the emulator does not."""
        self.page = page
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = Connection(scope, receive, send)
        if scope["method"] == "OPTIONS" and self.kind is not Kind.OWN:
            await connection.send(self._options(request_head(scope)))
            return
        if (
            self.kind is Kind.EVENTS
            and scope["method"] == "GET"
            and is_from_another_site(scope)
            and not self._origin(request_head(scope))
        ):
            await connection.send(Answer("Events from pages of other sites are refused.\n", 403, {}, TEXT_TYPE))
            return
        if self.token is not None and self.kind is not Kind.EVENTS and not has_token(scope, self.token):
            await connection.send(unauthorized(is_browser(request_head(scope))))
            return
        try:
            request = await read_request(scope, connection)
        except HungUpError:
            return
        if self.page is not None and is_browser(request):
            await self._show(self.page, connection, request)
        elif self.kind is Kind.OWN:
            await connection.send(self.answer(request))
        else:
            await self._serve_api(connection, request)

    async def _show(self, page: Page, connection: Connection, request: Request) -> None:
        """Send a page, or with `?live` the stream of its changes."""
        if "live" in request.query:
            answer = Answer(None, 200, HEADERS, "text/event-stream")
            await connection.stream(answer, page.changes(self.account, request), every=LIVE_SECONDS)
        else:
            await connection.send(page.answer(self.account, request))

    async def _serve_api(self, connection: Connection, request: Request) -> None:
        """Answer a request to the emulated APIs: log it, delay it, apply faults."""
        log = LoggedRequest(
            request.method[:MAX_METHOD], self._shown(request), self.route, shown_query(request.query_string)
        )
        log.user_agent = shown_agent(request)
        log.received_at = time.time()
        log.served = not self._is_unserved(request.method)
        arrived = time.perf_counter()
        self.account.requests.append(log)
        if not log.served:
            self._warn(request)

        def started(status: int) -> None:
            log.seconds = time.perf_counter() - arrived  # now, as the client may look at once
            log.status = status
            if logger.isEnabledFor(logging.INFO):
                logger.info("%s %s %s", self._named(request), status, log.fault or "")

        def commit() -> Answer:
            log.committed = True
            answer = self.answer(request)
            log.ignored = KEYS.sub("KEY", answer.headers.get(IGNORED, ""))
            return answer

        connection.on_start = started

        fault = self.account.faults.strike(request.method, request.path)
        if self.account.settings.latency:
            await asyncio.sleep(self.account.settings.latency)
        if fault is None:
            await connection.send(commit())
            return
        log.fault = fault.kind
        try:
            await connection.send_with_fault(fault, commit)
        finally:
            if log.status is None:
                log.seconds = time.perf_counter() - arrived
                logger.info("%s unanswered %s", self._named(request), log.fault)

    def answer(self, request: Request) -> Answer:
        """Handle a request. Errors of the API become answers."""
        headers: dict[str, str] = {}
        database = self.account.database
        if request.method == "HEAD" and self.kind is not Kind.EVENTS:  # the body is dropped later
            request.method = "GET"
        with database.lock:
            try:
                answer = self._handled(request, headers)
            except ApiError as error:
                answer = Answer(error.body(), error.status)
            except sqlite3.Error as error:  # the disk is full, the file is locked by another
                logger.warning("the database %s fails: %s", database.path, error)
                answer = Answer(ApiError(500, 2000, "Internal Server Error").body(), 500)
            except (UnicodeEncodeError, RecursionError):  # half a character, or a thousand brackets
                answer = Answer(invalid("Invalid JSON body").body(), 400)
        if self._is_unserved(request.method):  # also with a 401, which would mislead without it
            headers[NOT_SERVED] = self._named(request)
        if self.kind is not Kind.OWN and (origin := self._origin(request)):
            headers |= {"access-control-allow-origin": origin, "vary": "origin"}
            headers["access-control-expose-headers"] = EXPOSED
        answer.headers = {**headers, **answer.headers}
        return answer

    def _options(self, request: Request) -> Answer:
        """Answer OPTIONS, which browsers send before a request to another site: it needs no token and is not logged."""
        methods = ", ".join(sorted({*self.operations, *self.unserved} or METHODS))
        headers = {"allow": f"{methods}, OPTIONS"}
        if self._origin(request):
            wanted = request.headers.get("access-control-request-headers", "")
            headers |= {
                "access-control-allow-origin": self._origin(request),
                "access-control-allow-methods": methods,
                "access-control-allow-headers": wanted if re.fullmatch(HEADER_NAMES, wanted) else "authorization",
                "access-control-max-age": "600",
                "vary": "origin",
            }
        return Answer(None, 204, headers)

    def _origin(self, request: Request) -> str:
        """Return the origin of a request from a web page, if the settings allow that; else ""."""
        origin = request.headers.get("origin", "")
        return origin if is_allowed(origin, self.account.settings.cors_origins) else ""

    def _handled(self, request: Request, headers: dict[str, str]) -> Answer:
        """Answer a request, and add to `headers` what every response has. Raises ApiError."""
        if request.problem is not None:
            raise request.problem
        operation = self._operation(request)
        if self.kind is Kind.REST:
            authorization = request.headers.get("authorization", "")
            token = caller_of(self.account, authorization, request.method, operation.scope if operation else None)
            allowance = self.account.rate_limiter.admit(token)
            bare = not allowance.admitted and self.account.settings.rate_limit_bare
            headers.update({} if bare else allowance.headers())
            if not allowance.admitted:
                return too_many_requests(headers, bare=bare)
        if operation is None:
            raise not_served(self._named(request))
        if request.method == "GET" and self.kind is not Kind.EVENTS:
            answer = operation.handler(self.account, request)
        else:
            with self.account.database.transaction():
                answer = operation.handler(self.account, request)
        if self.kind is Kind.REST and request.ignored:
            headers[IGNORED] = request.ignored
        return answer

    def _operation(self, request: Request) -> Operation | None:
        """Return what answers; None for an operation that is not served."""
        operation = self.operations.get(request.method)
        if operation is None and not self._is_unserved(request.method):
            raise ApiError(405, 2102, "Method Not Allowed")
        return operation

    def _is_unserved(self, method: str) -> bool:
        method = "GET" if method == "HEAD" else method
        return method in self.unserved or not self.operations

    def _named(self, request: Request) -> str:
        """Return an operation as headers and messages show it: no keys, no control characters, not too long."""
        method, path = (
            quote(text, safe="/:@!$'()*+,;=~")[:MAX_NAMED] for text in (request.method, self._shown(request))
        )
        return f"{method} {path}"

    def _warn(self, request: Request) -> None:
        """Write a line to standard error, once for each operation."""
        named = self._named(request)
        known = self.account.warned
        if named not in known and len(known) < MAX_WARNINGS:
            known.add(named)
            logger.warning("the emulator does not serve %s", named)

    def _shown(self, request: Request) -> str:
        """Return the path for the log, without the key that some Events addresses contain."""
        key = request.params.get("key")
        return shown_path(request.path.replace(key, "KEY") if key else request.path)


def is_browser(request: Request) -> bool:
    """Return True for a person's browser, False for a client of the API."""
    wants_html = request.headers.get("accept", "").startswith("text/html")
    has_api_token = request.headers.get("authorization", "").lower().startswith(("token", "bearer"))
    return request.method == "GET" and wants_html and not has_api_token


def shown_agent(request: Request) -> str:
    """Return the user agent for the log: shortened, and without anything that looks like a key."""
    return sys.intern(KEYS.sub("KEY", request.headers.get("user-agent", ""))[:200])  # the same again and again


def too_many_requests(headers: dict[str, str], *, bare: bool) -> Answer:
    """Return a 429, with or without the API's body."""
    body = None if bare else {"error": {"message": "Rate Limit Exceeded", "code": 2020}}
    return Answer(body, 429, headers)


def unauthorized(browser: bool) -> Answer:
    """Return a 401; a browser then asks for the token as a password."""
    answer = Answer(ApiError(401, 2006, "Authentication failed").body(), 401)
    if browser:
        answer.headers["www-authenticate"] = 'Basic realm="PagerDuty emulator: any name, and the token as password"'
    return answer


def request_head(scope: Scope) -> Request:
    """Return a request without its body."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(
        method=scope["method"],
        path=scope["path"],
        params=dict(scope.get("path_params", {})),
        query_string=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=b"",
        base_url=f"{scope['scheme']}://{headers.get('host', '127.0.0.1')}",
    )


async def read_request(scope: Scope, connection: Connection) -> Request:
    """Read the whole request into memory."""
    request = request_head(scope)
    body = await connection.read_body()
    coding = request.headers.get("content-encoding", "")
    if body is None:
        request.problem = ApiError(413, None, f"Request Entity Too Large (maximum is {MAX_BODY} bytes)")
    elif coding.lower() not in ("", "identity"):
        request.problem = ApiError(415, None, f"Unsupported Content-Encoding: {coding[:20]}")
    else:
        request.body = body
    return request
