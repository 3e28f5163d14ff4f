"""How vendors look in responses."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator.api.references import References
from pagerduty_emulator.database import Row


def vendor_object(references: References, row: Row) -> dict[str, Any]:
    """Return a whole vendor, with the fields and the empty ones of a recorded one (terraform-provider issue 1007)."""
    name = str(row["name"])
    slug = "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())
    guide = f"https://www.pagerduty.com/docs/guides/{slug}-integration-guide/"
    kind = row["generic_service_type"] or references.settings.generic_service_type
    changes = bool(row["needs_aiops"])
    return {
        **references.vendor(row["id"], name),
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
