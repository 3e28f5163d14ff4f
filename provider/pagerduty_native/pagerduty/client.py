"""HTTP: requests to PagerDuty's REST API, and its answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import requests
import requests.adapters
import requests.auth

from .errors import UnintelligibleAnswerError, UnreachableError, api_error
from .waiting import Waiting

MEDIA_TYPE = "application/vnd.pagerduty+json;version=2"
# The most that the API gives, and the most it counts to: https://developer.pagerduty.com/docs/pagination
PAGE_LIMIT = 100
LAST_OFFSET = 10_000
# A connection for each of the engine's workers; more are made where they are needed.
CONNECTIONS = 64
CONNECT_TIMEOUT_SECONDS = 10
# PagerDuty's own gateway gives up after a minute.
READ_TIMEOUT_SECONDS = 65
# https://developer.pagerduty.com/docs/rest-api-rate-limits
CALLS_PER_MINUTE = 960


class TokenAuthorization(requests.auth.AuthBase):
    """A REST API key in the Authorization header (and so no password from a .netrc file).

    https://developer.pagerduty.com/docs/authentication
    """

    def __init__(self, token: str) -> None:
        self._header = f"Token token={token}"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header
        return request


class Client:
    """PagerDuty's REST API for one account; safe to share among threads.

    authorization: what puts the Authorization header on a request, such as `TokenAuthorization`.
    api_url: the API's address, without a slash at the end.
    verify: whether TLS certificates are verified.
    calls_per_minute: the most that the client makes, before PagerDuty's answers tell what is left.
    waiting: how it waits, and who is told.

    Each call goes out once. Its methods raise `PagerDutyError`s (errors.py).
    """

    def __init__(
        self,
        authorization: requests.auth.AuthBase,
        *,
        api_url: str,
        user_agent: str = "pagerduty-native",
        verify: bool = True,
        calls_per_minute: int = CALLS_PER_MINUTE,
        waiting: Waiting | None = None,
    ) -> None:
        self.waiting = waiting or Waiting()
        self._calls_per_minute = calls_per_minute
        self.api_url = api_url
        self._session = requests.Session()
        self._session.auth = authorization
        self._session.verify = verify
        self._session.headers.update({"Accept": MEDIA_TYPE, "User-Agent": user_agent})
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=CONNECTIONS)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        return self._call("GET", path, params=params)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._call("POST", path, body=body)

    def put(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._call("PUT", path, body=body)

    def delete(self, path: str) -> None:
        self._call("DELETE", path)

    def pages(self, path: str, key: str, params: Mapping[str, Any] | None = None) -> Iterator[list[Any]]:
        """The pages of an index, each the list under `key`, asked for as they are needed."""
        for offset in range(0, LAST_OFFSET, PAGE_LIMIT):
            page = self.get(path, {**(params or {}), "limit": PAGE_LIMIT, "offset": offset})
            yield page[key]
            if not page.get("more"):
                return

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """Send one request. Returns the parsed body, or None where there is none to come (204)."""
        url = f"{self.api_url}{path}"
        try:
            response = self._session.request(
                method,
                url,
                params=params,
                json=body,
                timeout=(CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS),
            )
        except requests.RequestException as error:
            raise UnreachableError(self.api_url, _reason(error)) from error
        if response.status_code == requests.codes.no_content:
            return None
        return self._parsed(response)

    def _parsed(self, response: requests.Response) -> Any:
        try:
            body = response.json()
        except ValueError:
            if response.status_code == requests.codes.not_found:
                raise api_error(response.status_code, {"message": "Not Found"}) from None
            raise UnintelligibleAnswerError(self.api_url, response.status_code, response.text) from None
        if not response.ok:
            raise api_error(response.status_code, body)
        return body


def _reason(error: requests.RequestException) -> str:
    """What happened, in a few words: the innermost cause, as the outer ones only name the one inside."""
    if isinstance(error, requests.Timeout):
        return "the time for an answer ran out"
    cause: BaseException = error
    while inner := cause.__cause__ or cause.__context__ or _argument(cause):
        cause = inner
    return getattr(cause, "strerror", None) or str(cause) or type(cause).__name__


def _argument(error: BaseException) -> BaseException | None:
    """urllib3 hands its causes on as arguments."""
    candidates = [*error.args, getattr(error, "reason", None)]
    return next((each for each in candidates if isinstance(each, BaseException)), None)
