"""What a new account starts with: people, teams, policies, services and vendors, with ids that never change."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from .api.escalation_policies import rows as policy_rows
from .api.escalation_policies.rules import put as put_policy
from .api.services import rows as service_rows
from .api.services.rules import WEB_APP
from .api.teams import rows as team_rows
from .api.users import rows as user_rows
from .api.users.rules import ATTRIBUTES
from .api.vendors import rows as vendor_rows
from .database import Database

CREATED_AT = "2024-01-15T09:00:00Z"
DEFAULT_SERVICES = 12
MAX_SERVICES = 99_999  # as many as have room in their ids
DELAYS = {"first": 15, "then": 30}  # minutes until the next one is alerted


def seed(database: Database, services: int, email_domain: str) -> None:
    """Fills an empty database; beyond the named services come `Service 0013` and so on."""
    with database.transaction():
        for row in _table("teams.csv"):
            team_rows.put(database, row["id"], row["name"], row["description"])
        _seed_users(database, email_domain)
        _seed_policies(database)
        for row in _table("vendors.csv"):
            vendor_rows.add(database, {name: value or None for name, value in row.items()})
        named = _table("services.csv")[:services]
        for row in named:
            add_service(database, row["id"], row["name"], row["description"], row["escalation_policy"])
        for number in range(len(named) + 1, services + 1):
            add_service(database, f"PS{number:05d}", f"Service {number:04d}", "")


def add_service(database: Database, service_id: str, name: str, description: str, policy_id: str | None = None) -> None:
    """One service as the web app makes them; on the account's default policy, unless told."""
    policy = policy_rows.find(database, policy_id) if policy_id else policy_rows.first(database)
    if policy is None:
        raise KeyError(f"no escalation policy {policy_id}" if policy_id else "no escalation policy in the account")
    attributes = {**WEB_APP, "description": description}
    service_rows.add(database, service_id, name, policy["id"], attributes, time=CREATED_AT)


def _seed_users(database: Database, email_domain: str) -> None:
    for row in _table("users.csv"):
        attributes = {**ATTRIBUTES, "role": row["role"], "job_title": row["job_title"] or None}
        user_rows.put(database, row["id"], row["name"], f"{row['email']}@{email_domain}", attributes)
        if row["team"]:
            team_rows.put_member(database, row["team"], row["id"], row["team_role"])


def _seed_policies(database: Database) -> None:
    for row in _table("escalation_policies.csv"):
        rules = [
            {"escalation_delay_in_minutes": delay, "targets": [{"id": row[level], "type": "user_reference"}]}
            for level, delay in DELAYS.items()
            if row[level]
        ]
        policy = {"name": row["name"], "description": row["description"] or None, "num_loops": 2}
        teams = [{"id": row["team"], "type": "team_reference"}] if row["team"] else []
        put_policy(database, row["id"], {**policy, "escalation_rules": rules, "teams": teams})


@cache
def _table(name: str) -> list[dict[str, str]]:
    """The rows of a data file of this package."""
    text = (resources.files(__package__) / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
