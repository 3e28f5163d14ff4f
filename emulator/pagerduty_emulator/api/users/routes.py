"""`/users`: listing, reading, creating, changing and deleting users."""

from __future__ import annotations

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.references import references_for
from pagerduty_emulator.api.teams.rows import of_user
from pagerduty_emulator.database import Row
from pagerduty_emulator.errors import invalid, not_found
from pagerduty_emulator.http import Answer, Page, Request
from pagerduty_emulator.operation import Operation, Routes

from . import rows, rules
from .objects import user_object


def list_users(account: Account, request: Request) -> Answer:
    """`GET /users`: a page, filtered by `query` (part of the name or address)."""
    page = Page.of(request)
    found, total = rows.listed(account.database, request.first("query") or "", page.limit, page.offset)
    references = references_for(account, request.base_url)
    return page.answer(
        "users", [user_object(references, row, of_user(account.database, row["id"])) for row in found], total
    )


def get_current_user(account: Account, request: Request) -> Answer:
    """`GET /users/me`: any token is one of the account's owner."""
    row = rows.owner(account.database)
    if row is None:
        raise invalid("The account has no owner")
    return _answer(account, request, row["id"])


def get_user(account: Account, request: Request) -> Answer:
    """`GET /users/{id}`."""
    return _answer(account, request, _require(account, request)["id"])


def create_user(account: Account, request: Request) -> Answer:
    """`POST /users`."""
    return _answer(account, request, rules.create(account.database, request.wrapped("user")), 201)


def update_user(account: Account, request: Request) -> Answer:
    """`PUT /users/{id}`: what is left out stays as it was."""
    row = _require(account, request)
    rules.change(account.database, row, request.wrapped("user"))
    return _answer(account, request, row["id"])


def delete_user(account: Account, request: Request) -> Answer:
    """`DELETE /users/{id}`."""
    rows.delete(account.database, _require(account, request)["id"])
    return Answer(status=204)


def _require(account: Account, request: Request) -> Row:
    row = rows.find(account.database, request.params["id"])
    if row is None:
        raise not_found()
    return row


def _answer(account: Account, request: Request, user_id: str, status: int = 200) -> Answer:
    row = rows.find(account.database, user_id)
    if row is None:
        raise not_found()
    teams = of_user(account.database, user_id)
    return Answer({"user": user_object(references_for(account, request.base_url), row, teams)}, status)


ROUTES: Routes = {
    "/users": {"GET": Operation(list_users, "users.read"), "POST": Operation(create_user, "users.write")},
    "/users/me": {"GET": Operation(get_current_user)},  # before the next, which would take it for an id
    "/users/{id}": {
        "GET": Operation(get_user, "users.read"),
        "PUT": Operation(update_user, "users.write"),
        "DELETE": Operation(delete_user, "users.write"),
    },
}
