"""The start of a new account: a seed file's contents, and every vendor of the catalog."""

from __future__ import annotations

import csv
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from . import seed_file
from .api.escalation_policies import rows as policy_rows
from .api.escalation_policies import rules as policy_rules
from .api.event_orchestrations import rows as orchestration_rows
from .api.event_orchestrations import rules as orchestration_rules
from .api.event_orchestrations.rules import PATHS
from .api.events.rules import KEY_LENGTH
from .api.integrations import rows as integration_rows
from .api.integrations import rules as integration_rules
from .api.integrations.email_rules import email_settings
from .api.response_plays import rows as play_rows
from .api.response_plays.rules import ATTRIBUTES as PLAY
from .api.services import rows as service_rows
from .api.services import rules as service_rules
from .api.services.rules import WEB_APP
from .api.teams import rows as team_rows
from .api.teams import rules as team_rules
from .api.users import rules as user_rules
from .api.vendors import rows as vendor_rows
from .database import Database, Row
from .errors import ApiError, invalid
from .seed_fields import PLACE, TYPES
from .seed_file import Object, Seed, SeedError, lasting_id
from .settings import Settings

CREATED_AT = "2024-01-15T09:00:00Z"
DEFAULT_SERVICES = 12
MAX_SERVICES = 99_999  # as many as have room in their ids


def read(path: str | Path) -> Seed:
    """Return the seed in a file; SeedError with all that is wrong with it."""
    return seed_file.read(path, _names())


def seed(database: Database, settings: Settings, given: Seed | None, services: int) -> None:
    """Fill an empty database with `given`; without, with the account of this package, with so many services.

    Beyond the named ones come `Service 0013` and so on.
    """
    chosen = given or _account()
    with database.transaction():
        for vendor in [*catalog(), *chosen["vendors"]]:
            vendor_rows.add(database, _columns(vendor))
        _Filling(database, settings).fill(chosen, None if given else services)
        if given is None:
            for number in range(len(chosen["services"]) + 1, services + 1):
                add_service(database, f"PS{number:05d}", f"Service {number:04d}", "")


def add_service(database: Database, service_id: str, name: str, description: str, policy_id: str | None = None) -> None:
    """One service as the web app makes them; by default on the account's default policy."""
    policy = policy_rows.find(database, policy_id) if policy_id else policy_rows.first(database)
    if policy is None:
        raise KeyError(f"no escalation policy {policy_id}" if policy_id else "no escalation policy in the account")
    attributes = {**WEB_APP, "description": description}
    service_rows.add(database, service_id, name, policy["id"], attributes, time=CREATED_AT)


@cache
def catalog() -> list[dict[str, str | None]]:
    """Return the vendors that every account has, by the columns."""
    rows = csv.DictReader(_data("vendors.csv").splitlines())
    return [{name: value or None for name, value in row.items()} for row in rows]


@cache
def _account() -> Seed:
    return seed_file.parse(_data("account.yaml"), "account.yaml", _names())


def _names() -> dict[str, dict[str, str]]:
    return {"vendors": {str(row["id"]): str(row["name"]) for row in catalog()}}


def _data(name: str) -> str:
    """Return the text of a data file of this package."""
    return (resources.files(__package__) / "data" / name).read_text(encoding="utf-8")


class _Filling:
    """Puts the objects of a seed into a database by the API's own rules; SeedError if these refuse one."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.settings = settings
        self.source = ""

    def fill(self, given: Seed, services: int | None) -> None:
        """Put in all, but no more than so many services."""
        self.source = given.source
        puts = {
            "users": self._user,
            "teams": self._team,
            "escalation_policies": self._policy,
            "response_plays": self._play,
            "services": self._service,
            "event_orchestrations": self._orchestration,
        }
        for section, put in puts.items():
            for item in given[section][: services if section == "services" else None]:
                with self._at(item[PLACE]):
                    put(item)

    @contextmanager
    def _at(self, place: str) -> Iterator[None]:
        """Names the place in the file if the API refuses what is there."""
        try:
            yield
        except ApiError as error:
            raise SeedError(f"{self.source}: {place}: {error.reasons}") from None

    def _user(self, item: Object) -> None:
        email = item["email"] if "@" in item["email"] else f"{item['email']}@{self.settings.email_domain}"
        user_rules.put(self.database, item["id"], {**item, "email": email})

    def _team(self, item: Object) -> None:
        team_rules.put(self.database, item["id"], item)
        for member in item.get("members", []):
            team_rows.put_member(self.database, item["id"], member["user"], member.get("role", "manager"))

    def _policy(self, item: Object) -> None:
        rules = [
            {
                **rule,
                "id": rule.get("id") or lasting_id("P", item["id"], str(number)),
                "targets": [{"id": user_id} for user_id in rule["targets"]],
            }
            for number, rule in enumerate(item["escalation_rules"], 1)
        ]
        teams = [{"id": item["team"]}] if item.get("team") else []
        given = {**item, "escalation_rules": rules, "teams": teams}
        policy_rules.put(self.database, item["id"], given, rule_ids=[rule["id"] for rule in rules])

    def _play(self, item: Object) -> None:
        attributes = {name: item.get(name, value) for name, value in PLAY.items()}
        play_rows.put(self.database, item["id"], item["name"], attributes)

    def _service(self, item: Object) -> None:
        errors: list[str] = []
        attributes = service_rules.attributes(self.database, item, WEB_APP, errors)
        _require_none(errors)
        policy = policy_rows.find(self.database, item.get("escalation_policy")) or policy_rows.first(self.database)
        _require_none([] if policy else ["a service takes an escalation policy, and the file has none"])
        time = item.get("created_at", CREATED_AT)
        service_rows.add(self.database, item["id"], item["name"], policy["id"] if policy else "", attributes, time=time)
        for integration in item.get("integrations", []):
            with self._at(integration[PLACE]):
                integration_rows.add(self.database, self._integration(integration, item["id"]))

    def _orchestration(self, item: Object) -> None:
        """Keep an event orchestration; without a list of integrations it has the default one."""
        paths = {kind: orchestration_rules.checked_path(kind, item[kind]) for kind in PATHS if kind in item}
        time = item.get("created_at", CREATED_AT)
        row = {
            "id": item["id"],
            "name": item["name"],
            "description": item.get("description") or "",
            "team_id": item.get("team"),
            "paths": paths,
            "created_at": time,
            "updated_at": time,
            "version": lasting_id("", "version", item["id"], length=32),
        }
        orchestration_rows.put(self.database, row)
        for integration in item.get("integrations", [{"label": f"{item['name']} Default Integration"}]):
            label, of = integration["label"], item["id"]
            made = {
                "id": integration.get("id") or _lasting_uuid(of, label),
                "orchestration_id": of,
                "label": label,
                "routing_key": integration.get("routing_key") or lasting_id("R", "key", of, label, length=31),
            }
            orchestration_rows.add_integration(self.database, made)

    def _integration(self, item: Object, service_id: str) -> dict[str, Any]:
        """Return the columns of an integration; what the file leaves out is the same every time."""
        errors: list[str] = []
        vendor = vendor_rows.find(self.database, item["vendor"]) if item.get("vendor") else None
        if "type" in item and item["type"] not in {*TYPES, vendor and vendor["integration_type"]}:
            raise invalid(f"type: got {item['type']!r}; allowed are {', '.join(TYPES)}, and the vendor's own")
        kind, is_email = integration_rules.type_of(self.settings, item.get("type"), vendor, errors)
        if "type" in item and (vendor is not None or "integration_email" in item):
            kind, is_email = item["type"], "integration_email" in item or is_email
        key = item.get("integration_key")
        if key is None and not is_email:
            key = lasting_id("", "key", item["id"], length=KEY_LENGTH, characters="0123456789abcdef")
        made = {
            "id": item["id"],
            "service_id": service_id,
            "vendor_id": vendor and vendor["id"],
            "type": kind,
            "is_email": int(is_email),
            "name": item.get("name") or _name_of(vendor, errors),
            "integration_key": key,
            "integration_email": None,
            "email_settings": None,
            "config": json.dumps(item["config_fields"]) if item.get("config_fields") else None,
            "created_at": item.get("created_at", CREATED_AT),
        }
        if is_email:
            address = f"{lasting_id('', item['id'], length=16).lower()}@{self.settings.email_domain}"
            made["integration_email"] = item.get("integration_email", address)
            made["email_settings"] = json.dumps(email_settings(_with_ids(item), {}, errors))
        _require_none(errors)
        return made


def _lasting_uuid(*what: str) -> str:
    return str(uuid.UUID(lasting_id("", *what, length=32, characters="0123456789abcdef"), version=4))


def _name_of(vendor: Row | None, errors: list[str]) -> str:
    """Return the name of an integration that has none: its vendor's."""
    if vendor is None:
        errors.append("name is required, as there is no vendor to take it from")
        return ""
    return str(vendor["name"]).strip()


def _with_ids(item: Object) -> Object:
    """Return an integration whose filters and parsers have ids, the same every time."""
    given = {"email_filters": [{}], **item}
    for name in ("email_filters", "email_parsers"):
        if isinstance(given.get(name), list):
            given[name] = [_with_id(each, item["id"], name, n) for n, each in enumerate(given[name], 1)]
    return given


def _with_id(given: Any, integration_id: str, what: str, number: int) -> Any:
    """Return a filter or parser with an id; a parser's is a number."""
    if not isinstance(given, dict) or given.get("id"):
        return given
    if what == "email_filters":
        return {**given, "id": lasting_id("P", integration_id, what, str(number))}
    return {
        **given,
        "id": int("1" + lasting_id("", integration_id, what, str(number), length=5, characters="0123456789")),
    }


def _require_none(errors: list[str]) -> None:
    if errors:
        raise invalid(*errors)


def _columns(vendor: Object) -> Object:
    return {name: value for name, value in vendor.items() if name != PLACE}
