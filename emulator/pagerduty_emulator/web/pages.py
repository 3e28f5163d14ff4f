"""Pages for people: what is in the account, and the buttons of PagerDuty's web app."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.events import rows as event_rows
from pagerduty_emulator.api.incidents import rows as incident_rows
from pagerduty_emulator.api.incidents.objects import alert_object, incident_object
from pagerduty_emulator.api.incidents.routes import INCIDENT
from pagerduty_emulator.api.integrations.objects import integration_object
from pagerduty_emulator.api.integrations.routes import INTEGRATION, require_integration
from pagerduty_emulator.api.references import references_for
from pagerduty_emulator.api.services import rows as service_rows
from pagerduty_emulator.api.services.objects import service_objects
from pagerduty_emulator.api.vendors import rows as vendor_rows
from pagerduty_emulator.errors import not_found
from pagerduty_emulator.http import HTML_TYPE, Answer, Request
from pagerduty_emulator.operation import Handler, Operation, Routes

# A page may show keys: it is not to be kept, framed, or to load anything from elsewhere.
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": ("default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"),
    "referrer-policy": "same-origin",  # with no-referrer, forms would be sent with Origin: null
}
RECENT = 20  # alerts, events
SERVICES = 200
CHOICES = 500  # of services to move to


def overview(account: Account, request: Request) -> Answer:
    """`/`: services with their integrations, recent alerts and events."""
    database = account.database
    return _page(
        "overview.html",
        request,
        account,
        services=service_objects(
            database, references_for(account, request.base_url), service_rows.by_name(database, SERVICES)
        ),
        service_count=service_rows.count(database),
        vendor_count=vendor_rows.count(database),
        alerts=_alerts(account, request),
        events=event_rows.latest(database, RECENT),
        request_count=len(account.requests),
    )


def service(account: Account, request: Request) -> Answer:
    """`/service-directory/{id}`: one service."""
    row = service_rows.require(account.database, request.params["id"])
    (shown,) = service_objects(account.database, references_for(account, request.base_url), [row])
    return _page(
        "service.html", request, account, service=shown, alerts=_alerts(account, request, service_id=row["id"])
    )


def integration(account: Account, request: Request) -> Answer:
    """`/services/{id}/integrations/{integration_id}`: one integration, its key behind a click."""
    row = require_integration(account, request)
    return _page(
        "integration.html",
        request,
        account,
        integration=integration_object(references_for(account, request.base_url), row),
        alerts=_alerts(account, request, integration_id=row["id"]),
        services=service_rows.by_name(account.database, CHOICES, but=row["service_id"]),
    )


def incident(account: Account, request: Request) -> Answer:
    """`/incidents/{id}`: one incident with its alerts."""
    row = incident_rows.find_incident_by_id(account.database, request.params["id"])
    if row is None:
        raise not_found()
    return _page(
        "incident.html",
        request,
        account,
        incident=incident_object(references_for(account, request.base_url), row),
        alerts=_alerts(account, request, incident_id=row["id"]),
    )


def style(account: Account, request: Request) -> Answer:
    """`/style.css`."""
    text = (resources.files(__package__) / "templates" / "style.css").read_text(encoding="utf-8")
    return Answer(text, 200, {}, "text/css; charset=utf-8")


def _alerts(account: Account, request: Request, **of: str) -> list[dict[str, Any]]:
    """The latest alerts of something (column to value), newest first."""
    rows = incident_rows.latest_alerts(account.database, {column: [value] for column, value in of.items()}, RECENT)
    references = references_for(account, request.base_url)
    return [alert_object(references, row) for row in rows]


def _page(template: str, request: Request, account: Account, **values: Any) -> Answer:
    text = _templates().get_template(template).render(base_url=request.base_url, settings=account.settings, **values)
    return Answer(text, 200, dict(HEADERS), HTML_TYPE)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__ or "pagerduty_emulator.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["pretty"] = lambda value: json.dumps(value, indent=2, ensure_ascii=False)
    environment.filters["local"] = lambda link, base_url: str(link).removeprefix(base_url)
    return environment


PAGES: Routes = {
    "/": {"GET": Operation(overview)},
    "/service-directory/{id}": {"GET": Operation(service)},
    "/style.css": {"GET": Operation(style)},
}

# Addresses that PagerDuty has twice, on the web app's host and on the API's: a browser, which asks
# for HTML and has no token, gets the page.
PAGES_OF_OBJECTS: dict[str, Handler] = {INTEGRATION: integration, INCIDENT: incident}
