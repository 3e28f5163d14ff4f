"""Examples of what is done in PagerDuty itself, on the real engine."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pagerduty_emulator
import pytest
from pagerduty_emulator import Emulator

from tests.conftest import TOKEN
from tests.support import toolchains
from tests.support.account import post_integration

from .conftest import Example

CHECKOUT = "PCHECKT"


def test_email_with_filters(new_example: Callable[..., Example], emulator: Emulator) -> None:
    example = new_example("email-with-filters")
    example.up()
    assert example.preview().changes == {}
    address = example.outputs()["address"]
    emulator.receive_email(address, sender="root@elsewhere.example.net", subject="[backup] orders: FAILED")
    emulator.receive_email(address, sender="cron@backup.example.com", subject="[backup] orders: 95 % done")
    assert emulator.alerts() == []
    emulator.receive_email(address, sender="cron@backup.example.com", subject="[backup] orders: FAILED")
    emulator.receive_email(address, sender="cron@backup.example.com", subject="[backup] users: FAILED")
    emulator.receive_email(address, sender="cron@backup.example.com", subject="[backup] orders: OK")
    assert sorted(alert["status"] for alert in emulator.alerts()) == ["resolved", "triggered"]


def test_custom_event_transformer(new_example: Callable[..., Example], emulator: Emulator) -> None:
    example = new_example("custom-event-transformer")
    example.up()
    code = example.folder / "transform.js"
    for text in (code.read_text(), code.read_text().replace("failed", "aborted")):
        code.write_text(text)
        example.up()
        (made,) = emulator.integrations()
        assert made["config"]["fields"] == {"code": {"value": text}}
        assert example.preview().changes == {}


def test_many_services(new_example: Callable[..., Example], emulator: Emulator) -> None:
    example = new_example("many-services")
    example.up()
    keys = example.outputs()["keys"]
    assert {service: sorted(vendors) for service, vendors in keys.items()} == {
        "Checkout": ["Amazon CloudWatch", "Sentry"],
        "Payments": ["Sentry"],
        "Kubernetes Platform": ["Amazon CloudWatch", "Datadog"],
        "Orders Database": ["Datadog"],
    }
    made = {integration["integration_key"]: integration["name"] for integration in emulator.integrations()}
    assert made[keys["Checkout"]["Sentry"]] == "Sentry (Shop)"
    assert emulator.requests.count("POST", "/services/*/integrations") == len(made) == 6
    assert emulator.requests.count("GET", "/vendors") <= 3

    table = example.folder / "sources.csv"
    table.write_text(table.read_text() + "Shop,Search,Sentry\n")
    assert example.up().changes == {"create": 2}  # the service's component, and the integration


def test_two_accounts(new_example: Callable[..., Example], emulator: Emulator) -> None:
    with pagerduty_emulator.serve() as european:
        # Each takes only its own token.
        emulator.settings.rejected_tokens = {"eu-token"}
        european.settings.rejected_tokens = {"us-token"}
        example = new_example("two-accounts")
        for region in ("us", "eu"):
            example.pulumi("config", "set", "--secret", f"{region}Token", f"{region}-token")
        # The one thing that a person with accounts does not do.
        program = example.folder / "__main__.py"
        text = program.read_text()
        for region, account in (("us", emulator), ("eu", european)):
            here = f'service_region="{region}"'
            assert text.count(here) == 1
            text = text.replace(here, f'{here}, api_url_override="{account.url}"')
        program.write_text(text)

        shown = example.up().output + example.export()
        (american_one,), (european_one,) = emulator.integrations(CHECKOUT), european.integrations(CHECKOUT)
        assert example.outputs() == {
            "usKey": american_one["integration_key"],
            "euKey": european_one["integration_key"],
        }
        assert "us-token" not in shown
        assert "eu-token" not in shown


def test_existing_service_by_name(new_example: Callable[..., Example], emulator: Emulator) -> None:
    example = new_example("existing-service-by-name")
    up = example.up()
    assert "warning" not in up.output.casefold()
    (made,) = emulator.integrations(CHECKOUT)
    outputs = example.outputs()
    assert outputs["integrationKey"] == made["integration_key"]
    assert CHECKOUT in outputs["service"]


def test_existing_integration(new_example: Callable[..., Example], emulator: Emulator) -> None:
    made = post_integration(emulator, CHECKOUT, type="events_api_v2_inbound_integration", name="Deployments")
    example = new_example("existing-integration")
    shown = example.up().output
    assert made["integration_key"] not in shown
    assert example.outputs() == {"integrationKey": made["integration_key"]}
    example.destroy()
    assert len(emulator.integrations(CHECKOUT)) == 1


def test_automation_api(tmp_path: Path, environ: dict[str, str], emulator: Emulator) -> None:
    program = toolchains.copy(toolchains.EXAMPLES / "automation-api", tmp_path / "program")
    # A stack's configuration is all there is to say where the emulator is.
    text = (program / "onboard.py").read_text()
    here = "    result = stack.up("
    assert text.count(here) == 1
    override = f'    stack.set_config("pagerduty-native:apiUrlOverride", automation.ConfigValue("{emulator.url}"))\n'
    (program / "onboard.py").write_text(text.replace(here, override + here))
    (tmp_path / "state").mkdir()
    environ = {**environ, "PULUMI_BACKEND_URL": (tmp_path / "state").as_uri(), "PAGERDUTY_TOKEN": TOKEN}

    def onboard(*arguments: str) -> None:
        toolchains.run(
            *("bash", "-c", '"$0" onboard.py "$@" >keys.json', sys.executable, *arguments),
            cwd=program,
            environ=environ,
        )

    onboard("Checkout", "Sentry", "Amazon CloudWatch")
    keys = json.loads((program / "keys.json").read_text())
    made = {each["vendor"]["summary"]: each["integration_key"] for each in emulator.integrations(CHECKOUT)}
    assert keys == made
    assert len(keys) == 2
    onboard("Checkout", "Sentry")
    assert json.loads((program / "keys.json").read_text()) == {"Sentry": keys["Sentry"]}
    assert len(emulator.integrations(CHECKOUT)) == 1


@pytest.mark.parametrize("place", ["in place", "copied"])
def test_unit_testing(tmp_path: Path, environ: dict[str, str], any_python: dict[str, str], place: str) -> None:
    """In its folder, below this project's settings for pytest, and copied out of it; with an engine once each."""
    with_engine = bool(any_python) == (place == "copied") or len(toolchains.pythons()) == 1
    folder = toolchains.EXAMPLES / "unit-testing"
    if place == "copied":
        folder = toolchains.copy(folder, tmp_path / "program")
    tests = () if with_engine else ("test_with_mocks.py",)
    command = ("python", "-B", "-m", "pytest", "-p", "no:cacheprovider", "--quiet", *tests)
    assert f"{1 + with_engine} passed" in toolchains.run(*command, cwd=folder, environ={**environ, **any_python})


def test_the_program_of_unit_testing(new_example: Callable[..., Example], emulator: Emulator) -> None:
    example = new_example("unit-testing")
    example.pulumi("config", "set", "service", CHECKOUT)
    example.up()
    assert sorted(example.outputs()["keys"]) == ["cloudwatch", "deployments"]


# Integrations made by hand, by service.
BY_HAND: list[tuple[str, dict[str, Any]]] = [
    ("PCHECKT", {"name": "CloudWatch", "vendor": "PZQ6AUS"}),
    ("PCHECKT", {"name": "Deployments", "type": "events_api_v2_inbound_integration"}),
    ("PDBORD9", {"name": "Datadog", "vendor": "PAM4FGS"}),
    (
        "PWAREH7",
        {
            "name": "Nightly loads",
            "type": "generic_email_inbound_integration",
            "integration_email": "loads@acme.pagerduty.com",
            "email_incident_creation": "on_new_email_subject",
            "email_filter_mode": "and-rules-email",
            "email_filters": [
                {
                    "subject_mode": "match",
                    "subject_regex": r"^\[load\] .*FAILED",
                    "body_mode": "always",
                    "from_email_mode": "match",
                    "from_email_regex": r"@warehouse\.example\.com$",
                }
            ],
        },
    ),
]


def test_adopt_an_account(new_example: Callable[..., Example], emulator: Emulator) -> None:
    """The commands of its README bring back the program that is there."""
    for service, integration in BY_HAND:
        post_integration(emulator, service, **integration)
    before = emulator.integrations()
    example = new_example("adopt-an-account")
    written = (example.folder / "__main__.py").read_text()
    (adopt,) = re.findall("^pagerduty-native .*$", (example.folder / "README.md").read_text(), re.MULTILINE)
    toolchains.run("bash", "-c", adopt, cwd=example.folder, environ=example.environ)
    assert (example.folder / "__main__.py").read_text() == written
    example.pulumi("import", "--file=import.json", "--generate-code=false", "--stack=dev", "--yes", "--skip-preview")
    assert example.preview().changes == {}
    assert emulator.integrations() == before
