"""Pages for people: what is in the account, what is asked of it, and the buttons of PagerDuty's web app."""

from __future__ import annotations

from importlib import resources
from typing import Any

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.event_orchestrations import rows as orchestration_rows
from pagerduty_emulator.api.event_orchestrations.objects import integration_object as orchestration_integration_object
from pagerduty_emulator.api.event_orchestrations.objects import orchestration_object
from pagerduty_emulator.api.event_orchestrations.routes import INTEGRATION as ORCHESTRATION_INTEGRATION
from pagerduty_emulator.api.event_orchestrations.routes import ORCHESTRATION
from pagerduty_emulator.api.event_orchestrations.routes import (
    require_integration as require_orchestration_integration,
)
from pagerduty_emulator.api.event_orchestrations.rules import route
from pagerduty_emulator.api.events import rows as event_rows
from pagerduty_emulator.api.incidents import rows as incident_rows
from pagerduty_emulator.api.incidents.objects import alert_object, incident_objects
from pagerduty_emulator.api.incidents.routes import INCIDENT
from pagerduty_emulator.api.integrations.objects import integration_object
from pagerduty_emulator.api.integrations.routes import INTEGRATION, require_integration
from pagerduty_emulator.api.references import references_for
from pagerduty_emulator.api.services import rows as service_rows
from pagerduty_emulator.api.services.objects import service_objects
from pagerduty_emulator.api.vendors import rows as vendor_rows
from pagerduty_emulator.database import Row
from pagerduty_emulator.errors import not_found
from pagerduty_emulator.http import Answer, Request
from pagerduty_emulator.operation import Operation, Routes

from .actions import FAULTS
from .view import Page, View, fragment

RECENT = 20  # alerts, events
REQUESTS = 50
SERVICES = 50
ORCHESTRATIONS = 10
CHOICES = 500  # of services to move to
ASSETS = {
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "page.js": "text/javascript; charset=utf-8",
    "htmx-4.0.1/htmx.min.js": "text/javascript; charset=utf-8",
    "htmx-4.0.1/hx-sse.min.js": "text/javascript; charset=utf-8",
}


def overview(account: Account, request: Request) -> View:
    """`/`: alerts, services with their integrations, requests, events, faults and limits."""
    database = account.database
    wanted = request.first("q") or ""
    rows = service_rows.integrated_first(database, wanted, SERVICES)
    references = references_for(account, request.base_url)
    orchestrations = [
        orchestration_object(database, references, row, orchestration_rows.every_integration(database, row["id"]))
        for row in orchestration_rows.everything(database)[: ORCHESTRATIONS + 1]
    ]
    return View(
        "overview.html",
        {
            "wanted": wanted,
            "services": service_objects(database, references, rows),
            "service_count": service_rows.count(database),
            "vendor_count": vendor_rows.count(database),
            "orchestrations": orchestrations,
            "alerts": _alerts(account, request),
            "incidents": incident_rows.count_by_status(database),
            "events": event_rows.latest(database, RECENT),
            "unknown_keys": account.events_with_unknown_keys,
            "requests": account.requests.latest(REQUESTS),
            "request_count": len(account.requests),
            "faults": account.faults.all(),
            "fault_kinds": FAULTS,
        },
    )


def service(account: Account, request: Request) -> View:
    """`/service-directory/{id}`: one service."""
    row = service_rows.require(account.database, request.params["id"])
    (shown,) = service_objects(account.database, references_for(account, request.base_url), [row])
    return View("service.html", {"service": shown, "alerts": _alerts(account, request, service_id=row["id"])})


def integration(account: Account, request: Request) -> View:
    """`/services/{id}/integrations/{integration_id}`: one integration, its key behind a click."""
    row = require_integration(account, request)
    return View(
        "integration.html",
        {
            "integration": integration_object(references_for(account, request.base_url), row),
            "key_is_shown": "key" in request.query,
            "alerts": _alerts(account, request, integration_id=row["id"]),
            "services": service_rows.by_name(account.database, CHOICES, but=row["service_id"]),
        },
    )


def key(account: Account, request: Request) -> Answer:
    """`/services/{id}/integrations/{integration_id}/key`: the key in place, or with `?hide` the button for it."""
    row = require_integration(account, request)
    shown = integration_object(references_for(account, request.base_url), row)
    return fragment("key.html", integration=shown, base_url=request.base_url, is_shown="hide" not in request.query)


def incident(account: Account, request: Request) -> View:
    """`/incidents/{id}`: one incident with its alerts."""
    row = incident_rows.find_incident_by_id(account.database, request.params["id"])
    if row is None:
        raise not_found()
    return View(
        "incident.html",
        {
            "incident": incident_objects(account.database, references_for(account, request.base_url), [row])[0],
            "alerts": _alerts(account, request, incident_id=row["id"]),
        },
    )


def alert(account: Account, request: Request) -> View:
    """`/alerts/{id}`: the incident of one alert."""
    rows = incident_rows.latest_alerts(account.database, {"alerts.id": [request.params["id"]]}, 1)
    if not rows:
        raise not_found()
    request.params["id"] = rows[0]["incident_id"]
    return incident(account, request)


def orchestration(account: Account, request: Request) -> View:
    """`/event_orchestrations/{id}`: one event orchestration, its integrations, and where its events go."""
    row, shown = _orchestration(account, request)
    routing = route(account.database, row)
    found = service_rows.find(account.database, routing.service_id) if routing.service_id else None
    service = found and references_for(account, request.base_url).service(found["id"], found["name"])
    return View("orchestration.html", {"orchestration": shown, "service": service, "routing": routing.note()})


def orchestration_integration(account: Account, request: Request) -> View:
    """`/event_orchestrations/{id}/integrations/{integration_id}`: its key behind a click, and its alerts."""
    row = require_orchestration_integration(account, request)
    _, shown = _orchestration(account, request)
    return View(
        "orchestration_integration.html",
        {
            "integration": orchestration_integration_object(row),
            "orchestration": shown,
            "key_is_shown": "key" in request.query,
            "alerts": _alerts(account, request, integration_id=row["id"]),
        },
    )


def _orchestration(account: Account, request: Request) -> tuple[Row, dict[str, Any]]:
    row = orchestration_rows.require(account.database, request.params["id"])
    integrations = orchestration_rows.every_integration(account.database, row["id"])
    references = references_for(account, request.base_url)
    return row, orchestration_object(account.database, references, row, integrations)


SEARCHABLE = ("/vendors", "/services", "/users", "/teams", "/escalation_policies")
"""Lists that can be filtered by a part of the name."""


def page_of(operation: Operation) -> Page:
    """Return the page of a GET of the REST API: one object, or a list of them."""

    def view(account: Account, request: Request) -> View:
        body: dict[str, Any] = operation.handler(account, request).body or {"answer": "Yes."}
        name, shown = next(iter(body.items()))
        if isinstance(shown, list):
            more = int(body["offset"]) + int(body["limit"]) if body.get("more") else None
            name = "event_orchestrations" if name == "orchestrations" else name
            searchable = request.path in SEARCHABLE
            return View("objects.html", {"name": name, "objects": shown, "more": more, "searchable": searchable})
        return View("object.html", {"name": name, "object": shown})

    return Page(view)


def missing(account: Account, request: Request) -> View:
    """Say that there is nothing."""
    raise not_found()


def asset(account: Account, request: Request) -> Answer:
    """`/assets/…`: the style, the scripts, the icon."""
    name = request.path.removeprefix("/assets/") if request.path != "/favicon.ico" else "icon.svg"
    file = resources.files(__package__) / "assets" / name
    return Answer(file.read_bytes(), 200, {"cache-control": "no-cache"}, ASSETS[name])


def _alerts(account: Account, request: Request, **of: str) -> list[dict[str, Any]]:
    """Return the latest alerts of something (column to value), newest first, each with `at`: its incident's status."""
    filters = {f"alerts.{column}": [value] for column, value in of.items()}
    rows = incident_rows.latest_alerts(account.database, filters, RECENT)
    return [_alert(account, request, row) for row in rows]


def _alert(account: Account, request: Request, row: Row) -> dict[str, Any]:
    return {**alert_object(references_for(account, request.base_url), row), "at": row["incident_status"]}


PAGES: dict[str, Page] = {
    "/": Page(overview),
    "/service-directory/{id}": Page(service),
    "/alerts/{id}": Page(alert),
}

# Addresses that PagerDuty has twice, on the web app's host and on the API's: a browser, which asks
# for HTML and has no token, gets the page.
PAGES_OF_OBJECTS: dict[str, Page] = {
    INTEGRATION: Page(integration),
    INCIDENT: Page(incident),
    ORCHESTRATION: Page(orchestration),
    ORCHESTRATION_INTEGRATION: Page(orchestration_integration),
}

MISSING = Page(missing)

PARTS: Routes = {
    f"{INTEGRATION}/key": {"GET": Operation(key)},
    "/favicon.ico": {"GET": Operation(asset)},
    **{f"/assets/{name}": {"GET": Operation(asset)} for name in ASSETS},
}
