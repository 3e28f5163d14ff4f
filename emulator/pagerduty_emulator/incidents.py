"""`GET /incidents` and `GET /incidents/{id}/alerts`: what events led to."""

from __future__ import annotations

import json
from typing import Any

from .account import Account
from .database import Row
from .http import Answer, Page, Request, not_found
from .objects import Objects

INCIDENT_ROWS = """
SELECT incidents.*, services.name AS service_name, services.attributes AS service_attributes,
       count(alerts.id) AS alert_count, coalesce(sum(alerts.status = 'resolved'), 0) AS resolved_count
FROM incidents JOIN services ON services.id = incidents.service_id
LEFT JOIN alerts ON alerts.incident_id = incidents.id
"""
ALERT_ROWS = """
SELECT alerts.*, services.name AS service_name FROM alerts
JOIN services ON services.id = alerts.service_id
"""


def list_incidents(account: Account, request: Request) -> Answer:
    """`GET /incidents`: newest last; filters statuses[], service_ids[], urgencies[], incident_key."""
    page = Page.of(request)
    where, values = _conditions(
        {
            "incidents.status": request.query.get("statuses[]"),
            "incidents.service_id": request.query.get("service_ids[]"),
            "incidents.urgency": request.query.get("urgencies[]"),
            "incidents.incident_key": request.query.get("incident_key"),
        }
    )
    total = account.database.scalar(f"SELECT count(*) FROM incidents {where}", *values)
    rows = account.database.all(
        f"{INCIDENT_ROWS} {where} GROUP BY incidents.id ORDER BY number LIMIT ? OFFSET ?",
        *values,
        page.limit,
        page.offset,
    )
    objects = account.objects(request.base_url)
    return page.answer("incidents", [incident_object(objects, row) for row in rows], total)


def get_incident(account: Account, request: Request) -> Answer:
    """`GET /incidents/{id}`, by id or number."""
    wanted = request.params["id"]
    row = account.database.one(
        f"{INCIDENT_ROWS} WHERE incidents.id = ? OR number = ? GROUP BY incidents.id",
        wanted,
        wanted,
    )
    if row is None:
        raise not_found()
    return Answer({"incident": incident_object(account.objects(request.base_url), row)})


def list_alerts(account: Account, request: Request) -> Answer:
    """`GET /incidents/{id}/alerts`; filters statuses[] and alert_key."""
    page = Page.of(request)
    incident = account.database.one("SELECT id FROM incidents WHERE id = ? OR number = ?", *[request.params["id"]] * 2)
    if incident is None:
        raise not_found()
    where, values = _conditions(
        {
            "alerts.incident_id": [incident["id"]],
            "alerts.status": request.query.get("statuses[]"),
            "alerts.alert_key": request.query.get("alert_key"),
        }
    )
    total = account.database.scalar(f"SELECT count(*) FROM alerts {where}", *values)
    rows = account.database.all(
        f"{ALERT_ROWS} {where} ORDER BY alerts.rowid LIMIT ? OFFSET ?",
        *values,
        page.limit,
        page.offset,
    )
    objects = account.objects(request.base_url)
    return page.answer("alerts", [alert_object(objects, row) for row in rows], total)


def _conditions(allowed: dict[str, list[str] | None]) -> tuple[str, list[str]]:
    """A WHERE clause (column in values, for each column that has some) and its values."""
    given = {column: values for column, values in allowed.items() if values}
    if not given:
        return "", []
    clauses = [f"{column} IN ({', '.join('?' * len(values))})" for column, values in given.items()]
    return f"WHERE {' AND '.join(clauses)}", [value for values in given.values() for value in values]


def incident_object(objects: Objects, row: Row) -> dict[str, Any]:
    """An incident, in the parts that the emulator knows."""
    policy = json.loads(row["service_attributes"])["escalation_policy"]
    counts = {"all": row["alert_count"], "resolved": row["resolved_count"]}
    return {
        "id": row["id"],
        "type": "incident",
        "summary": f"[#{row['number']}] {row['title']}",
        "self": f"{objects.base_url}/incidents/{row['id']}",
        "html_url": objects.html_url(f"/incidents/{row['id']}"),
        "incident_number": row["number"],
        "title": row["title"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "status": row["status"],
        "incident_key": row["incident_key"],
        "urgency": row["urgency"],
        "service": objects.service_reference(row["service_id"], row["service_name"]),
        "escalation_policy": objects.escalation_policy_reference(policy),
        "assignments": [],
        "teams": [],
        "last_status_change_at": row["updated_at"],
        "resolved_at": row["resolved_at"],
        "alert_counts": {**counts, "triggered": counts["all"] - counts["resolved"]},
    }


def alert_object(objects: Objects, row: Row) -> dict[str, Any]:
    """An alert, with the integration that it came through."""
    return {
        "id": row["id"],
        "type": "alert",
        "summary": row["summary"],
        "self": f"{objects.base_url}/incidents/{row['incident_id']}/alerts/{row['id']}",
        "html_url": objects.html_url(f"/alerts/{row['id']}"),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "status": row["status"],
        "alert_key": row["alert_key"],
        "severity": row["severity"],
        "suppressed": False,
        "service": objects.service_reference(row["service_id"], row["service_name"]),
        "incident": {
            "id": row["incident_id"],
            "type": "incident_reference",
            "self": f"{objects.base_url}/incidents/{row['incident_id']}",
            "html_url": objects.html_url(f"/incidents/{row['incident_id']}"),
        },
        "integration": objects.integration_reference_of(
            row["integration_id"],
            row["service_id"],
            row["integration_type"],
            row["integration_name"],
        ),
        "body": {"type": "alert_body", "contexts": [], "details": json.loads(row["details"])},
    }
