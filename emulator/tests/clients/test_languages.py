"""Clients of PagerDuty from npm, Go's modules and Maven Central, in the folders node, go and java.

Their versions are pinned there.
"""

import sys

import pytest
from pagerduty_emulator import Emulator

from emulator.tests.client import TOKEN, Client, run
from tests.support.toolchains import go_module

from . import packages

KEYED = {"type": "events_api_v2_inbound_integration", "name": "Events"}


def go_test(emulator: Emulator, tests: str, **environ: str) -> int:
    """The number of tests that passed."""
    if sys.platform != "linux":
        pytest.skip("Go takes SSL_CERT_FILE on Linux only")
    go_module(packages.GO_MODULE)
    settings = {"SSL_CERT_FILE": str(emulator.ca_file), "GOWORK": "off", "GOFLAGS": "-mod=readonly", "GOPROXY": "off"}
    command = ("go", "test", "-count=1", "-vet=off", "-v", "-run", tests, "./...")
    return run(*command, cwd=packages.CLIENTS / "go", **settings, **environ).count("--- PASS: Test")


def test_go_pagerduty(secure: Emulator) -> None:
    assert go_test(secure, "Vendors|Services|Integrations|Users|Policies|Events|Limits", EMULATOR_URL=secure.url) == 7


def test_go_pagerduty_behind_the_proxy(proxy: Emulator) -> None:
    """With the addresses of REST and Events API that it has built in."""
    assert go_test(proxy, "FixedAddresses", HTTPS_PROXY=proxy.url) == 1
    assert [alert["summary"] for alert in proxy.alerts()] == ["Disk is full"]


def test_pdjs_behind_the_proxy(proxy: Emulator) -> None:
    """PagerDuty's client for JavaScript reads no proxy; global-agent makes Node 20 and older use one."""
    folder = packages.node_clients()
    node = ("node", "--require", "global-agent/bootstrap", "pdjs.mjs")
    run(*node, cwd=folder, GLOBAL_AGENT_HTTP_PROXY=proxy.url, NODE_EXTRA_CA_CERTS=str(proxy.ca_file))
    assert [alert["summary"] for alert in proxy.alerts()] == ["Disk full"]
    assert proxy.requests.count("POST", "/v2/change/enqueue") == 1


def test_pagerdutys_backstage_plugin_behind_the_proxy(proxy: Emulator) -> None:
    """As an OAuth app: its tokens come from identity.pagerduty.com, by Node's own fetch."""
    folder = packages.node_clients()
    node = ("node", "--require", "global-agent/bootstrap", "--require", "./env-proxy.cjs", "backstage.cjs")
    led = {"GLOBAL_AGENT_HTTP_PROXY": proxy.url, "https_proxy": proxy.url}
    run(*node, cwd=folder, NODE_EXTRA_CA_CERTS=str(proxy.ca_file), **led)
    assert proxy.requests.count("POST", "/oauth/token") == 1
    (unserved,) = proxy.requests.matching(served=False)
    assert (unserved.path, unserved.status) == ("/oncalls", 404)


def test_axios_behind_the_proxy(proxy: Emulator) -> None:
    folder = packages.node_clients()
    run("node", "axios.mjs", cwd=folder, https_proxy=proxy.url, NODE_EXTRA_CA_CERTS=str(proxy.ca_file))
    assert proxy.requests.count("GET", "/services/PCHECKT") == 1


def test_pagerduty_client_for_java_behind_the_proxy(proxy: Emulator) -> None:
    jars = packages.java_clients()
    assert proxy.ca_file is not None
    with Client(proxy.url, TOKEN) as client:
        made = client.post("/services/PCHECKT/integrations", json={"integration": KEYED}).json()["integration"]
    options = (
        "-XX:TieredStopAtLevel=1",
        "-Dhttps.proxyHost=127.0.0.1",
        f"-Dhttps.proxyPort={proxy.url.rpartition(':')[2]}",
        f"-Djavax.net.ssl.trustStore={proxy.ca_file.with_suffix('.jks')}",
    )
    run(
        "java",
        *options,
        "--class-path",
        jars / "*",
        "Client.java",
        made["integration_key"],
        cwd=packages.CLIENTS / "java",
    )
    assert [alert["status"] for alert in proxy.alerts()] == ["resolved"]
