"""`GET /abilities`: what some clients ask to find out whether a token is good."""

from __future__ import annotations

from pagerduty_emulator.account import Account
from pagerduty_emulator.http import Answer, Request
from pagerduty_emulator.operation import Operation, Routes

ABILITIES = ["advanced_reports", "event_rules", "service_support_hours", "urgencies"]


def list_abilities(account: Account, request: Request) -> Answer:
    """`GET /abilities`: the account's features."""
    return Answer({"abilities": ABILITIES})


ROUTES: Routes = {"/abilities": {"GET": Operation(list_abilities, "abilities.read")}}
