"""How incidents and alerts look in responses."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator.api.references import References
from pagerduty_emulator.database import Row


def incident_object(references: References, row: Row) -> dict[str, Any]:
    """An incident, in the parts that the emulator knows."""
    counts = {"all": row["alert_count"], "resolved": row["resolved_count"]}
    return {
        "id": row["id"],
        "type": "incident",
        "summary": f"[#{row['number']}] {row['title']}",
        "self": f"{references.base_url}/incidents/{row['id']}",
        "html_url": references.html_url(f"/incidents/{row['id']}"),
        "incident_number": row["number"],
        "title": row["title"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "status": row["status"],
        "incident_key": row["incident_key"],
        "urgency": row["urgency"],
        "service": references.service(row["service_id"], row["service_name"]),
        "escalation_policy": references.escalation_policy(row["escalation_policy_id"], row["policy_name"]),
        "assignments": [],
        "teams": [references.team(row["team_id"], row["team_name"])] if row["team_id"] else [],
        "last_status_change_at": row["updated_at"],
        "resolved_at": row["resolved_at"],
        "alert_counts": {**counts, "triggered": counts["all"] - counts["resolved"]},
    }


def alert_object(references: References, row: Row) -> dict[str, Any]:
    """An alert, with the integration that it came through."""
    return {
        "id": row["id"],
        "type": "alert",
        "summary": row["summary"],
        "self": f"{references.base_url}/incidents/{row['incident_id']}/alerts/{row['id']}",
        "html_url": references.html_url(f"/alerts/{row['id']}"),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "status": row["status"],
        "alert_key": row["alert_key"],
        "severity": row["severity"],
        "suppressed": False,
        "service": references.service(row["service_id"], row["service_name"]),
        "incident": {
            "id": row["incident_id"],
            "type": "incident_reference",
            "self": f"{references.base_url}/incidents/{row['incident_id']}",
            "html_url": references.html_url(f"/incidents/{row['incident_id']}"),
        },
        "integration": references.integration(
            row["integration_id"],
            row["service_id"],
            row["integration_type"],
            row["integration_name"],
        ),
        "body": {"type": "alert_body", "contexts": [], "details": json.loads(row["details"])},
    }
