"""The tables of incidents and alerts."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator.database import Database, Filters, Row, conditions, places

EPOCH = "1970-01-01T00:00:00Z"
INCIDENT_ORDERS = {
    "incident_number": "number",
    "created_at": "incidents.created_at",
    "resolved_at": "incidents.resolved_at",
    "urgency": "CASE incidents.urgency WHEN 'low' THEN 0 ELSE 1 END",
}
"""The fields that `sort_by` may name, with the SQL that sorts by each."""
ALERT_ORDERS = {
    "created_at": "alerts.created_at",
    "resolved_at": "CASE alerts.status WHEN 'resolved' THEN alerts.updated_at END",
}

INCIDENTS = """
SELECT incidents.*, services.name AS service_name, escalation_policy_id, escalation_policies.name AS policy_name,
       team_id, teams.name AS team_name,
       count(alerts.id) AS alert_count, coalesce(sum(alerts.status = 'resolved'), 0) AS resolved_count
FROM incidents JOIN services ON services.id = incidents.service_id
JOIN escalation_policies ON escalation_policies.id = escalation_policy_id
LEFT JOIN teams ON teams.id = team_id
LEFT JOIN alerts ON alerts.incident_id = incidents.id
"""
ALERTS = """
SELECT alerts.*, services.name AS service_name, incidents.status AS incident_status,
       incidents.number AS incident_number, incidents.title AS incident_title FROM alerts
JOIN services ON services.id = alerts.service_id JOIN incidents ON incidents.id = alerts.incident_id
"""

COUNTED = """
SELECT count(*) FROM incidents JOIN services ON services.id = incidents.service_id
JOIN escalation_policies ON escalation_policies.id = escalation_policy_id
"""
FIRST_ALERTED = """
SELECT escalation_policy_id FROM escalation_rules AS rules
JOIN escalation_targets ON escalation_rule_id = rules.id
WHERE rules.rowid = (
    SELECT min(rowid) FROM escalation_rules WHERE escalation_policy_id = rules.escalation_policy_id
) AND user_id IN
"""


def listed_incidents(
    database: Database,
    filters: Filters,
    user_ids: list[str],
    times: tuple[str, str] | None,
    *,
    order: str,
    window: tuple[int, int],
) -> tuple[list[Row], int]:
    """Return a window (limit, offset) of the incidents that pass, newest last unless `order` is given, and their count.

    They are open and assigned to one of the users, if any are given, and were created between the two times.
    """
    where, values = conditions(filters)
    if user_ids:
        assigned = f"incidents.status <> 'resolved' AND escalation_policy_id IN ({FIRST_ALERTED} ({places(user_ids)}))"
        where, values = f"{where} AND {assigned}", values + user_ids
    if times is not None:
        where, values = f"{where} AND incidents.created_at BETWEEN ? AND ?", values + list(times)
    total = database.scalar(f"{COUNTED} {where}", *values)
    sorted_by = ", ".join(filter(None, [order, "number"]))
    query = f"{INCIDENTS} {where} GROUP BY incidents.id ORDER BY {sorted_by} LIMIT ? OFFSET ?"
    return database.all(query, *values, *window), total


def listed_alerts(database: Database, filters: Filters, order: str, window: tuple[int, int]) -> tuple[list[Row], int]:
    """Return a window (limit, offset) of the alerts that pass, newest last unless `order` is given, and their count."""
    where, values = conditions(filters)
    total = database.scalar(f"SELECT count(*) FROM alerts {where}", *values)
    sorted_by = ", ".join(filter(None, [order, "alerts.rowid"]))
    query = f"{ALERTS} {where} ORDER BY {sorted_by} LIMIT ? OFFSET ?"
    return database.all(query, *values, *window), total


def latest_alerts(database: Database, filters: Filters, limit: int) -> list[Row]:
    """Return the latest alerts that pass, newest first."""
    where, values = conditions(filters)
    return database.all(f"{ALERTS} {where} ORDER BY alerts.rowid DESC LIMIT ?", *values, limit)


def every_alert(database: Database) -> list[Row]:
    """Every alert, oldest first."""
    return database.all(f"{ALERTS} ORDER BY alerts.rowid")


def find_incident(database: Database, id_or_number: str) -> Row | None:
    """Return the incident with that id or number."""
    query = f"{INCIDENTS} WHERE incidents.id = ? OR number = ? GROUP BY incidents.id"
    return database.one(query, id_or_number, id_or_number)


def find_incident_by_id(database: Database, incident_id: str) -> Row | None:
    """Return the incident with that id."""
    return database.one(f"{INCIDENTS} WHERE incidents.id = ? GROUP BY incidents.id", incident_id)


def last_by_status(database: Database, service_ids: list[str]) -> dict[str, dict[str, str]]:
    """For each service that has incidents: their statuses, each with the time of the last one made."""
    where = f"WHERE service_id IN ({places(service_ids)})"
    query = f"SELECT service_id, status, max(created_at) AS last FROM incidents {where} GROUP BY service_id, status"
    found: dict[str, dict[str, str]] = {}
    for row in database.all(query, *service_ids):
        found.setdefault(row["service_id"], {})[row["status"]] = row["last"]
    return found


def count_by_status(database: Database) -> dict[str, int]:
    """How many incidents there are of each status that has some."""
    query = "SELECT status, count(*) AS count FROM incidents GROUP BY status"
    return {row["status"]: row["count"] for row in database.all(query)}


def open_alert(database: Database, integration_id: str, key: str | None) -> Row | None:
    """Return the latest open alert of that integration, with that key if one is given."""
    query = "SELECT * FROM alerts WHERE integration_id = ? AND alert_key = coalesce(?, alert_key)"
    return database.one(f"{query} AND status = 'triggered' ORDER BY rowid DESC", integration_id, key)


def has_open_alerts(database: Database, service_id: str) -> bool:
    """Return whether a service has any."""
    query = "SELECT 1 FROM alerts WHERE service_id = ? AND status = 'triggered'"
    return database.one(query, service_id) is not None


def add_incident(database: Database, incident: dict[str, Any]) -> None:
    """Add an incident, by the columns; it gets the next number."""
    database.insert("incidents", incident)


def add_alert(database: Database, alert: dict[str, Any]) -> None:
    """Add an alert, by the columns."""
    database.insert("alerts", alert)


def touch_alert(database: Database, alert_id: str, time: str) -> None:
    """Note that another event came to an alert."""
    database.execute("UPDATE alerts SET updated_at = ? WHERE id = ?", time, alert_id)


def acknowledge_incident(database: Database, incident_id: str, time: str) -> None:
    """Make an incident acknowledged."""
    query = "UPDATE incidents SET status = 'acknowledged', updated_at = ? WHERE id = ?"
    database.execute(query, time, incident_id)


def resolve(database: Database, incident_id: str, time: str) -> None:
    """Make an incident and its alert resolved."""
    database.execute("UPDATE alerts SET status = 'resolved', updated_at = ? WHERE incident_id = ?", time, incident_id)
    query = "UPDATE incidents SET status = 'resolved', updated_at = ?, resolved_at = ? WHERE id = ?"
    database.execute(query, time, time, incident_id)
