"""Rules for event orchestrations, stale reads after a write, and the routing of events."""

from __future__ import annotations

import json
import secrets
import string
import time
import uuid
from dataclasses import dataclass
from typing import Any

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.services import rows as service_rows
from pagerduty_emulator.api.teams import rows as team_rows
from pagerduty_emulator.database import Database, Row, now
from pagerduty_emulator.errors import invalid, not_found

from . import rows

PATHS = ("router", "global", "unrouted")
UNROUTED = "unrouted"
KEY_CHARACTERS = string.digits + string.ascii_uppercase
MAX_NAME = 255  # characters of a name or label; no limit is published


@dataclass(frozen=True)
class State:
    """All event orchestrations and their integrations at one time."""

    orchestrations: list[Row]
    integrations: list[Row]

    def require(self, orchestration_id: str) -> Row:
        """Return an orchestration, or raise the API's 404."""
        for row in self.orchestrations:
            if row["id"] == orchestration_id:
                return row
        raise not_found()

    def integrations_of(self, orchestration_id: str) -> list[Row]:
        """Return the integrations of an orchestration, oldest first."""
        return [row for row in self.integrations if row["orchestration_id"] == orchestration_id]


def shown_state(account: Account) -> State:
    """Return what reads show: the current state, or while `orchestration_delay` lasts, the state before the writes."""
    history = account.history
    while history and time.monotonic() - history[0][0] >= account.settings.orchestration_delay:
        history.popleft()
    return history[0][1] if history else _state(account.database)


def _state(database: Database) -> State:
    return State(rows.everything(database), rows.every_integration(database))


def _remember(account: Account) -> None:
    """Keep the state before a write, as long as reads show it."""
    if account.settings.orchestration_delay:
        account.history.append((time.monotonic(), _state(account.database)))


def create(account: Account, given: dict[str, Any], orchestration_id: str | None = None) -> str:
    """Create an orchestration, with a default integration; return its id."""
    row: dict[str, Any] = {
        "id": orchestration_id or str(uuid.uuid4()),
        "name": None,
        "description": "",
        "team_id": None,
        "paths": {},
        "created_at": now(),
    }
    changed = _changed(account.database, row, given)
    _remember(account)
    rows.put(account.database, changed)
    _add(account.database, row["id"], f"{changed['name']} Default Integration")
    return str(row["id"])


def change(account: Account, row: Row, given: dict[str, Any]) -> None:
    """Change an orchestration; what is left out stays."""
    changed = _changed(account.database, {**dict(row), "paths": json.loads(row["paths"])}, given)
    _remember(account)
    rows.put(account.database, changed)


def delete(account: Account, row: Row) -> None:
    """Delete an orchestration with its integrations."""
    _remember(account)
    rows.delete(account.database, row["id"])


def change_path(account: Account, row: Row, kind: str, given: dict[str, Any]) -> None:
    """Replace the rules of a path (router, global or unrouted)."""
    path = checked_path(kind, given)
    _remember(account)
    paths = {**json.loads(row["paths"]), kind: path}
    rows.put(account.database, {**dict(row), "paths": paths, **_touched()})


def add_integration(account: Account, orchestration_id: str, given: dict[str, Any]) -> str:
    """Create an integration; return its id."""
    label = _label(given)
    _remember(account)
    return _add(account.database, orchestration_id, label)


def change_integration(account: Account, row: Row, given: dict[str, Any]) -> None:
    """Change the label of an integration, if one is given; other properties are ignored."""
    if "label" in given:
        label = _label(given)
        _remember(account)
        rows.change_label(account.database, row["id"], label)


def delete_integration(account: Account, row: Row) -> None:
    """Delete an integration."""
    _remember(account)
    rows.delete_integration(account.database, row["id"])


def migrate(account: Account, target_id: str, given: dict[str, Any]) -> None:
    """Move an integration with its key from the orchestration that the body names to another one."""
    if given.get("source_type") != "orchestration":
        raise invalid("source_type must be orchestration")
    row = rows.find_integration(account.database, str(given.get("integration_id")))
    if row is None or row["orchestration_id"] != given.get("source_id"):
        raise not_found()
    move_integration(account, row, target_id)


def move_integration(account: Account, row: Row, target_id: str) -> None:
    """Move an integration with its key to another orchestration."""
    _remember(account)
    rows.move_integration(account.database, row["id"], target_id)


def _add(database: Database, orchestration_id: str, label: str) -> str:
    row = {
        "id": str(uuid.uuid4()),
        "orchestration_id": orchestration_id,
        "label": label,
        "routing_key": "R" + "".join(secrets.choice(KEY_CHARACTERS) for _ in range(31)),
    }
    rows.add_integration(database, row)
    return str(row["id"])


def _touched() -> dict[str, Any]:
    return {"updated_at": now(), "version": secrets.token_urlsafe(24)}


def _changed(database: Database, row: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return an orchestration's columns after a request. Raises ApiError if it does not do."""
    errors = []
    name, description = given.get("name", row["name"]), given.get("description", row["description"])
    if not isinstance(name, str) or not name.strip():
        errors.append("Name can't be blank")
    elif len(name) > MAX_NAME:
        errors.append(f"Name is too long (maximum is {MAX_NAME} characters)")
    if not isinstance(description, str | None):
        errors.append("Description must be a string")
    if errors:
        raise invalid(*errors)
    team_id = _team(database, given["team"]) if "team" in given else row["team_id"]
    return {**row, "name": name, "description": description or "", "team_id": team_id, **_touched()}


def _team(database: Database, given: Any) -> str | None:
    team_id = given.get("id") if isinstance(given, dict) else given
    if team_id is None or (isinstance(given, dict) and not given):
        return None
    if not isinstance(team_id, str) or team_rows.find(database, team_id) is None:
        raise not_found()
    return team_id


def _label(given: dict[str, Any]) -> str:
    label = given.get("label")
    if not isinstance(label, str) or not label.strip():
        raise invalid("Label can't be blank")
    if len(label) > MAX_NAME:
        raise invalid(f"Label is too long (maximum is {MAX_NAME} characters)")
    return label


# Rules


def checked_path(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """Return the rules and the catch-all of a path, with ids for new rules. Raises ApiError for another form."""
    sets, catch_all = given.get("sets"), given.get("catch_all") or default_catch_all(kind)
    if not isinstance(sets, list) or not all(_is_set(each) for each in sets):
        raise invalid("sets must be a list of objects with an id and a list of rules")
    if "start" not in [each["id"] for each in sets] or (kind == "router" and len(sets) != 1):
        raise invalid("sets must have the set start" + (", and no other" if kind == "router" else ""))
    if not isinstance(catch_all, dict) or not isinstance(catch_all.get("actions"), dict):
        raise invalid("catch_all must be an object with actions")
    return {
        "sets": [{"id": each["id"], "rules": [_rule(rule) for rule in each["rules"]]} for each in sets],
        "catch_all": catch_all,
    }


def default_catch_all(kind: str) -> dict[str, Any]:
    """Return what a new path does with events that no rule matches."""
    return {"actions": {"route_to": UNROUTED} if kind == "router" else {}}


def _is_set(given: Any) -> bool:
    if not isinstance(given, dict) or not isinstance(given.get("id"), str):
        return False
    rules = given.setdefault("rules", [])
    return isinstance(rules, list) and all(
        isinstance(rule, dict) and isinstance(rule.get("actions", {}), dict) for rule in rules
    )


def _rule(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(given.get("id") or secrets.token_hex(4)),
        **{k: v for k, v in given.items() if k != "id"},
        "actions": given.get("actions", {}),
    }


@dataclass(frozen=True)
class Routing:
    """The route of an event."""

    service_id: str | None
    """The service, or None if the event is unrouted."""
    by: str
    """The source of the service: a rule or the catch-all."""
    not_evaluated: tuple[str, ...]
    """Rules before it that the emulator does not evaluate. PagerDuty may choose another service because of them."""

    def note(self) -> str:
        """Return what an event shows of it."""
        to = f"routed by {self.by}" if self.service_id else f"unrouted, by {self.by}"
        if not self.not_evaluated:
            return to
        return f"{to}; not evaluated, so PagerDuty may route it elsewhere: {', '.join(self.not_evaluated)}"


def route(database: Database, orchestration: Row) -> Routing:
    """Return where an orchestration's events go: by the first rule without conditions, else by the catch-all."""
    paths = json.loads(orchestration["paths"])
    skipped = []
    before = paths.get("global", {})
    if any(each["rules"] for each in before.get("sets", [])):
        skipped.append("the global rules")
    # Terraform's provider sends each action that a catch-all or rule lacks as false, null, "" or [].
    if any(before.get("catch_all", {}).get("actions", {}).values()):
        skipped.append("the global catch-all")
    router = paths.get("router", {})
    for rule in next((each["rules"] for each in router.get("sets", []) if each["id"] == "start"), []):
        if rule.get("disabled"):
            continue
        named = f"the rule {rule.get('label') or rule['id']}"
        target = rule["actions"].get("route_to")
        if (
            rule.get("conditions")
            or rule["actions"].get("dynamic_route_to")
            or not (target and isinstance(target, str))
        ):
            skipped.append(named)
            continue
        return _to(database, target, named, skipped)
    catch_all = router.get("catch_all") or default_catch_all("router")
    return _to(database, catch_all["actions"].get("route_to"), "the catch-all", skipped)


def _to(database: Database, target: Any, by: str, skipped: list[str]) -> Routing:
    if not isinstance(target, str) or target == UNROUTED:
        return Routing(None, by, tuple(skipped))
    if service_rows.find(database, target) is None:
        return Routing(None, f"{by}, whose service is not there", tuple(skipped))
    return Routing(target, by, tuple(skipped))
