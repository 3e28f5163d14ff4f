"""The benchmark's own arithmetic, its page and its chart; and that it runs."""

from __future__ import annotations

import dataclasses
import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tools.bench.chart import draw
from tools.bench.figures import WORKS, Figures, Report, Start, cpu_for_each, least_calls, least_seconds
from tools.bench.measure import measure, measure_start
from tools.bench.report import page, table


def figures(work: str, n: int, *, limited: bool = False, cpu_seconds: float = 1.0) -> Figures:
    calls = {"GET /vendors": 1, "POST /services/{id}/integrations": n}
    return Figures(work, n, limited, calls, 0, 1.5, cpu_seconds, 70.0)


@pytest.fixture
def report() -> Report:
    measured = [figures(work, n, limited=limited) for limited in (False, True) for n in (10, 100) for work in WORKS]
    return Report({"CPU": "fast"}, 8, Start(0.2, 0.2, 60), measured)


@pytest.mark.parametrize(
    ("work", "n", "calls"),
    [
        ("create", 1000, 1001),
        ("preview", 1000, 1),
        ("refresh", 1000, 1),
        ("refresh", 1, 1),
        ("rename", 1000, 2),
        ("destroy", 1000, 1000),
    ],
)
def test_the_least_calls(work: str, n: int, calls: int) -> None:
    assert least_calls(work, n) == calls


@pytest.mark.parametrize(
    ("n", "limited", "seconds"),
    [
        (8, False, 0.02),
        (9, False, 0.04),
        (96, True, 0.24),  # the whole limit, in twelve rounds
        (97, True, 6.02),
        (193, True, 12.02),
    ],
)
def test_the_least_time(n: int, limited: bool, seconds: float) -> None:
    assert least_seconds("destroy", n, parallel=8, limited=limited) == pytest.approx(seconds)


def test_cpu_for_each_leaves_the_start_out() -> None:
    measured = [figures("create", n, cpu_seconds=0.5 + n * 0.002) for n in (10, 100, 1000)]
    assert cpu_for_each(measured, "create") == pytest.approx(0.002)
    assert cpu_for_each(measured[:1], "create") is None


def test_numbers_stand_at_the_right() -> None:
    assert table(["N", "work"], [(10, "`up`"), ("-", "1 call")]).splitlines() == [
        "| N | work |",
        "| ---: | --- |",
        "| 10 | `up` |",
        "| - | 1 call |",
    ]


def test_the_page(report: Report) -> None:
    text = page(report, "chart.svg")
    assert "| 100 | `up`, creates all | 1 `GET /vendors`<br>100 `POST /services/{id}/integrations` | 101 |" in text
    assert "](chart.svg)" in text
    assert "96 calls in each 6 s" in text
    unlimited = Report(report.machine, 8, report.start, report.figures[:5])
    assert "429" not in page(unlimited, "chart.svg")
    assert "busy" not in text
    assert "busy" in page(dataclasses.replace(report, machine={"load before": "3.1"}), "chart.svg")


def test_the_chart_is_the_same_each_time_and_has_no_background(report: Report, tmp_path: Path) -> None:
    for name in ("first.svg", "second.svg"):
        draw(report, tmp_path / name)
    first = (tmp_path / "first.svg").read_text()
    assert first == (tmp_path / "second.svg").read_text()
    texts = "".join(ET.fromstring(first).itertext())  # noqa: S314 (just written)
    assert "API calls" in texts
    assert "seconds" in texts
    assert "fill: #ffffff" not in first


def test_a_report_is_kept(report: Report) -> None:
    assert Report.from_json(json.loads(json.dumps(report.as_json()))) == report


@pytest.mark.skipif(sys.platform != "linux", reason="it reads what a process used where Linux shows it")
def test_it_measures() -> None:
    """The real thing, small: the numbers of calls are exact; of the rest, that it is there."""
    start = measure_start(times=1)
    assert start.seconds > 0
    assert start.idle_mib > 0
    measured = {each.work: each for each in measure(3, limited=False)}
    assert list(measured) == list(WORKS)
    for work, each in measured.items():
        assert each.seconds > 0
        assert each.cpu_seconds > 0
        assert each.peak_mib > 0
        if work != "refresh":
            assert each.total_calls == least_calls(work, 3)
    assert measured["refresh"].states_changed == 0
