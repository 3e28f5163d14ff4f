"""Rules for integrations, and the server's changes of a request."""

from __future__ import annotations

import json
import re
import secrets
import unicodedata
from typing import Any

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.vendors import rows as vendor_rows
from pagerduty_emulator.database import Database, Row, new_id, new_integration_key, now
from pagerduty_emulator.errors import ApiError, invalid, not_found
from pagerduty_emulator.settings import Settings

from . import rows
from .email_rules import FILTERED, email_settings

MAX_INTEGRATIONS = 250  # on one service
MAX_NAME = 255  # characters
CUT_NAME = 40  # characters, where the settings say that longer names are cut

EMAIL = "generic_email_inbound_integration"
EMAIL_REQUIRED = ("Zendesk",)  # vendors that refuse an integration without an address: terraform-provider issue 9
EVENTS_API = "generic_events_api_inbound_integration"
EVENT_TRANSFORMER = "event_transformer_api_inbound_integration"
NEED_A_VENDOR = {
    EVENT_TRANSFORMER,
    "app_event_transform_inbound_integration",
    "change_event_transform_inbound_integration",
}
# terraform-provider issue 1059: without a vendor, this one is answered as if it were none.
CLOUDWATCH = "aws_cloudwatch_inbound_integration"
# terraform-provider issues 667 and 539: the values that the web app's form offers; none: any text.
CONFIG_FIELDS: dict[str, dict[str, tuple[str, ...]]] = {
    "PZQ6AUS": {
        "incident_key": (
            "alarm_name",
            "region",
            "source_origin",
            "always_create_new",
            "open_attach",
            "event_name",
            "finding_id",
        ),
        "description": ("auto_generated", "alarm_name", "alarm_description"),
    },
    "PCJ0EFQ": {"code": ()},
}
# Without a vendor, Pingdom's type makes an e-mail integration (terraform-provider issue 276).
EMAIL_WITHOUT_VENDOR = {EMAIL, "pingdom_inbound_integration"}
WITHOUT_VENDOR = EMAIL_WITHOUT_VENDOR | {
    "cloudkick_inbound_integration",
    EVENTS_API,
    "events_api_v2_inbound_integration",
    "keynote_inbound_integration",
    "nagios_inbound_integration",
    "sql_monitor_inbound_integration",
}


def create(account: Account, service_id: str, given: dict[str, Any]) -> str:
    """Return a new integration on a service; returns its id, or raises ApiError if what is given does not do."""
    errors: list[str] = []
    vendor = _vendor(account, given.get("vendor"))
    name = _new_name(given, vendor, errors)
    kind, is_email = type_of(account.settings, given.get("type"), vendor, errors)
    address, settings = None, None
    if is_email:
        address = _new_address(account, service_id, given, vendor, errors)
        taken = {name: value for name, value in given.items() if name not in account.settings.create_ignores}
        rules = email_settings(taken, {}, _counting(account.settings, errors))
        settings = json.dumps(_settled(account.settings, rules))
    config = {}
    if account.settings.config_on_create == "taken":
        made = {"type": kind, "vendor_id": vendor and vendor["id"]}
        config = _config(account.settings, made, {}, given, errors)
    if errors:
        raise invalid(*errors)
    _check_room(account.database, service_id)
    row = {
        "id": new_id(),
        "service_id": service_id,
        "vendor_id": vendor and vendor["id"],
        "type": kind,
        "is_email": int(is_email),
        "name": _kept_name(account.settings, name),
        "integration_key": None if is_email else new_integration_key(),
        "integration_email": address,
        "email_settings": settings,
        "config": json.dumps(config) if config else None,
        "created_at": now(),
    }
    rows.add(account.database, row)
    return str(row["id"])


def change(account: Account, row: Row, given: dict[str, Any]) -> None:
    """Change an integration by what is given; ApiError if that does not do.

    Type, vendor, service, key and unknown properties are ignored.
    """
    errors = _name_errors(given["name"]) if "name" in given else []
    address, settings = row["integration_email"], row["email_settings"]
    if row["is_email"]:
        if "integration_email" in given:
            address = given["integration_email"]
            _check_address(account, address, row["service_id"], row["id"], errors)
        changed = email_settings(given, json.loads(settings), _counting(account.settings, errors))
        settings = json.dumps(_settled(account.settings, changed))
    before = json.loads(row["config"] or "{}")
    config = _config(account.settings, row, before, given, errors)
    if errors:
        raise invalid(*errors)
    name = _kept_name(account.settings, given["name"]) if "name" in given else row["name"]
    rows.change(account.database, row["id"], name, address, settings)
    if config != before:
        rows.change_config(account.database, row["id"], json.dumps(config))


def _config(
    settings: Settings, made: dict[str, Any] | Row, before: dict[str, str], given: dict[str, Any], errors: list[str]
) -> dict[str, str]:
    """Return the values of `config.fields` after a request; fields that it leaves out stay (evidence: TF #667).

    Only event transformers have them.
    """
    if "transform" not in made["type"] or "config" not in given:
        return before
    config = given["config"]
    fields = config.get("fields", {}) if isinstance(config, dict) else None
    if not isinstance(fields, dict) or not all(
        isinstance(each, dict) and isinstance(each.get("value"), str) for each in fields.values()
    ):
        errors.append("Config is invalid.")
        return before
    values = {name: each["value"] for name, each in fields.items()}
    if settings.unknown_config == "refuse":
        known = CONFIG_FIELDS.get(made["vendor_id"] or "", {})
        for name, value in values.items():
            if name not in known:
                errors.append(f"Config field {name[:40]} is invalid")
            elif known[name] and value not in known[name]:
                errors.append(f"Config field {name} is not included in the list")
    return {**before, **values}


def _counting(settings: Settings, errors: list[str]) -> list[str]:
    """Choose the list for problems of e-mail rules: the errors, or one that is not used."""
    return errors if settings.email_rules == "checked" else []


def _kept_name(settings: Settings, name: str) -> str:
    """Return a name as the server keeps it."""
    if settings.names == "composed":
        return unicodedata.normalize("NFC", name)
    if settings.names == "squeezed":
        return " ".join(name.split())
    return name[:CUT_NAME] if settings.names == "cut" else name


def _settled(settings: Settings, email: dict[str, Any]) -> dict[str, Any]:
    """Return the e-mail properties, with the mode that the server gives an integration without filters."""
    filters = email["email_filters"]
    none = all(each.get(f"{part}_mode") == "always" for each in filters for part in FILTERED)
    if none and settings.filter_mode_without_filters == "all-email":
        return {**email, "email_filter_mode": "all-email"}
    return email


def _check_room(database: Database, service_id: str) -> None:
    if rows.count_on(database, service_id) >= MAX_INTEGRATIONS:
        raise ApiError(
            400,
            2019,
            "Product Limit Reached",
            [f"A service cannot have more than {MAX_INTEGRATIONS} integrations."],
        )


def _name_errors(name: Any) -> list[str]:
    if not isinstance(name, str) or not name.strip():
        return ["Name cannot be empty."]
    if len(name) > MAX_NAME:
        return [f"Name is too long (maximum is {MAX_NAME} characters)"]
    return []


def _new_name(given: dict[str, Any], vendor: Row | None, errors: list[str]) -> Any:
    """Return the name that was given; with a vendor it may be absent, and is then the vendor's."""
    name = given.get("name")
    if name is None and vendor is not None:
        return vendor["name"].strip()
    errors += _name_errors(name)
    return name


def _vendor(account: Account, given: Any) -> Row | None:
    """Return the vendor of a reference of any type, or of a whole vendor object."""
    if given is None:
        return None
    vendor_id = str(given.get("id") or "") if isinstance(given, dict) else ""
    if not vendor_id:
        raise invalid("Vendor can't be blank")
    row = vendor_rows.find(account.database, vendor_id)
    if row is None and account.settings.vendor_ids == "any_case":
        row = vendor_rows.find(account.database, vendor_id.upper())
    if row is not None:
        return row
    raise {
        "invalid": invalid("Vendor could not be found"),
        "vendor_not_found": ApiError(404, 5001, "Vendor Not Found"),
        "not_found": not_found(),
    }[account.settings.unknown_vendor]


def type_of(settings: Settings, given: Any, vendor: Row | None, errors: list[str]) -> tuple[str, bool]:
    """Return the type that the server gives an integration, and whether it receives e-mail."""
    if vendor is not None:
        return _type_of_vendor(settings, given, vendor, errors)
    asked = given if isinstance(given, str) else ""
    if asked in NEED_A_VENDOR:
        errors.append("Vendor can't be blank")  # terraform-provider issue 173
        return asked, False
    if asked in WITHOUT_VENDOR:
        return asked, asked in EMAIL_WITHOUT_VENDOR
    refused = asked in ("", CLOUDWATCH) or asked.endswith("_reference")
    if refused or settings.unknown_types == "refuse":
        errors.append("Type cannot be empty.")
    return EVENTS_API, False


def _type_of_vendor(settings: Settings, given: Any, vendor: Row, errors: list[str]) -> tuple[str, bool]:
    """Return a vendor alone decides, with any type or none.

    The Terraform provider sends `service_integration`, the Backstage plugin no type at all.
    """
    kind = vendor["generic_service_type"]
    is_email = kind == "email"
    if is_email != (given == EMAIL) and settings.vendor_type_mismatch == "refuse":
        errors.append("Type is not valid for this vendor")
    if is_email:
        return vendor["integration_type"] or EMAIL, True
    unrecorded = EVENT_TRANSFORMER if kind == "api" else f"{settings.unrecorded_types}_inbound_integration"
    return vendor["integration_type"] or unrecorded, False


def _new_address(
    account: Account, service_id: str, given: dict[str, Any], vendor: Row | None, errors: list[str]
) -> str | None:
    """Return the address that was given; else a random one, unless one is required."""
    address = given.get("integration_email")
    if address is not None:
        _check_address(account, address, service_id, None, errors)
        return address if isinstance(address, str) else None
    settings = account.settings
    required = (
        settings.integration_email == "required"
        or (vendor is None and given.get("type") != EMAIL)
        or (vendor is not None and vendor["name"] in EMAIL_REQUIRED)
    )
    if required:
        errors.append("Integration email cannot be empty.")
        return None
    return f"{secrets.token_hex(8)}@{settings.email_domain}"


def _check_address(
    account: Account, address: Any, service_id: str, integration_id: str | None, errors: list[str]
) -> None:
    """Add what is wrong with the address of an integration (None: of one to be made)."""
    settings = account.settings
    if address is None or address == "":
        errors.append("Integration email cannot be empty.")
    elif isinstance(address, str) and settings.email_rules == "any":
        return
    elif not isinstance(address, str) or not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", address):
        errors.append("Integration email is invalid")
    elif settings.email_domains == "account" and not address.lower().endswith(f"@{settings.email_domain}"):
        errors.append(f"Integration email must be an address @{settings.email_domain}")
    elif _is_taken(account, address, service_id, integration_id):
        errors.append("Integration email has already been taken")


def _is_taken(account: Account, address: str, service_id: str, integration_id: str | None) -> bool:
    """Return whether another integration has the address, if the settings forbid that."""
    if account.settings.duplicate_emails == "accept":
        return False
    shared_with = service_id if account.settings.duplicate_emails == "same_service" else ""
    return rows.is_address_taken(account.database, address, integration_id or "", shared_with)
