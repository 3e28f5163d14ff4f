"""`GET /incidents` and `GET /incidents/{id}/alerts`: what events led to."""

from __future__ import annotations

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.references import references_for
from pagerduty_emulator.errors import not_found
from pagerduty_emulator.http import Answer, Page, Request
from pagerduty_emulator.operation import Operation, Routes

from . import rows
from .objects import alert_object, incident_object

INCIDENT = "/incidents/{id}"


def list_incidents(account: Account, request: Request) -> Answer:
    """`GET /incidents`: newest last; filters statuses[], service_ids[], urgencies[], incident_key."""
    page = Page.of(request)
    filters = {
        "status": request.query.get("statuses[]"),
        "service_id": request.query.get("service_ids[]"),
        "urgency": request.query.get("urgencies[]"),
        "incident_key": request.query.get("incident_key"),
    }
    found, total = rows.listed_incidents(account.database, filters, page.limit, page.offset)
    references = references_for(account, request.base_url)
    return page.answer("incidents", [incident_object(references, row) for row in found], total)


def get_incident(account: Account, request: Request) -> Answer:
    """`GET /incidents/{id}`, by id or number."""
    row = rows.find_incident(account.database, request.params["id"])
    if row is None:
        raise not_found()
    return Answer({"incident": incident_object(references_for(account, request.base_url), row)})


def list_alerts(account: Account, request: Request) -> Answer:
    """`GET /incidents/{id}/alerts`; filters statuses[] and alert_key."""
    page = Page.of(request)
    incident = rows.find_incident(account.database, request.params["id"])
    if incident is None:
        raise not_found()
    filters = {
        "incident_id": [incident["id"]],
        "status": request.query.get("statuses[]"),
        "alert_key": request.query.get("alert_key"),
    }
    found, total = rows.listed_alerts(account.database, filters, page.limit, page.offset)
    references = references_for(account, request.base_url)
    return page.answer("alerts", [alert_object(references, row) for row in found], total)


ROUTES: Routes = {
    "/incidents": {"GET": Operation(list_incidents, "incidents.read")},
    INCIDENT: {"GET": Operation(get_incident, "incidents.read")},
    f"{INCIDENT}/alerts": {"GET": Operation(list_alerts, "incidents.read")},
}
