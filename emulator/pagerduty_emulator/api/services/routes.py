"""`/services`: listing, reading, creating, changing and deleting services."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.integrations.objects import (
    integration_in_bulk,
    integration_reference,
    integration_without_rules,
)
from pagerduty_emulator.api.references import references_for
from pagerduty_emulator.database import Row
from pagerduty_emulator.http import Answer, Page, Request
from pagerduty_emulator.operation import Operation, Routes

from . import rows, rules
from .objects import service_objects
from .rules import PAUSE

SORTS = ("name", "name:asc", "name:desc")


def list_services(account: Account, request: Request) -> Answer:
    """`GET /services`: a page.

    Filters: `query` (part of the name, or an integration key), `name` (exactly), `id[]`, `team_ids[]`.
    """
    page = Page.of(request)
    found, total = rows.listed(
        account.database,
        request.first("query") or "",
        request.first("name"),
        request.every("id"),
        request.every("team_ids"),
        window=(page.limit, page.offset),
        descending=request.among("sort_by", SORTS, "name") == "name:desc",
    )
    return page.answer("services", _shown(account, request, found), total)


def get_service(account: Account, request: Request) -> Answer:
    """`GET /services/{id}`."""
    return _answer(account, request, request.params["id"])


def create_service(account: Account, request: Request) -> Answer:
    """`POST /services`."""
    return _answer(account, request, rules.create(account, request.wrapped("service")), 201)


def update_service(account: Account, request: Request) -> Answer:
    """`PUT /services/{id}`: what is left out stays as it was."""
    row = rows.require(account.database, request.params["id"])
    rules.change(account, row, request.wrapped("service"))
    return _answer(account, request, row["id"])


def delete_service(account: Account, request: Request) -> Answer:
    """`DELETE /services/{id}`: its integrations, incidents and alerts go with it."""
    row = rows.require(account.database, request.params["id"])
    rows.delete(account.database, row["id"])
    return Answer(status=204)


def _answer(account: Account, request: Request, service_id: str, status: int = 200) -> Answer:
    row = rows.require(account.database, service_id)
    return Answer({"service": _shown(account, request, [row])[0]}, status)


def _shown(account: Account, request: Request, found: list[Row]) -> list[dict[str, Any]]:
    """Whole services, with what `include[]` asks for, and integrations as the settings give them."""
    asked = {
        "whole": integration_in_bulk,
        "without_email_rules": integration_without_rules,
        "references": integration_reference,
    }[account.settings.bulk_integrations]
    shown = service_objects(
        account.database,
        references_for(account, request.base_url, request.time_zone()),
        found,
        show=asked if request.includes("integrations") else integration_reference,
        include=request.include("teams", "escalation_policies"),
    )
    if not request.includes(PAUSE) and request.method == "GET":  # not in the documents of IBM's PagerDuty app
        for service in shown:
            del service[PAUSE]
    return shown


ROUTES: Routes = {
    "/services": {
        "GET": Operation(list_services, "services.read"),
        "POST": Operation(create_service, "services.write"),
    },
    "/services/{id}": {
        "GET": Operation(get_service, "services.read"),
        "PUT": Operation(update_service, "services.write"),
        "DELETE": Operation(delete_service, "services.write"),
    },
}
