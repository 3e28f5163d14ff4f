"""Examples that give an integration's key or URL to a sender, or keep it where keys belong.

The senders' real SDKs run on the real engine, with plugins that stand in.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from tests.support import toolchains

from .conftest import Example, is_secret


@dataclass
class Sender:
    """plugin, sdk: the plugin's name and the Python SDK that asks for it.
    resource, type: what gets the secret, by its name and its type.
    secret: the path to the secret in the resource's properties.
    is_url: whether the secret is the URL rather than the key.
    made_as: the type of the integration, or its vendor.
    outputs: the stack's outputs.
    """

    plugin: str
    sdk: str
    resource: str
    type: str
    secret: tuple[str | int, ...]
    made_as: str
    outputs: dict[str, str]
    is_url: bool = False


EVENTS = "events_api_v2_inbound_integration"
SENDERS = {
    "secrets-manager": Sender(
        "aws",
        "pulumi-aws",
        "pagerduty-key",
        "aws:secretsmanager/secretVersion:SecretVersion",
        ("secretString",),
        EVENTS,
        {"secretArn": "arn:aws:::pagerduty"},
    ),
    "github-actions-secret": Sender(
        "github",
        "pulumi-github",
        "pagerduty",
        "github:index/actionsSecret:ActionsSecret",
        ("value",),
        EVENTS,
        {"usage": "${{ secrets.PAGERDUTY_INTEGRATION_KEY }}"},
    ),
    "grafana": Sender(
        "grafana",
        "pulumiverse-grafana",
        "pagerduty",
        "grafana:alerting/contactPoint:ContactPoint",
        ("pagerduties", 0, "integrationKey"),
        EVENTS,
        {"contactPoint": "PagerDuty Checkout"},
    ),
    "datadog": Sender(
        "datadog",
        "pulumi-datadog",
        "checkout",
        "datadog:pagerduty/serviceObject:ServiceObject",
        ("serviceKey",),
        "Datadog",
        {"mention": "@pagerduty-checkout"},
    ),
    "google-cloud-monitoring": Sender(
        "gcp",
        "pulumi-gcp",
        "pagerduty",
        "gcp:monitoring/notificationChannel:NotificationChannel",
        ("sensitiveLabels", "serviceKey"),
        "Google Cloud Monitoring",
        {"channel": "pagerduty"},
    ),
    "azure-monitor": Sender(
        "azure-native",
        "pulumi-azure-native",
        "pagerduty",
        "azure-native:monitor:ActionGroup",
        ("webhookReceivers", 0, "serviceUri"),
        "Microsoft Azure",
        {"actionGroup": "pagerduty"},
        is_url=True,
    ),
}


@pytest.mark.parametrize("name", SENDERS)
def test_the_secret_stays_one(
    new_example: Callable[..., Example], stand_in_for: Callable[..., None], emulator: Emulator, name: str
) -> None:
    sender = SENDERS[name]
    stand_in_for(sender.plugin, toolchains.python_sdk_version(sender.sdk))
    example = new_example(name, toolchains.python_sdks())
    up = example.up()
    (made,) = emulator.integrations()
    assert sender.made_as in (made["type"], (made["vendor"] or {}).get("summary"))
    key = made["integration_key"]
    resource = example.state()[sender.resource]
    assert resource["type"] == sender.type
    # The stand-in gave it back in plain text.
    for properties in (resource["inputs"], resource["outputs"]):
        assert at(properties, sender.secret) == "[secret]"
    assert key not in up.output + json.dumps(up.events) + json.dumps(resource)
    shown = example.resource(sender.resource)
    assert shown is not None
    assert at(shown["inputs"], sender.secret) == (f"{emulator.url}/integration/{key}/enqueue" if sender.is_url else key)
    assert example.outputs() == sender.outputs


def at(properties: Any, path: tuple[str | int, ...]) -> Any:
    """Return the value at a path in the properties of a state; [secret] if it, or an object around it, is encrypted."""
    for step in (*path, None):
        if is_secret(properties):
            return "[secret]"
        if isinstance(properties, dict) and "plaintext" in properties:
            properties = json.loads(properties["plaintext"])
        if step is not None:
            properties = properties[step]
    return properties
