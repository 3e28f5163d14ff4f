"""How vendors, services and integrations look in the REST API's answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .database import Database, Row
from .http import Request, not_found
from .settings import Settings

INTEGRATION_ROWS = """
SELECT integrations.*, services.name AS service_name, vendors.name AS vendor_name
FROM integrations JOIN services ON services.id = integrations.service_id
LEFT JOIN vendors ON vendors.id = integrations.vendor_id
"""


@dataclass
class Objects:
    """Makes the objects of an answer; `base_url` is where the client reached us."""

    database: Database
    settings: Settings
    base_url: str

    def html_url(self, path: str) -> str:
        """A page of the web app: the emulator's own, or PagerDuty's where the settings say so."""
        if self.settings.html_urls == "pagerduty":
            return f"https://{self.settings.email_domain}{path}"
        return f"{self.base_url}{path}"

    # Vendors

    def vendor_reference(self, vendor_id: str, name: str) -> dict[str, Any]:
        """A vendor as other objects refer to it."""
        return {
            "id": vendor_id,
            "type": "vendor_reference",
            "summary": name,
            "self": f"{self.base_url}/vendors/{vendor_id}",
            "html_url": None,
        }

    def vendor(self, row: Row) -> dict[str, Any]:
        """A whole vendor, with the fields and the empty ones of a recorded one (terraform-provider issue 1007)."""
        name = str(row["name"])
        slug = "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())
        guide = f"https://www.pagerduty.com/docs/guides/{slug}-integration-guide/"
        kind = row["generic_service_type"] or self.settings.generic_service_type
        changes = bool(row["needs_aiops"])
        return {
            **self.vendor_reference(row["id"], name),
            "type": "vendor",
            "name": name,
            "website_url": row["website_url"] or f"https://www.{slug}.example",
            "long_name": None,
            "logo_url": f"https://s3.amazonaws.com/pdpartner/{slug}_large.png",
            "thumbnail_url": f"https://s3.amazonaws.com/pdpartner/{slug}_thumb.png",
            "description": "",
            "integration_guide_url": row["integration_guide_url"] or guide,
            "connectable": False,
            "generic_service_type": kind,
            "alert_creation_default": "create_alerts_and_incidents",
            "alert_creation_editable": True,
            "is_pd_cef": kind != "email",
            "is_pd_change_event": changes,
            "developer_name": name.strip(),
            "support_portal": None,
            "support_email": None,
            "documentation_url": None,
            "emits_change_events": changes,
        }

    # Services

    def service_reference(self, service_id: str, name: str) -> dict[str, Any]:
        """A service as other objects refer to it."""
        return {
            "id": service_id,
            "type": "service_reference",
            "summary": name,
            "self": f"{self.base_url}/services/{service_id}",
            "html_url": self.html_url(f"/service-directory/{service_id}"),
        }

    def escalation_policy_reference(self, policy_id: str) -> dict[str, Any]:
        """An escalation policy: the emulator has none, any id does."""
        return {
            "id": policy_id,
            "type": "escalation_policy_reference",
            "summary": "Default",
            "self": f"{self.base_url}/escalation_policies/{policy_id}",
            "html_url": self.html_url(f"/escalation_policies/{policy_id}"),
        }

    def services(self, rows: Iterable[Row], *, whole_integrations: bool) -> list[dict[str, Any]]:
        """Whole services, with whole integrations or with references to them."""
        return self._services(rows, self.integration if whole_integrations else self.integration_reference)

    def services_including(self, rows: Iterable[Row], request: Request) -> list[dict[str, Any]]:
        """Whole services, with integrations as `include[]` asks for them and the settings give them."""
        shown = {
            "whole": self.integration,
            "without_email_rules": self._integration_without_rules,
            "references": self.integration_reference,
        }[self.settings.bulk_integrations]
        return self._services(rows, shown if request.includes("integrations") else self.integration_reference)

    def _services(self, rows: Iterable[Row], shown: Callable[[Row], dict[str, Any]]) -> list[dict[str, Any]]:
        rows = list(rows)
        ids = [row["id"] for row in rows]
        integrations: dict[str, list[dict[str, Any]]] = {service_id: [] for service_id in ids}
        for row in self.integration_rows(ids):
            integrations[row["service_id"]].append(shown(row))
        return [self._service(row, integrations[row["id"]]) for row in rows]

    def _service(self, row: Row, integrations: list[dict[str, Any]]) -> dict[str, Any]:
        attributes = json.loads(row["attributes"])
        policy = attributes.pop("escalation_policy")
        incidents = self.database.all(
            "SELECT status, max(created_at) AS last FROM incidents WHERE service_id = ? GROUP BY status",
            row["id"],
        )
        last = max((item["last"] for item in incidents), default=None)
        return {
            **self.service_reference(row["id"], row["name"]),
            "type": "service",
            "name": row["name"],
            **attributes,
            "created_at": self.settings.local(row["created_at"]),
            "updated_at": self.settings.local(row["updated_at"]),
            "status": _service_status({incident["status"] for incident in incidents}),
            "last_incident_timestamp": last and self.settings.local(last),
            "teams": [],
            "addons": [],
            "response_play": None,
            "escalation_policy": self.escalation_policy_reference(policy),
            "integrations": integrations,
        }

    # Integrations

    def integration_rows(self, service_ids: list[str]) -> list[Row]:
        """The integrations of these services, in the order in which they were made."""
        places = ", ".join("?" * len(service_ids))
        return self.database.all(
            f"{INTEGRATION_ROWS} WHERE integrations.service_id IN ({places}) ORDER BY integrations.rowid",
            *service_ids,
        )

    def integration_reference(self, row: Row) -> dict[str, Any]:
        """An integration as services and alerts refer to it."""
        return self.integration_reference_of(row["id"], row["service_id"], row["type"], row["name"])

    def integration_reference_of(
        self, integration_id: str, service_id: str, integration_type: str, name: str
    ) -> dict[str, Any]:
        """A reference to an integration that may be gone."""
        path = f"/services/{service_id}/integrations/{integration_id}"
        return {
            "id": integration_id,
            "type": f"{integration_type}_reference",
            "summary": name,
            "self": f"{self.base_url}{path}",
            "html_url": self.html_url(path),
        }

    def integration(self, row: Row) -> dict[str, Any]:
        """A whole integration, with its key or its address."""
        vendor = row["vendor_id"] and self.vendor_reference(row["vendor_id"], row["vendor_name"])
        shown = {
            **self.integration_reference(row),
            "type": row["type"],
            "name": row["name"],
            "service": self.service_reference(row["service_id"], row["service_name"]),
            "created_at": self.settings.local(row["created_at"]),
            "vendor": vendor,
            "integration_email": row["integration_email"],
            "integration_key": row["integration_key"],
        }
        if row["is_email"]:
            shown.update(json.loads(row["email_settings"]))
            if self.settings.email_integration_key == "absent" and not row["integration_key"]:
                del shown["integration_key"]
        return self._without_absent_fields(shown, keyless=bool(row["is_email"]))

    def _without_absent_fields(self, shown: dict[str, Any], *, keyless: bool) -> dict[str, Any]:
        """An integration without what the settings say is not shown when it has no value."""
        if self.settings.absent_fields == "null":
            return shown
        if self.settings.absent_fields == "omitted":
            without: dict[str, Any] = _without_nulls(shown)
            return without
        kept = {"vendor", "integration_key"} if keyless else {"vendor"}
        return {name: value for name, value in shown.items() if value is not None or name in kept}

    def _integration_without_rules(self, row: Row) -> dict[str, Any]:
        """An integration without what is costly to collect for a whole page of services."""
        rules = ("email_filters", "email_parsers", "email_parsing_fallback")
        return {name: value for name, value in self.integration(row).items() if name not in rules}

    def integration_including(self, row: Row, request: Request) -> dict[str, Any]:
        """A whole integration, with its service and vendor whole where `include[]` asks so."""
        shown = self.integration(row)
        if request.includes("services"):
            service = self.database.one("SELECT * FROM services WHERE id = ?", row["service_id"])
            shown["service"] = self.services([service] if service else [], whole_integrations=False)[0]
        if request.includes("vendors") and row["vendor_id"]:
            vendor = self.database.one("SELECT * FROM vendors WHERE id = ?", row["vendor_id"])
            shown["vendor"] = vendor and self.vendor(vendor)
        return shown


def require_service(database: Database, service_id: str) -> Row:
    """The service with that id, or the API's 404."""
    row = database.one("SELECT * FROM services WHERE id = ?", service_id)
    if row is None:
        raise not_found()
    return row


def _service_status(incidents: set[str]) -> str:
    """A service's status from those of its incidents."""
    if "triggered" in incidents:
        return "critical"
    return "warning" if "acknowledged" in incidents else "active"


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value
