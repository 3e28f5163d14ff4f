"""`GET /change_events`: changes, as the Events API accepted them."""

from __future__ import annotations

from datetime import UTC

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.references import references_for
from pagerduty_emulator.api.services import rows as service_rows
from pagerduty_emulator.database import time_of
from pagerduty_emulator.errors import not_found
from pagerduty_emulator.http import Answer, Page, Request
from pagerduty_emulator.operation import Operation, Routes

from . import rows
from .objects import change_object


def list_changes(account: Account, request: Request) -> Answer:
    """`GET /change_events`: newest first; filters `team_ids[]`, `integration_ids[]`, `since`, `until`."""
    return _listed(account, request, [])


def list_changes_of_service(account: Account, request: Request) -> Answer:
    """`GET /services/{id}/change_events`: as `GET /change_events`, of one service."""
    return _listed(account, request, [service_rows.require(account.database, request.params["id"])["id"]])


def get_change(account: Account, request: Request) -> Answer:
    """`GET /change_events/{id}`."""
    row = rows.find(account.database, request.params["id"])
    if row is None:
        raise not_found()
    return Answer({"change_event": change_object(references_for(account, request.base_url), row)})


def _listed(account: Account, request: Request, service_ids: list[str]) -> Answer:
    page = Page.of(request)
    since, until = (request.moment(name, UTC) for name in ("since", "until"))
    filters = {
        "change_events.service_id": service_ids,
        "integration_id": request.every("integration_ids"),
        "team_id": request.every("team_ids"),
    }
    found, total = rows.listed(
        account.database,
        filters,
        time_of(since) if since else None,
        time_of(until) if until else None,
        (page.limit, page.offset),
    )
    references = references_for(account, request.base_url)
    return page.answer("change_events", [change_object(references, row) for row in found], total)


ROUTES: Routes = {
    "/change_events": {"GET": Operation(list_changes, "change_events.read")},
    "/change_events/{id}": {"GET": Operation(get_change, "change_events.read")},
    "/services/{id}/change_events": {"GET": Operation(list_changes_of_service, "services.read")},
}
