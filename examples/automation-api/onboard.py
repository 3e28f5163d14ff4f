"""Gives a service its integrations and prints their keys: python onboard.py SERVICE VENDOR..."""

import json
import re
import sys

import pulumi
import pulumi_pagerduty_native as pagerduty
from pulumi import automation


def onboard(service: str, vendors: list[str]) -> dict[str, str]:
    """Give a service an integration for each of these vendors and for no other; returns their keys."""

    def program() -> None:
        found = pagerduty.get_service(name=service)
        for vendor in vendors:
            integration = pagerduty.Integration(
                vendor,
                service=found.id,
                vendor=pagerduty.get_vendor(name=vendor).id,
            )
            pulumi.export(vendor, integration.integration_key)

    stack = automation.create_or_select_stack(
        stack_name=re.sub(r"\W+", "-", service).lower(),
        project_name="onboarding",
        program=program,
    )
    result = stack.up(on_output=lambda text: print(text, file=sys.stderr))
    return {vendor: output.value for vendor, output in result.outputs.items()}


if __name__ == "__main__":
    print(json.dumps(onboard(sys.argv[1], sys.argv[2:]), indent=2))
