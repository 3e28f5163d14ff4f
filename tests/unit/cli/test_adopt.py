"""`pagerduty-native adopt`: from the account itself."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner
from pagerduty_emulator import Emulator
from pagerduty_native.cli import cli

from .conftest import EMAIL, SENTRY, Create, Run, adopted, keys
from .documents import native, stack_export

PARENT = "urn:pulumi:dev::shop::my:index:Team::checkout"
PROVIDER = "urn:pulumi:dev::shop::pulumi:providers:pagerduty-native::acme"


def test_the_file_that_import_takes(run: Run, create: Create) -> None:
    alarms, mail = create("PCHECKT", "Alarms"), create("PAYMNT2", "Mail", EMAIL)
    result = run("adopt")
    assert json.loads(result.stdout) == {
        "resources": [
            {
                "type": "pagerduty-native:index:Integration",
                "name": "checkout-alarms",
                "id": f"PCHECKT.{alarms['id']}",
            },
            {"type": "pagerduty-native:index:Integration", "name": "payments-mail", "id": f"PAYMNT2.{mail['id']}"},
        ]
    }
    assert "Wrote 2 integrations." in result.stderr
    assert "Next:\n  pulumi import --file FILE\n  pulumi preview\n" in result.stderr
    assert "note: without --managed-by" in result.stderr


def test_names_are_equal_on_every_run_and_with_any_filter(run: Run, create: Create) -> None:
    made = [create("PCHECKT", "Alarms") for _ in range(3)]
    every = adopted(run("adopt"))
    assert every == {f"checkout-alarms-{each['id']}": f"PCHECKT.{each['id']}" for each in made}
    assert adopted(run("adopt")) == every
    assert adopted(run("adopt", "--name", made[0]["id"])).items() <= every.items()


def test_adopt_shows_its_filters(run: Run, create: Create) -> None:
    create("PCHECKT", "Alarms")
    create("PAYMNT2", "Errors", SENTRY)
    result = run("adopt", "--vendor", "sentry")
    assert list(adopted(result)) == ["payments-errors"]
    assert "Skipped 1 integration that the filters exclude." in result.stderr


def test_parent_and_provider(run: Run, create: Create) -> None:
    create("PCHECKT", "Alarms")
    document = json.loads(run("adopt", "--parent", PARENT, "--provider", PROVIDER).stdout)
    assert document["nameTable"] == {"checkout": PARENT, "acme": PROVIDER}
    (resource,) = document["resources"]
    assert (resource["parent"], resource["provider"]) == ("checkout", "acme")


def test_a_parent_and_a_provider_of_one_name(run: Run, create: Create) -> None:
    create("PCHECKT", "Alarms")
    document = json.loads(run("adopt", "--parent", PARENT, "--provider", PROVIDER.replace("acme", "checkout")).stdout)
    assert sorted(document["nameTable"]) == ["checkout-parent", "checkout-provider"]


def test_a_parent_that_is_no_urn(run: Run) -> None:
    assert "it must be a URN" in run("adopt", "--parent", "checkout", exit_code=2).stderr


def test_managed_integrations_are_skipped(run: Run, create: Create, tmp_path: Path) -> None:
    alarms, errors = create("PCHECKT", "Alarms"), create("PAYMNT2", "Errors", SENTRY)
    state = stack_export(tmp_path, native("alarms", f"PCHECKT.{alarms['id']}"))
    result = run("adopt", "--managed-by", state)
    assert adopted(result) == {"payments-errors": f"PAYMNT2.{errors['id']}"}
    assert f"Skipped 1 integration that {state} already manages." in result.stderr
    assert "note:" not in result.stderr


def test_exactly_what_no_state_holds_is_found_among_integrations_of_one_name(
    run: Run, create: Create, tmp_path: Path
) -> None:
    """An integration of a killed run has the stack's own name, or one that differs in its last seven digits."""
    made = [create("PCHECKT", name) for name in ["Alarms"] * 20 + [f"alarms-{number:07}" for number in range(20)]]
    left = {f"PCHECKT.{made[5]['id']}", f"PCHECKT.{made[25]['id']}"}
    ids = [f"PCHECKT.{each['id']}" for each in made]
    state = stack_export(tmp_path, *(native(id_, id_) for id_ in ids if id_ not in left))
    assert set(adopted(run("adopt", "--managed-by", state)).values()) == left


def test_a_name_that_the_stack_has_already_is_not_given_again(run: Run, create: Create, tmp_path: Path) -> None:
    alarms = create("PCHECKT", "Alarms")
    state = stack_export(tmp_path, native("checkout-alarms", "PCHECKT.POTHER1"))
    assert list(adopted(run("adopt", "--managed-by", state))) == [f"checkout-alarms-{alarms['id']}"]


def test_an_integration_that_a_program_only_reads_is_not_managed(run: Run, create: Create, tmp_path: Path) -> None:
    alarms = create("PCHECKT", "Alarms")
    state = stack_export(tmp_path, native("alarms", f"PCHECKT.{alarms['id']}", external=True))
    assert len(adopted(run("adopt", "--managed-by", state))) == 1


def test_an_integration_that_the_next_up_deletes_is_managed(run: Run, create: Create, tmp_path: Path) -> None:
    """The rest of an interrupted replacement: after adoption, `pulumi up` would still delete it."""
    replaced, alarms = create("PCHECKT", "Alarms"), create("PCHECKT", "Alarms")
    state = stack_export(
        tmp_path,
        native("alarms", f"PCHECKT.{alarms['id']}"),
        native("alarms", f"PCHECKT.{replaced['id']}", delete=True),
    )
    assert adopted(run("adopt", "--managed-by", state)) == {}


def test_services_that_the_token_may_not_read(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    emulator.inject("status", "GET", "/services", status=403)
    assert "PagerDuty does not allow this" in run("adopt", "-o", "import.json", exit_code=1).stderr
    assert not list(tmp_path.iterdir())


def test_nothing_to_adopt_fails_and_writes_no_file(run: Run, create: Create, tmp_path: Path) -> None:
    result = run("adopt", "-o", "import.json", exit_code=1)
    assert "The account has no integrations that the token can see." in result.stderr
    create("PCHECKT", "Alarms")
    result = run("adopt", "-o", "import.json", "--name", "Others", exit_code=1)
    assert "There is nothing to adopt: the filters exclude every integration." in result.stderr
    assert not list(tmp_path.iterdir())


def test_an_account_that_is_managed_already_is_no_failure(run: Run, create: Create, tmp_path: Path) -> None:
    alarms = create("PCHECKT", "Alarms")
    result = run("adopt", "--managed-by", stack_export(tmp_path, native("alarms", f"PCHECKT.{alarms['id']}")))
    assert adopted(result) == {}
    assert "Next" not in result.stderr


def test_a_file_is_overwritten_only_if_forced(run: Run, create: Create, emulator: Emulator, tmp_path: Path) -> None:
    create("PCHECKT", "Alarms")
    file = tmp_path / "import.json"
    run("adopt", "--output", str(file))
    emulator.requests.clear()
    assert (
        "import.json exists. Give another file with --output, or --force"
        in run("adopt", "-o", str(file), exit_code=1).stderr
    )
    assert not list(emulator.requests)
    file.write_text("")
    run("adopt", "-o", str(file), "--force")
    assert len(json.loads(file.read_text())["resources"]) == 1


def test_a_file_that_cannot_be_written(run: Run, create: Create, tmp_path: Path) -> None:
    create("PCHECKT", "Alarms")
    path = str(tmp_path / "absent" / "import.json")
    assert f"{path} cannot be written: No such file" in run("adopt", "-o", path, exit_code=1).stderr


def test_no_file_holds_a_key(run: Run, create: Create, emulator: Emulator, tmp_path: Path) -> None:
    for name in ("Alarms", "Alarms", "Others"):
        create("PCHECKT", name)
    run("adopt", "-o", str(tmp_path / "import.json"))
    written = "".join(each.read_text() for each in tmp_path.iterdir())
    assert len(keys(emulator)) == 3
    assert not any(key in written for key in keys(emulator))


def test_few_calls(run: Run, create: Create, emulator: Emulator) -> None:
    for number in range(5):
        create("PCHECKT", f"Alarms {number}")
    run("adopt")
    assert [each.path for each in emulator.requests] == ["/services", "/event_orchestrations"]


def test_help() -> None:
    shown = CliRunner().invoke(cli, ["adopt", "--help"]).stdout
    assert "Nothing changes in PagerDuty or in any state" in shown
