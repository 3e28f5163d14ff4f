"""`/escalation_policies`: listing, reading, creating, changing and deleting escalation policies."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.references import references_for
from pagerduty_emulator.api.services import rows as service_rows
from pagerduty_emulator.api.services.objects import service_without_integrations
from pagerduty_emulator.database import Row
from pagerduty_emulator.errors import not_found
from pagerduty_emulator.http import Answer, Page, Request
from pagerduty_emulator.operation import Operation, Routes

from . import rows, rules
from .objects import policy_objects

SORTS = ("name", "name:asc", "name:desc")
POLICY = "/escalation_policies/{id}"


def list_policies(account: Account, request: Request) -> Answer:
    """`GET /escalation_policies`: a page, filtered by `query` (part of the name), `user_ids[]` and `team_ids[]`."""
    page = Page.of(request)
    found, total = rows.listed(
        account.database,
        request.first("query") or "",
        request.every("user_ids"),
        request.every("team_ids"),
        (page.limit, page.offset),
        descending=request.among("sort_by", SORTS, "name") == "name:desc",
    )
    return page.answer("escalation_policies", _shown(account, request, found), total)


def get_policy(account: Account, request: Request) -> Answer:
    """`GET /escalation_policies/{id}`."""
    return _answer(account, request, request.params["id"])


def create_policy(account: Account, request: Request) -> Answer:
    """`POST /escalation_policies`."""
    return _answer(account, request, rules.create(account.database, request.wrapped("escalation_policy")), 201)


def update_policy(account: Account, request: Request) -> Answer:
    """`PUT /escalation_policies/{id}`: what is left out stays as it was."""
    row = _require(account, request.params["id"])
    rules.change(account.database, row, request.wrapped("escalation_policy"))
    return _answer(account, request, row["id"])


def delete_policy(account: Account, request: Request) -> Answer:
    """`DELETE /escalation_policies/{id}`: 400 while a service uses it."""
    rules.delete(account.database, _require(account, request.params["id"]))
    return Answer(status=204)


def _require(account: Account, policy_id: str) -> Row:
    row = rows.find(account.database, policy_id)
    if row is None:
        raise not_found()
    return row


def _answer(account: Account, request: Request, policy_id: str, status: int = 200) -> Answer:
    row = _require(account, policy_id)
    return Answer({"escalation_policy": _shown(account, request, [row])[0]}, status)


def _shown(account: Account, request: Request, found: list[Row]) -> list[dict[str, Any]]:
    """Whole policies, with what `include[]` asks for."""
    references = references_for(account, request.base_url)
    include = request.include("teams", "targets", "escalation_rule_assignment_strategies")
    shown = policy_objects(account.database, references, found, include)
    if request.includes("services"):
        for policy in shown:
            services = [service_rows.require(account.database, service["id"]) for service in policy["services"]]
            policy["services"] = [
                service_without_integrations(account.database, references, service) for service in services
            ]
    return shown


ROUTES: Routes = {
    "/escalation_policies": {
        "GET": Operation(list_policies, "escalation_policies.read"),
        "POST": Operation(create_policy, "escalation_policies.write"),
    },
    POLICY: {
        "GET": Operation(get_policy, "escalation_policies.read"),
        "PUT": Operation(update_policy, "escalation_policies.write"),
        "DELETE": Operation(delete_policy, "escalation_policies.write"),
    },
}
