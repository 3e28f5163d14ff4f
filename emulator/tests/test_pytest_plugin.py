"""The pytest fixture `pagerduty`, in test runs of their own."""

import subprocess
import sys

import pytest

from tests.support import HANG_SECONDS

pytest_plugins = ["pytester"]

TESTS = """
import urllib.request

import pytest


def vendors(pagerduty):
    request = urllib.request.Request(f"{pagerduty.url}/vendors", headers={"Authorization": "Token token=any"})
    with urllib.request.urlopen(request) as answer:
        return answer.status


@pytest.mark.parametrize("number", range(4))
def test_is_as_new(pagerduty, number):
    assert [service["id"] for service in pagerduty.services()][:1] == ["PCHECKT"]
    assert len(pagerduty.services()) == 12
    assert pagerduty.requests.count("GET", "/vendors") == 0
    assert pagerduty.settings.latency == 0
    assert pagerduty.faults.all() == []
    assert vendors(pagerduty) == 200
    assert pagerduty.requests.count("GET", "/vendors") == 1
    pagerduty.settings.latency = 0.001
    pagerduty.inject("reset", "POST", "/services")
    pagerduty.add_service(f"Only in {number}")
"""

# Tells from which process, and at which address, each test was served.
REPORT = """
import os

import pytest


@pytest.fixture(autouse=True)
def _report(request, pagerduty):
    with open(request.config.rootpath / "served", "a") as file:
        file.write(f"{os.getpid()} {pagerduty.url}\\n")
"""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A run of those tests without the other plugins that this environment has."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.plugins = ["no:cacheprovider", "pagerduty_emulator.pytest_plugin"]
    pytester.makeconftest(REPORT)
    pytester.makepyfile(TESTS)
    return pytester


def served(run: pytest.Pytester) -> dict[str, set[str]]:
    """The addresses that each process had."""
    found: dict[str, set[str]] = {}
    for line in (run.path / "served").read_text().splitlines():
        process, url = line.split()
        found.setdefault(process, set()).add(url)
    return found


def test_each_test_has_a_clean_account_at_one_server(run: pytest.Pytester) -> None:
    """That no test but the first waits for a server is what makes them quick."""
    run.runpytest_subprocess().assert_outcomes(passed=4)
    (urls,) = served(run).values()
    assert len(urls) == 1


def test_each_worker_has_its_own(run: pytest.Pytester) -> None:
    run.runpytest_subprocess("-p", "xdist.plugin", "-n", "2").assert_outcomes(passed=4)
    addresses = list(served(run).values())
    assert len(addresses) == 2
    assert all(len(urls) == 1 for urls in addresses)
    assert addresses[0].isdisjoint(addresses[1])


def test_a_conftest_chooses_how_it_is_served(run: pytest.Pytester) -> None:
    run.makefile(".yaml", account="services: [{name: Basket}]")
    run.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def pagerduty_options(pytestconfig):
            return {"seed": pytestconfig.rootpath / "account.yaml", "rate_limit": 5}
        """
    )
    run.makepyfile(
        """
        def test_it(pagerduty):
            assert [service["name"] for service in pagerduty.services()] == ["Basket"]
            assert pagerduty.settings.rate_limit == 5
            pagerduty.settings.rate_limit = None

        def test_again(pagerduty):
            assert pagerduty.settings.rate_limit == 5
        """
    )
    run.runpytest_subprocess().assert_outcomes(passed=2)


def test_runs_without_it_load_nothing() -> None:
    """pytest imports the plugin in every run of an environment that has it."""
    heavy = "{'uvicorn', 'starlette', 'jinja2', 'yaml', 'sqlite3', 'pagerduty_emulator.emulator'}"
    program = f"import sys, pagerduty_emulator.pytest_plugin; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=HANG_SECONDS
    )
    assert done.stdout == "[]\n"


def test_it_is_found_by_its_entry_point(pytester: pytest.Pytester) -> None:
    """`pip install` gives the fixture, with its documentation."""
    result = pytester.runpytest_subprocess("--fixtures", "-p", "no:cacheprovider", "-p", "no:xdist")
    result.stdout.fnmatch_lines(["*fixtures defined from pagerduty_emulator.pytest_plugin*", "pagerduty *"])
