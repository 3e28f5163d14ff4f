"""examples/with-pulumi-pagerduty: services from the bridged provider under our integrations, with both real SDKs.

The bridged plugin is a stand-in: see bridged.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from pagerduty_emulator import Emulator

from tests.support import toolchains
from tests.support.stack import Result

from .bridged import Bridged
from .conftest import Example, is_secret
from .stand_in import StandIn

URN = "urn:pulumi:dev::with-pulumi-pagerduty-python::pagerduty:index/service:Service::storefront"


@pytest.fixture
def example(new_example: Callable[..., Example], stand_in_for: Callable[..., None], emulator: Emulator) -> Example:
    stand_in_for("aws", toolchains.python_sdk_version("pulumi-aws"))
    stand_in_for("pagerduty", toolchains.python_sdk_version("pulumi-pagerduty"), Bridged)
    example = new_example("with-pulumi-pagerduty/python", toolchains.python_sdks())
    example.pulumi("config", "set", "pagerduty:apiUrlOverride", emulator.url)
    return example


def order(result: Result) -> list[tuple[str, str]]:
    """List the operations with their resources, in the order in which they finished."""
    return [
        (metadata["op"], metadata["urn"].rpartition("::")[-1])
        for event in result.events
        if (metadata := event.get("resOutputsEvent", {}).get("metadata")) and metadata["op"] != "same"
    ]


def storefront(emulator: Emulator) -> str:
    """The id of the service that the program made."""
    (found,) = [each["id"] for each in emulator.services() if each["name"].casefold().startswith("storefront")]
    return str(found)


def edit(example: Example, old: str, new: str) -> None:
    program = example.folder / "__main__.py"
    text = program.read_text()
    assert text.count(old) == 1
    program.write_text(text.replace(old, new))


def test_in_python(example: Example, emulator: Emulator) -> None:
    """Then with another name, in PagerDuty and in the program."""
    # While the service has no id.
    preview = example.preview()
    assert preview.changes == {"create": 6}
    assert emulator.requests.count("POST") == 0
    check(example, emulator)
    (made,) = emulator.integrations()

    edit(example, 'name="Storefront"', 'name="Storefront EU"')
    assert order(example.up()) == [("update", "storefront")]
    edit(example, '"storefront",', '"shop",')
    edit(example, "delete_before_replace=True", 'delete_before_replace=True, aliases=[pulumi.Alias(name="storefront")]')
    assert order(example.up()) == []
    (still,) = emulator.integrations(storefront(emulator))
    assert still["integration_key"] == made["integration_key"]


def test_a_service_is_replaced_or_deleted_elsewhere(example: Example, emulator: Emulator) -> None:
    example.up()
    replaced = order(example.up("--replace", URN))
    assert [step for step in replaced if step[0] != "replace"] == [
        ("delete-replaced", "cloudwatch"),
        ("delete-replaced", "storefront"),
        ("create-replacement", "storefront"),
        ("create-replacement", "cloudwatch"),
        ("update", "pagerduty"),
    ]
    is_handed_on(example, emulator)

    emulator.delete_service(storefront(emulator))
    assert example.refresh().changes == {"delete": 2}
    assert order(example.up()) == [("create", "storefront"), ("create", "cloudwatch"), ("update", "pagerduty")]
    is_handed_on(example, emulator)

    edit(example, "delete_before_replace=True", "delete_before_replace=False")
    refused = example.up("--replace", URN, fails=True)
    assert "Name has already been taken" in refused.output
    assert order(refused) == []
    is_handed_on(example, emulator)


def test_a_service_without_a_fixed_name_is_replaced_and_deleted(example: Example, emulator: Emulator) -> None:
    edit(example, '    name="Storefront",\n', "")
    edit(
        example,
        "    opts=pulumi.ResourceOptions(delete_before_replace=True),  # two services cannot have the same name\n",
        "",
    )
    example.up()
    (old,) = emulator.integrations()
    replaced = order(example.up("--replace", URN))
    assert [step for step in replaced if step[0] != "replace"] == [
        ("create-replacement", "storefront"),
        ("create-replacement", "cloudwatch"),
        ("update", "pagerduty"),
        ("delete-replaced", "cloudwatch"),
        ("delete-replaced", "storefront"),
    ]
    is_handed_on(example, emulator)
    example.destroy()
    assert emulator.integrations() == []
    assert old["service"]["id"] not in [each["id"] for each in emulator.services()]
    # They went with their services.
    assert emulator.requests.count("DELETE", "/services/*") == 2
    assert emulator.requests.count("DELETE", "/services/*/integrations/*") == 0


def is_handed_on(example: Example, emulator: Emulator) -> None:
    """There is one integration, and the subscription has its URL."""
    (made,) = emulator.integrations(storefront(emulator))
    assert emulator.integrations() == [made]
    subscription = example.resource("pagerduty")
    assert subscription is not None
    assert made["integration_key"] in subscription["inputs"]["endpoint"]["plaintext"]


def test_in_typescript(
    new_example: Callable[..., Example], stand_in_for: Callable[..., None], emulator: Emulator
) -> None:
    toolchains.needs("nodejs", host=True)
    modules = toolchains.aws_node_modules()
    for plugin, plugin_class in {"aws": StandIn, "pagerduty": Bridged}.items():
        version = json.loads((modules / "@pulumi" / plugin / "package.json").read_text())["version"]
        stand_in_for(plugin, version, plugin_class)
    example = new_example("with-pulumi-pagerduty/typescript")
    example.install(modules)
    example.pulumi("config", "set", "pagerduty:apiUrlOverride", emulator.url)
    check(example, emulator)


def check(example: Example, emulator: Emulator) -> None:
    up = example.up()
    service = storefront(emulator)
    (made,) = emulator.integrations(service)
    assert made["vendor"]["id"] == "PZQ6AUS"
    state = example.state()
    integration, subscription = state["cloudwatch"], state["pagerduty"]
    assert integration["id"] == f"{service}.{made['id']}"
    assert integration["propertyDependencies"]["service"] == [state["storefront"]["urn"]]
    assert integration["deletedWith"] == state["storefront"]["urn"]
    assert is_secret(subscription["inputs"]["endpoint"])
    assert is_secret(subscription["outputs"]["endpoint"])
    assert made["integration_key"] not in up.output + json.dumps(state)
