"""`pagerduty-native list`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.api.integrations import Entry, Filters
from pagerduty_native.api.lookups import Team, service_from
from pagerduty_native.api.records import Integration

from .conftest import EMAIL, SENTRY, Create, Run


@pytest.fixture
def made(create: Create) -> dict[str, dict[str, Any]]:
    return {
        "alarms": create("PCHECKT", "Alarms"),
        "mail": create("PCHECKT", "Mail of [Checkout]", EMAIL),
        "errors": create("PAYMNT2", "Errors", SENTRY),
    }


def names(run: Run, *arguments: str) -> list[str]:
    return [each["name"] for each in json.loads(run("list", "--json", *arguments).stdout)]


@pytest.mark.usefixtures("made")
def test_a_table_with_headings(run: Run) -> None:
    lines = run("list").stdout.splitlines()
    assert lines[0].split() == ["ID", "SERVICE", "NAME", "VENDOR", "TYPE"]
    assert [line.split()[1] for line in lines[1:]] == ["Checkout", "Checkout", "Payments"]
    assert lines[1].endswith("Amazon CloudWatch  event_transformer_api")


def test_json_has_what_get_integrations_returns_and_the_names(run: Run, made: dict[str, dict[str, Any]]) -> None:
    (found,) = json.loads(run("list", "--json", "--name", "errors").stdout)
    assert found == {
        "id": f"PAYMNT2.{made['errors']['id']}",
        "integrationId": made["errors"]["id"],
        "service": "PAYMNT2",
        "serviceName": "Payments",
        "name": "Errors",
        "type": made["errors"]["type"],
        "vendor": SENTRY,
        "vendorName": "Sentry",
        "htmlUrl": made["errors"]["html_url"],
    }


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--service", "checkout"], ["Alarms", "Mail of [Checkout]"]),
        (["--service", "PAYMNT2"], ["Errors"]),
        (["--service", "PAY*", "--service", "check*"], ["Alarms", "Mail of [Checkout]", "Errors"]),
        (["--vendor", "amazon*"], ["Alarms"]),
        (["--vendor", EMAIL], ["Mail of [Checkout]"]),
        (["--name", "?rrors", "--service", "Checkout"], []),
        (["--name", "mail*"], ["Mail of [Checkout]"]),
    ],
)
def test_filters(run: Run, arguments: list[str], expected: list[str]) -> None:
    assert names(run, *arguments) == expected


def test_by_either_id_of_an_integration(run: Run, made: dict[str, dict[str, Any]]) -> None:
    integration_id = made["mail"]["id"]
    assert names(run, "--name", integration_id) == names(run, "--name", f"PCHECKT.{integration_id}")


def test_by_team() -> None:
    """A service tells its teams as references (recorded GET /services of the IBM SOAR app's documents)."""
    reference = {"id": "PT1", "type": "team_reference", "summary": "Shop"}
    service = service_from({"id": "P1", "name": "Checkout", "teams": [reference, {"id": "PT2"}]})
    assert service.teams == (Team("PT1", "Shop"), Team("PT2", ""))
    integration = Integration("PI1", "P1", "nagios_inbound_integration", "A", None, None, None)
    for pattern, allowed in (("shop", True), ("PT1", True), ("Bank", False)):
        assert Filters({"team": (pattern,)}).allow(Entry(integration, service)) is allowed


@pytest.mark.usefixtures("made")
def test_a_pattern_without_a_match_gets_the_nearest_name(run: Run) -> None:
    result = run("list", "--service", "Chekout")
    assert "--service 'Chekout' matches none of the 3 integrations. Did you mean 'Checkout'" in result.stderr
    result = run("list", "--service", "https://acme.pagerduty.com/service-directory/PNOSUCH")
    assert "matches none of the 3 integrations. Did you mean 'PNOSUCH'?" in result.stderr
    assert "None of the 3 integrations matches." in result.stderr
    assert result.stdout == ""


def test_an_empty_account(run: Run) -> None:
    result = run("list")
    assert (result.stdout, result.stderr) == ("", "No integrations.\n")
    assert json.loads(run("list", "--json").stdout) == []


@pytest.mark.usefixtures("made")
def test_one_call_for_a_hundred_services(run: Run, emulator: Emulator) -> None:
    run("list", "--vendor", "Amazon*")
    assert [(each.method, each.path) for each in emulator.requests] == [
        ("GET", "/services"),
        ("GET", "/event_orchestrations"),
    ]
