"""The page: docs/benchmarks.md from a report."""

from __future__ import annotations

import textwrap

from .cells import NOTHING, WIDTH, cpu_each, other_load, ratio, rounded, table
from .chart import alt_text
from .figures import (
    CHECKPOINTS,
    LATENCY_SECONDS,
    LIMIT_CALLS,
    LIMIT_SECONDS,
    NO_CHECKPOINTS,
    RATE_LIMIT,
    SERVICES,
    STARTS,
    WORKS,
    Figures,
    Measured,
    Report,
    least_calls,
    least_seconds,
    two_largest,
)
from .summary import opening, targets

WRITTEN = {CHECKPOINTS: "at each step", NO_CHECKPOINTS: "at the end"}

PAGE = """\
# Benchmarks

{opening}

This page is written by `make bench`: the real engine runs a YAML program with N integrations on {services} services,
with a local backend, against the [emulator](../emulator/README.md), which responds to each call after {latency:.0f} ms.

*Least* is the minimum that PagerDuty's API allows: one call to create an integration and one to delete it, one call to
read 100 services with their integrations, one lookup of the vendor when the program runs, and {parallel} calls at a
time, because the engine works on that many resources at once here.

{about_bridged}

*Other load* is the share of the machine's CPU that processes other than the benchmark's used during the measurement.

{machine}

![{alt}]({chart})

## API calls

These are exact and reproducible. No call follows the POST that creates an integration, and looking up the vendor is
the only call of a preview. The provider cannot know in advance how many integrations a refresh will read, so it may
begin by reading a few services one by one, before it reads whole pages of services.

{calls}

## Time

Most of the time is the engine's. It takes about a second to start and end, and with a local backend it rewrites its
whole state file at each step that changes something; that is what takes so long when a thousand integrations are
created or destroyed. An `up` after a refresh is fast if the refresh left every state unchanged, because then the engine
has nothing to write. *Changed* counts the resources whose state the refresh did change.

{seconds}

## Without checkpoints

With `PULUMI_EXPERIMENTAL=1 PULUMI_SKIP_CHECKPOINTS=1`, the engine writes its state only at the end of a run.
[Manage large stacks](how-to/manage-large-stacks.md) explains what this risks. *CPU each* is the plugin's CPU time for
each integration without the plugin's start: the slope between the two largest N.

{ways}

## The plugin

CPU seconds are those of all plugin processes that the engine started for the work, including their start. The first
`up` starts a second one, to get the schema. Memory is the peak of the largest process.

{plugin}

## Targets

CPU for each integration excludes the plugin's start, as above. The figures for the start are the median of {starts};
*idle* is the resident memory half a second after the plugin printed its port.

{targets}
"""

BRIDGED_BESIDE = "*Bridged* is {name}, measured in the same run, one provider after the other at each N."
BRIDGED_ONCE = "*Bridged* is {name}, measured once on a machine of the same kind."

RATIOS = """
## Ratios

What this provider takes, divided by what the bridged one took in the same run: less than 1 is better.

{table}
"""

LIMIT = """
## Under PagerDuty's rate limit

The minute is scaled down: the emulator allows {calls} calls in each {seconds:.0f} s and answers 429 to the
rest, which is the same rate as PagerDuty's 960 calls per minute. *429* counts the refused calls, which are included in
the calls.

{table}
"""


def page(report: Report, chart: str) -> str:
    about_bridged = (BRIDGED_BESIDE if report.bridged else BRIDGED_ONCE).format(name=report.peer.name)
    text = PAGE.format(
        opening=opening(report),
        services=SERVICES,
        latency=LATENCY_SECONDS * 1000,
        parallel=report.parallel,
        about_bridged=textwrap.fill(about_bridged, WIDTH),
        machine=table(["", ""], [("provider", report.ours.name), *report.machine.items()]),
        alt=alt_text(report),
        chart=chart,
        calls=calls_table(report),
        seconds=seconds_table(report),
        ways=ways_table(report),
        plugin=plugin_table(report),
        starts=STARTS,
        targets=targets(report),
    )
    if report.bridged:
        text += RATIOS.format(table=ratio_table(report.ours, report.bridged))
    if report.ours.all_of(RATE_LIMIT):
        text += LIMIT.format(calls=LIMIT_CALLS, seconds=LIMIT_SECONDS, table=limit_table(report))
    return text


def calls_table(report: Report) -> str:
    rows = [
        (
            *head(each),
            kinds(each),
            each.total_calls,
            least_calls(each.work, each.n),
            bridged(report, each, "total_calls"),
        )
        for each in report.ours.all_of(CHECKPOINTS)
    ]
    return table(["N", "work", "calls", "in all", "least", "bridged"], rows)


def seconds_table(report: Report) -> str:
    rows = [
        (
            *head(each),
            f"{each.seconds:.1f}",
            least_time(report, each),
            bridged(report, each, "seconds"),
            changed(each),
            other_load(each, peer(report, each)),
        )
        for each in report.ours.all_of(CHECKPOINTS)
    ]
    return table(["N", "work", "seconds", "least", "bridged", "changed", "other load"], rows)


def ways_table(report: Report) -> str:
    """Return the largest N, both ways."""
    rows = [
        (
            *head(each),
            WRITTEN[way],
            f"{each.seconds:.1f}",
            bridged(report, each, "seconds"),
            cpu_each(report.ours, work, way),
            cpu_each(report.peer, work, way),
            other_load(*two_largest(report.ours.figures, work, way), *two_largest(report.peer.figures, work, way)),
        )
        for work in WORKS
        for way in WRITTEN
        if (each := report.ours.find(work, report.ours.largest, way))
    ]
    return table(["N", "work", "state written", "seconds", "bridged", "CPU each", "bridged", "other load"], rows)


def plugin_table(report: Report) -> str:
    rows = [
        (
            *head(each),
            f"{each.cpu_seconds:.1f}",
            bridged(report, each, "cpu_seconds", 2),
            f"{each.peak_mib:.0f}",
            bridged(report, each, "peak_mib", 0),
            other_load(each, peer(report, each)),
        )
        for each in report.ours.all_of(CHECKPOINTS)
    ]
    return table(["N", "work", "CPU s", "bridged", "peak MiB", "bridged", "other load"], rows)


def ratio_table(ours: Measured, theirs: Measured) -> str:
    rows = [
        (
            *head(mine),
            WRITTEN[mine.way],
            *(
                ratio(getattr(mine, what), getattr(other, what))
                for what in ("total_calls", "seconds", "cpu_seconds", "peak_mib")
            ),
            other_load(mine, other),
        )
        for mine in ours.figures
        if (other := theirs.find(mine.work, mine.n, mine.way))
    ]
    return table(["N", "work", "state written", "calls", "seconds", "CPU", "peak memory", "other load"], rows)


def limit_table(report: Report) -> str:
    rows = [
        (
            *head(each),
            each.total_calls,
            each.refused,
            least_calls(each.work, each.n),
            f"{each.seconds:.1f}",
            least_time(report, each),
            other_load(each),
        )
        for each in report.ours.all_of(RATE_LIMIT)
    ]
    return table(["N", "work", "calls", "429", "least", "seconds", "least", "other load"], rows)


def head(figures: Figures) -> tuple[int, str]:
    return figures.n, WORKS[figures.work]


def kinds(figures: Figures) -> str:
    return "<br>".join(f"{count} `{kind}`" for kind, count in sorted(figures.calls.items()))


def least_time(report: Report, figures: Figures) -> str:
    limited = figures.way == RATE_LIMIT
    return f"{least_seconds(figures.work, figures.n, report.parallel, limited=limited):.2f}"


def peer(report: Report, figures: Figures) -> Figures | None:
    return report.peer.find(figures.work, figures.n, figures.way)


def bridged(report: Report, figures: Figures, what: str, digits: int = 1) -> str:
    other = peer(report, figures)
    return rounded(getattr(other, what) if other else None, digits)


def changed(figures: Figures) -> str:
    return NOTHING if figures.states_changed is None else str(figures.states_changed)
