"""How incidents and alerts look in responses."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from pagerduty_emulator.api.escalation_policies import rows as policy_rows
from pagerduty_emulator.api.escalation_policies.objects import policy_objects
from pagerduty_emulator.api.references import References
from pagerduty_emulator.api.teams import rows as team_rows
from pagerduty_emulator.api.teams.objects import team_object
from pagerduty_emulator.api.users import rows as user_rows
from pagerduty_emulator.api.users.objects import user_objects
from pagerduty_emulator.database import Database, Row

Objects = dict[str, dict[str, Any]]
"""Objects by their ids."""


def incident_objects(
    database: Database, references: References, rows: list[Row], include: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Whole incidents; `include` makes assignees, users, teams and escalation policies whole."""
    policy_ids = sorted({row["escalation_policy_id"] for row in rows})
    assignees = _assignees(database, references, policy_ids, whole=bool({"assignees", "users"} & set(include)))
    policies: Objects = {}
    if "escalation_policies" in include:
        found = policy_objects(database, references, policy_rows.some(database, policy_ids))
        policies = {policy["id"]: policy for policy in found}
    return [
        {
            **_incident(references, row),
            "assignments": [] if row["status"] == "resolved" else _assigned(references, row, assignees),
            "teams": _teams(database, references, row, whole="teams" in include),
            **({"escalation_policy": policies[row["escalation_policy_id"]]} if policies else {}),
        }
        for row in rows
    ]


def _incident(references: References, row: Row) -> dict[str, Any]:
    """Return an incident by itself."""
    counts = {"all": row["alert_count"], "resolved": row["resolved_count"]}
    service = references.service(row["service_id"], row["service_name"])
    acknowledged = row["status"] == "acknowledged"
    updated_at = references.rendered(row["updated_at"])
    return {
        **references.incident(row["id"], f"[#{row['number']}] {row['title']}"),
        "type": "incident",
        "incident_number": row["number"],
        "title": row["title"],
        "created_at": references.rendered(row["created_at"]),
        "updated_at": updated_at,
        "status": row["status"],
        "incident_key": row["incident_key"],
        "urgency": row["urgency"],
        "service": service,
        "escalation_policy": references.escalation_policy(row["escalation_policy_id"], row["policy_name"]),
        "assigned_via": "escalation_policy",
        "acknowledgements": [{"at": updated_at, "acknowledger": service}] if acknowledged else [],
        "pending_actions": [],
        "last_status_change_at": updated_at,
        "last_status_change_by": service,
        "resolved_at": row["resolved_at"] and references.rendered(row["resolved_at"]),
        "first_trigger_log_entry": references.trigger_log_entry(row["id"]),
        "alert_counts": {**counts, "triggered": counts["all"] - counts["resolved"]},
        "alert_grouping": None,
        "is_mergeable": True,
        "incident_type": {"name": "incident_default"},
        "priority": None,
        "resolve_reason": None,
        "incidents_responders": [],
        "responder_requests": [],
    }


def _assignees(
    database: Database, references: References, policy_ids: list[str], *, whole: bool
) -> dict[str, list[dict[str, Any]]]:
    """Return the users whom the first rule of each policy alerts."""
    first: dict[str, str] = {}
    chosen: dict[str, list[Row]] = {policy_id: [] for policy_id in policy_ids}
    for target in policy_rows.targets(database, policy_ids):
        if first.setdefault(target["escalation_policy_id"], target["rule_id"]) == target["rule_id"]:
            chosen[target["escalation_policy_id"]].append(target)
    users: Objects = {}
    if whole:
        ids = sorted({target["user_id"] for targets in chosen.values() for target in targets})
        users = {user["id"]: user for user in user_objects(database, references, user_rows.some(database, ids))}
    return {
        policy_id: [users.get(each["user_id"]) or references.user(each["user_id"], each["name"]) for each in targets]
        for policy_id, targets in chosen.items()
    }


def _assigned(references: References, row: Row, assignees: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    at = references.rendered(row["created_at"])
    return [{"at": at, "assignee": user} for user in assignees[row["escalation_policy_id"]]]


def _teams(database: Database, references: References, row: Row, *, whole: bool) -> list[dict[str, Any]]:
    if row["team_id"] is None:
        return []
    team = team_rows.find(database, row["team_id"]) if whole else None
    return [team_object(references, team) if team else references.team(row["team_id"], row["team_name"])]


def _integration(references: References, row: Row) -> dict[str, Any]:
    """Return the integration that an alert came through: of its service, or of an event orchestration."""
    named = (row["integration_type"], row["integration_name"])
    if row["orchestration_id"]:
        return references.orchestration_integration(row["integration_id"], row["orchestration_id"], *named)
    return references.integration(row["integration_id"], row["service_id"], *named)


def alert_object(references: References, row: Row) -> dict[str, Any]:
    """Return an alert, with the integration that it came through."""
    return {
        "id": row["id"],
        "type": "alert",
        "summary": row["summary"],
        "self": f"{references.base_url}/incidents/{row['incident_id']}/alerts/{row['id']}",
        "html_url": references.html_url(f"/alerts/{row['id']}"),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "resolved_at": row["updated_at"] if row["status"] == "resolved" else None,
        "status": row["status"],
        "alert_key": row["alert_key"],
        "severity": row["severity"],
        "suppressed": False,
        "service": references.service(row["service_id"], row["service_name"]),
        "incident": references.incident(row["incident_id"], f"[#{row['incident_number']}] {row['incident_title']}"),
        "first_trigger_log_entry": references.trigger_log_entry(row["incident_id"]),
        "integration": _integration(references, row),
        "body": {
            "type": "alert_body",
            "contexts": json.loads(row["contexts"]),
            "details": json.loads(row["details"]),
        },
    }
