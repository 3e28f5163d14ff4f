"""`make bench`: measures, shows the tables, and after a whole run writes docs/benchmarks.md and docs/benchmarks.svg."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from .chart import draw
from .figures import Report
from .measure import FOLDER, ROOT, machine, measure, measure_start
from .report import LOAD, page

WHOLE = [10, 100, 1000]
QUICK = [10, 100]
MOST = 5000
LAST = FOLDER / "last.json"


def main() -> None:
    options = parse()
    if sys.platform != "linux":
        sys.exit("The benchmark reads memory and CPU time where Linux shows them (/proc).")
    report = Report.from_json(json.loads(LAST.read_text())) if options.render else run(options)
    whole = {(n, limited) for n in WHOLE for limited in (False, True)} <= {(e.n, e.limited) for e in report.figures}
    folder: Path = options.out or (ROOT / "docs" if whole else FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    text = page(report, "benchmarks.svg")
    (folder / "benchmarks.md").write_text(text)
    draw(report, folder / "benchmarks.svg")
    print(f"{text}\nWritten to {folder / 'benchmarks.md'} and benchmarks.svg beside it.")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--n", type=count, nargs="+", default=WHOLE, help="numbers of integrations")
    parser.add_argument("--quick", dest="n", action="store_const", const=QUICK, help=f"only {QUICK}, for trying")
    parser.add_argument("--no-limit", action="store_true", help="leave out the part under the rate limit")
    parser.add_argument("--render", action="store_true", help="measure nothing, and write the last figures again")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="docs after a whole run, else .tools/bench")
    return parser.parse_args()


def count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MOST:
        raise argparse.ArgumentTypeError(f"must be from 1 to {MOST}")
    return number


def run(options: argparse.Namespace) -> Report:
    tell("starting the plugin…")
    start = measure_start()
    load = os.getloadavg()[0]
    figures = []
    for limited in [False] if options.no_limit else [False, True]:
        for n in options.n:
            for each in measure(n, limited=limited):
                figures.append(each)
                tell(
                    f"{each.work} of {n}{' under the limit' if limited else ''}: {each.total_calls} calls, "
                    f"{each.seconds:.1f} s, CPU {each.cpu_seconds:.2f} s, {each.peak_mib:.0f} MiB"
                )
    about = {**machine(), "date": time.strftime("%Y-%m-%d"), LOAD: f"{load:.1f}"}
    # The engine's own default.
    report = Report(about, 4 * (os.cpu_count() or 1), start, figures)
    FOLDER.mkdir(parents=True, exist_ok=True)
    LAST.write_text(json.dumps(report.as_json()))
    return report


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
