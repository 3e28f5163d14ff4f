"""How escalation policies look in responses."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pagerduty_emulator.api.references import References
from pagerduty_emulator.api.teams import rows as team_rows
from pagerduty_emulator.api.teams.objects import team_object
from pagerduty_emulator.api.users import rows as user_rows
from pagerduty_emulator.api.users.objects import user_objects
from pagerduty_emulator.database import Database, Row

from .rows import services, targets

Objects = dict[str, dict[str, Any]]
"""Objects by their ids."""


def policy_objects(
    database: Database, references: References, rows: list[Row], include: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Whole escalation policies.

    `include` makes `teams` and `targets` whole, and shows `escalation_rule_assignment_strategies`.
    """
    ids = [row["id"] for row in rows]
    rules = _rules(database, references, ids, include)
    used_by: dict[str, list[dict[str, Any]]] = {policy_id: [] for policy_id in ids}
    for service in services(database, ids):
        used_by[service["escalation_policy_id"]].append(references.service(service["id"], service["name"]))
    return [
        {
            **references.escalation_policy(row["id"], row["name"]),
            "type": "escalation_policy",
            "name": row["name"],
            "escalation_rules": rules[row["id"]],
            "services": used_by[row["id"]],
            "num_loops": row["num_loops"],
            "teams": teams_of(database, references, row, whole="teams" in include),
            "description": row["description"],
            "on_call_handoff_notifications": row["on_call_handoff_notifications"],
        }
        for row in rows
    ]


def teams_of(database: Database, references: References, row: Row, *, whole: bool) -> list[dict[str, Any]]:
    """Return the team of a row with a `team_id` and a `team_name`: none or one."""
    if row["team_id"] is None:
        return []
    team = team_rows.find(database, row["team_id"]) if whole else None
    return [team_object(references, team) if team else references.team(row["team_id"], row["team_name"])]


def _rules(
    database: Database, references: References, policy_ids: list[str], include: Collection[str]
) -> dict[str, list[dict[str, Any]]]:
    """Return the rules of each policy, in order, with their targets."""
    found = targets(database, policy_ids)
    users = _users(database, references, [row["user_id"] for row in found]) if "targets" in include else {}
    rules: dict[str, Objects] = {policy_id: {} for policy_id in policy_ids}
    for row in found:
        rule = {"id": row["rule_id"], "escalation_delay_in_minutes": row["delay"], "targets": []}
        if "escalation_rule_assignment_strategies" in include:
            rule["escalation_rule_assignment_strategy"] = {"type": row["strategy"]}
        rule = rules[row["escalation_policy_id"]].setdefault(row["rule_id"], rule)
        rule["targets"].append(users.get(row["user_id"]) or references.user(row["user_id"], row["name"]))
    return {policy_id: list(of_policy.values()) for policy_id, of_policy in rules.items()}


def _users(database: Database, references: References, user_ids: list[str]) -> Objects:
    found = user_rows.some(database, user_ids)
    return {user["id"]: user for user in user_objects(database, references, found)}
