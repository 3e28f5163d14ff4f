"""`/event_orchestrations`: orchestrations, their integrations, and their rules, which are kept but not evaluated."""

from __future__ import annotations

from functools import partial

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.events.bodies import json_object
from pagerduty_emulator.api.references import references_for
from pagerduty_emulator.database import Row
from pagerduty_emulator.errors import invalid, not_found
from pagerduty_emulator.http import Answer, Page, Request
from pagerduty_emulator.operation import Operation, Routes

from . import rows, rules
from .objects import integration_object, orchestration_object, path_object

ORCHESTRATION = "/event_orchestrations/{id}"
INTEGRATION = f"{ORCHESTRATION}/integrations/{{integration_id}}"
SORTS = ("name", "routes", "created_at")


def list_orchestrations(account: Account, request: Request) -> Answer:
    """`GET /event_orchestrations`: a page, by `sort_by`; always with the total, as in the description's example."""
    page = Page.of(request)
    references = references_for(account, request.base_url)
    found = rules.shown_state(account).orchestrations
    shown = [orchestration_object(account.database, references, row) for row in found]
    sort = request.among("sort_by", [f"{name}:{way}" for name in SORTS for way in ("asc", "desc")], "name:asc")
    field, _, way = sort.partition(":")
    shown.sort(key=lambda each: each[field].lower() if field == "name" else each[field], reverse=way == "desc")
    answer = page.answer("orchestrations", shown[page.offset : page.offset + page.limit], len(shown))
    answer.body["total"] = len(shown)
    return answer


def get_orchestration(account: Account, request: Request) -> Answer:
    """`GET /event_orchestrations/{id}`."""
    state = rules.shown_state(account)
    row = state.require(request.params["id"])
    return _orchestration(account, request, row, state.integrations_of(row["id"]))


def create_orchestration(account: Account, request: Request) -> Answer:
    """`POST /event_orchestrations`."""
    orchestration_id = rules.create(account, request.wrapped("orchestration"))
    return _written(account, request, orchestration_id, 201)


def update_orchestration(account: Account, request: Request) -> Answer:
    """`PUT /event_orchestrations/{id}`: what is left out stays as it was."""
    row = rows.require(account.database, request.params["id"])
    rules.change(account, row, request.wrapped("orchestration"))
    return _written(account, request, row["id"])


def delete_orchestration(account: Account, request: Request) -> Answer:
    """`DELETE /event_orchestrations/{id}`: its integrations go with it."""
    rules.delete(account, rows.require(account.database, request.params["id"]))
    return Answer(status=204)


def list_integrations(account: Account, request: Request) -> Answer:
    """`GET /event_orchestrations/{id}/integrations`: all of them; there are no pages."""
    state = rules.shown_state(account)
    return _integrations(state.integrations_of(state.require(request.params["id"])["id"]))


def get_integration(account: Account, request: Request) -> Answer:
    """`GET /event_orchestrations/{id}/integrations/{integration_id}`."""
    state = rules.shown_state(account)
    for row in state.integrations_of(state.require(request.params["id"])["id"]):
        if row["id"] == request.params["integration_id"]:
            return Answer({"integration": integration_object(row)})
    raise not_found()


def create_integration(account: Account, request: Request) -> Answer:
    """`POST /event_orchestrations/{id}/integrations`."""
    row = rows.require(account.database, request.params["id"])
    made = rules.add_integration(account, row["id"], request.wrapped("integration"))
    return _written_integration(account, made, 201)


def update_integration(account: Account, request: Request) -> Answer:
    """`PUT /event_orchestrations/{id}/integrations/{integration_id}`: the label."""
    row = require_integration(account, request)
    rules.change_integration(account, row, request.wrapped("integration"))
    return _written_integration(account, row["id"])


def delete_integration(account: Account, request: Request) -> Answer:
    """`DELETE /event_orchestrations/{id}/integrations/{integration_id}`."""
    rules.delete_integration(account, require_integration(account, request))
    return Answer(status=204)


def migrate_integration(account: Account, request: Request) -> Answer:
    """`POST /event_orchestrations/{id}/integrations/migration`: an integration comes here, with its key."""
    target = rows.require(account.database, request.params["id"])
    given = json_object(request)
    if given is None:
        raise invalid("Invalid JSON body")
    rules.migrate(account, target["id"], given)
    return _integrations(rows.every_integration(account.database, target["id"]))


def get_path(kind: str, account: Account, request: Request) -> Answer:
    """`GET /event_orchestrations/{id}/router`, `/global` and `/unrouted`."""
    row = rules.shown_state(account).require(request.params["id"])
    references = references_for(account, request.base_url)
    return Answer({"orchestration_path": path_object(account.database, references, row, kind)})


def update_path(kind: str, account: Account, request: Request) -> Answer:
    """`PUT /event_orchestrations/{id}/router`, `/global` and `/unrouted`: all rules are replaced."""
    row = rows.require(account.database, request.params["id"])
    rules.change_path(account, row, kind, request.wrapped("orchestration_path"))
    references = references_for(account, request.base_url)
    path = path_object(account.database, references, rows.require(account.database, row["id"]), kind)
    return Answer({"orchestration_path": path, "warnings": []})


def require_integration(account: Account, request: Request) -> Row:
    """Return the integration that the path names, or raise the API's 404: also if it is on another orchestration."""
    row = rows.find_integration(account.database, request.params["integration_id"])
    if row is None or row["orchestration_id"] != request.params["id"]:
        raise not_found()
    return row


def _written(account: Account, request: Request, orchestration_id: str, status: int = 200) -> Answer:
    integrations = rows.every_integration(account.database, orchestration_id)
    return _orchestration(account, request, rows.require(account.database, orchestration_id), integrations, status)


def _orchestration(account: Account, request: Request, row: Row, integrations: list[Row], status: int = 200) -> Answer:
    references = references_for(account, request.base_url)
    shown = orchestration_object(account.database, references, row, integrations)
    return Answer({"orchestration": shown}, status)


def _written_integration(account: Account, integration_id: str, status: int = 200) -> Answer:
    row = rows.find_integration(account.database, integration_id)
    if row is None:
        raise not_found()
    return Answer({"integration": integration_object(row)}, status)


def _integrations(found: list[Row]) -> Answer:
    return Answer({"integrations": [integration_object(row) for row in found], "total": len(found)})


READ, WRITE = "event_orchestrations.read", "event_orchestrations.write"

ROUTES: Routes = {
    "/event_orchestrations": {
        "GET": Operation(list_orchestrations, READ),
        "POST": Operation(create_orchestration, WRITE),
    },
    ORCHESTRATION: {
        "GET": Operation(get_orchestration, READ),
        "PUT": Operation(update_orchestration, WRITE),
        "DELETE": Operation(delete_orchestration, WRITE),
    },
    f"{ORCHESTRATION}/integrations": {
        "GET": Operation(list_integrations, READ),
        "POST": Operation(create_integration, WRITE),
    },
    # Before the next, which would take it for an id.
    f"{ORCHESTRATION}/integrations/migration": {"POST": Operation(migrate_integration, WRITE)},
    INTEGRATION: {
        "GET": Operation(get_integration, READ),
        "PUT": Operation(update_integration, WRITE),
        "DELETE": Operation(delete_integration, WRITE),
    },
    **{
        f"{ORCHESTRATION}/{kind}": {
            "GET": Operation(partial(get_path, kind), READ),
            "PUT": Operation(partial(update_path, kind), WRITE),
        }
        for kind in rules.PATHS
    },
}
