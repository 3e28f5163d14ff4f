"""`GET /incidents` and `GET /incidents/{id}/alerts`: what events led to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.references import references_for
from pagerduty_emulator.api.services import rows as service_rows
from pagerduty_emulator.api.services.objects import service_without_integrations
from pagerduty_emulator.database import Row, time_of
from pagerduty_emulator.errors import not_found
from pagerduty_emulator.http import Answer, Page, Request
from pagerduty_emulator.operation import Operation, Routes

from . import rows
from .objects import alert_object, incident_objects

INCIDENT = "/incidents/{id}"
ALERT = f"{INCIDENT}/alerts/{{alert_id}}"
INCLUDES = ("acknowledgers", "agents", "assignees", "escalation_policies", "priorities", "teams", "users")
RANGE = timedelta(days=30)  # "default is 1 month"
MAX_SORTS = 2


def list_incidents(account: Account, request: Request) -> Answer:
    """`GET /incidents`: those of the last 30 days, unless `since`, `until` or `date_range=all` says otherwise.

    Filters: `statuses[]`, `service_ids[]`, `team_ids[]`, `user_ids[]`, `urgencies[]`, `incident_key`; `sort_by`.
    """
    page = Page.of(request)
    filters = {
        "incidents.status": request.every("statuses"),
        "incidents.service_id": request.every("service_ids"),
        "incidents.urgency": request.every("urgencies"),
        "incidents.incident_key": request.every("incident_key"),
        "team_id": request.every("team_ids"),
    }
    found, total = rows.listed_incidents(
        account.database,
        filters,
        request.every("user_ids"),
        _range(account, request),
        order=_order(request, rows.INCIDENT_ORDERS),
        window=(page.limit, page.offset),
    )
    return page.answer("incidents", _shown(account, request, found), total)


def get_incident(account: Account, request: Request) -> Answer:
    """`GET /incidents/{id}`, by id or number."""
    return Answer({"incident": _shown(account, request, [_require(account, request)])[0]})


def list_alerts(account: Account, request: Request) -> Answer:
    """`GET /incidents/{id}/alerts`; filters `statuses[]` and `alert_key`; `sort_by`."""
    page = Page.of(request)
    filters = {
        "alerts.incident_id": [_require(account, request)["id"]],
        "alerts.status": request.every("statuses"),
        "alerts.alert_key": request.every("alert_key"),
    }
    order = _order(request, rows.ALERT_ORDERS)
    found, total = rows.listed_alerts(account.database, filters, order, (page.limit, page.offset))
    return page.answer("alerts", _shown_alerts(account, request, found), total)


def get_alert(account: Account, request: Request) -> Answer:
    """`GET /incidents/{id}/alerts/{alert_id}`."""
    filters = {"alerts.incident_id": [_require(account, request)["id"]], "alerts.id": [request.params["alert_id"]]}
    found = rows.latest_alerts(account.database, filters, 1)
    if not found:
        raise not_found()
    return Answer({"alert": _shown_alerts(account, request, found)[0]})


def _require(account: Account, request: Request) -> Row:
    row = rows.find_incident(account.database, request.params["id"])
    if row is None:
        raise not_found()
    return row


def _range(account: Account, request: Request) -> tuple[str, str] | None:
    """Return the first and the last time of creation that a client wants, or None for all."""
    zone = request.time_zone() or cast("timezone", datetime.fromisoformat(account.settings.local(rows.EPOCH)).tzinfo)
    since, until = request.moment("since", zone), request.moment("until", zone)
    if request.among("date_range", ("all",), "") == "all":
        return None
    until = until or datetime.now(UTC) + timedelta(seconds=1)
    first = since or until - RANGE
    return time_of(first), time_of(until)


def _order(request: Request, known: dict[str, str]) -> str:
    """Return SQL for `sort_by`, or the default order if it has other fields than the known ones."""
    parts = [part for value in request.every("sort_by") for part in value.split(",")]
    sorts = [(field, direction or "asc") for field, _, direction in (part.strip().partition(":") for part in parts)]
    if len(sorts) > MAX_SORTS or any(field not in known or way not in ("asc", "desc") for field, way in sorts):
        request.ignore("sort_by")
        return ""
    return ", ".join(f"{known[field]} {way}" for field, way in sorts)


def _shown(account: Account, request: Request, found: list[Row]) -> list[dict[str, Any]]:
    """Whole incidents, with what `include[]` asks for."""
    references = references_for(account, request.base_url, request.time_zone())
    shown = incident_objects(account.database, references, found, request.include(*INCLUDES))
    if request.includes("services"):
        for incident in shown:
            incident["service"] = _service(account, request, incident["service"]["id"])
    return shown


def _shown_alerts(account: Account, request: Request, found: list[Row]) -> list[dict[str, Any]]:
    references = references_for(account, request.base_url)
    shown = [alert_object(references, row) for row in found]
    include = request.include("services", "incidents")
    for alert in shown:
        if "services" in include:
            alert["service"] = _service(account, request, alert["service"]["id"])
        if "incidents" in include:
            (incident,) = incident_objects(account.database, references, [_require(account, request)])
            alert["incident"] = incident
    return shown


def _service(account: Account, request: Request, service_id: str) -> dict[str, Any]:
    row = service_rows.require(account.database, service_id)
    return service_without_integrations(account.database, references_for(account, request.base_url), row)


ROUTES: Routes = {
    "/incidents": {"GET": Operation(list_incidents, "incidents.read")},
    INCIDENT: {"GET": Operation(get_incident, "incidents.read")},
    f"{INCIDENT}/alerts": {"GET": Operation(list_alerts, "incidents.read")},
    ALERT: {"GET": Operation(get_alert, "incidents.read")},
}
