"""`pagerduty-native adopt --from`: from the state of another provider."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from .conftest import Create, Run, adopted
from .documents import SECRET, bridged, native, stack_export, terraform, terraform_show


@pytest.fixture
def alarms(create: Create) -> dict[str, Any]:
    return create("PCHECKT", "Alarms")


def test_a_stack_of_the_bridged_provider_keeps_its_names(run: Run, alarms: dict[str, Any], tmp_path: Path) -> None:
    state = stack_export(tmp_path, bridged("myAlarms", alarms["id"], "PCHECKT"))
    assert adopted(run("adopt", "--from", state)) == {"myAlarms": f"PCHECKT.{alarms['id']}"}


def test_terraform_names_are_made_of_modules_names_and_keys(run: Run, create: Create, tmp_path: Path) -> None:
    ids = [create("PCHECKT", "Alarms")["id"] for _ in range(4)]
    addresses = [
        "pagerduty_service_integration.alarms",
        'pagerduty_service_integration.by_key["eu.west"]',
        "pagerduty_service_integration.counted[1]",
    ]
    inner = terraform('module.shop["a"].module.deep.pagerduty_service_integration.alarms', ids[3], "PCHECKT")
    module = {"child_modules": [{"resources": [inner]}]}
    found = [terraform(address, each, "PCHECKT") for address, each in zip(addresses, ids, strict=False)]
    names = adopted(run("adopt", "--from", terraform_show(tmp_path, *found, module=module)))
    assert list(names) == ["alarms", "by-key-eu-west", "counted-1", "shop-a-deep-alarms"]
    assert list(names.values()) == [f"PCHECKT.{each}" for each in ids]


def test_missing_integrations_are_left_out_and_the_rest_adopted(
    run: Run, alarms: dict[str, Any], tmp_path: Path
) -> None:
    gone = [bridged("gone", "PGONE01", "PCHECKT"), bridged("odd", "no id", "PCHECKT")]
    state = stack_export(tmp_path, *gone, bridged("alarms", alarms["id"], "PCHECKT"))
    result = run("adopt", "--from", state, exit_code=3)
    assert list(adopted(result)) == ["alarms"]
    assert "Left out 2 integrations:" in result.stderr
    assert "::gone (PCHECKT.PGONE01): it is no longer in PagerDuty" in result.stderr
    assert "::odd (PCHECKT.no id): the account has no integration with this ID" in result.stderr


def test_a_service_that_may_not_be_read(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    emulator.inject("status", "GET", "/services/PHIDDEN/integrations/*", status=403)
    state = stack_export(tmp_path, bridged("alarms", "PALARMS", "PHIDDEN"))
    assert "PHIDDEN.PALARMS): PagerDuty does not allow this" in run("adopt", "--from", state, exit_code=3).stderr


def test_a_moved_integration_is_adopted_on_its_new_service(
    run: Run, alarms: dict[str, Any], emulator: Emulator, tmp_path: Path
) -> None:
    emulator.move_integration(alarms["id"], "PAYMNT2")
    state = stack_export(tmp_path, bridged("alarms", alarms["id"], "PCHECKT"))
    assert adopted(run("adopt", "--from", state)) == {"alarms": f"PAYMNT2.{alarms['id']}"}


def test_one_that_is_in_the_state_twice(run: Run, alarms: dict[str, Any], tmp_path: Path) -> None:
    state = stack_export(tmp_path, *(bridged(name, alarms["id"], "PCHECKT") for name in ("first", "second")))
    result = run("adopt", "--from", state, exit_code=3)
    assert list(adopted(result)) == ["first"]
    assert f"::second (PCHECKT.{alarms['id']}): it is in the state twice, and adopted once" in result.stderr


def test_an_integration_in_both_providers_of_a_stack_was_adopted(
    run: Run, alarms: dict[str, Any], tmp_path: Path
) -> None:
    both = bridged("alarms", alarms["id"], "PCHECKT"), native("alarms", f"PCHECKT.{alarms['id']}")
    script = tmp_path / "forget.sh"
    result = run("adopt", "--from", stack_export(tmp_path, *both), "--forget-script", str(script))
    assert adopted(result) == {}
    assert "ServiceIntegration::alarms" in script.read_text()


def test_nothing_of_the_old_provider(run: Run, tmp_path: Path) -> None:
    result = run("adopt", "--from", stack_export(tmp_path), exit_code=1)
    assert "has no integrations of pulumi-pagerduty or Terraform" in result.stderr


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{", "is not JSON"),
        (f'"{SECRET}"', "contains no state"),
        ({"some": SECRET}, "contains no state"),
        (
            {"version": 99, "deployment": {"resources": []}},
            "has version 99 of Pulumi's state format; only 3 and 4 are supported",
        ),
        ({"version": 3, "deployment": {"resources": [SECRET]}}, "is not a valid state"),
        ({"format_version": "2.0", "values": {}}, "has version '2.0' of Terraform's JSON format; only 1.x"),
        ({"format_version": "1.0", "planned_values": {}}, "is a plan of Terraform's"),
        ({"version": 4, "terraform_version": "1.9.8", "resources": []}, "is Terraform's own state file"),
    ],
)
def test_a_file_that_is_not_a_state_is_refused(run: Run, tmp_path: Path, document: Any, expected: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    for option in ("--from", "--managed-by"):
        message = run("adopt", option, str(file), exit_code=1).stderr
        assert expected in message
        assert "`pulumi stack export`" in message
        assert SECRET not in message


def test_an_empty_terraform_state(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text('{"format_version": "1.0"}')
    assert "state.json has no integrations of" in run("adopt", "--from", str(file), exit_code=1).stderr


def test_a_state_file_that_is_not_there(run: Run) -> None:
    for name in ("absent.json", "absent.tfstate"):
        assert f"There is no file '{name}'." in run("adopt", "--from", name, exit_code=1).stderr


def test_a_folder_may_be_called_as_a_stack(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "prod").mkdir()
    monkeypatch.setenv("PATH", "")
    assert "there is no `pulumi` on the PATH" in run("adopt", "--managed-by", "prod", exit_code=1).stderr


def test_a_file_that_is_no_text(run: Run, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_bytes(b"\xff\xfe\xff")
    assert "it is not text" in run("adopt", "--from", "state.json", exit_code=1).stderr


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_that_power_shell_wrote(run: Run, alarms: dict[str, Any], tmp_path: Path, encoding: str) -> None:
    state = Path(terraform_show(tmp_path, terraform("pagerduty_service_integration.alarms", alarms["id"], "PCHECKT")))
    state.write_text(state.read_text(), encoding=encoding)
    assert adopted(run("adopt", "--from", str(state))) == {"alarms": f"PCHECKT.{alarms['id']}"}


def test_a_state_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "standard input is not JSON" in run("adopt", "--from", "-", exit_code=1).stderr


def test_an_address_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    state = terraform_show(tmp_path, terraform('pagerduty_service_integration.a["\x1b[2J"]', "PGONE01", "PCHECKT"))
    assert "\x1b" not in run("adopt", "--from", state, exit_code=3).output


def test_two_files_are_two(run: Run) -> None:
    arguments = ("--from", "state.json", "--output", "a", "--forget-script", "a")
    assert "must be two files" in run("adopt", *arguments, exit_code=2).stderr
