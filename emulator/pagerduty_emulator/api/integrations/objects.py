"""How integrations look in responses."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator.api.references import References
from pagerduty_emulator.database import Row
from pagerduty_emulator.settings import Settings

RULES = ("email_filters", "email_parsers", "email_parsing_fallback")


def integration_reference(references: References, row: Row) -> dict[str, Any]:
    """Return an integration as services refer to it."""
    return references.integration(row["id"], row["service_id"], row["type"], row["name"])


def integration_object(references: References, row: Row) -> dict[str, Any]:
    """Return a whole integration, with its key or its address."""
    settings = references.settings
    vendor = row["vendor_id"] and references.vendor(row["vendor_id"], row["vendor_name"])
    shown = {
        **integration_reference(references, row),
        "type": row["type"],
        "name": row["name"],
        "service": references.service(row["service_id"], row["service_name"]),
        "created_at": references.local(row["created_at"]),
        "vendor": vendor,
        "integration_email": row["integration_email"],
        "integration_key": row["integration_key"],
    }
    if row["is_email"]:
        shown.update(json.loads(row["email_settings"]))
        if not row["integration_key"]:  # as in every recording
            del shown["integration_key"]
    if row["config"]:
        config = json.loads(row["config"])
        shown["config"] = {"fields": {name: {"value": value} for name, value in config.items()}}
    return _without_absent_fields(settings, shown, keyless=bool(row["is_email"]))


def integration_in_bulk(references: References, row: Row) -> dict[str, Any]:
    """Return a whole integration in a page of services, with `config` if the settings say so."""
    shown = integration_object(references, row)
    if references.settings.config_in_bulk == "hidden":
        shown.pop("config", None)
    return shown


def integration_without_rules(references: References, row: Row) -> dict[str, Any]:
    """Return an integration without what is costly to collect for a whole page of services."""
    return {name: value for name, value in integration_in_bulk(references, row).items() if name not in RULES}


def _without_absent_fields(settings: Settings, shown: dict[str, Any], *, keyless: bool) -> dict[str, Any]:
    """Return an integration without what the settings say is not shown when it has no value."""
    if settings.absent_fields == "null":
        return shown
    if settings.absent_fields == "omitted":
        without: dict[str, Any] = _without_nulls(shown)
        return without
    kept = {"vendor", "integration_key"} if keyless else {"vendor"}
    return {name: value for name, value in shown.items() if value is not None or name in kept}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
