"""What the program declares, on Pulumi's mocks: no engine, no plugin, no PagerDuty."""

import asyncio
from typing import Any

import pulumi
import pytest
from alerting import alert_sources
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks


class PagerDuty(Mocks):
    def __init__(self) -> None:
        self.declared: dict[str, dict[str, Any]] = {}

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.declared[args.name] = args.inputs
        outputs = {"integrationKey": f"key-of-{args.name}"}
        return f"{args.inputs['service']}.P{len(self.declared)}", {**args.inputs, **outputs}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        assert args.token == "pagerduty-native:index:getVendor"
        return {"id": "PZQ6AUS", "name": args.args["name"]}, []


@pytest.fixture
def pagerduty() -> PagerDuty:
    asyncio.set_event_loop(asyncio.new_event_loop())  # resources need one; newer versions of Python make none
    mocks = PagerDuty()
    pulumi.runtime.set_mocks(mocks)
    return mocks


@pulumi.runtime.test
def test_an_integration_for_each_source(pagerduty: PagerDuty) -> pulumi.Output[None]:
    def check(keys: dict[str, str]) -> None:
        assert keys == {"cloudwatch": "key-of-cloudwatch", "deployments": "key-of-deployments"}
        assert pagerduty.declared["cloudwatch"] == {"service": "P0SHOP1", "vendor": "PZQ6AUS"}
        assert pagerduty.declared["deployments"]["type"] == "events_api_v2_inbound_integration"

    return pulumi.Output.all(**alert_sources("P0SHOP1")).apply(check)
