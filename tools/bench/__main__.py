"""`make bench`: measures, shows the tables, and after a whole run writes docs/benchmarks.md and docs/benchmarks.svg."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

from .chart import draw
from .figures import NO_CHECKPOINTS, RATE_LIMIT, WAYS, Figures, Measured, Report
from .measure import machine, measure, measure_start
from .report import page
from .stack import FOLDER, OURS, ROOT, Provider, bridged

WHOLE = [10, 100, 1000]
QUICK = [10, 100]
MOST = 5000
LAST = FOLDER / "last.json"


def main() -> None:
    options = parse()
    if sys.platform != "linux":
        sys.exit("The benchmark reads memory and CPU time where Linux shows them (/proc).")
    report = Report.from_json(json.loads(LAST.read_text())) if options.render else run(options)
    measured = {(each.n, each.way) for each in report.ours.figures}
    folder: Path = options.out or (ROOT / "docs" if measured >= set(parts(WHOLE, WAYS)) else FOLDER)
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
    parser.add_argument(
        "--bridged", type=Path, metavar="PLUGIN", help="measure pulumi-resource-pagerduty, too: make bench BRIDGED=…"
    )
    parser.add_argument("--render", action="store_true", help="measure nothing, and write the last figures again")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="docs after a whole run, else .tools/bench")
    return parser.parse_args()


def count(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MOST:
        raise argparse.ArgumentTypeError(f"must be from 1 to {MOST}")
    return number


def run(options: argparse.Namespace) -> Report:
    providers = [OURS, bridged(options.bridged)] if options.bridged else [OURS]
    tell("starting the plugin…")
    starts = [measure_start(each.plugin) for each in providers]
    ways = [way for way in WAYS if not (options.no_limit and way == RATE_LIMIT)]
    figures = measure_all(providers, parts(options.n, ways))
    ours, *peers = [
        Measured(provider.name, start, figures[provider]) for provider, start in zip(providers, starts, strict=True)
    ]
    about = {**machine(), "date": time.strftime("%Y-%m-%d")}
    # The engine's own default.
    report = Report(about, 4 * (os.cpu_count() or 1), ours, *peers)
    FOLDER.mkdir(parents=True, exist_ok=True)
    LAST.write_text(json.dumps(report.as_json()))
    return report


def parts(numbers: list[int], ways: tuple[str, ...] | list[str]) -> list[tuple[int, str]]:
    """List the measurements: numbers of integrations, and ways. Without checkpoints, only those of the slope."""
    return [(n, way) for way in ways for n in (sorted(numbers)[-2:] if way == NO_CHECKPOINTS else numbers)]


def measure_all(providers: list[Provider], parts: list[tuple[int, str]]) -> dict[Provider, list[Figures]]:
    """Each part with one provider after the other. Under the rate limit, only with ours."""
    figures: dict[Provider, list[Figures]] = {each: [] for each in providers}
    for n, way in parts:
        for provider in providers if way != RATE_LIMIT else [OURS]:
            for each in measure(provider, n, way):
                figures[provider].append(each)
                tell(
                    f"{provider.package}: {each.work} of {n}, {way}: {each.total_calls} calls, {each.seconds:.1f} s, "
                    f"CPU {each.cpu_seconds:.2f} s, {each.peak_mib:.0f} MiB; others used {each.others:.0%} of the CPU"
                )
    return figures


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
