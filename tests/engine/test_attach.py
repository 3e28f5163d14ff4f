"""A plugin started by hand, under a debugger say: engines attach to it, one after another."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from tests.conftest import PLUGIN, TOKEN
from tests.support.stack import Stack

SERVICE = "PCHECKT"
# Something that the provider warns of.
EMAIL: dict[str, Any] = {
    "type": "generic_email_inbound_integration",
    "integrationEmail": "alerts@acme.pagerduty.com",
    "emailFilters": [{"subjectRegex": "ALARM"}],
}


@pytest.fixture
def plugin() -> Iterator[subprocess.Popen[str]]:
    """Takes its settings from the engine alone, as its environment has none."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PAGERDUTY_")}
    with subprocess.Popen([PLUGIN], env=environ, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.terminate()


def test_engines_attach_one_after_another(stack: Stack, emulator: Emulator, plugin: subprocess.Popen[str]) -> None:
    assert plugin.stdout
    attached = {"PULUMI_DEBUG_PROVIDERS": f"pagerduty-native:{int(plugin.stdout.readline())}"}
    stack.pulumi("config", "set", "--secret", "pagerduty-native:token", TOKEN)
    stack.integration(service=SERVICE, **EMAIL, name="one")

    # Preview and update are two providers to the engine. Each cancels its own when it is done.
    result = stack.pulumi("up", "--yes", environ=attached)
    # It reached the engine that is attached.
    assert "subjectRegex` has no effect" in result.output
    assert len(emulator.integrations(SERVICE)) == 1

    # A second engine.
    stack.integration(service=SERVICE, **EMAIL, name="two")
    stack.pulumi("up", "--yes", environ=attached)
    assert [each["name"] for each in emulator.integrations(SERVICE)] == ["two"]

    stack.pulumi("destroy", "--yes", environ=attached)
    assert emulator.integrations(SERVICE) == []
    assert plugin.poll() is None


def test_two_accounts_in_one_program_are_refused_to_an_engine_that_is_attached(
    stack: Stack, emulator: Emulator, plugin: subprocess.Popen[str]
) -> None:
    """One process serves both providers: the first one's integration would be made in the second one's account."""
    assert plugin.stdout
    attached = {"PULUMI_DEBUG_PROVIDERS": f"pagerduty-native:{int(plugin.stdout.readline())}"}
    settings = {"apiUrlOverride": emulator.url}
    resources: dict[str, Any] = {}
    for name in ("one", "two"):
        resources[name] = {"type": "pulumi:providers:pagerduty-native", "properties": settings | {"token": name}}
        resources[f"of-{name}"] = {
            "type": "pagerduty-native:Integration",
            "properties": {"service": SERVICE, "type": "events_api_v2_inbound_integration"},
            "options": {"provider": f"${{{name}}}"},
        }
    stack.program(resources=resources)
    result = stack.up(fails=True, environ=attached)
    assert "already has other settings (`token`)" in result.diagnostics
    assert "Run without PULUMI_DEBUG_PROVIDERS" in result.diagnostics
    assert len(emulator.integrations(SERVICE)) <= 1
