"""Clients of PagerDuty from PyPI, as they are, led to the emulator by its proxy: the scripts in the folder python.

Each script says what it expects. Versions are pinned in the folder. Those with many dependencies run with PROVE=1.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pagerduty_emulator import Emulator

from emulator.tests.client import TOKEN, Client, run

from . import packages

heavy = pytest.mark.skipif(not os.environ.get("PROVE"), reason="its many dependencies are installed by `make prove`")


@pytest.fixture
def made(proxy: Emulator) -> dict[str, str]:
    """An integration with a key."""
    given = {"type": "events_api_v2_inbound_integration", "name": "Events"}
    with Client(proxy.url, TOKEN) as client:
        answer = client.post("/services/PCHECKT/integrations", json={"integration": given})
    integration: dict[str, str] = answer.json()["integration"]
    return integration


def run_script(proxy: Emulator, name: str, *arguments: str, python: Path = packages.PYTHON) -> None:
    """Run a client's script, which must succeed. It has no proxy but the emulator's."""
    script = packages.CLIENTS / "python" / f"{name.replace('-', '_')}_client.py"
    environ = {
        **packages.python_client(name, python),
        "HTTPS_PROXY": proxy.url,
        "REQUESTS_CA_BUNDLE": str(proxy.ca_file),
        "SSL_CERT_FILE": str(proxy.ca_file),
    }
    run(python, script, *arguments, cwd=None, **environ)
    assert [item.path for item in proxy.requests.matching(served=False)] == []


def new_python() -> Path:
    """A Python of at least 3.12, which pagerduty-mcp needs."""
    if sys.version_info >= (3, 12):
        return packages.PYTHON
    for name in ("python3.14", "python3.13", "python3.12"):
        found = shutil.which(name)
        # A shim of pyenv may be there without what it stands for.
        if found and subprocess.run((found, "-c", ""), capture_output=True, check=False).returncode == 0:
            return Path(found)
    pytest.skip("no Python 3.12 or newer on this machine")


def test_pypd(proxy: Emulator) -> None:
    run_script(proxy, "pypd")
    assert [alert["summary"] for alert in proxy.alerts()] == ["Disk is full", "By the older API"]
    assert proxy.alerts()[0]["body"]["contexts"] == [{"type": "link", "href": "https://x.example"}]


def test_asyncpd(proxy: Emulator) -> None:
    run_script(proxy, "asyncpd")
    assert proxy.requests.count("GET", "/abilities/*") == 2


def test_apprise(proxy: Emulator, made: dict[str, str]) -> None:
    run_script(proxy, "apprise", made["integration_key"])
    (alert,) = proxy.alerts()
    assert "is full" in alert["summary"]
    assert [context["type"] for context in alert["body"]["contexts"]] == ["image"]


def test_tap_pagerduty(proxy: Emulator) -> None:
    run_script(proxy, "tap-pagerduty")
    assert [item.ignored for item in proxy.requests] == ["start_date"]  # PagerDuty has no such parameter


def test_pdh(proxy: Emulator, made: dict[str, str]) -> None:
    proxy.send_test_event(made["id"], "Disk is full")
    run_script(proxy, "pdh")


@heavy
def test_dagster_pagerduty(proxy: Emulator, made: dict[str, str]) -> None:
    run_script(proxy, "dagster-pagerduty", made["integration_key"])
    assert [alert["summary"] for alert in proxy.alerts()] == ["Disk is full"]


@heavy
def test_pagerduty_mcp(proxy: Emulator, made: dict[str, str]) -> None:
    proxy.send_test_event(made["id"], "Disk is full")
    proxy.add_event_orchestration("Shop events")
    run_script(proxy, "pagerduty-mcp", python=new_python())
    assert proxy.requests.count("GET", "/event_orchestrations") == 1
