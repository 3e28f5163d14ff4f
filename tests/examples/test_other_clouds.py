"""Examples that hand a key to AWS and Kubernetes: their real SDKs on the real engine, with plugins that stand in."""

from __future__ import annotations

import json
from collections.abc import Callable

from pagerduty_emulator import Emulator

from tests.support import toolchains

from .conftest import Example, is_secret

StandInFor = Callable[[str, str], None]


def test_aws_cloudwatch_in_python(
    new_example: Callable[..., Example], stand_in_for: StandInFor, emulator: Emulator
) -> None:
    stand_in_for("aws", toolchains.python_sdk_version("pulumi-aws"))
    example = new_example("aws-cloudwatch/python", toolchains.python_sdks())
    check_aws_cloudwatch(example, emulator)


def test_aws_cloudwatch_in_typescript(
    new_example: Callable[..., Example], stand_in_for: StandInFor, emulator: Emulator
) -> None:
    toolchains.needs("nodejs", host=True)
    modules = toolchains.aws_node_modules()
    stand_in_for("aws", json.loads((modules / "@pulumi" / "aws" / "package.json").read_text())["version"])
    example = new_example("aws-cloudwatch/typescript")
    example.install(modules)
    check_aws_cloudwatch(example, emulator)


def check_aws_cloudwatch(example: Example, emulator: Emulator) -> None:
    shown = example.up().output

    (made,) = emulator.integrations()
    fields = made["config"]["fields"]
    assert (fields["incident_key"]["value"], fields["description"]["value"]) == ("alarm_name", "alarm_description")
    state = example.state()
    integration, topic, subscription = state["cloudwatch"], state["alarms"], state["pagerduty"]
    assert subscription["type"] == "aws:sns/topicSubscription:TopicSubscription"
    assert subscription["propertyDependencies"]["endpoint"] == [integration["urn"]]
    assert subscription["propertyDependencies"]["topic"] == [topic["urn"]]
    assert state["slow-checkout"]["inputs"]["alarmActions"] == [topic["outputs"]["arn"]]
    assert is_secret(subscription["inputs"]["endpoint"])
    assert is_secret(subscription["outputs"]["endpoint"])
    assert made["integration_key"] not in shown + json.dumps(state)

    subscribed = example.resource("pagerduty")
    assert subscribed is not None
    endpoint = json.loads(subscribed["inputs"]["endpoint"]["plaintext"])
    assert endpoint == f"{emulator.url}/integration/{made['integration_key']}/enqueue"
    assert subscribed["inputs"]["protocol"] == "https"


def test_kubernetes_secret(new_example: Callable[..., Example], stand_in_for: StandInFor, emulator: Emulator) -> None:
    stand_in_for("kubernetes", toolchains.python_sdk_version("pulumi-kubernetes"))
    example = new_example("kubernetes-secret", toolchains.python_sdks())
    shown = example.up().output
    (made,) = emulator.integrations()
    state = example.state()
    secret = state["alertmanager-pagerduty"]
    assert secret["type"] == "kubernetes:core/v1:Secret"
    assert secret["propertyDependencies"]["stringData"] == [state["alertmanager"]["urn"]]
    assert made["integration_key"] not in shown + json.dumps(state)
    outputs = example.outputs()
    assert outputs["receiver"]["pagerduty_configs"] == [
        {"routing_key_file": "/etc/alertmanager/secrets/alertmanager-pagerduty/routing-key"}
    ]


def test_key_rotation(new_example: Callable[..., Example], stand_in_for: StandInFor, emulator: Emulator) -> None:
    stand_in_for("kubernetes", toolchains.python_sdk_version("pulumi-kubernetes"))
    example = new_example("key-rotation", toolchains.python_sdks())
    example.up()
    (before,) = emulator.integrations()
    assert example.preview().changes == {}

    example.pulumi("config", "set", "keyVersion", "2")
    rotated = example.up()
    (after,) = emulator.integrations()
    assert after["integration_key"] != before["integration_key"]
    secret = example.resource("pagerduty")
    assert secret is not None
    assert after["integration_key"] in json.dumps(secret["inputs"])
    # The new key is there, then it is handed on, and only then the old one goes.
    order = [
        (metadata["op"], metadata["urn"].rpartition("::")[-1])
        for event in rotated.events
        if (metadata := event.get("resOutputsEvent", {}).get("metadata"))
    ]
    create, update, delete = (
        order.index(step)
        for step in [("create-replacement", "events"), ("update", "pagerduty"), ("delete-replaced", "events")]
    )
    assert create < update < delete
