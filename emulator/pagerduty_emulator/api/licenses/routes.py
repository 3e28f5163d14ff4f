"""`/licenses`: the account's licenses."""

from __future__ import annotations

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.users.rows import count_by_role
from pagerduty_emulator.http import Answer, Request
from pagerduty_emulator.operation import Operation, Routes

from .objects import LICENSES, with_counts


def list_licenses(account: Account, request: Request) -> Answer:
    """`GET /licenses`."""
    users = count_by_role(account.database)
    return Answer({"licenses": [with_counts(each, users) for each in LICENSES]})


ROUTES: Routes = {"/licenses": {"GET": Operation(list_licenses, "licenses.read")}}
