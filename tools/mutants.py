"""Mutation testing: puts one fault after the other into framework/ and api/, and tells which ones no test notices.

Run by `make mutants`, in the environment that `make setup` made. What it needs, it keeps in .tools/mutants: there src
is provider/, as mutmut takes a module's name from its path below src. docs/mutation-score.md tells more.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import get_mutant_name

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".tools" / "mutants"
PACKAGE = "pagerduty_native"
LINKS = {"src": "provider", "tests": "tests", "pyproject.toml": "pyproject.toml"}
SURVIVORS = "survivors.diff"
PROCESSES = 2
# A fault that makes a loop endless ends a run as well as one that fails a test.
NOTICED = ("killed", "timeout", "segfault")


def main(words: list[str] | None = None) -> None:
    arguments = parsed_arguments(words)
    again = survivors_of_last_run() if arguments.again else []
    prepare()
    os.chdir(FOLDER)  # where mutmut looks for its settings
    finished = run(again or chosen(arguments), arguments.minutes)
    survivors = report()
    Path(SURVIVORS).write_text("\n".join(map(get_diff, survivors)))
    print(f"The faults that no test noticed are in {FOLDER / SURVIVORS}.")
    if not finished:
        sys.exit(f"Not all was tried: see {FOLDER / 'log'}, or allow more MINUTES.")


def parsed_arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("modules", nargs="*", help="such as api/create or framework; all, if none is given")
    parser.add_argument("--sample", type=int, default=0, help="try only so many, chosen at random")
    parser.add_argument("--seed", type=int, default=0, help="of the choice, so that it can be made again")
    parser.add_argument("--again", action="store_true", help="try what survived last time, once there are tests for it")
    parser.add_argument("--minutes", type=float, default=120, help="how long it may take")
    return parser.parse_args(words)


def survivors_of_last_run() -> list[str]:
    """Return the names of the mutants in survivors.diff, which is gone once a run begins."""
    path = FOLDER / SURVIVORS
    names = re.findall(rf"^# ({PACKAGE}\..*)$", path.read_text(), re.MULTILINE) if path.exists() else []
    return names or sys.exit(f"{path} names no fault: run `make mutants` without AGAIN first.")


def chosen(arguments: argparse.Namespace) -> list[str]:
    """Choose the mutants to try: patterns of names, or the full names of a sample."""
    modules = arguments.modules or ["framework", "api"]
    patterns = [f"{PACKAGE}.{each.strip('/').replace('/', '.')}.*" for each in modules]
    return sampled(patterns, arguments.sample, arguments.seed) if arguments.sample else patterns


def prepare() -> None:
    """Start anew: what mutmut kept knows of changed modules and of new tests, not of changed or deleted tests."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for name, target in LINKS.items():
        (FOLDER / name).symlink_to(ROOT / target)


def sampled(patterns: list[str], size: int, seed: int) -> list[str]:
    """So many of the mutants that match, by their full names."""
    prefixes = tuple(each.removesuffix("*") for each in patterns)
    names = sorted(name for name in all_mutants() if name.startswith(prefixes))
    return random.Random(seed).sample(names, min(size, len(names)))  # noqa: S311 (no secret)


def all_mutants() -> Iterator[str]:
    for path in walk_mutatable_files():
        for mutant in mutate_file_contents(str(path), path.read_text()).mutant_names:
            yield get_mutant_name(path, mutant)


def run(names: list[str], minutes: float) -> bool:
    """Try mutants; returns whether all were tried in time. What was tried until then counts."""
    command = ["mutmut", "run", "--max-children", str(PROCESSES), *names]
    with (
        Path("log").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True) as mutmut,
    ):
        try:
            return mutmut.wait(minutes * 60) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(mutmut.pid, signal.SIGKILL)  # with the processes that try mutants


def report() -> list[tuple[str, Path]]:
    """Print the score of each module; returns the mutants that survived, with their files."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    survivors: list[tuple[str, Path]] = []
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            if code is None:
                continue
            status = status_by_exit_code[code]
            for row in (f"{path.parent.name}/{path.stem}", "all"):
                counts[row].update(tried=1, noticed=status in NOTICED, timeout=status == "timeout")
            if status not in NOTICED:
                survivors.append((name, path))
    print(f"{'module':30} {'tried':>6} {'killed':>6} {'of them timed out':>18} {'score':>6}")
    for row, count in sorted(counts.items(), key=lambda each: (each[0] == "all", each[0])):
        tried, noticed = count["tried"], count["noticed"]
        print(f"{row:30} {tried:6} {noticed:6} {count['timeout']:18} {noticed / tried:6.1%}")
    return survivors


def get_diff(survivor: tuple[str, Path]) -> str:
    name, path = survivor
    return f"# {name}\n{get_diff_for_mutant(name, path=path)}\n"


if __name__ == "__main__":
    main()
