"""The tables of escalation policies, their rules and the rules' targets; with the names of their teams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pagerduty_emulator.database import Database, Row, like, places

NAMED = """
SELECT escalation_policies.*, teams.name AS team_name
FROM escalation_policies LEFT JOIN teams ON teams.id = escalation_policies.team_id
"""
TARGETING = """
SELECT escalation_policy_id FROM escalation_rules
JOIN escalation_targets ON escalation_targets.escalation_rule_id = escalation_rules.id
WHERE user_id IN
"""


@dataclass(frozen=True)
class Rule:
    """A rule as it is kept: minutes until the next one, how it is assigned, and the ids of the users it alerts."""

    id: str
    delay: int
    strategy: str
    user_ids: tuple[str, ...]


def listed(
    database: Database,
    query: str,
    user_ids: list[str],
    team_ids: list[str],
    window: tuple[int, int],
    *,
    descending: bool,
) -> tuple[list[Row], int]:
    """Return a window (limit, offset) of the policies that pass, by name, and how many pass.

    They contain `query` in their names, alert one of the users, and are of one of the teams, if there are any.
    """
    where, values = r"WHERE escalation_policies.name LIKE ? ESCAPE '\'", [like(query)]
    if user_ids:
        where, values = f"{where} AND escalation_policies.id IN ({TARGETING} ({places(user_ids)}))", values + user_ids
    if team_ids:
        where, values = f"{where} AND team_id IN ({places(team_ids)})", values + team_ids
    total = database.scalar(f"SELECT count(*) FROM escalation_policies {where}", *values)
    order = (
        f"ORDER BY escalation_policies.name COLLATE NOCASE {'DESC' if descending else 'ASC'}, escalation_policies.id"
    )
    return database.all(f"{NAMED} {where} {order} LIMIT ? OFFSET ?", *values, *window), total


def everything(database: Database) -> list[Row]:
    """Every policy, in the order in which they were made."""
    return database.all(f"{NAMED} ORDER BY escalation_policies.rowid")


def find(database: Database, policy_id: Any) -> Row | None:
    """Return the policy with that id."""
    return database.one(f"{NAMED} WHERE escalation_policies.id = ?", policy_id) if isinstance(policy_id, str) else None


def first(database: Database) -> Row | None:
    """Return the policy that was made first: the account's default one, unless that is gone."""
    return database.one(f"{NAMED} ORDER BY escalation_policies.rowid")


def some(database: Database, policy_ids: list[str]) -> list[Row]:
    """Return the policies with these ids."""
    return database.all(f"{NAMED} WHERE escalation_policies.id IN ({places(policy_ids)})", *policy_ids)


def is_name_taken(database: Database, name: str, policy_id: str) -> bool:
    """Return whether another policy has the name, in any case."""
    query = "SELECT 1 FROM escalation_policies WHERE name = ? COLLATE NOCASE AND id <> ?"
    return database.one(query, name, policy_id) is not None


def targets(database: Database, policy_ids: list[str]) -> list[Row]:
    """Return the targets of all rules of these policies, in order, with rule (rule_id, delay, strategy) and user."""
    return database.all(
        "SELECT escalation_policy_id, escalation_rules.id AS rule_id, delay, strategy, user_id, users.name "
        "FROM escalation_rules JOIN escalation_targets ON escalation_rule_id = escalation_rules.id "
        f"JOIN users ON users.id = user_id WHERE escalation_policy_id IN ({places(policy_ids)}) "
        "ORDER BY escalation_rules.rowid, escalation_targets.rowid",
        *policy_ids,
    )


def services(database: Database, policy_ids: list[str]) -> list[Row]:
    """Return the services (id, name, escalation_policy_id) that use these policies."""
    return database.all(
        "SELECT id, name, escalation_policy_id FROM services "
        f"WHERE escalation_policy_id IN ({places(policy_ids)}) ORDER BY name COLLATE NOCASE, id",
        *policy_ids,
    )


def of_user(database: Database, user_id: str, team_id: str | None = None) -> list[str]:
    """Return the ids of the policies (of a team) that alert a user."""
    where = f"WHERE id IN ({TARGETING} (?)) AND (? IS NULL OR team_id = ?)"
    rows = database.all(f"SELECT id FROM escalation_policies {where} ORDER BY rowid", user_id, team_id, team_id)
    return [row["id"] for row in rows]


def is_of_team(database: Database, team_id: str) -> bool:
    """Return whether a team has any policy."""
    return database.one("SELECT 1 FROM escalation_policies WHERE team_id = ?", team_id) is not None


def put(database: Database, policy: dict[str, Any], rules: list[Rule]) -> None:
    """Add a policy (by the columns), or changes the one with that id; its rules are those given."""
    database.put("escalation_policies", policy)
    database.execute("DELETE FROM escalation_rules WHERE escalation_policy_id = ?", policy["id"])
    for rule in rules:
        row = {"id": rule.id, "escalation_policy_id": policy["id"], "delay": rule.delay, "strategy": rule.strategy}
        database.insert("escalation_rules", row)
        for user_id in rule.user_ids:
            database.insert("escalation_targets", {"escalation_rule_id": rule.id, "user_id": user_id})


def change_team(database: Database, policy_id: str, team_id: str | None) -> None:
    """Give a policy to a team, or to none."""
    database.execute("UPDATE escalation_policies SET team_id = ? WHERE id = ?", team_id, policy_id)


def delete(database: Database, policy_id: str) -> None:
    """Delete a policy with its rules."""
    database.execute("DELETE FROM escalation_policies WHERE id = ?", policy_id)
