"""Large accounts: processor time, and accounts that PagerDuty lists only in part."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pagerduty_emulator
import pytest
from pagerduty_emulator import Emulator
from pagerduty_emulator.api.integrations import rules
from pagerduty_native.api.integrations import Filters
from pagerduty_native.api.lookups import Service, Services

from tests.conftest import COMMAND
from tests.support import HANG_SECONDS

from .conftest import Create, Run, adopted
from .documents import URN, bridged, native, stack_export

SERVICES = 250
EACH = 20
MOST_SECONDS = 10.0
VENDOR = {"id": "PZQ6AUS", "type": "vendor_reference"}
KINDS = [{"vendor": VENDOR}] * (EACH - 2) + [
    {"type": "events_api_v2_inbound_integration"},
    {"type": "generic_email_inbound_integration"},
]


@pytest.fixture(scope="module")
def large() -> Iterator[Emulator]:
    """An account with 5,000 integrations, many with the same names."""
    with pagerduty_emulator.serve(services=SERVICES) as emulator:
        with emulator.database.transaction():
            for service in emulator.services():
                for number in range(EACH):
                    given = {"name": f"Alarms {number // 2}", **KINDS[number]}
                    rules.create(emulator, service["id"], given)
        yield emulator


def seconds(emulator: Emulator, folder: Path, *arguments: str) -> tuple[float, str]:
    """How much time of the processor a command takes, and its standard output."""
    resource = pytest.importorskip("resource", reason="no such count on Windows")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [COMMAND, *arguments, "--api-url-override", emulator.url],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def test_five_thousand_are_listed(large: Emulator, tmp_path: Path) -> None:
    calls = len(list(large.requests))
    spent, output = seconds(large, tmp_path, "list", "--json", "--name", "Alarms*")
    assert len(json.loads(output)) == SERVICES * EACH
    assert spent < MOST_SECONDS
    assert len(list(large.requests)) - calls == -(-SERVICES // 100) + 1


def test_five_thousand_are_adopted_from_a_stack_with_their_program(large: Emulator, tmp_path: Path) -> None:
    """With a resource that depends on each: looked for once for each, that would be 25 million comparisons."""
    made = large.integrations()
    held = [bridged(f"old{number}", each["id"], each["service"]["id"]) for number, each in enumerate(made)]
    needing = [native(f"n{number}", f"PX.P{number}", dependencies=[each["urn"]]) for number, each in enumerate(held)]
    state = stack_export(tmp_path, *held, *needing)
    arguments = ("adopt", "--from", state, "--output", "import.json", "--forget-script", "forget.sh", "--json")
    spent, output = seconds(large, tmp_path, *arguments, "--program", "python")
    assert len(json.loads(output)["written"]) == len(made)
    assert (tmp_path / "forget.sh").read_text().count("# Pulumi keeps the next one") == len(made)
    assert spent < MOST_SECONDS


@pytest.fixture
def beyond(monkeypatch: pytest.MonkeyPatch, emulator: Emulator, create: Create) -> str:
    """An integration on a service that PagerDuty does not list: as if it listed a hundred. Returns its ID."""
    monkeypatch.setattr("pagerduty_native.api.bulk.MAX_PAGES", 1)
    monkeypatch.setattr("pagerduty_native.api.client.LAST_OFFSET", 100)
    with emulator.database.transaction():
        for number in range(100):
            emulator.add_service(f"A {number:03}")
    emulator.add_service("Zones", id="PZONES1")
    create("PCHECKT", "Alarms")
    return f"PZONES1.{create('PZONES1', 'Alarms')['id']}"


@pytest.mark.parametrize("command", ["list", "adopt"])
def test_a_warning_names_services_that_pagerduty_does_not_list(run: Run, beyond: str, command: str) -> None:
    """PagerDuty's pages end at 10,000: apache/devlake #5107."""
    result = run(command, exit_code=3)
    assert "Left out all services beyond the first 10,000" in result.stderr
    assert beyond not in result.stdout


def test_one_that_is_not_listed_is_read_by_its_id(run: Run, beyond: str) -> None:
    result = run("adopt", "--service", "PZONES1", "--service", "PABSENT", exit_code=3)
    assert adopted(result) == {"zones-alarms": beyond}


def test_one_that_is_not_listed_is_read_by_its_team(run: Run, beyond: str, monkeypatch: pytest.MonkeyPatch) -> None:
    zones = Service("PZONES1", "Zones", None)
    monkeypatch.setattr(Services, "of_team", lambda _self, team: [zones] if team == "PT1" else [])
    monkeypatch.setattr(Filters, "allow_service", lambda _self, service: service.id == zones.id)
    assert adopted(run("adopt", "--team", "PT1", "--team", "PT2", exit_code=3)) == {"zones-alarms": beyond}


def test_from_a_state_the_services_need_not_be_listed(run: Run, beyond: str, tmp_path: Path) -> None:
    service, _, integration = beyond.partition(".")
    state = stack_export(tmp_path, bridged("alarms", integration, service))
    assert adopted(run("adopt", "--from", state)) == {"alarms": beyond}


def test_each_dependent_is_named_once(run: Run, create: Create, tmp_path: Path) -> None:
    made = create("PCHECKT", "Alarms")
    held = bridged("old", made["id"], "PCHECKT")
    urn = f"{URN}aws:sns/topic:Topic::topic"
    twice = {"urn": urn, "type": "aws:sns/topic:Topic", "dependencies": [held["urn"]], "parent": held["urn"]}
    state = stack_export(tmp_path, held, {**twice, "propertyDependencies": {"name": [held["urn"]]}})
    run("adopt", "--from", state, "--output", "import.json", "--forget-script", "forget.sh")
    assert Path("forget.sh").read_text().count(urn) == 1
