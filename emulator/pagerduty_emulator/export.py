"""The state of an account as a seed file: the same account again, wherever it is read."""

from __future__ import annotations

import json
from typing import Any

import yaml

from .api.escalation_policies import rows as policy_rows
from .api.event_orchestrations import rows as orchestration_rows
from .api.integrations import rows as integration_rows
from .api.response_plays import rows as play_rows
from .api.response_plays.rules import ATTRIBUTES as PLAY
from .api.services import rows as service_rows
from .api.services.rules import WEB_APP
from .api.services.urgency import DEFAULTS as URGENCY
from .api.teams import rows as team_rows
from .api.users import rows as user_rows
from .api.users.rules import ATTRIBUTES as USER
from .api.vendors import rows as vendor_rows
from .database import Database, Row
from .seed_file import Object
from .seeds import CREATED_AT, catalog

try:
    from yaml import CSafeDumper as SafeDumper  # several times as fast, where PyYAML was built with libyaml
except ImportError:
    from yaml import SafeDumper  # type: ignore[assignment]

HEADER = """\
# An account of pagerduty-emulator, as `pagerduty-emulator export` writes it, for `pagerduty-emulator --seed FILE`.
# The integration keys in it are this emulator's own, not PagerDuty's. Alerts, incidents and events are left out.
"""


def exported(database: Database) -> str:
    """Return the account as the text of a seed file, with its integration keys."""
    with database.lock:
        account = {
            "users": [_user(row) for row in user_rows.everything(database)],
            "teams": [_team(database, row) for row in team_rows.everything(database)],
            "escalation_policies": _policies(database),
            "vendors": _vendors(database),
            "response_plays": [_play(row) for row in play_rows.everything(database)],
            "services": _services(database),
            "event_orchestrations": _orchestrations(database),
        }
    text = yaml.dump(account, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return HEADER + str(text)


class _Dumper(SafeDumper):
    """Writes equal objects out, each time."""

    def ignore_aliases(self, data: Any) -> bool:
        """All of them."""
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Text; with escapes if it has line breaks of Unicode, which YAML would read as another one."""
    style = '"' if {"\x85", "\u2028", "\u2029"} & set(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style)


_Dumper.add_representer(str, _text)


def _user(row: Row) -> Object:
    return {**_columns(row, "id", "name", "email"), **_unlike(json.loads(row["attributes"]), {**USER, "role": None})}


def _team(database: Database, row: Row) -> Object:
    members, _ = team_rows.members(database, row["id"], -1, 0)
    role = {} if row["default_role"] == "manager" else {"default_role": row["default_role"]}
    listed = [{"user": member["id"], "role": member["role"]} for member in members]
    return {**_columns(row, "id", "name", "description"), **role, **({"members": listed} if listed else {})}


def _policies(database: Database) -> list[Object]:
    policies = policy_rows.everything(database)
    rules: dict[str, dict[str, Object]] = {row["id"]: {} for row in policies}
    for target in policy_rows.targets(database, list(rules)):
        rule = {
            "id": target["rule_id"],
            "escalation_delay_in_minutes": target["delay"],
            "escalation_rule_assignment_strategy": target["strategy"],
            "targets": [],
        }
        rules[target["escalation_policy_id"]].setdefault(target["rule_id"], rule)["targets"].append(target["user_id"])
    return [
        {
            **_columns(row, "id", "name", "description"),
            **({"team": row["team_id"]} if row["team_id"] else {}),
            **_columns(row, "num_loops", "on_call_handoff_notifications"),
            "escalation_rules": list(rules[row["id"]].values()),
        }
        for row in policies
    ]


def _vendors(database: Database) -> list[Object]:
    """Those that not every account has."""
    known = {vendor["id"] for vendor in catalog()}
    return [_columns(row, *row.keys()) for row in vendor_rows.everything(database) if row["id"] not in known]


def _play(row: Row) -> Object:
    return {**_columns(row, "id", "name"), **_unlike(json.loads(row["attributes"]), PLAY)}


def _services(database: Database) -> list[Object]:
    integrations: dict[str, list[Object]] = {}
    for row in integration_rows.everything(database):
        integrations.setdefault(row["service_id"], []).append(_integration(row))
    return [_service(row, integrations.get(row["id"], [])) for row in service_rows.everything(database)]


def _orchestrations(database: Database) -> list[Object]:
    integrations: dict[str, list[Object]] = {}
    for row in orchestration_rows.every_integration(database):
        integrations.setdefault(row["orchestration_id"], []).append(_columns(row, "id", "label", "routing_key"))
    return [
        {
            **_columns(row, "id", "name", "description"),
            **({"team": row["team_id"]} if row["team_id"] else {}),
            **json.loads(row["paths"]),
            **_made(row),
            "integrations": integrations.get(row["id"], []),
        }
        for row in orchestration_rows.everything(database)
    ]


def _service(row: Row, integrations: list[Object]) -> Object:
    kept = json.loads(row["attributes"])
    attributes = _unlike(kept, WEB_APP)
    if attributes.keys() & URGENCY.keys():  # they depend on each other
        attributes.update({name: kept[name] for name in URGENCY})
    if attributes.pop("disabled", False):
        attributes["status"] = "disabled"
    policy = {"escalation_policy": row["escalation_policy_id"]}
    nested = {"integrations": integrations} if integrations else {}
    return {**_columns(row, "id", "name"), **policy, **attributes, **_made(row), **nested}


def _integration(row: Row) -> Object:
    vendor = {"vendor": row["vendor_id"]} if row["vendor_id"] else {}
    settings = json.loads(row["email_settings"] or "{}")
    email = {name: value for name, value in settings.items() if value is not None}
    config = {"config_fields": json.loads(row["config"])} if row["config"] else {}
    secrets = _columns(row, "integration_key", "integration_email")
    return {**_columns(row, "id", "name", "type"), **vendor, **secrets, **email, **config, **_made(row)}


def _made(row: Row) -> Object:
    return {} if row["created_at"] == CREATED_AT else {"created_at": row["created_at"]}


def _columns(row: Row, *names: str) -> Object:
    """Return a row's values in these columns, without nulls."""
    return {name: row[name] for name in names if row[name] is not None}


def _unlike(attributes: Object, default: Object) -> Object:
    """Return the attributes that are not as by default."""
    return {name: value for name, value in attributes.items() if value != default.get(name, ...)}
