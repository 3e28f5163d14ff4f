"""States for tests: exports of stacks, and what `terraform show -json` prints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

URN = "urn:pulumi:dev::shop::"
NATIVE = "pagerduty-native:index:Integration"
BRIDGED = "pagerduty:index/serviceIntegration:ServiceIntegration"
SECRET = "KeyInTheStateThatMustNotShow"


def native(name: str, id: str, **others: Any) -> dict[str, Any]:
    return {"urn": f"{URN}{NATIVE}::{name}", "type": NATIVE, "custom": True, "id": id, **others}


def bridged(name: str, id: str, service: str, **others: Any) -> dict[str, Any]:
    outputs = {"service": service, "integrationKey": SECRET}
    return {"urn": f"{URN}{BRIDGED}::{name}", "type": BRIDGED, "custom": True, "id": id, "outputs": outputs, **others}


def stack_export(folder: Path, *resources: dict[str, Any], version: int = 3) -> str:
    document = {"version": version, "deployment": {"manifest": {}, "resources": list(resources)}}
    file = folder / "state.json"
    file.write_text(json.dumps(document))
    return str(file)


def terraform(address: str, id: str, service: str) -> dict[str, Any]:
    return {
        "address": address,
        "mode": "managed",
        "type": "pagerduty_service_integration",
        "values": {"id": id, "service": service, "integration_key": SECRET},
    }


def terraform_show(folder: Path, *resources: dict[str, Any], module: dict[str, Any] | None = None) -> str:
    root = {"resources": list(resources), "child_modules": [module] if module else []}
    file = folder / "state.json"
    file.write_text(json.dumps({"format_version": "1.0", "values": {"root_module": root}}))
    return str(file)
