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

Written by `make bench`: the real engine runs a YAML program of N integrations over {services} services, with a local
backend, against the [emulator](../emulator/README.md), which answers each call after {latency:.0f} ms.

*Least* is what PagerDuty's API allows: one call to create an integration and one to delete it, 100 services with their
integrations in a page, one look at the vendors where the program is run, and {parallel} calls at once, as the engine
works on so many resources at once here. *Bridged* is {bridged}, measured once on a machine of the same kind.

{machine}

{busy}![{alt}]({chart})

## API calls

These are exact, not noisy. There is no call after the POST that creates, and the vendor's lookup is the one call of a
preview. A refresh cannot know how many reads will follow, so it may begin with a few single ones before it reads whole
pages of services.

{calls}

## Time

Mostly the engine's: it takes about a second to start and to end, and with a local backend it writes its whole state
file again at each step that changes something, which is what creating and destroying a thousand wait for. An `up` after
a refresh is quick where the refresh left every state as it was, as the engine then has nothing to write; *changed*
counts the resources that it left otherwise.

{seconds}

## The plugin

CPU seconds are those of all plugin processes that the engine started for the work, their start included; at the first
`up` there is a second one, which is asked for the schema. Memory is the largest one's peak.

{plugin}

For each integration, with the start left out (the slope between the two largest N); and at the start, the median of
{starts}, idle being what is resident half a second after the port's line:

{each}
"""

BUSY = """\
**The machine was busy with other work while this was measured: times and CPU seconds are longer than at rest. Calls are
not affected, memory hardly.**

"""

LIMIT = """
## Under PagerDuty's rate limit

The minute is scaled down: the emulator admits {calls} calls in each {seconds:.0f} s and answers 429 to all above that,
which is the pace of PagerDuty's 960 calls a minute. *429* counts the calls that were refused; they are among the calls.

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
        ("CPU for each created", milliseconds(report, "create"), f"{TARGETS['create']} ms", "7.7 ms"),
        ("CPU for each previewed, no change", milliseconds(report, "preview"), f"{TARGETS['preview']} ms", "2.7 ms"),
        ("to the port's line", f"{report.start.seconds:.2f} s", f"{TARGETS['start']} s", f"{BRIDGED_START.seconds} s"),
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
