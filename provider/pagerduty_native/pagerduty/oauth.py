"""Tokens of an app (Scoped OAuth), which stand in the place of a REST API key.

https://developer.pagerduty.com/docs/app-oauth-token
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import requests
import requests.adapters
import requests.auth
import urllib3

from .errors import AppRefusedError, UnintelligibleAnswerError, UnreachableError

IDENTITY_URL = "https://identity.pagerduty.com"
SCOPES = ("services.read", "services.write", "vendors.read")
# A token is renewed so long before it expires: longer than any call takes.
MARGIN_SECONDS = 120.0
TIMEOUT_SECONDS = 30
# Asking for a token changes nothing, so it can be asked for again.
RETRY = urllib3.Retry(
    total=4,
    allowed_methods=None,
    status_forcelist=(408, 429, 500, 502, 503, 504),
    backoff_factor=0.5,
    backoff_jitter=0.5,
)


class AppAuthorization(requests.auth.AuthBase):
    """A token of an app in the Authorization header, renewed before it expires and when PagerDuty does not take it.

    client_id, client_secret: the app's credentials; subdomain: the account's name, before `.pagerduty.com`.
    region: `us` or `eu`. identity_url: where tokens come from.

    Raises AppRefusedError where PagerDuty gives no token, or one without the scopes that are needed.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: str,
        subdomain: str,
        *,
        region: str = "us",
        identity_url: str = IDENTITY_URL,
        verify: bool = True,
        retry: urllib3.Retry = RETRY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": " ".join([f"as_account-{region}.{subdomain}", *SCOPES]),
        }
        self._url = f"{identity_url}/oauth/token"
        self._clock = clock
        self._session = requests.Session()
        self._session.verify = verify
        self._session.mount(identity_url, requests.adapters.HTTPAdapter(max_retries=retry))
        self._lock = threading.Lock()
        self._token = ""
        self._renew_at = -float("inf")

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._current_token()}"
        request.register_hook("response", self._renew_once)  # type: ignore[no-untyped-call]
        return request

    def _current_token(self, refused: str | None = None) -> str:
        """The token to use; a new one where it is about to expire, or is the one that was refused."""
        with self._lock:
            if self._clock() >= self._renew_at or self._token == refused:
                self._token, lifetime = self._ask()
                self._renew_at = self._clock() + max(lifetime - MARGIN_SECONDS, lifetime / 2)
            return self._token

    def _renew_once(self, response: requests.Response, **options: Any) -> requests.Response:
        """Send a request again that was refused with 401: the token may have been revoked, or a clock be wrong."""
        request = response.request
        _, _, refused = request.headers["Authorization"].partition(" ")
        if response.status_code != requests.codes.unauthorized or "renewed" in request.__dict__:
            return response
        response.content  # noqa: B018 (read to its end, so that the connection can be used again)
        response.close()
        again = request.copy()
        again.__dict__["renewed"] = True
        again.headers["Authorization"] = f"Bearer {self._current_token(refused)}"
        answer: requests.Response = response.connection.send(again, **options)
        answer.history.append(response)
        answer.request = again
        return answer

    def _ask(self) -> tuple[str, float]:
        """A new token, and for how many seconds it is good."""
        try:
            response = self._session.post(self._url, data=self._form, timeout=TIMEOUT_SECONDS)
        except requests.RequestException as error:
            raise UnreachableError(self._url, "no token could be had") from error
        try:
            body = response.json()
            if response.ok:
                self._check_scopes(body.get("scope", self._form["scope"]))
                return body["access_token"], float(body.get("expires_in", 0))
        except (ValueError, KeyError, AttributeError, TypeError):
            raise UnintelligibleAnswerError(self._url, response.status_code, "") from None
        raise AppRefusedError(str(body.get("error_description") or body.get("error") or response.status_code))

    def _check_scopes(self, granted: str) -> None:
        """PagerDuty leaves out scopes that the app does not have, without a word."""
        missing = sorted(set(SCOPES) - set(granted.split()))
        if missing:
            raise AppRefusedError(f"the app lacks the scopes {', '.join(missing)}")
