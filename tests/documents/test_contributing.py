"""CONTRIBUTING.md does what it says: the commands, and the resource that it adds to the provider."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pagerduty_emulator import Emulator

from tests.conftest import ROOT, TOKEN
from tests.support import free_port
from tests.support.documents import NEEDS_JQ, Document, sh
from tests.support.stack import Stack
from tests.support.toolchains import MADE

CONTRIBUTING = Document(ROOT / "CONTRIBUTING.md")
SERVICE = "PCHECKT"
MADE_OF = {"type": "events_api_v2_inbound_integration", "service": SERVICE}


@contextmanager
def started(*command: str | Path) -> Iterator[dict[str, str]]:
    """A plugin that somebody starts by hand, and the environment in which engines attach to it."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as plugin:
        try:
            assert plugin.stdout
            attach = CONTRIBUTING.block("PULUMI_DEBUG_PROVIDERS").replace("PORT", plugin.stdout.readline().strip())
            variable, _, value = attach.split(" ")[0].partition("=")
            yield {variable: value}
        finally:
            plugin.terminate()


def test_every_block_is_known_here() -> None:
    assert len(CONTRIBUTING.blocks) == 7


def test_targets_are_there() -> None:
    for name in re.findall(r"`make ([\w-]+)`", CONTRIBUTING.text):
        assert re.search(rf"^{name}:", (ROOT / "Makefile").read_text(), re.MULTILINE), name


def test_set_up_and_one_test(environ: dict[str, str]) -> None:
    setup = CONTRIBUTING.block("make setup")
    one, some = CONTRIBUTING.block("pytest").splitlines()
    assert "pulumi-resource-pagerduty-native" in sh(f"{setup}which pulumi-resource-pagerduty-native", ROOT, environ)
    assert " passed" in sh(one, ROOT, environ)
    assert re.fullmatch(r"make test TESTS=(\S+)", some)


def test_under_a_debugger(stack: Stack, emulator: Emulator) -> None:
    _, *options = CONTRIBUTING.block("debugpy").split()
    options[options.index("5678")] = str(free_port())
    stack.pulumi("config", "set", "--secret", "pagerduty-native:token", TOKEN)
    stack.program(resources={"alerts": {"type": "pagerduty-native:Integration", "properties": MADE_OF}})
    with started(sys.executable, *options) as attached:
        stack.up(environ=attached)
    assert len(emulator.integrations(SERVICE)) == 1


@NEEDS_JQ
def test_a_log_of_requests(stack: Stack) -> None:
    stack.program(resources={"alerts": {"type": "pagerduty-native:Integration", "properties": MADE_OF}})
    log = sh(CONTRIBUTING.block("PULUMI_DEBUG_GRPC"), stack.folder, stack.environ)
    methods = {json.loads(line)["method"] for line in log.splitlines() if line.startswith("{")}
    assert {f"/pulumirpc.ResourceProvider/{each}" for each in ("Configure", "Check", "Create")} <= methods


def test_a_new_resource(stack: Stack, emulator: Emulator, tmp_path: Path) -> None:
    provider = shutil.copytree(ROOT / "provider", tmp_path / "provider", ignore=shutil.ignore_patterns("__pycache__"))
    package = provider / "pagerduty_native"
    services = package / "api" / "lookups.py"
    before, method, after = services.read_text().partition("    def _read(self, params")
    calls = textwrap.indent(CONTRIBUTING.block("def rename", "python"), "    ")
    services.write_text(f"{before}{calls}\n{method}{after}")
    (package / "resources" / "service.py").write_text(CONTRIBUTING.block("class ServiceArgs", "python"))
    strict = ["--strict", "--config-file=", f"--cache-dir={MADE / 'mypy-contributing'}", "--follow-imports=silent"]
    subprocess.run(
        [sys.executable, "-m", "mypy", *strict, package / "resources" / "service.py"],
        env=os.environ | {"MYPYPATH": str(provider)},
        check=True,
    )

    stack.pulumi("config", "set", "--secret", "pagerduty-native:token", TOKEN)
    with started(sys.executable, provider) as attached:
        for name in ("Ledger", "General ledger"):
            properties = {"name": name, "escalationPolicy": "PESHOP1"}
            stack.program(resources={"ledger": {"type": "pagerduty-native:Service", "properties": properties}})
            stack.up(environ=attached)
            assert [each["name"] for each in emulator.services()].count(name) == 1
        stack.pulumi("destroy", "--yes", environ=attached)
    assert not [each for each in emulator.services() if "edger" in each["name"]]
