"""Tokens of an app (Scoped OAuth), which stand in the place of a REST API key.

https://developer.pagerduty.com/docs/app-oauth-token
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pagerduty_native.api import parse as bodies
from pagerduty_native.api.client import Client
from pagerduty_native.api.errors import AppTokenError, InterruptedCallError, PagerDutyError
from pagerduty_native.api.waiting import Once

IDENTITY_URL = "https://identity.pagerduty.com"
# All that can be of use. PagerDuty grants those that the app has, without a word about the others; a call that needs
# one of those is refused, and says so. So an app that may only read does for previews.
SCOPES = ("services.read", "services.write", "vendors.read")
# Requested in addition for calls about event orchestrations only, so that apps without these scopes keep working.
ORCHESTRATION_SCOPES = ("event_orchestrations.read", "event_orchestrations.write")
# A token is renewed so long before it expires: longer than any call takes.
MARGIN_SECONDS = 120.0
RESPONSE_SECONDS = 30.0
# How long a token is taken to be good whose response does not tell; PagerDuty's tell a day.
USUAL_SECONDS = 3600.0


@dataclass(frozen=True)
class Token:
    """A token as the Authorization header has it; by the client's clock, when to ask for a new one and when it ends.

    scopes: those that were granted, if the response tells.
    """

    header: str
    renew_at: float
    expires_at: float
    scopes: str | None = None


class AppAuthorization:
    """The Authorization header with a token of an app, renewed before it expires and when PagerDuty refuses it.

    identity: a client of the server that gives tokens. client_id, client_secret: the app's credentials; subdomain: the
    account's name, before `.pagerduty.com`. region: `us` or `eu`. scopes: those to request. hide: keeps a token out of
    messages.

    One thread asks for a token, and all that need it wait for that. Raises AppTokenError if none can be had.
    """

    def __init__(
        self,
        identity: Client,
        client_id: str,
        client_secret: str,
        subdomain: str,
        *,
        region: str = "us",
        scopes: tuple[str, ...] = SCOPES,
        hide: Callable[[str], None] = lambda _token: None,
    ) -> None:
        self._identity = identity
        self._hide = hide
        self._account = f"as_account-{region}.{subdomain}"
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": " ".join([self._account, *scopes]),
        }
        self._asking = Once[Token](identity.waiting, keep=lambda _token: False)
        self._token: Token | None = None

    @property
    def scopes(self) -> str | None:
        """The scopes of the token; None before there is one, or if PagerDuty did not tell."""
        return self._token.scopes if self._token else None

    def __call__(self, refused: str | None = None) -> str:
        token = self._token
        if token is None or token.header == refused or self._identity.waiting.now() >= token.renew_at:
            token = self._asking.get("token", lambda: self._renewed(token, refused))
        return token.header

    def _renewed(self, old: Token | None, refused: str | None) -> Token:
        """A new token in the place of an old one, unless another thread has just got one.

        If none can be had right now, the old one does for as long as it is good.
        """
        if self._token is None or self._token is old:
            try:
                self._token = self._identity.form("/oauth/token", self._form, self._parse)
            except InterruptedCallError:
                raise
            except PagerDutyError as error:
                good = old is not None and old.header != refused and self._identity.waiting.now() < old.expires_at
                if old and good and error.transient:
                    return old
                raise AppTokenError(error, self._account) from error
        return self._token

    def _parse(self, body: Any) -> Token:
        token = bodies.text(body, "access_token")
        if not re.fullmatch(r"[!-~]+", token):  # It would end the header that it goes into.
            raise ValueError("access_token")
        self._hide(token)
        seconds = bodies.seconds(body, "expires_in", USUAL_SECONDS)
        until_renewal = max(seconds - MARGIN_SECONDS, seconds / 2)
        scope = body.get("scope")
        scopes = scope if isinstance(scope, str) else None
        now = self._identity.waiting.now()
        return Token(f"Bearer {token}", now + until_renewal, now + seconds, scopes)
