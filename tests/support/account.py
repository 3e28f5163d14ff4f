"""Changes that other people make to the account."""

from __future__ import annotations

from typing import Any

import requests
from pagerduty_emulator import Emulator

from . import HANG_SECONDS


def post_integration(emulator: Emulator, service: str, /, **given: Any) -> dict[str, Any]:
    """Create an integration by the API. The vendor may be an ID."""
    body = {"type": "service_integration", **given}
    if isinstance(vendor := body.get("vendor"), str):
        body["vendor"] = {"id": vendor, "type": "vendor_reference"}
    response = requests.post(
        f"{emulator.url}/services/{service}/integrations",
        json={"integration": body},
        headers={"Authorization": "Token token=others"},
        timeout=HANG_SECONDS,
    )
    assert response.status_code == 201, response.text
    made: dict[str, Any] = response.json()["integration"]
    return made
