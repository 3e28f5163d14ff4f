"""How event orchestrations look in responses."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator.api.references import References
from pagerduty_emulator.api.users import rows as user_rows
from pagerduty_emulator.database import Database, Row

from .rules import UNROUTED, default_catch_all


def orchestration_object(
    database: Database, references: References, row: Row, integrations: list[Row] | None = None
) -> dict[str, Any]:
    """Return an orchestration; with its integrations, if they are given."""
    nested = {} if integrations is None else {"integrations": [integration_object(each) for each in integrations]}
    team = references.team(row["team_id"], "") if row["team_id"] else None
    return {
        "id": row["id"],
        "self": f"{references.base_url}/event_orchestrations/{row['id']}",
        "name": row["name"],
        "description": row["description"],
        **({"team": _short(team)} if team else {}),
        **nested,
        "routes": len(_services(row)),
        **_dates(database, references, row),
    }


def integration_object(row: Row) -> dict[str, Any]:
    """Return an integration, with its routing key."""
    return {
        "id": row["id"],
        "label": row["label"],
        "parameters": {"routing_key": row["routing_key"], "type": "global"},
    }


def path_object(database: Database, references: References, row: Row, kind: str) -> dict[str, Any]:
    """Return the rules of an orchestration's router, global or unrouted path."""
    address = f"{references.base_url}/event_orchestrations/{row['id']}"
    path = json.loads(row["paths"]).get(kind, {})
    return {
        "type": kind,
        "parent": {"id": row["id"], "self": address, "type": "event_orchestration_reference"},
        "self": f"{address}/{kind}",
        "sets": path.get("sets") or [{"id": "start", "rules": []}],
        "catch_all": path.get("catch_all") or default_catch_all(kind),
        **_dates(database, references, row),
    }


def _dates(database: Database, references: References, row: Row) -> dict[str, Any]:
    owner = user_rows.owner(database)
    by = _short(references.user(owner["id"], owner["name"])) if owner else None
    return {
        "created_at": row["created_at"],
        **({"created_by": by} if by else {}),
        "updated_at": row["updated_at"],
        **({"updated_by": by} if by else {}),
        "version": row["version"],
    }


def _short(reference: dict[str, Any]) -> dict[str, Any]:
    return {name: reference[name] for name in ("id", "type", "self")}


def _services(row: Row) -> set[str]:
    """Return the services that the router names."""
    router = json.loads(row["paths"]).get("router", {})
    actions = [rule["actions"] for each in router.get("sets", []) for rule in each["rules"]]
    actions.append(router.get("catch_all", {}).get("actions", {}))
    targets = {action.get("route_to") for action in actions}
    return {target for target in targets if isinstance(target, str) and target != UNROUTED}
