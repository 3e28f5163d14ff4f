"""The functions, through the real engine. tests/unit has how names are matched."""

from __future__ import annotations

from typing import Any

from pagerduty_emulator import Emulator

from tests.support.stack import Stack

SERVICE = "PCHECKT"


def invoke(function: str, **arguments: Any) -> dict[str, Any]:
    return {"fn::invoke": {"function": f"pagerduty-native:{function}", "arguments": arguments}}


def test_get_service_by_name_and_an_integration_on_it(stack: Stack, emulator: Emulator) -> None:
    for number in range(150):
        emulator.add_service(f"Service {number:03}")
    service = emulator.add_service("Zebra Crossing")
    stack.program(
        variables={"found": invoke("getService", name="zebra crossing")},
        resources={
            "alerts": {
                "type": "pagerduty-native:Integration",
                "properties": {"service": "${found.id}", "type": "events_api_v2_inbound_integration"},
            }
        },
        outputs={"service": "${found.name}"},
    )
    stack.up()
    assert stack.outputs() == {"service": "Zebra Crossing"}
    assert len(emulator.integrations(service)) == 1


def test_get_vendors_and_one_of_them_as_the_vendor(stack: Stack, emulator: Emulator) -> None:
    stack.program(
        variables={"found": invoke("getVendors", query="cloudwatch")},
        resources={
            "alerts": {
                "type": "pagerduty-native:Integration",
                "properties": {"service": SERVICE, "vendor": "${found.vendors[0]}"},
            }
        },
    )
    stack.up()
    assert emulator.integrations()[0]["vendor"]["summary"] == "Amazon CloudWatch"
    resource = stack.resource()
    assert resource is not None
    assert resource["inputs"]["vendor"] == "PZQ6AUS"
    assert stack.preview().changes == {}


def test_an_existing_integration_and_its_key(stack: Stack, emulator: Emulator) -> None:
    stack.integration(service=SERVICE, type="events_api_v2_inbound_integration", name="Alerts of old")
    stack.up()
    (made,) = emulator.integrations()
    stack.program(
        variables={
            "one": invoke("getIntegration", service=SERVICE, name="alerts"),
            "all": invoke("getIntegrations", service=SERVICE),
        },
        resources={
            "existing": {"type": "pagerduty-native:Integration", "get": {"id": "${one.id}"}},
        },
        outputs={"key": "${existing.integrationKey}", "one": "${one}", "all": "${all}"},
    )
    stack.pulumi("state", "delete", "--yes", "urn:pulumi:dev::test::pagerduty-native:index:Integration::alerts")
    shown = stack.up().output + stack.export()
    assert made["integration_key"] not in shown
    outputs = stack.outputs()
    assert outputs["key"] == made["integration_key"]
    assert outputs["one"] == outputs["all"]["integrations"][0]
    assert outputs["one"]["id"] == f"{SERVICE}.{made['id']}"
    assert made["integration_key"] not in str(outputs["one"])


def test_a_missing_object_fails_the_program(stack: Stack) -> None:
    lookups: dict[str, tuple[str, dict[str, str], str]] = {
        "misspelt service": ("getService", {"name": "Chekout"}, "Did you mean 'Checkout'"),
        "unknown service ID": ("getService", {"id": "PNOWHER"}, "no service with the ID 'PNOWHER'"),
        "no service": ("getIntegrations", {"service": "PNOWHER"}, "`service`: PagerDuty has no service"),
        "by name": ("getIntegration", {"service": SERVICE, "name": "x"}, "there are no integrations"),
        "by ID": ("getIntegration", {"service": SERVICE, "id": "PX"}, "no integration with the ID 'PX'"),
        "neither": ("getIntegration", {"service": SERVICE}, "Set either the `name` or the `id`"),
    }
    stack.lookups({name: (function, arguments) for name, (function, arguments, _) in lookups.items()})
    output = stack.up(fails=True).output
    assert [name for name, (_, _, said) in lookups.items() if said not in output] == [], output


def test_the_same_lookup_is_one_call(stack: Stack, emulator: Emulator) -> None:
    stack.program(
        variables={f"v{number}": invoke("getVendor", name="Amazon CloudWatch") for number in range(10)},
        outputs={"ids": [f"${{v{number}.id}}" for number in range(10)]},
    )
    emulator.requests.clear()
    stack.up()
    assert emulator.requests.counts() == {"GET /vendors": 1}
