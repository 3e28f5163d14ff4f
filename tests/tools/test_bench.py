"""The benchmark's own arithmetic, its page and its chart; and that it runs, also beside a bridged provider."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.examples import stand_in
from tools.bench import __main__ as bench
from tools.bench import load
from tools.bench.__main__ import QUICK, parts
from tools.bench.cells import table
from tools.bench.chart import draw
from tools.bench.figures import (
    CHECKPOINTS,
    NO_CHECKPOINTS,
    RATE_LIMIT,
    WAYS,
    WORKS,
    Figures,
    Measured,
    Report,
    Start,
    cpu_for_each,
    least_calls,
    least_seconds,
)
from tools.bench.measure import measure_start
from tools.bench.report import page
from tools.bench.stack import OURS, bridged

from .bridged_integrations import SCHEMA, BridgedIntegrations

QUIET = Start(0.2, 0.2, 60, 0.01)


def figures(work: str, n: int, way: str = CHECKPOINTS, cpu_seconds: float = 1.0) -> Figures:
    calls = {"GET /vendors": 1, "POST /services/{id}/integrations": n}
    return Figures(work, n, way, calls, 0, 1.5, cpu_seconds, 70.0, 0.01)


@pytest.fixture
def ours() -> Measured:
    return Measured("ours 1.0.0", QUIET, [figures(work, n, way) for way in WAYS for n in (10, 100) for work in WORKS])


@pytest.fixture
def report(ours: Measured) -> Report:
    return Report({"CPU": "fast"}, 8, ours)


@pytest.fixture
def beside(report: Report) -> Report:
    """The bridged provider in the same run, but not under the rate limit. All takes twice as much."""
    twice = [
        replace(each, calls={"any": 2 * each.total_calls}, seconds=3.0, cpu_seconds=2.0, peak_mib=140.0)
        for each in report.ours.figures
        if each.way != RATE_LIMIT
    ]
    return replace(report, bridged=Measured("bridged 4.0.0", QUIET, twice))


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
    other_way = [figures("create", n, NO_CHECKPOINTS, cpu_seconds=0.5 + n * 0.001) for n in (100, 1000)]
    assert cpu_for_each(measured + other_way, "create", CHECKPOINTS) == pytest.approx(0.002)
    assert cpu_for_each(measured + other_way, "create", NO_CHECKPOINTS) == pytest.approx(0.001)
    assert cpu_for_each(measured[:1], "create", CHECKPOINTS) is None


def test_without_checkpoints_only_the_two_largest_are_measured() -> None:
    assert parts([100, 1000, 10], [CHECKPOINTS, NO_CHECKPOINTS]) == [
        (100, CHECKPOINTS),
        (1000, CHECKPOINTS),
        (10, CHECKPOINTS),
        (100, NO_CHECKPOINTS),
        (1000, NO_CHECKPOINTS),
    ]
    assert len(parts(QUICK, WAYS)) == 6


def test_numbers_stand_at_the_right() -> None:
    assert table(["N", "work", "load"], [(10, "`up`", "1%"), ("-", "1 call", "7% †")]).splitlines()[:4] == [
        "| N | work | load |",
        "| ---: | --- | ---: |",
        "| 10 | `up` | 1% |",
        "| - | 1 call | 7% † |",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="it reads what the machine does where Linux shows it")
def test_the_load_of_other_processes_is_counted_apart() -> None:
    """The same process as one of the others', and as one of the benchmark's."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            stop(process)
            used = load.cpu_seconds(process.pid)
            before, before_if_own = load.moment(), load.moment(process.pid)
            process.send_signal(signal.SIGCONT)
            while load.cpu_seconds(process.pid) < used + 0.5:
                pass
            stop(process)
            after, after_if_own = load.moment(), load.moment(process.pid)
            used = load.cpu_seconds(process.pid) - used
        finally:
            process.kill()
    whole = (after.at - before.at) * load.CPUS
    others, others_if_own = load.others(before, after), load.others(before_if_own, after_if_own)
    assert (others - others_if_own) * whole == pytest.approx(used, abs=0.1)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGSTOP)
    os.waitpid(process.pid, os.WUNTRACED)


def test_the_page(report: Report) -> None:
    text = page(report, "chart.svg")
    assert "| 100 | `up`, creates all | 1 `GET /vendors`<br>100 `POST /services/{id}/integrations` | 101 |" in text
    assert "](chart.svg)" in text
    assert "96 calls in each 6 s" in text
    assert "## Ratios" not in text
    assert "pulumi-pagerduty 4.37, measured once" in text
    unlimited = replace(report.ours, figures=[each for each in report.ours.figures if each.way != RATE_LIMIT])
    assert "429" not in page(replace(report, ours=unlimited), "chart.svg")


def test_the_page_opens_with_what_it_shows(beside: Report) -> None:
    head = page(beside, "chart.svg").partition("This page is written by")[0]
    assert "100 integrations on 100 services take; in parentheses, with the bridged provider, bridged 4.0.0:" in head
    assert "- **API calls:** 101 (202) to create them" in head
    assert "1.5 s (3.0 s) to refresh" in head
    assert "at most 70 MiB (140 MiB)" in head


def test_ratios_and_targets_beside_the_bridged_provider(beside: Report) -> None:
    text = page(beside, "chart.svg")
    assert "bridged 4.0.0, measured in the same run" in text
    ratios = text.partition("## Ratios")[2].partition("## ")[0]
    for written in ("at each step", "at the end"):
        assert f"| 100 | `destroy` | {written} | 0.50 | 0.50 | 0.50 | 0.50 | 1% |" in ratios
    assert "| CPU for 100 destroyed, with checkpoints | 1.0 s | 1.6 s, 0.8 of bridged | 2.0 s |" in text
    slopes = [replace(each, cpu_seconds=each.n * 0.002) for each in beside.ours.figures]
    sloping = page(replace(beside, ours=replace(beside.ours, figures=slopes)), "chart.svg")
    assert "| CPU for each integration created, without checkpoints | 2.0 ms | 1.8 ms | 0.0 ms |" in sloping
    assert "| 100 | `up`, creates all | at the end | 1.5 | 3 | 2.0 ms | 0.0 ms | 1% |" in sloping


def test_a_figure_from_a_busy_machine_is_marked(report: Report) -> None:
    assert "†" not in page(report, "chart.svg")
    disturbed = [
        replace(each, others=0.38) if (each.work, each.n, each.way) == ("refresh", 100, CHECKPOINTS) else each
        for each in report.ours.figures
    ]
    text = page(replace(report, ours=replace(report.ours, figures=disturbed)), "chart.svg")
    assert re.findall(r"^\|.*†.*", text, re.MULTILINE) == [
        "| 100 | `refresh`, no drift | 1.5 | 0.02 | 0.9 | - | 38% † |",
        "| 100 | `refresh`, no drift | at each step | 1.5 | 0.9 | 0.0 ms | 4.3 ms | 38% † |",
        "| 100 | `refresh`, no drift | 1.0 | 0.45 | 70 | 87 | 38% † |",
    ]
    assert "1.5 s † (0.9 s) to refresh" in text
    # Once below the opening, and once below each table.
    assert text.count("† Other processes used 5% of the machine's CPU or more") == 4
    starting = replace(report.ours, start=replace(QUIET, others=0.38))
    assert "| time until the port is printed | 0.20 s † |" in page(replace(report, ours=starting), "chart.svg")


def test_the_chart_is_the_same_each_time_and_has_no_background(report: Report, tmp_path: Path) -> None:
    for name in ("first.svg", "second.svg"):
        draw(report, tmp_path / name)
    first = (tmp_path / "first.svg").read_text()
    assert first == (tmp_path / "second.svg").read_text()
    texts = "".join(ET.fromstring(first).itertext())  # noqa: S314 (just written)
    assert "API calls" in texts
    assert "without the engine's checkpoints" in texts
    assert "fill: #ffffff" not in first


def test_a_report_is_kept(report: Report, beside: Report) -> None:
    for each in (report, beside):
        assert Report.from_json(json.loads(json.dumps(each.as_json()))) == each


@pytest.mark.skipif(sys.platform != "linux", reason="it reads what a process used where Linux shows it")
def test_it_measures_beside_the_bridged_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real thing, small: the numbers of calls are exact; of the rest, that it is there."""
    plugin = tmp_path / "pulumi-resource-pagerduty"
    stand_in.write(plugin, BridgedIntegrations)
    monkeypatch.setattr(bench, "LAST", tmp_path / "last.json")
    monkeypatch.setattr(bench, "WAYS", [NO_CHECKPOINTS])
    monkeypatch.setattr(bench, "measure_start", partial(measure_start, times=1))
    monkeypatch.setattr(sys, "argv", ["make bench", "--n", "3", "--bridged", str(plugin), "--out", str(tmp_path)])
    bench.main()

    report = Report.from_json(json.loads((tmp_path / "last.json").read_text()))
    assert report.bridged is not None
    assert report.bridged.name == f"pulumi-pagerduty {SCHEMA['version']}"
    for provider in (report.ours, report.bridged):
        assert provider.start.seconds > 0
        assert provider.start.idle_mib > 0
        for each in provider.figures:
            assert each.seconds > 0
            assert each.cpu_seconds > 0
            assert each.peak_mib > 0
            assert 0 <= each.others <= 1
    calls, calls_of_peer = (
        {each.work: each.total_calls for each in provider.figures} for provider in (report.ours, report.bridged)
    )
    assert {**calls, "refresh": 1} == {work: least_calls(work, 3) for work in WORKS}
    assert calls_of_peer == {"create": 7, "preview": 1, "refresh": 3, "rename": 2, "destroy": 3}
    assert report.ours.figures[2].states_changed == 0
    assert "| 3 | `up`, creates all | at the end | 0.57 |" in (tmp_path / "benchmarks.md").read_text()


def test_make_hands_the_bridged_plugin_on() -> None:
    command = ["make", "--dry-run", "bench", "BRIDGED=/a folder/plugin", "OPTIONS=--quick"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert 'python -m tools.bench --bridged "/a folder/plugin" --quick' in done.stdout


def test_another_plugin_is_refused() -> None:
    with pytest.raises(SystemExit, match="is the plugin of pagerduty-native, not of pagerduty"):
        bridged(OURS.plugin)
