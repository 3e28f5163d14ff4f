"""What the program does, on the real engine against the PagerDuty emulator."""

from collections.abc import Iterator
from pathlib import Path

import pagerduty_emulator
import pulumi
import pytest
import requests
from alerting import alert_sources
from pulumi import automation

SERVICE = "PCHECKT"  # one of those that the emulator begins with


@pytest.fixture
def pagerduty() -> Iterator[pagerduty_emulator.Emulator]:
    with pagerduty_emulator.serve() as emulator:
        yield emulator


def program() -> None:
    for name, key in alert_sources(SERVICE).items():
        pulumi.export(name, key)


@pytest.fixture
def stack(pagerduty: pagerduty_emulator.Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> automation.Stack:
    monkeypatch.setenv("PULUMI_BACKEND_URL", tmp_path.as_uri())
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "")
    stack = automation.create_stack("test", project_name="unit-testing", program=program)
    stack.set_config("pagerduty-native:apiUrlOverride", automation.ConfigValue(pagerduty.url))
    stack.set_config("pagerduty-native:token", automation.ConfigValue("any-token-will-do", secret=True))
    return stack


def test_an_event_with_the_key_opens_an_alert(stack: automation.Stack, pagerduty: pagerduty_emulator.Emulator) -> None:
    outputs = stack.up().outputs
    assert outputs["cloudwatch"].secret
    assert outputs["deployments"].secret
    assert len(pagerduty.integrations(SERVICE)) == 2

    event = {
        "routing_key": outputs["deployments"].value,
        "event_action": "trigger",
        "payload": {"summary": "Deployment failed", "source": "ci", "severity": "error"},
    }
    requests.post(f"{pagerduty.url}/v2/enqueue", json=event, timeout=10).raise_for_status()
    assert [alert["summary"] for alert in pagerduty.alerts()] == ["Deployment failed"]
