"""`/abilities`: what some clients ask to find out whether a token is good."""

from __future__ import annotations

from pagerduty_emulator.account import Account
from pagerduty_emulator.errors import ApiError
from pagerduty_emulator.http import Answer, Request
from pagerduty_emulator.operation import Operation, Routes

# With those of the description's example, which what is served here needs.
ABILITIES = ["advanced_reports", "event_rules", "read_only_users", "service_support_hours", "teams", "urgencies"]

# The sentence is the description's; no answer was published.
NOT_ABLE = (
    "Account does not have the abilities to perform the action. Please review the response for the required abilities."
)


def list_abilities(account: Account, request: Request) -> Answer:
    """`GET /abilities`: the account's features."""
    return Answer({"abilities": ABILITIES})


def get_ability(account: Account, request: Request) -> Answer:
    """`GET /abilities/{id}`: 204 if the account has the feature, else 402."""
    if request.params["id"] in ABILITIES:
        return Answer(status=204)
    raise ApiError(402, None, NOT_ABLE)


ROUTES: Routes = {
    "/abilities": {"GET": Operation(list_abilities, "abilities.read")},
    "/abilities/{id}": {"GET": Operation(get_ability, "abilities.read")},
}
