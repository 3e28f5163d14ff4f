"""`/users`: listing, reading, creating, changing and deleting users; how they are reached."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.licenses.objects import license_of
from pagerduty_emulator.api.oauth.rules import token_of
from pagerduty_emulator.api.references import references_for
from pagerduty_emulator.database import Row
from pagerduty_emulator.errors import invalid, not_found
from pagerduty_emulator.http import Answer, Page, Request
from pagerduty_emulator.operation import Operation, Routes

from . import rows, rules
from .objects import contact_methods, notification_rules, user_objects


def list_users(account: Account, request: Request) -> Answer:
    """`GET /users`: a page, filtered by `query` (part of the name or address) and `team_ids[]`."""
    page = Page.of(request)
    found, total = rows.listed(
        account.database, request.first("query") or "", request.every("team_ids"), page.limit, page.offset
    )
    return page.answer("users", _shown(account, request, found), total)


def get_current_user(account: Account, request: Request) -> Answer:
    """`GET /users/me`: the account's owner, unless the setting `token_users` has another user for the token."""
    named = account.settings.token_users.get(token_of(request.headers.get("authorization", "")))
    row = rows.called(account.database, named) if named else rows.owner(account.database)
    if row is None:
        raise invalid(f"token_users names {named}, who is not there" if named else "The account has no owner")
    return _answer(account, request, row["id"])


def get_user(account: Account, request: Request) -> Answer:
    """`GET /users/{id}`."""
    return _answer(account, request, request.params["id"])


def create_user(account: Account, request: Request) -> Answer:
    """`POST /users`."""
    return _answer(account, request, rules.create(account.database, request.wrapped("user")), 201)


def update_user(account: Account, request: Request) -> Answer:
    """`PUT /users/{id}`: what is left out stays as it was."""
    row = _require(account, request.params["id"])
    rules.change(account.database, row, request.wrapped("user"))
    return _answer(account, request, row["id"])


def delete_user(account: Account, request: Request) -> Answer:
    """`DELETE /users/{id}`: 400 while an escalation policy alerts the user."""
    rules.delete(account.database, _require(account, request.params["id"]))
    return Answer(status=204)


def get_license(account: Account, request: Request) -> Answer:
    """`GET /users/{id}/license`."""
    return Answer({"license": license_of(_require(account, request.params["id"]))})


def list_contact_methods(account: Account, request: Request) -> Answer:
    """`GET /users/{id}/contact_methods`."""
    return Answer({"contact_methods": _contact_methods(account, request)})


def get_contact_method(account: Account, request: Request) -> Answer:
    """`GET /users/{id}/contact_methods/{contact_method_id}`."""
    wanted = request.params["contact_method_id"]
    return Answer({"contact_method": _with_id(_contact_methods(account, request), wanted)})


def list_notification_rules(account: Account, request: Request) -> Answer:
    """`GET /users/{id}/notification_rules`: those of an `urgency` (high, low or all)."""
    urgency = request.among("urgency", ("high", "low", "all"), "high")  # the description's default
    shown = _notification_rules(account, request)
    return Answer({"notification_rules": [rule for rule in shown if urgency in ("all", rule["urgency"])]})


def get_notification_rule(account: Account, request: Request) -> Answer:
    """`GET /users/{id}/notification_rules/{notification_rule_id}`."""
    wanted = request.params["notification_rule_id"]
    return Answer({"notification_rule": _with_id(_notification_rules(account, request), wanted)})


def _contact_methods(account: Account, request: Request) -> list[dict[str, Any]]:
    return contact_methods(references_for(account, request.base_url), _require(account, request.params["id"]))


def _notification_rules(account: Account, request: Request) -> list[dict[str, Any]]:
    """Return a user's notification rules, with whole contact methods if `include[]` asks for them."""
    row = _require(account, request.params["id"])
    references = references_for(account, request.base_url)
    shown = notification_rules(references, row)
    if request.includes("contact_methods"):
        shown = [{**rule, "contact_method": contact_methods(references, row)[0]} for rule in shown]
    return shown


def _with_id(shown: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    for each in shown:
        if each["id"] == wanted:
            return each
    raise not_found()


def _require(account: Account, user_id: str) -> Row:
    row = rows.find(account.database, user_id)
    if row is None:
        raise not_found()
    return row


def _answer(account: Account, request: Request, user_id: str, status: int = 200) -> Answer:
    row = _require(account, user_id)
    return Answer({"user": _shown(account, request, [row])[0]}, status)


def _shown(account: Account, request: Request, found: list[Row]) -> list[dict[str, Any]]:
    """Whole users, with what `include[]` asks for."""
    references = references_for(account, request.base_url)
    include = request.include("teams", "contact_methods", "notification_rules")
    return user_objects(account.database, references, found, include)


CONTACT_METHODS = "users:contact_methods.read"

ROUTES: Routes = {
    "/users": {"GET": Operation(list_users, "users.read"), "POST": Operation(create_user, "users.write")},
    "/users/me": {"GET": Operation(get_current_user)},  # before the next, which would take it for an id
    "/users/{id}": {
        "GET": Operation(get_user, "users.read"),
        "PUT": Operation(update_user, "users.write"),
        "DELETE": Operation(delete_user, "users.write"),
    },
    "/users/{id}/license": {"GET": Operation(get_license, "licenses.read")},
    "/users/{id}/contact_methods": {"GET": Operation(list_contact_methods, CONTACT_METHODS)},
    "/users/{id}/contact_methods/{contact_method_id}": {"GET": Operation(get_contact_method, CONTACT_METHODS)},
    "/users/{id}/notification_rules": {"GET": Operation(list_notification_rules, CONTACT_METHODS)},
    "/users/{id}/notification_rules/{notification_rule_id}": {"GET": Operation(get_notification_rule, CONTACT_METHODS)},
}
