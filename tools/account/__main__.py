"""`make test-account` and `make test-account-clean`.

Exit codes: 0, no fact disagreed; 1, some did; 2, it could not run, or something is left, by name.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import requests

from .client import CALLS_A_MINUTE, Account, Settings, SettingsError
from .engine import Stack
from .facts import FACTS, VENDORS, Fact, Result, Trial, attempt
from .journal import MARK, Cleanup, FailedError, Journal, clean

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".tools" / "account"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STACK = "stack"
"""The folder of the engine's state, in that of the journal."""


class Ended(BaseException):
    """A person, or the system, ends the run."""


def main(words: list[str] | None = None, *, sleep: Callable[[float], None] = time.sleep) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.account", description=__doc__)
    parser.add_argument("--service", default="", help="the ID of the service on which integrations are created")
    parser.add_argument("--service2", default="", help="a second service, for what two of them show")
    parser.add_argument("--orchestration", default="", help="the ID of an event orchestration")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--events", action="store_true", help="also send events; they may page people")
    parser.add_argument(
        "--record", type=Path, help="write requests and responses to this file, without what is private"
    )
    parser.add_argument("--only", choices=["calls", "all"], default="all", help="calls: without the engine")
    parser.add_argument("--clean", action="store_true", help="delete what an earlier run left")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the journal and the state are")
    options = parser.parse_args(words)
    if sys.stdin is None:  # closed; its number must not become the lock's, as the Pulumi CLI has a standard input
        os.open(os.devnull, os.O_RDONLY)
    problem = _problem(options)
    if problem:
        return _stop(problem)
    try:
        settings = Settings.of(os.environ)
        with _lock(options.folder.absolute()) as descriptor:
            return _clean(options, settings, sleep) if options.clean else _run(options, settings, sleep, descriptor)
    except (SettingsError, FailedError) as error:
        return _stop(str(error))
    except (Ended, KeyboardInterrupt, EOFError):
        return _stop("It was ended. If it had begun: make test-account-clean")
    except OSError as error:
        return _stop(_reason(error))


def _problem(options: argparse.Namespace) -> str | None:
    """Return what is wrong with the options, before anything is done."""
    given = {"SERVICE": options.service, "SERVICE2": options.service2, "ORCHESTRATION": options.orchestration}
    for name, value in given.items():
        if not re.fullmatch(r"[0-9A-Za-z-]*", value):
            return f"{name} must be an ID, such as PXXXXXX. It is in the address of its page."
    if not options.service and not options.clean:
        return "Name the service on which integrations may be created: make test-account SERVICE=PXXXXXX"
    if options.service2 and options.service2.upper() == options.service.upper():
        return "SERVICE2 must be another service than SERVICE. Name another one, or leave SERVICE2 out."
    if options.record and not options.clean:
        try:
            options.record.open("a").close()
        except OSError as error:
            return f"RECORD={options.record} cannot be written: {error.strerror}. Name a file."
    return None


def _stop(text: str) -> int:
    print(text, file=sys.stderr)
    return 2


def _reason(error: OSError) -> str:
    """Return the file and what is wrong with it."""
    return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)


@contextmanager
def _lock(folder: Path) -> Iterator[int]:
    """Hold the folder's lock. The Pulumi CLI inherits it, so that a killed run's CLI ends before a cleanup begins."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print(
                "Another run, or the Pulumi CLI of one that was killed, is still at work. Waiting for it to end.",
                flush=True,
            )
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def _journal(options: argparse.Namespace) -> Journal:
    return Journal(options.folder.absolute() / "journal.jsonl")


def _clean(options: argparse.Namespace, settings: Settings, sleep: Callable[[float], None]) -> int:
    journal = _journal(options)
    if not journal.open:
        journal.forget()
        print("No run left anything.")
        return 0
    account = Account(settings, journal, VENDORS, sleep=sleep)
    shutil.rmtree(options.folder.absolute() / STACK, ignore_errors=True)
    return 2 if _cleaned(account).left else 0


def _cleaned(account: Account) -> Cleanup:
    """Delete what the run created, and say what is left."""
    known = len(account.journal.open)
    done = clean(account.journal, account.contents, account.remove)
    for line in done.renamed:
        print(f"RENAMED: {line}")
    for line in done.left:
        print(f"LEFT: {line}")
    if done.left:
        print("Run `make test-account-clean` to try again, or delete it in the web app.")
    else:
        nothing = "Nothing else is left" if done.renamed else "Nothing is left"
        print(f"{nothing}: {known} names were looked for, and what bore them is deleted.")
    return done


def _run(options: argparse.Namespace, settings: Settings, sleep: Callable[[float], None], descriptor: int) -> int:
    journal = _journal(options)
    if journal.open:
        raise SettingsError("An earlier run left something. Delete it first: make test-account-clean")
    journal.forget()
    trial = _trial(options, Account(settings, journal, VENDORS, sleep=sleep), descriptor)
    _show_plan(trial, journal.run)
    if not options.yes and not _agrees():
        return _stop("Nothing was done.")
    previous = {number: signal.signal(number, _end) for number in SIGNALS}
    try:
        return _try_all(trial, options)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _trial(options: argparse.Namespace, account: Account, descriptor: int) -> Trial:
    named = {"{service}": options.service, "{service2}": options.service2, "{orchestration}": options.orchestration}
    for placeholder, value in named.items():
        if value:
            account.scrubber.name(value, placeholder)
    folder = options.folder.absolute() / STACK
    return Trial(
        account,
        options.service,
        options.service2 or None,
        options.orchestration or None,
        events=options.events,
        new_stack=None if options.only == "calls" else lambda: Stack(folder, account, descriptor),
    )


def _try_all(trial: Trial, options: argparse.Namespace) -> int:
    """Try every fact, clean up in any case, and return the exit code."""
    results: list[tuple[Fact, Result]] = []
    failure = None
    try:
        _look(trial)
        for each in FACTS:
            results.append((each, attempt(each, trial)))
            print(_row(*results[-1]), flush=True)
    except Ended:
        failure = "It was ended in the middle."
    except (SettingsError, FailedError, requests.RequestException) as error:
        failure = trial.account.scrubber.text(str(error))
    except OSError as error:
        failure = _reason(error)
    finally:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # the cleanup is not ended in the middle
        trial.account.recorder.fact = "cleanup"
        cleanup = _cleaned(trial.account)
        recorded = options.record is None or _record(trial.account, options.record, results)
    if failure:
        return _stop(failure)
    counts = {name: sum(one.outcome == name for _, one in results) for name in ("agreed", "disagreed", "not tried")}
    print(", ".join(f"{count} {name}" for name, count in counts.items()) + ".")
    return 2 if cleanup.left or cleanup.renamed or not recorded else 1 if counts["disagreed"] else 0


def _record(account: Account, file: Path, results: list[tuple[Fact, Result]]) -> bool:
    """Write the recording. Say so and return False if that fails."""
    settings = {each.setting: result.way for each, result in results if result.way is not None}
    for each, result in results:  # two facts of one setting: the one that differs
        if result.way is not None and result.outcome == "disagreed":
            settings[each.setting] = result.way
    try:
        file.write_text(account.recorder.text(settings), encoding="utf-8")
    except OSError as error:
        print(f"RECORD={file} could not be written: {error.strerror}. All else was done.", file=sys.stderr)
        return False
    return True


def _look(trial: Trial) -> None:
    """Look at what was named, before anything is created."""
    wanted = [("service", trial.path)]
    wanted += [("service", f"/services/{trial.service2}")] if trial.service2 else []
    wanted += [("orchestration", f"/event_orchestrations/{trial.orchestration}")] if trial.orchestration else []
    for kind, path in wanted:
        answer = trial.account.get(path)
        body = answer.body.get(kind) if answer.good and isinstance(answer.body, dict) else None
        if not isinstance(body, dict):
            hint = " Compare the token, its account and the region." if answer.status in {401, 404} else ""
            raise SettingsError(f"The {kind} that was named could not be read: {trial.words(answer)}.{hint}")
        if path == trial.path:
            trial.service_object = body
            trial.account.scrubber.name(str(body.get("name")), "{service name}", whole=True)


def _show_plan(trial: Trial, run: str) -> None:
    tried = [each for each in FACTS if not each.never and trial.given() >= {*each.needs}]
    creates = sum(each.creates for each in tried)
    calls = calls_of(tried)
    where = [f"the service {trial.service}"]
    where += [f"the service {trial.service2}"] if trial.service2 else []
    where += [f"the event orchestration {trial.orchestration}"] if trial.orchestration else []
    print(
        f"This creates up to {creates} integrations on {', '.join(where)}, and nothing else, and deletes them again.\n"
        f"Their names begin with `{MARK} {run}`. It makes up to {calls} calls, at most {CALLS_A_MINUTE} a minute.\n"
        + ("Events are sent, and may page people." if trial.events else "No event is sent.")
        + f"\n\nFacts that it tries ({len(tried)}), with their section in the evidence and their calls:"
    )
    for each in tried:
        print(f"  {each.section:<10} {each.calls:>3}  {each.says}")
    print(flush=True)


def calls_of(tried: list[Fact]) -> int:
    """Count the most calls of a run that meets no fault, with looking first and cleaning up."""
    creates = sum(each.creates for each in tried)
    return sum(each.calls for each in tried) + creates + 12


def _agrees() -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        print("Nobody can be asked here. YES=1 means yes.", file=sys.stderr)
        return False
    return input("Go on? [y/N] ").strip().lower() in {"y", "yes"}


def _row(each: Fact, result: Result) -> str:
    row = f"{result.outcome:<10} {each.section:<10} {each.says}"
    if result.way is not None:
        shown = f"{each.setting}={result.way if isinstance(result.way, str) else json.dumps(result.way)}"
        return f"{row} [{shown}]" if result.outcome == "agreed" else f"{row}: no. The emulator's setting: [{shown}]"
    if result.outcome == "agreed":
        return row
    if result.outcome == "not tried":
        return f"{row}: {result.detail}"
    hint = " (none of the ways of its setting)" if each.setting else ""
    return f"{row}: no, {result.detail}{hint}"


def _end(_number: int, _frame: FrameType | None) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise Ended


if __name__ == "__main__":
    sys.exit(main())
