"""`GET /abilities`: what some clients ask to find out whether a token is good."""

from __future__ import annotations

from .account import Account
from .http import Answer, Request

ABILITIES = ["advanced_reports", "event_rules", "service_support_hours", "urgencies"]


def list_abilities(account: Account, request: Request) -> Answer:
    """`GET /abilities`: the account's features."""
    return Answer({"abilities": ABILITIES})
