"""`/teams`: listing, reading, creating, changing and deleting teams, and who is in them."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.references import references_for
from pagerduty_emulator.api.users import rows as user_rows
from pagerduty_emulator.api.users.objects import user_objects
from pagerduty_emulator.database import Row
from pagerduty_emulator.errors import invalid, not_found
from pagerduty_emulator.http import Answer, Page, Request
from pagerduty_emulator.operation import Operation, Routes

from . import rows, rules
from .objects import member_object, team_object


def list_teams(account: Account, request: Request) -> Answer:
    """`GET /teams`: a page, filtered by `query` (part of the name)."""
    page = Page.of(request)
    found, total = rows.listed(account.database, request.first("query") or "", page.limit, page.offset)
    references = references_for(account, request.base_url)
    return page.answer("teams", [team_object(references, row) for row in found], total)


def get_team(account: Account, request: Request) -> Answer:
    """`GET /teams/{id}`."""
    return _answer(account, request, request.params["id"])


def create_team(account: Account, request: Request) -> Answer:
    """`POST /teams`: also without the object `team` around it (terraform-provider issue 1085)."""
    return _answer(account, request, rules.create(account.database, request.wrapped("team", or_bare=True)), 201)


def update_team(account: Account, request: Request) -> Answer:
    """`PUT /teams/{id}`: what is left out stays as it was."""
    row = _require(account, request.params["id"])
    rules.change(account.database, row, request.wrapped("team", or_bare=True))
    return _answer(account, request, row["id"])


def delete_team(account: Account, request: Request) -> Answer:
    """`DELETE /teams/{id}`: 400 while it has an escalation policy."""
    rules.delete(account.database, _require(account, request.params["id"])["id"])
    return Answer(status=204)


def list_members(account: Account, request: Request) -> Answer:
    """`GET /teams/{id}/members`: a page."""
    page = Page.of(request)
    team = _require(account, request.params["id"])
    found, total = rows.members(account.database, team["id"], page.limit, page.offset)
    references = references_for(account, request.base_url)
    members = [member_object(references, row) for row in found]
    if request.includes("users"):
        whole = user_objects(
            account.database, references, user_rows.some(account.database, [row["id"] for row in found])
        )
        users = {user["id"]: user for user in whole}
        members = [{**member, "user": users[member["user"]["id"]]} for member in members]
    return page.answer("members", members, total)


def add_member(account: Account, request: Request) -> Answer:
    """`PUT /teams/{id}/users/{user_id}`, with a `role` in the body or without a body."""
    team = _require(account, request.params["id"])
    rules.add_member(account.database, team["id"], request.params["user_id"], _role(request))
    return Answer(status=204)


def remove_member(account: Account, request: Request) -> Answer:
    """`DELETE /teams/{id}/users/{user_id}`: 400 while a policy of the team alerts the user."""
    team = _require(account, request.params["id"])
    rules.remove_member(account.database, team["id"], request.params["user_id"])
    return Answer(status=204)


def add_policy(account: Account, request: Request) -> Answer:
    """`PUT /teams/{id}/escalation_policies/{escalation_policy_id}`."""
    team = _require(account, request.params["id"])
    rules.add_policy(account.database, team["id"], request.params["escalation_policy_id"])
    return Answer(status=204)


def remove_policy(account: Account, request: Request) -> Answer:
    """`DELETE /teams/{id}/escalation_policies/{escalation_policy_id}`."""
    team = _require(account, request.params["id"])
    rules.remove_policy(account.database, team["id"], request.params["escalation_policy_id"])
    return Answer(status=204)


def _role(request: Request) -> Any:
    if not request.body.strip():
        return None
    try:
        body = request.json()
    except ValueError:
        raise invalid("Invalid JSON body") from None
    return body.get("role") if isinstance(body, dict) else None


def _require(account: Account, team_id: str) -> Row:
    row = rows.find(account.database, team_id)
    if row is None:
        raise not_found()
    return row


def _answer(account: Account, request: Request, team_id: str, status: int = 200) -> Answer:
    row = _require(account, team_id)
    return Answer({"team": team_object(references_for(account, request.base_url), row)}, status)


ROUTES: Routes = {
    "/teams": {"GET": Operation(list_teams, "teams.read"), "POST": Operation(create_team, "teams.write")},
    "/teams/{id}": {
        "GET": Operation(get_team, "teams.read"),
        "PUT": Operation(update_team, "teams.write"),
        "DELETE": Operation(delete_team, "teams.write"),
    },
    "/teams/{id}/members": {"GET": Operation(list_members, "teams.read")},
    "/teams/{id}/users/{user_id}": {
        "PUT": Operation(add_member, "teams.write"),
        "DELETE": Operation(remove_member, "teams.write"),
    },
    "/teams/{id}/escalation_policies/{escalation_policy_id}": {
        "PUT": Operation(add_policy, "teams.write"),
        "DELETE": Operation(remove_policy, "teams.write"),
    },
}
