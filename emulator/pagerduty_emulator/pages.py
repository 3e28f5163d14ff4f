"""Pages for people: what is in the account, and the buttons of PagerDuty's web app."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from .account import Account
from .http import HTML_TYPE, Answer, Request, not_found
from .incidents import ALERT_ROWS, INCIDENT_ROWS, alert_object, incident_object
from .objects import INTEGRATION_ROWS, require_service

# A page may show keys: it is not to be kept, framed, or to load anything from elsewhere.
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": ("default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'"),
    "referrer-policy": "same-origin",  # with no-referrer, forms would be sent with Origin: null
}
RECENT = 20


def overview(account: Account, request: Request) -> Answer:
    """`/`: services with their integrations, recent alerts and events."""
    objects = account.objects(request.base_url)
    rows = account.database.all("SELECT * FROM services ORDER BY name COLLATE NOCASE LIMIT 200")
    return _page(
        "overview.html",
        request,
        account,
        services=objects.services(rows, whole_integrations=True),
        service_count=account.database.scalar("SELECT count(*) FROM services"),
        vendor_count=account.database.scalar("SELECT count(*) FROM vendors"),
        alerts=_alerts(account, request, "", ""),
        events=account.database.all(f"SELECT * FROM events ORDER BY id DESC LIMIT {RECENT}"),
        request_count=len(account.requests),
    )


def service(account: Account, request: Request) -> Answer:
    """`/service-directory/{id}`: one service."""
    row = require_service(account.database, request.params["id"])
    shown = account.objects(request.base_url).services([row], whole_integrations=True)[0]
    alerts = _alerts(account, request, "WHERE alerts.service_id = ?", row["id"])
    return _page("service.html", request, account, service=shown, alerts=alerts)


def integration(account: Account, request: Request) -> Answer:
    """`/services/{id}/integrations/{integration_id}`: one integration, its key behind a click."""
    row = account.database.one(
        f"{INTEGRATION_ROWS} WHERE integrations.id = ? AND integrations.service_id = ?",
        request.params["integration_id"],
        request.params["id"],
    )
    if row is None:
        raise not_found()
    return _page(
        "integration.html",
        request,
        account,
        integration=account.objects(request.base_url).integration(row),
        alerts=_alerts(account, request, "WHERE alerts.integration_id = ?", row["id"]),
        services=account.database.all(
            "SELECT id, name FROM services WHERE id <> ? ORDER BY name COLLATE NOCASE LIMIT 500",
            row["service_id"],
        ),
    )


def incident(account: Account, request: Request) -> Answer:
    """`/incidents/{id}`: one incident with its alerts."""
    row = account.database.one(f"{INCIDENT_ROWS} WHERE incidents.id = ? GROUP BY incidents.id", request.params["id"])
    if row is None:
        raise not_found()
    return _page(
        "incident.html",
        request,
        account,
        incident=incident_object(account.objects(request.base_url), row),
        alerts=_alerts(account, request, "WHERE alerts.incident_id = ?", row["id"]),
    )


def style(account: Account, request: Request) -> Answer:
    """`/style.css`."""
    text = (resources.files(__package__) / "templates" / "style.css").read_text(encoding="utf-8")
    return Answer(text, 200, {}, "text/css; charset=utf-8")


def _alerts(account: Account, request: Request, where: str, value: str) -> list[dict[str, Any]]:
    """The latest alerts, newest first."""
    query = f"{ALERT_ROWS} {where} ORDER BY alerts.rowid DESC LIMIT {RECENT}"
    rows = account.database.all(query, *([value] if where else []))
    objects = account.objects(request.base_url)
    return [alert_object(objects, row) for row in rows]


def _page(template: str, request: Request, account: Account, **values: Any) -> Answer:
    text = _templates().get_template(template).render(base_url=request.base_url, settings=account.settings, **values)
    return Answer(text, 200, dict(HEADERS), HTML_TYPE)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__ or "pagerduty_emulator"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["pretty"] = lambda value: json.dumps(value, indent=2, ensure_ascii=False)
    environment.filters["local"] = lambda link, base_url: str(link).removeprefix(base_url)
    return environment
