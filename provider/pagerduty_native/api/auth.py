"""Tokens of an app (Scoped OAuth), which replace a REST API key.

https://developer.pagerduty.com/docs/app-oauth-token
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pagerduty_native.api.client import Client
from pagerduty_native.api.errors import AppTokenError, InterruptedCallError, PagerDutyError
from pagerduty_native.api.parse import seconds, text
from pagerduty_native.api.waiting import Once

# All scopes that may be needed. PagerDuty grants those that the app has, and refuses only the calls that need another.
# So an app that may only read is enough for previews.
SCOPES = ("services.read", "services.write", "vendors.read")
# Requested in addition for calls about event orchestrations only, so that apps without these scopes keep working.
ORCHESTRATION_SCOPES = ("event_orchestrations.read", "event_orchestrations.write")
# A token is renewed this long before it expires: longer than any call takes.
MARGIN_SECONDS = 120.0
RESPONSE_SECONDS = 30.0
# The assumed lifetime of a token without `expires_in`. PagerDuty sends a day.
USUAL_SECONDS = 3600.0


@dataclass(frozen=True)
class Token:
    """A token.

    header: the value of the Authorization header. renew_at, expires_at: times by the client's clock. scopes: the
    granted scopes, or None.
    """

    header: str
    renew_at: float
    expires_at: float
    scopes: str | None = None


class AppAuthorization:
    """Returns the Authorization header with an app's token, renewed before it expires and when PagerDuty refuses it.

    One thread requests a token, and the others wait for it. Raises AppTokenError if there is none.

    Args:
        identity: Makes the calls to the token server.
        client_id: The app's ID.
        client_secret: The app's secret.
        subdomain: The account's name, before `.pagerduty.com`.
        region: `us` or `eu`.
        scopes: The scopes to request.
        hide: Keeps a token out of messages.
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
        """The scopes of the token; None before there is one, or if the response did not name them."""
        return self._token.scopes if self._token else None

    def __call__(self, refused: str | None = None) -> str:
        token = self._token
        if token is None or token.header == refused or self._identity.waiting.now() >= token.renew_at:
            token = self._asking.get("token", lambda: self._renewed(token, refused))
        return token.header

    def _renewed(self, old: Token | None, refused: str | None) -> Token:
        """Get a new token, unless another thread has just done so. If that fails now, keep a token that still works."""
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
        token = text(body, "access_token")
        if not re.fullmatch(r"[!-~]+", token):  # Any other character would end the header.
            raise ValueError("access_token")
        self._hide(token)
        lifetime = seconds(body, "expires_in", USUAL_SECONDS)
        until_renewal = max(lifetime - MARGIN_SECONDS, lifetime / 2)
        scope = body.get("scope")
        scopes = scope if isinstance(scope, str) else None
        now = self._identity.waiting.now()
        return Token(f"Bearer {token}", now + until_renewal, now + lifetime, scopes)
