"""The chart: calls and seconds against the number of integrations, on any background."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .cells import mark
from .figures import CHECKPOINTS, NO_CHECKPOINTS, WORKS, Measured, Report, least_calls, least_seconds

# Middle tones: as readable on white as on a dark page.
TEXT = "#757c86"
GRID = "#757c8640"
OURS = "#1f9d6b"
THEIRS = "#d9822b"
LEAST = "#8a6fd1"

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "benchmarks",  # or the file differs at each run
    "font.size": 9,
    "text.color": TEXT,
    "axes.edgecolor": TEXT,
    "axes.labelcolor": TEXT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": TEXT,
    "ytick.color": TEXT,
    "grid.color": GRID,
}
WITHOUT_CHECKPOINTS: dict[str, Any] = {
    "color": OURS,
    "marker": "o",
    "markerfacecolor": "none",
    "linestyle": "--",
    "label": "this provider, without the engine's checkpoints",
}
Line = list[tuple[int, float]]


def draw(report: Report, file: Path) -> None:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(11, 5), layout="constrained")
        rows = figure.subplots(2, len(WORKS), sharex=True, sharey="row", squeeze=False)
        for column, (work, title) in enumerate(WORKS.items()):
            rows[0][column].set_title(title.replace("`", ""), fontsize=9)
            rows[1][column].set_xlabel("integrations")
            draw_work(report, work, rows[0][column], rows[1][column])
        rows[0][0].set_ylabel("API calls")
        rows[1][0].set_ylabel("seconds")
        lines, labels = rows[1][0].get_legend_handles_labels()
        figure.legend(lines, labels, loc="outside upper center", ncols=4, frameon=False)
        figure.savefig(file, transparent=True, metadata={"Date": None, "Title": alt_text(report)})


def draw_work(report: Report, work: str, calls: Axes, seconds: Axes) -> None:
    def line(measured: Measured, what: str, way: str = CHECKPOINTS) -> Line:
        of_work = sorted((each for each in measured.all_of(way) if each.work == work), key=lambda each: each.n)
        return [(each.n, getattr(each, what)) for each in of_work]

    def least(bound: Callable[[int], float]) -> Line:
        return [(n, bound(n)) for n, _ in line(report.ours, "seconds")]

    # Below the other line, where the two are the same.
    seconds.plot(*points(line(report.ours, "seconds", NO_CHECKPOINTS)), **WITHOUT_CHECKPOINTS)
    draw_lines(
        calls,
        ours=line(report.ours, "total_calls"),
        theirs=line(report.peer, "total_calls"),
        least=least(lambda n: least_calls(work, n)),
    )
    draw_lines(
        seconds,
        ours=line(report.ours, "seconds"),
        theirs=line(report.peer, "seconds"),
        least=least(lambda n: least_seconds(work, n, report.parallel, limited=False)),
    )


def draw_lines(axes: Axes, ours: Line, theirs: Line, least: Line) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter("{x:g}")
    axes.grid(visible=True)
    axes.plot(*points(ours), color=OURS, marker="o", label="this provider")
    axes.plot(*points(theirs), color=THEIRS, marker="s", linestyle="--", label="bridged provider")
    axes.plot(*points(least), color=LEAST, linestyle=":", linewidth=2, label="the least that PagerDuty's API allows")


def points(line: Line) -> tuple[list[int], list[float]]:
    return [x for x, _ in line], [y for _, y in line]


def alt_text(report: Report) -> str:
    """Describe the chart in words."""
    n = report.ours.largest
    shown = [each for each in report.ours.all_of(CHECKPOINTS) if each.n == n]
    values = "; ".join(f"{each.work} {each.total_calls} calls and {each.seconds:.1f} s{mark(each)}" for each in shown)
    return f"API calls and seconds against the number of integrations, both on log scales. At {n}: {values}."
