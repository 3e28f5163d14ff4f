"""An account in the middle of a day: what the pictures show, and what the tests look at."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator import Emulator

from emulator.tests.client import TOKEN, Client

PROVIDER = {**TOKEN, "User-Agent": "pulumi-pagerduty-native/0.1.0"}
INTEGRATIONS: dict[str, dict[str, Any]] = {
    "PCHECKT": {"name": "CloudWatch alarms", "vendor": {"id": "PZQ6AUS", "type": "vendor_reference"}},
    "PKUBEC8": {"name": "Prometheus", "vendor": {"id": "P1S0PW6", "type": "vendor_reference"}},
    "PAYMNT2": {
        "name": "Bank's monitoring",
        "type": "generic_email_inbound_integration",
        "integration_email": "bank@acme.pagerduty.com",
    },
}
ALERTS = (
    ("PKUBEC8", "KubePodCrashLooping: cart-7d9f", "warning"),
    ("PKUBEC8", "Node kube-3 is not ready", "error"),
    ("PCHECKT", "Checkout answers slowly: 4.2 s", "critical"),
)


def play(emulator: Emulator) -> dict[str, dict[str, Any]]:
    """Let it happen; returns the integrations by their services' ids."""
    with Client(emulator.url, PROVIDER) as provider, Client(emulator.url, {"User-Agent": "curl/8.14.1"}) as tool:
        provider.get("/vendors?query=Amazon+CloudWatch&limit=100")
        made = {service: create(provider, service, given) for service, given in INTEGRATIONS.items()}
        emulator.inject("rate_limit", "GET", "/services/**")
        for _ in range(2):
            provider.get(made["PCHECKT"]["self"])
        for service, summary, severity in ALERTS:
            send(tool, made[service]["integration_key"], summary, severity)
    emulator.inject("reset", "POST", "/services/*/integrations", after_commit=True)
    first, second, _ = emulator.alerts()
    emulator.resolve(first["incident"]["id"])
    emulator.acknowledge(second["incident"]["id"])
    return made


def create(client: Client, service: str, given: dict[str, Any]) -> dict[str, Any]:
    """An integration on a service."""
    answer = client.post(f"/services/{service}/integrations", json={"integration": {"type": "any", **given}})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["integration"]
    return made


def send(client: Client, key: str, summary: str, severity: str = "critical") -> None:
    """An event, which becomes an alert."""
    payload = {"summary": summary, "source": "db1", "severity": severity}
    answer = client.post("/v2/enqueue", json={"routing_key": key, "event_action": "trigger", "payload": payload})
    assert answer.status_code == 202, answer.text
