"""`pagerduty-native check`."""

from __future__ import annotations

import json

import pytest
from pagerduty_emulator import Emulator

from .conftest import TOKEN, Create, Run

APP = {"CLIENT_ID": "app", "CLIENT_SECRET": "AppSecretThatMustNotShow", "SUBDOMAIN": "acme"}


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAGERDUTY_TOKEN")
    for name, value in APP.items():
        monkeypatch.setenv(f"PAGERDUTY_{name}", value)


def lines(output: str) -> dict[str, str]:
    return {line[:14].strip(): line[14:] for line in output.splitlines()}


def test_what_a_key_is_good_for(run: Run, emulator: Emulator, create: Create) -> None:
    create("PCHECKT", "Alarms")
    emulator.settings.html_urls = "pagerduty"
    told = lines(run("check").stdout)
    assert told["API"] == emulator.url
    assert told["Account"] == "acme (acme.pagerduty.com), region us"
    assert told["Token"] == "good, of a user with the role owner"
    assert told["May read"] == "services, integrations, vendors, orchestrations"
    assert told["May write"].startswith("what the user may edit")
    assert (told["Services"], told["Integrations"]) == ("12", "1")


def test_json_for_scripts(run: Run, emulator: Emulator, create: Create) -> None:
    create("PCHECKT", "Alarms")
    emulator.settings.update({"html_urls": "pagerduty", "rate_limit": 960})
    assert json.loads(run("check", "--json").stdout) == {
        "apiUrl": emulator.url,
        "subdomain": "acme",
        "region": "us",
        "role": "owner",
        "scopes": None,
        "readsVendors": True,
        "readsEventOrchestrations": True,
        "writesIntegrations": None,
        "callsPerMinute": 960,
        "callsLeft": 956,
        "services": 12,
        "integrations": 1,
        "missing": [],
    }


@pytest.mark.usefixtures("app")
def test_json_of_missing_rights(run: Run, emulator: Emulator) -> None:
    emulator.settings.oauth_scopes = {"services.read"}
    result = run("check", "--json", exit_code=3)
    found = json.loads(result.stdout)
    assert (found["readsVendors"], found["writesIntegrations"], len(found["missing"])) == (False, False, 2)
    assert result.stderr == ""


def test_the_region_of_the_account(run: Run, emulator: Emulator) -> None:
    emulator.settings.update({"html_urls": "pagerduty", "region": "eu"})
    assert lines(run("check").stdout)["Account"] == "acme (acme.eu.pagerduty.com), region eu"


def test_how_many_calls_are_left(run: Run, emulator: Emulator) -> None:
    emulator.settings.rate_limit = 100
    assert lines(run("check").stdout)["Rate limit"] == "96 of 100 calls left this minute"


def test_nothing_is_written(run: Run, emulator: Emulator) -> None:
    run("check")
    assert {each.method for each in emulator.requests} == {"GET"}
    assert len(list(emulator.requests)) == 4


def test_a_key_of_the_account(run: Run, emulator: Emulator) -> None:
    """`GET /users/me` answers 400 to it: PagerDuty's OpenAPI description."""
    emulator.inject("status", "GET", "/users/me", status=400)
    told = lines(run("check").stdout)
    assert told["Token"] == "good"
    assert told["May write"].startswith("unknown: PagerDuty refuses a read-only key")


@pytest.mark.parametrize("role", ["read_only_user", "read_only_limited_user"])
def test_a_key_of_a_user_who_may_only_read(run: Run, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    monkeypatch.setattr("pagerduty_native.cli.overview._role", lambda _account: role)
    result = run("check", exit_code=3)
    assert lines(result.stdout)["May write"] == "no"
    assert f"missing: The token's user has the role {role}, which may only read" in result.stderr


def test_an_account_without_services(run: Run, emulator: Emulator) -> None:
    for each in emulator.services():
        emulator.delete_service(each["id"])
    result = run("check")
    assert "The token sees no service" in result.stdout
    assert lines(result.stdout)["Account"].startswith("unknown")


def test_a_refused_token(run: Run, emulator: Emulator) -> None:
    emulator.settings.rejected_tokens = {TOKEN}
    assert "PagerDuty refused the token" in run("check", exit_code=1).stderr


@pytest.mark.usefixtures("app")
def test_the_scopes_of_an_app(run: Run) -> None:
    result = run("check")
    assert lines(result.stdout)["May write"] == "integrations"
    assert "services.write vendors.read" in lines(result.stdout)["Token"]
    assert APP["CLIENT_SECRET"] not in result.output


@pytest.mark.usefixtures("app")
def test_missing_scopes_come_with_the_next_step(run: Run, emulator: Emulator) -> None:
    emulator.settings.oauth_scopes = {"services.read"}
    result = run("check", exit_code=3)
    assert lines(result.stdout)["May read"] == "services, integrations"
    assert lines(result.stdout)["May write"] == "no"
    assert "missing: PagerDuty does not allow this" in result.stderr
    assert "missing: The app lacks the scope services.write" in result.stderr
    assert "App Registration" in result.stderr


@pytest.mark.usefixtures("app")
def test_a_missing_scope_to_read_services_is_an_error(run: Run, emulator: Emulator) -> None:
    emulator.settings.oauth_scopes = {"vendors.read"}
    assert "needs the scope services.read" in run("check", exit_code=1).stderr
