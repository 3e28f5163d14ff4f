"""`POST /oauth/token`."""

from __future__ import annotations

from pagerduty_emulator.account import Account
from pagerduty_emulator.http import Answer, Request
from pagerduty_emulator.operation import Operation, Routes

from .rules import OAuthError, grant


def create_access_token(account: Account, request: Request) -> Answer:
    """`POST /oauth/token`: an access token for an app."""
    if not request.is_form():
        raise OAuthError("invalid_request", "The request must be a form")
    return Answer(grant(account, request.form()), headers={"cache-control": "no-store"})


ROUTES: Routes = {"/oauth/token": {"POST": Operation(create_access_token)}}
