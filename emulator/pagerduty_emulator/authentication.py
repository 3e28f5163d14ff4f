"""Who calls: API tokens, and OAuth access tokens for apps."""

from __future__ import annotations

import hashlib
import re
import secrets
import time

from .account import Account
from .database import Database
from .http import Answer, ApiError, Request

_HEADER = re.compile(r"(?:Token\s+token=|Bearer\s+)(\S+)", re.IGNORECASE)


def caller_of(account: Account, request: Request, scope: str | None) -> str:
    """The request's token, when it may do what needs `scope`; else ApiError 401 or 403.

    Any token is good, but those that the settings name and OAuth tokens of ours that expired.
    """
    header = _HEADER.fullmatch(request.headers.get("authorization", "").strip())
    token = header.group(1).strip('"') if header else ""
    if not token or token in account.settings.rejected_tokens:
        raise ApiError(401, 2006, "Authentication failed")
    if token in account.settings.read_only_tokens and request.method != "GET":
        raise ApiError(403, 2010, "Access Denied", ["This API key is read-only"])
    granted = account.database.one("SELECT * FROM oauth_tokens WHERE digest = ?", digest(token))
    if granted is not None:
        if granted["expires_at"] <= time.time():
            raise ApiError(401, 2006, "Authentication failed")
        if scope is not None and scope not in granted["scope"].split():
            # Recorded without a code: terraform-provider pull request 1027.
            raise ApiError(
                403, None, "Token missing required scopes", required_scopes=scope, token_scopes=granted["scope"]
            )
    return token


def create_access_token(account: Account, request: Request) -> Answer:
    """`POST /oauth/token`: the client credentials grant of identity.pagerduty.com."""
    if not request.is_form():
        return _refused("invalid_request", "The request must be a form")
    form = request.fields()
    if form.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", "grant_type must be client_credentials")
    if not form.get("client_id") or not form.get("client_secret"):
        return _refused("invalid_client", "Client authentication failed", 401)
    if form["client_secret"] in account.settings.rejected_tokens:
        return _refused("invalid_client", "Client authentication failed", 401)
    asked = form.get("scope", "").split()
    own = f"as_account-{account.settings.region}.{account.settings.subdomain}"
    if any(scope.startswith("as_account-") and scope != own for scope in asked):
        return _refused("invalid_request", "Invalid scope")  # terraform-provider issue 936
    grantable = account.settings.oauth_scopes
    granted = " ".join(scope for scope in asked if grantable is None or scope in {own, *grantable})
    seconds = account.settings.oauth_expires_in
    token = _grant(account.database, granted, seconds)
    return Answer(
        {
            "access_token": token,
            "token_type": "bearer",
            "scope": granted,
            "expires_in": seconds,
        },
        headers={"cache-control": "no-store"},
    )


def _grant(database: Database, scope: str, seconds: int) -> str:
    token = f"pdus+_{secrets.token_urlsafe(32)}"
    database.insert(
        "oauth_tokens",
        {"digest": digest(token), "scope": scope, "expires_at": time.time() + seconds},
    )
    return token


def _refused(error: str, description: str, status: int = 400) -> Answer:
    """A refusal in OAuth's form (RFC 6749, section 5.2)."""
    return Answer({"error": error, "error_description": description}, status)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
