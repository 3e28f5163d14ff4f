"""The output of `adopt`: JSON for scripts, and progress for people."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from pagerduty_emulator import Emulator

from tests.conftest import COMMAND
from tests.support import HANG_SECONDS

from .conftest import SENTRY, TOKEN, Create, Run
from .documents import bridged, native, stack_export


def test_json_for_scripts(run: Run, create: Create, tmp_path: Path) -> None:
    alarms, errors, other = create("PCHECKT", "Alarms"), create("PAYMNT2", "Errors", SENTRY), create("PAYMNT2", "Other")
    state = stack_export(tmp_path, native("alarms", f"PCHECKT.{alarms['id']}"))
    result = run(
        "adopt", "--json", "--managed-by", state, "--name", "[AE]*", "-o", "my import.json", "--program", "yaml"
    )
    assert json.loads(result.stdout) == {
        "output": "my import.json",
        "program": "Main.yaml",
        "written": [{"name": "payments-errors", "id": f"PAYMNT2.{errors['id']}"}],
        "skipped": [
            {"id": f"PCHECKT.{alarms['id']}", "reason": "managed", "by": state},
            {"id": f"PAYMNT2.{other['id']}", "reason": "filtered"},
        ],
        "leftOut": [],
        "next": ["pulumi import --file 'my import.json' --generate-code=false", "pulumi preview"],
    }
    assert result.stderr == ""


def test_json_of_what_is_left_out(run: Run, create: Create, tmp_path: Path) -> None:
    alarms = create("PCHECKT", "Alarms")
    state = stack_export(tmp_path, bridged("alarms", alarms["id"], "PCHECKT"), bridged("gone", "PGONE01", "PCHECKT"))
    arguments = ("adopt", "--json", "--from", state, "-o", "import.json", "--forget-script", "forget.sh")
    told = json.loads(run(*arguments, exit_code=3).stdout)
    assert told["forgetScript"] == "forget.sh"
    (left_out,) = told["leftOut"]
    assert left_out["what"].endswith("::gone (PCHECKT.PGONE01)")
    assert left_out["reason"].startswith("it is no longer in PagerDuty")
    assert told["next"] == ["pulumi import --file import.json", "sh forget.sh", "pulumi preview"]


def test_json_of_nothing(run: Run, create: Create, tmp_path: Path) -> None:
    state = stack_export(tmp_path, native("alarms", f"PCHECKT.{create('PCHECKT', 'Alarms')['id']}"))
    told = json.loads(run("adopt", "--json", "-o", "import.json", "--managed-by", state).stdout)
    assert (told["written"], told["leftOut"], told["next"]) == ([], [], [])
    assert [each["reason"] for each in told["skipped"]] == ["managed"]


def test_json_needs_a_file(run: Run) -> None:
    assert "--json needs --output FILE" in run("adopt", "--json", exit_code=2).stderr


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals")
def test_a_terminal_shows_how_far_it_is_on_one_line(emulator: Emulator, create: Create) -> None:
    import pty  # noqa: PLC0415 (Windows has none)

    for number in range(100):
        emulator.add_service(f"A {number:03}")
    create("PCHECKT", "Alarms")
    ours, theirs = pty.openpty()
    arguments: list[str | Path] = [COMMAND, "list", "--api-url-override", emulator.url]
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=theirs, timeout=HANG_SECONDS, check=True)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    steps = [each.strip() for each in shown.split("\r") if each.strip()]
    assert steps == [
        "Reading the account…",
        "Reading the account: 100 services…",
        "Reading the event orchestrations…",
    ]
    assert "\n" not in shown
    assert shown.endswith("\r")
    assert b"Checkout" in done.stdout
    assert TOKEN not in shown


def test_without_a_terminal_no_progress_is_shown(run: Run, create: Create) -> None:
    create("PCHECKT", "Alarms")
    assert run("list").stderr == ""
