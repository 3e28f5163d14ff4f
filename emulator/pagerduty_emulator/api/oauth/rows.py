"""The table of OAuth access tokens; of each token only a digest is kept."""

from __future__ import annotations

import hashlib

from pagerduty_emulator.database import Database, Row


def find(database: Database, token: str) -> Row | None:
    """Return the row of an access token."""
    return database.one("SELECT * FROM oauth_tokens WHERE digest = ?", _digest(token))


def add(database: Database, token: str, scope: str, expires_at: float) -> None:
    """Keep an access token with its scopes and the end of its time."""
    database.insert("oauth_tokens", {"digest": _digest(token), "scope": scope, "expires_at": expires_at})


def expire(database: Database) -> None:
    """End the time of every access token."""
    database.execute("UPDATE oauth_tokens SET expires_at = 0")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
