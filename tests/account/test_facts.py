"""The table says how the account behaves: under each way of each guess that is tried, and names exactly those."""

from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest
from pagerduty_emulator import GUESSES, Emulator, Settings

from tests.account.conftest import ROW, SERVICE, SERVICE2, Runner
from tools.account.facts import FACTS

PROVE = bool(os.environ.get("PROVE"))
TRIED = sorted({each.setting for each in FACTS if each.setting in GUESSES and not each.never} - {"rate_limit_bare"})
NOT_TRIED = {"rate_limit_kind", "rate_limit_bare", "events_rate_limit_body", "unknown_escalation_policy"}
# All second ways in one run, all third ways in the next, and so on; a guess with fewer ways has its last one.
ROUNDS = [{name: GUESSES[name][min(n, len(GUESSES[name]) - 1)] for name in TRIED} for n in range(4)]
ALONE = [{name: way} for name in TRIED for way in GUESSES[name][1:]]
# Without keys or whole objects in a list, these cannot be seen.
HIDDEN = {"references": {"config_in_bulk"}}


def shown(way: Any) -> str:
    return way if isinstance(way, str) else json.dumps(way)


def test_every_guess_has_a_row() -> None:
    assert {*TRIED} | NOT_TRIED == {*GUESSES}
    assert not {*TRIED} & NOT_TRIED


@pytest.mark.parametrize("fact", [each for each in FACTS if each.setting], ids=lambda each: each.name)
def test_settings_and_ways_are_the_emulators(fact: Any) -> None:
    assert hasattr(Settings(), fact.setting)
    if fact.setting in GUESSES and not fact.never:
        assert fact.ways[0] == GUESSES[fact.setting][0]
        assert {*fact.ways} <= {*GUESSES[fact.setting]}


def test_together_the_facts_of_a_guess_know_all_its_ways() -> None:
    for name in TRIED:
        assert {way for each in FACTS if each.setting == name for way in each.ways} == {*GUESSES[name]}, name


@pytest.mark.parametrize(
    "settings", [*ROUNDS, *(ALONE if PROVE else [])], ids=lambda each: "-".join(str(way) for way in each.values())
)
def test_the_table_names_exactly_the_ways_that_are_set(
    run: Runner, emulator: Emulator, settings: dict[str, Any]
) -> None:
    emulator.settings.update(settings)
    orchestration = emulator.add_event_orchestration("Canary")
    done = run("--events", f"--service2={SERVICE2}", f"--orchestration={orchestration}")
    ways = done.ways()
    ways.pop("create_ignores")
    ways.pop("vendor_type_mismatch")
    hidden = HIDDEN.get(settings.get("bulk_integrations", ""), set())
    expected = {name: {shown(settings.get(name, GUESSES[name][0]))} for name in TRIED if name not in hidden}
    if settings.get("duplicate_emails") == "same_service":  # one service's row is as it was assumed
        assert ways.pop("duplicate_emails") == {"accept", "same_service"}
        del expected["duplicate_emails"]
    assert ways == expected
    changed = {name for name, way in settings.items() if way != GUESSES[name][0]} - hidden
    rows = done.disagreed()
    assert {name for row in rows for name in re.findall(r"\[(\w+)=.*\]$", row)} == changed
    assert len([row for row in rows if "[" not in row]) == 0, rows
    assert done.code == (1 if changed else 0)
    assert {each["service"]["id"] for each in emulator.integrations()} == set()


@pytest.mark.parametrize(
    ("settings", "row"),
    [
        ({"create_ignores": ["email_filters"]}, '[create_ignores=["email_filters"]]'),
        ({"vendor_type_mismatch": "refuse"}, "[vendor_type_mismatch=refuse]"),
    ],
)
def test_settings_that_are_no_guesses_are_named(
    run: Runner, emulator: Emulator, settings: dict[str, Any], row: str
) -> None:
    emulator.settings.update(settings)
    (found,) = run().disagreed()
    assert found.endswith(row)


def test_a_vendor_with_a_type_that_no_way_has_is_described(run: Runner, emulator: Emulator) -> None:
    fault = {"error": {"message": "Odd", "code": 2999}}
    emulator.inject("status", "POST", "/services/*/integrations", status=409, body=fault, times=None)
    done = run()
    assert done.row("unknown_vendor")[0] == "disagreed"
    assert "409 (code 2999, Odd) (none of the ways of its setting)" in done.row("unknown_vendor")[1]
    assert done.code == 1


def test_facts_about_email_need_a_domain(run: Runner, emulator: Emulator) -> None:
    emulator.settings.update({"html_urls": "emulator", "integration_email": "required"})
    done = run()
    assert done.row("generated_address")[1].endswith("[integration_email=required]")
    for name in ("mail_in_one_post", "same_address", "filter_mode", "empty_filter", "parsing_fallback"):
        assert done.outcome(name) == "not tried"
        assert "no e-mail domain" in done.row(name)[1]


def test_an_app_is_tried_with_what_it_may_do(run: Runner, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAGERDUTY_TOKEN")
    for name, value in (("CLIENT_ID", "app"), ("CLIENT_SECRET", "canary-secret"), ("SUBDOMAIN", "acme")):
        monkeypatch.setenv(f"PAGERDUTY_{name}", value)
    emulator.settings.oauth_scopes = {"services.read", "services.write"}
    done = run()
    assert done.outcome("app_token") == "agreed"
    assert done.outcome("short_authorization") == "not tried"
    assert done.outcome("one_vendor") == "not tried"
    assert "may not do this: 403" in done.row("one_vendor")[1]
    assert done.outcome("key_after_post") == "agreed"
    assert done.code == 0


def test_refusals_that_come_are_looked_at(run: Runner, emulator: Emulator) -> None:
    emulator.inject("rate_limit", "GET", "/vendors", bare=True)
    assert run().row("bare_refusals")[1].endswith("[rate_limit_bare=true]")


@pytest.mark.skipif(not PROVE, reason="tests/documents/test_test_account.py has one such run; make prove has all")
@pytest.mark.parametrize("settings", [{}, *ROUNDS[1:]], ids=["default", "second", "third", "fourth"])
def test_the_engines_facts_agree_under_every_way(run: Runner, emulator: Emulator, settings: dict[str, Any]) -> None:
    emulator.settings.update(settings)
    orchestration = emulator.add_event_orchestration("Canary")
    done = run(f"--orchestration={orchestration}", only="all")
    rows = [(each.name, done.outcome(each.name)) for each in FACTS if each.section == "engine"]
    assert rows == [(name, "agreed") for name, _ in rows], done.shown
    for name in ("orchestration_shape", "orchestration_list", "orchestration_put"):
        assert done.outcome(name) == "agreed"
    assert emulator.integrations() == []
    assert len(emulator.orchestration_integrations(orchestration)) == 1  # its default one
    (announced,) = re.findall(r"up to (\d+) calls", done.shown)
    assert len(emulator.requests.matching()) <= int(announced)


def test_no_more_calls_and_names_than_announced(run: Runner, emulator: Emulator) -> None:
    done = run("--events", f"--service2={SERVICE2}")
    ((creates, calls),) = re.findall(r"up to (\d+) integrations.*up to (\d+) calls", done.shown, re.DOTALL)
    assert len(emulator.requests.matching()) <= int(calls) <= 200
    posts = emulator.requests.matching("POST", "/services/*/integrations")
    assert len([each for each in posts if each.status == 201]) <= int(creates)
    assert len(ROW.findall(done.shown)) == len(FACTS)
    assert SERVICE in done.shown
