"""Cells of the page's tables: numbers and marks."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable

from .figures import BUSY, Figures, Measured, Start, cpu_for_each, two_largest

NOTHING = "-"
MARK = "†"
WIDTH = 120
NOTE = textwrap.fill(
    f"{MARK} Other processes used {BUSY:.0%} of the machine's CPU or more during this measurement, so times and CPU "
    "seconds are higher than at rest.",
    WIDTH,
)
Load = Figures | Start | None


def is_busy(*measurements: Load) -> bool:
    """Return whether others used the machine during any of these."""
    return share(*measurements) >= BUSY


def share(*measurements: Load) -> float:
    return max((each.others for each in measurements if each), default=0)


def other_load(*measurements: Load) -> str:
    return f"{share(*measurements):.0%}{mark(*measurements)}"


def mark(*measurements: Load) -> str:
    return f" {MARK}" if is_busy(*measurements) else ""


def rounded(value: float | None, digits: int = 1) -> str:
    """Without zeros at the end."""
    return NOTHING if value is None or math.isnan(value) else f"{round(value, digits):g}"


def with_unit(value: float | None, unit: str, digits: int = 1) -> str:
    return NOTHING if value is None or math.isnan(value) else f"{value:.{digits}f} {unit}"


def cpu_each(measured: Measured, work: str, way: str) -> str:
    """CPU milliseconds for each integration: the slope; with a single N, what it is less than."""
    slope = cpu_for_each(measured.figures, work, way)
    if slope is not None and not math.isnan(slope):
        return f"{slope * 1000:.1f} ms"
    used = two_largest(measured.figures, work, way)
    if used and not math.isnan(used[-1].cpu_seconds):
        return f"<{used[-1].cpu_seconds / used[-1].n * 1000:.1f} ms"
    return NOTHING


def ratio(ours: float, theirs: float) -> str:
    value = ours / theirs
    return f"{value:.2f}" if value >= 0.01 else f"{value:.3f}"  # noqa: PLR2004 (or there would be only zeros)


def table(titles: list[str], rows: Iterable[tuple[object, ...]]) -> str:
    """Return a Markdown table with numbers aligned right, and marks explained below it."""
    texts = [[str(cell) for cell in row] for row in rows]
    columns = list(zip(*texts, strict=True)) or [()] * len(titles)
    rules = ["---:" if all(is_number(cell) for cell in column) else "---" for column in columns]
    lines = ["| " + " | ".join(row) + " |" for row in (titles, rules, *texts)]
    marked = any(MARK in cell for row in texts for cell in row)
    return "\n".join([*lines, "", NOTE] if marked else lines)


def is_number(cell: str) -> bool:
    bare = cell.removesuffix(f" {MARK}").removesuffix("%").removesuffix(" ms").lstrip("<")
    return cell == NOTHING or bare.replace(".", "", 1).isdigit()
