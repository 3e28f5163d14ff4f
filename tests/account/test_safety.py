"""Nothing is left that is not named, and nothing else is touched, in runs that fail or are killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from pagerduty_emulator import Emulator

from tests.account.conftest import SERVICE, SERVICE2, TOKEN, Runner
from tests.conftest import ROOT, TOOLS
from tests.support import HANG_SECONDS, wait_for
from tests.support.account import post_integration
from tools.account.client import CALLS_A_MINUTE, Pace
from tools.account.journal import MARK, Cleanup, Journal, clean

PROVE = bool(os.environ.get("PROVE"))
V2 = "events_api_v2_inbound_integration"
CREATION = ("POST", "/services/*/integrations")


def add(emulator: Emulator, name: str, service: str = SERVICE) -> str:
    """An integration that somebody else made."""
    return str(post_integration(emulator, service, type=V2, name=name)["id"])


def test_look_alikes_stay(run: Runner, emulator: Emulator) -> None:
    """With the mark: on other services, and on the same one, with names near those of the run."""
    others = [add(emulator, f"{MARK} 0123abcd.01", service) for service in (SERVICE, SERVICE2, "PCATLG5")]
    others += [add(emulator, MARK), add(emulator, f"{MARK}ing")]
    assert run(f"--service2={SERVICE2}").code == 0
    assert [each["id"] for each in emulator.integrations()] == others


def test_cleanup_takes_whole_labels_only(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    entry = journal.intend("/services/P1")
    journal.made(entry, "PMADE")
    there = {
        "PMADE": f"{entry.label} put",
        "PLIKE": f"{entry.label}0",
        "PLOST": entry.label,
        "POTHER": f"x {entry.label}",
    }

    def delete(path: str) -> bool:
        del there[path.rpartition("/")[2]]
        return True

    assert clean(journal, lambda _: dict(there), delete) == Cleanup()
    assert sorted(there) == ["PLIKE", "POTHER"]
    assert not (tmp_path / "journal").exists()


def test_what_was_renamed_is_left_by_name(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    entry = journal.intend("/services/P1")
    journal.made(entry, "PMADE")
    done = clean(journal, lambda _: {"PMADE": "Production"}, pytest.fail)
    (renamed,) = done.renamed
    assert "PMADE on /services/P1" in renamed
    assert "left to you" in renamed
    assert "Production" not in renamed
    assert done.left == []
    assert not (tmp_path / "journal").exists()


def test_what_is_listed_without_a_name_stays_in_the_journal(tmp_path: Path) -> None:
    """Nobody renamed it: a name cannot be empty."""
    journal = Journal(tmp_path / "journal")
    journal.made(journal.intend("/services/P1"), "PMADE")
    done = clean(journal, lambda _: {"PMADE": ""}, pytest.fail)
    assert (len(done.left), done.renamed) == (1, [])
    assert Journal(tmp_path / "journal").open[0].id == "PMADE"


def test_a_cut_last_line_of_the_journal_is_no_harm(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.intend("/services/P1")
    with (tmp_path / "journal").open("a") as file:
        file.write('{"intended": "pager')
    assert len(Journal(tmp_path / "journal").open) == 1


def test_every_name_bears_mark_and_run_and_is_on_the_named_services(run: Runner, emulator: Emulator) -> None:
    emulator.inject("status", "DELETE", times=None)
    done = run(f"--service2={SERVICE2}")
    (number,) = re.findall(rf"begin with `{MARK} (\w+)`", done.shown)
    posts = emulator.requests.matching("POST")
    assert {each.path for each in posts} == {f"/services/{each}/integrations" for each in (SERVICE, SERVICE2)}
    assert len(emulator.integrations()) > 20
    for each in emulator.integrations():
        assert each["name"].startswith(f"{MARK} {number}.")


def test_no_event_is_sent_unless_wanted(run: Runner, emulator: Emulator) -> None:
    run()
    assert emulator.requests.count("POST", "/v2/**") + emulator.requests.count("POST", "/integration/**") == 0
    run("--events")
    assert emulator.requests.count("POST", "/v2/**") > 0
    assert {each["status"] for each in emulator.alerts()} == {"resolved"}


def test_nothing_is_done_unless_somebody_agrees(run: Runner, emulator: Emulator) -> None:
    done = run(yes=False)
    assert done.code == 2
    assert "YES=1" in done.shown
    assert "Facts that it tries" in done.shown
    assert emulator.requests.matching() == []


@pytest.mark.parametrize(
    ("service", "message"),
    [("PZZZZZ0", "could not be read: 404"), ("", "SERVICE=PXXXXXX"), ("../users", "must be an ID")],
)
def test_an_unusable_service_is_refused(run: Runner, service: str, message: str) -> None:
    done = run(f"--service={service}")
    assert done.code == 2
    assert message in done.shown


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"PAGERDUTY_TOKEN": ""}, "PAGERDUTY_CLIENT_ID"),
        ({"PAGERDUTY_TOKEN": "canary \u2026"}, "characters that none has"),
        ({"PAGERDUTY_API_URL": "nowhere"}, "must be an address"),
        ({"PAGERDUTY_SERVICE_REGION": "mars"}, "us or eu"),
    ],
)
def test_settings_that_do_not_do(
    run: Runner, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], message: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = run()
    assert done.code == 2
    assert message in done.shown


def test_a_recording_that_cannot_be_written_is_said_before_anything_is_done(run: Runner, emulator: Emulator) -> None:
    done = run("--record=/no/such/folder/recording")
    assert done.code == 2
    assert "RECORD=/no/such/folder/recording cannot be written" in done.shown
    assert emulator.requests.matching() == []


def test_a_recording_that_is_a_folder_is_refused_before_any_call(
    run: Runner, emulator: Emulator, tmp_path: Path
) -> None:
    done = run(f"--record={tmp_path}")
    assert done.code == 2
    assert f"RECORD={tmp_path} cannot be written: Is a directory" in done.shown
    assert emulator.requests.matching() == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_a_recording_that_fails_at_the_end_fails_nothing_else(run: Runner, emulator: Emulator) -> None:
    done = run("--record=/dev/full")
    assert done.code == 2
    assert "\nRECORD=/dev/full could not be written: No space left on device. " in f"\n{done.shown}"
    assert "Nothing is left" in done.shown
    assert re.search(r"^\d+ agreed, 0 disagreed", done.shown, re.MULTILINE)
    assert emulator.integrations() == []


def test_a_folder_that_cannot_be_made_is_named(run: Runner, emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "account").write_text("")
    done = run()
    assert done.code == 2
    assert done.shown.startswith(f"{tmp_path / 'account'}: ")
    assert emulator.requests.matching() == []


def test_nothing_is_created_that_is_not_in_the_journal(tmp_path: Path) -> None:
    """A journal that cannot be written, for example on a full disk, stops the run before it creates anything."""
    file = tmp_path / "journal"
    journal = Journal(file)
    entry = journal.intend("/services/P1")
    file.rename(tmp_path / "moved")
    file.mkdir()
    journal.made(entry, "PMADE")
    with pytest.raises(OSError, match="journal"):
        journal.intend("/services/P1")
    assert journal.open == [entry]
    file.rmdir()
    (tmp_path / "moved").rename(file)
    again = journal.intend("/services/P1")
    journal.close(again)
    assert [each.label for each in Journal(file).open] == [entry.label]


def test_the_journal_is_its_owners(tmp_path: Path) -> None:
    previous = os.umask(0o022)
    try:
        Journal(tmp_path / "journal").intend("/services/P1")
    finally:
        os.umask(previous)
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("second", [SERVICE, SERVICE.lower()])
def test_one_service_is_not_taken_for_two(run: Runner, emulator: Emulator, second: str) -> None:
    """`two integrations on two services may have the same address` would be tried on one."""
    done = run(f"--service2={second}")
    assert done.code == 2
    assert "SERVICE2 must be another service than SERVICE" in done.shown
    assert emulator.requests.matching() == []


def test_a_closed_standard_input_cannot_be_asked(emulator: Emulator, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tools.account", f"--folder={tmp_path}", f"--service={SERVICE}", "--only=calls"]
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *command],
        cwd=ROOT,
        env={**os.environ, "PAGERDUTY_TOKEN": TOKEN, "PAGERDUTY_API_URL": emulator.url},
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    assert done.stderr == "Nobody can be asked here. YES=1 means yes.\nNothing was done.\n"
    assert done.returncode == 2
    assert emulator.requests.matching() == []


def test_a_netrc_does_not_replace_the_token(
    run: Runner, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert run().code == 0


FAULTS: dict[str, dict[str, Any]] = {
    "429": {"kind": "rate_limit", "method": None},
    "bare 429": {"kind": "rate_limit", "method": None, "bare": True},
    "503 before": {"kind": "status", "method": None},
    "503 after": {"kind": "status", "method": None, "after_commit": True},
    "reset before": {"kind": "reset", "method": None},
    "reset after": {"kind": "reset", "method": None, "after_commit": True},
    "half of a JSON": {"kind": "truncated_json", "method": None},
    "half of a body": {"kind": "truncated_body", "method": None},
    "a page": {"kind": "html", "method": None, "after_commit": True},
}


@pytest.mark.parametrize("fault", FAULTS if PROVE else ["bare 429", "503 after", "reset after", "half of a JSON"])
def test_a_hostile_account(run: Runner, emulator: Emulator, fault: str) -> None:
    """Bursts of a fault, all through the run: nothing is left."""
    kind = FAULTS[fault]
    for skip in range(0, 150, 9):
        emulator.inject(**{**kind, "skip": skip, "times": 1 + skip % 3})
    done = run(f"--service2={SERVICE2}")
    assert emulator.integrations() == []
    assert "Nothing is left" in done.shown
    expected = ["a 429 has a body"] if fault == "bare 429" else []
    assert [row.partition("  ")[2].strip()[:16] for row in done.disagreed()] == expected
    assert done.code == len(expected)


@pytest.mark.parametrize("kind", ["status", "reset"])
def test_creations_that_never_get_a_response_are_cleaned_up(
    run: Runner, emulator: Emulator, kind: Literal["status", "reset"]
) -> None:
    emulator.inject(kind, *CREATION, times=None, after_commit=True)
    done = run()
    assert emulator.requests.count(*CREATION) > 0
    assert emulator.integrations() == []
    assert done.outcome("key_after_post") == "not tried"


def test_what_cannot_be_deleted_is_named_and_can_be_cleaned_up_later(run: Runner, emulator: Emulator) -> None:
    fault = emulator.inject("status", "DELETE", times=None)
    done = run()
    assert done.code == 2
    left = emulator.integrations()
    assert left
    for each in left:
        assert f"LEFT: {' '.join(each['name'].split()[:2])} on /services/{SERVICE}" in done.shown
    assert "make test-account-clean" in done.shown

    again = run()
    assert again.code == 2
    assert "An earlier run left something" in again.shown

    emulator.faults.remove(fault.id)
    other = add(emulator, f"{MARK} 0123abcd.01")
    assert run("--clean").code == 0
    assert [each["id"] for each in emulator.integrations()] == [other]
    assert "No run left anything" in run("--clean").shown


def test_what_was_renamed_is_named_once_and_blocks_no_later_run(run: Runner, emulator: Emulator) -> None:
    fault = emulator.inject("status", "DELETE", times=None, status=403)
    run()
    another, kept = emulator.integrations()[-2:]
    emulator.edit_integration(kept["id"], name="Production")
    mixed = run("--clean")
    assert mixed.code == 2
    assert f"RENAMED: {kept['id']} on /services/{SERVICE}" in mixed.shown
    assert "Production" not in mixed.shown

    emulator.edit_integration(another["id"], name="Staging")
    emulator.faults.remove(fault.id)
    done = run("--clean")
    assert done.code == 0
    assert kept["id"] not in done.shown
    assert f"RENAMED: {another['id']} on /services/{SERVICE}" in done.shown
    assert "Nothing else is left" in done.shown
    assert [each["name"] for each in emulator.integrations()] == ["Staging", "Production"]
    assert "No run left anything" in run("--clean").shown
    assert run().code == 0
    assert [each["name"] for each in emulator.integrations()] == ["Staging", "Production"]


def test_a_refused_deletion_is_named(run: Runner, emulator: Emulator) -> None:
    emulator.inject("status", "DELETE", times=None, status=403)
    done = run()
    assert done.code == 2
    assert "PagerDuty did not delete it" in done.shown


def test_another_account_is_not_taken_for_an_empty_one(run: Runner, emulator: Emulator) -> None:
    emulator.inject("status", "DELETE", times=None)
    run()
    emulator.reset()
    emulator.delete_service(SERVICE)
    done = run("--clean")
    assert done.code == 2
    assert "if it was created: PagerDuty answered 404" in done.shown


def test_the_pace() -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    pace = Pace(lambda: now[0], sleep)
    times = []
    for n in range(900):
        if n % 50 == 0:
            with pace.reserved(30):
                times += [now[0]] * 30
                now[0] += 7
        pace.wait()
        times.append(now[0])
        now[0] += 0.01
    for time in times:
        assert len([each for each in times if time <= each < time + 60]) <= CALLS_A_MINUTE


# Ends in the middle


def started(emulator: Emulator, folder: Path, *words: str) -> subprocess.Popen[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "PAGERDUTY_"))}
    return subprocess.Popen(
        [sys.executable, "-m", "tools.account", f"--folder={folder}", *words],
        cwd=ROOT,
        env={
            **environ,
            "PATH": f"{TOOLS}{os.pathsep}{environ['PATH']}",
            "PAGERDUTY_TOKEN": TOKEN,
            "PAGERDUTY_API_URL": emulator.url,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def ended(
    emulator: Emulator, folder: Path, moment: Callable[[], bool], number: signal.Signals, *words: str
) -> tuple[int, str]:
    """Run it, and send a signal once the moment has come. Returns the exit code and the output."""
    with started(emulator, folder, f"--service={SERVICE}", "--yes", *words) as process:
        wait_for(moment, lambda: process.poll() is None)
        os.kill(process.pid, number)
        shown = process.communicate(timeout=HANG_SECONDS)[0]
    return process.returncode, shown


def cleaned(emulator: Emulator, folder: Path) -> str:
    with started(emulator, folder, "--clean") as process:
        shown = process.communicate(timeout=HANG_SECONDS)[0]
    assert process.returncode == 0, shown
    return shown


@pytest.mark.parametrize("creations", range(1, 30, 3) if PROVE else [1, 20])
def test_a_kill_before_a_response_and_a_cleanup(emulator: Emulator, tmp_path: Path, creations: int) -> None:
    """The last creation was carried out, and its response has not arrived."""
    other = add(emulator, f"{MARK} 0123abcd.01")
    emulator.inject("delay", *CREATION, seconds=HANG_SECONDS, after_commit=True, skip=creations - 1)

    def moment() -> bool:
        return any(each.fault and each.committed for each in emulator.requests.matching(*CREATION))

    ended(emulator, tmp_path, moment, signal.SIGKILL, "--only=calls")
    assert len(emulator.integrations()) > 1
    assert "Nothing is left" in cleaned(emulator, tmp_path)
    assert [each["id"] for each in emulator.integrations()] == [other]


@pytest.mark.parametrize("number", [signal.SIGKILL, *([signal.SIGINT, signal.SIGTERM] if PROVE else [])])
def test_an_end_while_the_engine_creates(emulator: Emulator, tmp_path: Path, number: signal.Signals) -> None:
    """The CLI outlives a run that is killed, and the cleanup waits for it. Other signals reach the CLI."""
    emulator.settings.html_urls = "pagerduty"

    def moment() -> bool:
        return any("python-requests" not in each.user_agent for each in emulator.requests.matching(*CREATION))

    _, shown = ended(emulator, tmp_path, moment, number)
    assert "Nothing is left" in (cleaned(emulator, tmp_path) if number == signal.SIGKILL else shown)
    assert emulator.integrations() == []
    assert "Traceback" not in shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_cleans_up(emulator: Emulator, tmp_path: Path, number: signal.Signals) -> None:
    code, shown = ended(emulator, tmp_path, lambda: len(emulator.integrations()) > 5, number, "--only=calls")
    assert emulator.integrations() == []
    assert "Nothing is left" in shown
    assert code == 2
    assert "Traceback" not in shown
