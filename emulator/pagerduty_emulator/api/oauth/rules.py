"""Who may do what, and who is granted an access token."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

from pagerduty_emulator.account import Account
from pagerduty_emulator.errors import ApiError

from . import rows

# `Token XXX` and `Token token= XXX` are in use, too: technicalpickles/pager_duty-connection issue 67, a Singer tap.
_HEADER = re.compile(r"(?:Token\s+(?:token=\s*)?|Bearer\s+)(\S+)", re.IGNORECASE)


def token_of(authorization: str) -> str:
    """Return the token in an Authorization header, or "" if there is none."""
    header = _HEADER.fullmatch(authorization.strip())
    token = header.group(1).strip('"') if header else ""
    return "" if token.lower() == "token=" else token


def caller_of(account: Account, authorization: str, method: str, scope: str | None) -> str:
    """Return the token of an Authorization header, when it may do what needs `scope`; else ApiError 401 or 403.

    Any token is good, but those that the settings name and OAuth tokens of ours that expired.
    """
    token = token_of(authorization)
    if not token or token in account.settings.rejected_tokens:
        raise ApiError(401, 2006, "Authentication failed")
    if token in account.settings.read_only_tokens and method != "GET":
        raise ApiError(403, 2010, "Access Denied", ["This API key is read-only"])
    granted = rows.find(account.database, token)
    if granted is not None:
        if granted["expires_at"] <= time.time():
            raise ApiError(401, 2006, "Authentication failed")
        if scope is not None and scope not in granted["scope"].split():
            # Recorded without a code: terraform-provider pull request 1027.
            raise ApiError(
                403, None, "Token missing required scopes", required_scopes=scope, token_scopes=granted["scope"]
            )
    return token


class OAuthError(ApiError):
    """A refusal in OAuth's form (RFC 6749, section 5.2)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(status, None, description)
        self.error = error

    def body(self) -> dict[str, Any]:
        """Return the refusal."""
        return {"error": self.error, "error_description": self.message}


def grant(account: Account, form: dict[str, Any]) -> dict[str, Any]:
    """Return the client credentials grant of identity.pagerduty.com: an access token, with its scopes and seconds."""
    if form.get("grant_type") != "client_credentials":
        raise OAuthError("unsupported_grant_type", "grant_type must be client_credentials")
    if not form.get("client_id") or not form.get("client_secret"):
        raise OAuthError("invalid_client", "Client authentication failed", 401)
    if form["client_secret"] in account.settings.rejected_tokens:
        raise OAuthError("invalid_client", "Client authentication failed", 401)
    asked = form.get("scope", "").split()
    own = f"as_account-{account.settings.region}.{account.settings.subdomain}"
    if any(scope.startswith("as_account-") and scope != own for scope in asked):
        raise OAuthError("invalid_request", "Invalid scope")  # terraform-provider issue 936
    grantable = account.settings.oauth_scopes
    granted = " ".join(scope for scope in asked if grantable is None or scope in {own, *grantable})
    seconds = account.settings.oauth_expires_in
    token = f"pdus+_{secrets.token_urlsafe(32)}"
    rows.add(account.database, token, granted, time.time() + seconds)
    return {"access_token": token, "token_type": "bearer", "scope": granted, "expires_in": seconds}
