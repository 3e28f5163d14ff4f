"""The opening of the page, and the targets."""

from __future__ import annotations

import textwrap

from .cells import MARK, NOTE, NOTHING, WIDTH, cpu_each, mark, table, with_unit
from .figures import CHECKPOINTS, NO_CHECKPOINTS, SERVICES, Figures, Measured, Report, two_largest

MOST_MILLISECONDS = {"create": 1.8, "destroy": 1.2, "preview": 1.0}
# Of what the bridged provider takes.
MOST_SHARE = {"create": 0.5, "destroy": 0.8}
MOST_SECONDS_TO_START = 0.2
MOST_IDLE_MIB = 60
MOST_PEAK_MIB = 80
UNITS = {"seconds": ("s", 1), "cpu_seconds": ("s", 1), "peak_mib": ("MiB", 0)}
DONE = {"create": "created", "destroy": "destroyed", "preview": "previewed, no change"}
CHANGES = {"create": "create them", "destroy": "destroy them"}
DOES = {
    "create": "create them",
    "preview": "preview no change",
    "refresh": "refresh",
    "rename": "rename one after that",
    "destroy": "destroy them",
}


def opening(report: Report) -> str:
    """Return the main figures, at the largest N, in words."""

    def told(what: str, works: dict[str, str], way: str = CHECKPOINTS) -> str:
        n = report.ours.largest
        return ", ".join(
            f"{compared(report.ours.find(work, n, way), report.peer.find(work, n, way), what)} to {does}"
            for work, does in works.items()
        )

    points = {
        "API calls": told("total_calls", DOES),
        "Time": told("seconds", DOES),
        "Time without the engine's checkpoints": told("seconds", CHANGES, NO_CHECKPOINTS)
        + ". The rest is what the engine takes to write its whole state at each step",
        "CPU time of the plugin": told("cpu_seconds", DOES),
        "Memory of the plugin": "at most " + compared(*peaks(report), "peak_mib"),
    }
    head = (
        f"What {report.ours.largest:,} integrations on {SERVICES} services take; in parentheses, with the bridged "
        f"provider, {report.peer.name}:"
    )
    lines = [textwrap.fill(f"- **{name}:** {text}.", WIDTH, subsequent_indent="  ") for name, text in points.items()]
    note = ["", NOTE] if MARK in "".join(lines) else []
    return "\n".join([textwrap.fill(head, WIDTH), "", *lines, *note])


def compared(ours: Figures | None, theirs: Figures | None, what: str) -> str:
    """One figure of ours, and of the bridged provider in parentheses."""
    values = [getattr(each, what) if each else None for each in (ours, theirs)]
    if what == "total_calls":
        mine, beside = (NOTHING if value is None else f"{value:,}" for value in values)
        marked = ""
    else:
        unit, digits = UNITS[what]
        mine, beside = (with_unit(value, unit, digits) for value in values)
        marked = mark(ours, theirs) if unit == "s" else ""
    return f"{mine}{marked}" + ("" if beside == NOTHING else f" ({beside})")


def peaks(report: Report) -> tuple[Figures | None, Figures | None]:
    """Return the work that took most memory at the largest N, with ours and with the bridged provider."""

    def most(measured: Measured) -> Figures | None:
        of_largest = [each for each in measured.all_of(CHECKPOINTS) if each.n == report.ours.largest]
        return max(of_largest, key=lambda each: each.peak_mib, default=None)

    return most(report.ours), most(report.peer)


def targets(report: Report) -> str:
    ours, peer = report.ours, report.peer
    rows = [*rows_without_checkpoints(report), *rows_with_checkpoints(report)]
    peak, bridged_peak = (with_unit(each.peak_mib if each else None, "MiB", 0) for each in peaks(report))
    started = with_unit(ours.start.seconds, "s", 2) + mark(ours.start, peer.start)
    rows += [
        (
            "time until the port is printed",
            started,
            f"{MOST_SECONDS_TO_START} s",
            with_unit(peer.start.seconds, "s", 2),
        ),
        (
            "idle",
            with_unit(ours.start.idle_mib, "MiB", 0),
            f"{MOST_IDLE_MIB} MiB",
            with_unit(peer.start.idle_mib, "MiB", 0),
        ),
        (f"peak at {ours.largest}", peak, f"{MOST_PEAK_MIB} MiB", bridged_peak),
    ]
    return table(["", "measured", "target", "bridged"], rows)


def rows_without_checkpoints(report: Report) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for work, most in MOST_MILLISECONDS.items():
        used = [two_largest(each.figures, work, NO_CHECKPOINTS) for each in (report.ours, report.peer)]
        mine, beside = (cpu_each(each, work, NO_CHECKPOINTS) for each in (report.ours, report.peer))
        rows.append(
            (
                f"CPU for each integration {DONE[work]}, without checkpoints",
                mine + mark(*used[0], *used[1]),
                f"{most} ms",
                beside,
            )
        )
    return rows


def rows_with_checkpoints(report: Report) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    n = report.ours.largest
    for work, share in MOST_SHARE.items():
        mine, theirs = (each.find(work, n, CHECKPOINTS) for each in (report.ours, report.peer))
        rows.append(
            (
                f"CPU for {n} {DONE[work]}, with checkpoints",
                with_unit(mine.cpu_seconds if mine else None, "s", 1) + mark(mine, theirs),
                with_unit(theirs.cpu_seconds * share if theirs else None, "s", 1) + f", {share:g} of bridged",
                with_unit(theirs.cpu_seconds if theirs else None, "s", 1),
            )
        )
    return rows
