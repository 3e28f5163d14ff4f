"""The page: docs/benchmarks.md from a report."""

from __future__ import annotations

from collections.abc import Iterable

from .chart import alt_text
from .figures import (
    BRIDGED,
    BRIDGED_START,
    BRIDGED_VERSION,
    LATENCY_SECONDS,
    LIMIT_CALLS,
    LIMIT_SECONDS,
    SERVICES,
    STARTS,
    WORKS,
    Figures,
    Peer,
    Report,
    cpu_for_each,
    least_calls,
    least_seconds,
)

TARGETS = {"start": 0.2, "idle": 60, "create": 3.0, "preview": 1.5, "peak": 80}
NOTHING = "-"
# What else ran on the machine before the benchmark did.
LOAD = "load before"
BUSY_LOAD = 0.5

PAGE = """\
# Benchmarks

Written by `make bench`: the real engine runs a YAML program with N integrations on {services} services, with a local
backend, against the [emulator](../emulator/README.md), which responds to each call after {latency:.0f} ms.

*Least* is the minimum that PagerDuty's API allows: one call to create an integration and one to delete it, one call to
read 100 services with their integrations, one lookup of the vendor when the program runs, and {parallel} calls at a
time, because the engine works on that many resources at once here. *Bridged* is {bridged}, measured once on
a machine of the same kind.

{machine}

{busy}![{alt}]({chart})

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

## The plugin

CPU seconds are those of all plugin processes that the engine started for the work, including their start. The first
`up` starts a second one, to get the schema. Memory is the peak of the largest process.

{plugin}

CPU per integration excludes the start: it is the slope between the two largest N. The figures for the start are the
median of {starts}; *idle* is the resident memory half a second after the plugin printed its port.

{each}
"""

BUSY = """\
**The machine was busy with other work during the measurement, so times and CPU seconds are higher than at rest. Calls
are not affected, and memory hardly at all.**

"""

LIMIT = """
## Under PagerDuty's rate limit

The minute is scaled down: the emulator allows {calls} calls in each {seconds:.0f} s and answers 429 to the
rest, which is the same rate as PagerDuty's 960 calls per minute. *429* counts the refused calls, which are included in
the calls.

{table}
"""


def page(report: Report, chart: str) -> str:
    text = PAGE.format(
        services=SERVICES,
        latency=LATENCY_SECONDS * 1000,
        parallel=report.parallel,
        bridged=BRIDGED_VERSION,
        machine=table(["", ""], report.machine.items()),
        busy=BUSY if float(report.machine.get(LOAD, 0)) > BUSY_LOAD else "",
        alt=alt_text(report),
        chart=chart,
        calls=calls_table(report),
        seconds=seconds_table(report),
        plugin=plugin_table(report),
        starts=STARTS,
        each=table(["", "measured", "at most", "bridged"], plugin_rows(report)),
    )
    if any(each.limited for each in report.figures):
        text += LIMIT.format(calls=LIMIT_CALLS, seconds=LIMIT_SECONDS, table=limit_table(report))
    return text


def calls_table(report: Report) -> str:
    rows = [
        (*head(each), kinds(each), each.total_calls, least_calls(each.work, each.n), bridged(each, "calls"))
        for each in unlimited(report)
    ]
    return table(["N", "work", "calls", "in all", "least", "bridged"], rows)


def seconds_table(report: Report) -> str:
    rows = [
        (*head(each), f"{each.seconds:.1f}", least_time(report, each), bridged(each, "seconds"), changed(each))
        for each in unlimited(report)
    ]
    return table(["N", "work", "seconds", "least", "bridged", "changed"], rows)


def plugin_table(report: Report) -> str:
    rows = [
        (
            *head(each),
            f"{each.cpu_seconds:.1f}",
            bridged(each, "cpu_seconds"),
            f"{each.peak_mib:.0f}",
            bridged(each, "peak_mib"),
        )
        for each in unlimited(report)
    ]
    return table(["N", "work", "CPU s", "bridged", "peak MiB", "bridged"], rows)


def plugin_rows(report: Report) -> list[tuple[object, ...]]:
    largest = max(each.n for each in report.figures)
    peak = max(each.peak_mib for each in unlimited(report) if each.n == largest)
    return [
        ("CPU per integration created", milliseconds(report, "create"), f"{TARGETS['create']} ms", "7.7 ms"),
        (
            "CPU per integration previewed, no change",
            milliseconds(report, "preview"),
            f"{TARGETS['preview']} ms",
            "2.7 ms",
        ),
        (
            "time until the port is printed",
            f"{report.start.seconds:.2f} s",
            f"{TARGETS['start']} s",
            f"{BRIDGED_START.seconds} s",
        ),
        ("idle", f"{report.start.idle_mib:.0f} MiB", f"{TARGETS['idle']} MiB", f"{BRIDGED_START.idle_mib} MiB"),
        (f"peak at {largest}", f"{peak:.0f} MiB", f"{TARGETS['peak']} MiB", "97 MiB"),
    ]


def limit_table(report: Report) -> str:
    rows = [
        (
            *head(each),
            each.total_calls,
            each.refused,
            least_calls(each.work, each.n),
            f"{each.seconds:.1f}",
            least_time(report, each),
        )
        for each in report.figures
        if each.limited
    ]
    return table(["N", "work", "calls", "429", "least", "seconds", "least"], rows)


def unlimited(report: Report) -> list[Figures]:
    return [each for each in report.figures if not each.limited]


def head(figures: Figures) -> tuple[int, str]:
    return figures.n, WORKS[figures.work]


def kinds(figures: Figures) -> str:
    return "<br>".join(f"{count} `{kind}`" for kind, count in sorted(figures.calls.items()))


def least_time(report: Report, figures: Figures) -> str:
    return f"{least_seconds(figures.work, figures.n, report.parallel, limited=figures.limited):.2f}"


def bridged(figures: Figures, what: str) -> str:
    peer: Peer | None = BRIDGED.get((figures.work, figures.n))
    return f"{getattr(peer, what):g}" if peer else NOTHING


def changed(figures: Figures) -> str:
    return NOTHING if figures.states_changed is None else str(figures.states_changed)


def milliseconds(report: Report, work: str) -> str:
    seconds = cpu_for_each(report.figures, work)
    return NOTHING if seconds is None else f"{seconds * 1000:.1f} ms"


def table(titles: list[str], rows: Iterable[tuple[object, ...]]) -> str:
    """A Markdown table; what is a number, or looks like one, stands at the right."""
    texts = [[str(cell) for cell in row] for row in rows]
    columns = list(zip(*texts, strict=True)) or [()] * len(titles)
    rules = ["---:" if all(is_number(cell) for cell in column) else "---" for column in columns]
    return "\n".join("| " + " | ".join(row) + " |" for row in (titles, rules, *texts))


def is_number(cell: str) -> bool:
    return cell == NOTHING or cell.replace(".", "", 1).isdigit()
