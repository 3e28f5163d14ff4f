"""How change events look in responses."""

from __future__ import annotations

import json
from typing import Any

from pagerduty_emulator.api.references import References
from pagerduty_emulator.database import Row


def change_object(references: References, row: Row) -> dict[str, Any]:
    """Return a change event, without its integration's key."""
    integration = references.integration(
        row["integration_id"], row["service_id"], row["integration_type"], row["integration_name"]
    )
    shown = {
        "id": row["id"],
        "type": "change_event",
        "summary": row["summary"],
        "self": f"{references.base_url}/change_events/{row['id']}",
        "html_url": references.html_url(f"/change_events/{row['id']}"),
        "timestamp": row["timestamp"],
        "services": [references.service(row["service_id"], row["service_name"])],
        "integration": {**integration, "type": "inbound_integration_reference"},
        **json.loads(row["attributes"]),
    }
    return {name: value for name, value in shown.items() if value is not None}
