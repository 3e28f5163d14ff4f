"""The measuring: an emulator in a process of its own, the real CLI with a wrapped plugin, and their figures."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pagerduty_native
import requests

from .figures import (
    LATENCY_SECONDS,
    LIMIT_CALLS,
    LIMIT_SECONDS,
    SERVICES,
    STARTS,
    Figures,
    Start,
)

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".tools" / "bench"
PLUGIN = Path(sys.executable).with_name("pulumi-resource-pagerduty-native")
WRAPPER = Path(__file__).with_name("wrapped_plugin.py")
STACK = "bench"
KIB_IN_MIB = 1024
# Nothing here takes so long unless it hangs: the slowest is the engine's state file at a thousand integrations.
TIMEOUT_SECONDS = 600


class Emulator:
    """A PagerDuty of our own, in a process of its own."""

    def __init__(self, url: str) -> None:
        self.url = url

    def service_ids(self) -> list[str]:
        body = self._json("GET", f"/services?limit={SERVICES}")
        return [service["id"] for service in body["services"]]

    def calls(self) -> tuple[dict[str, int], int]:
        """How often each kind of call came since the last time this was asked, and how many were refused."""
        body = self._json("GET", "/emulator/requests")
        self._json("DELETE", "/emulator/requests")
        return body["counts"], sum(each["status"] == requests.codes.too_many_requests for each in body["requests"])

    def count_of_integrations(self) -> int:
        body = self._json("GET", f"/services?limit={SERVICES}&include[]=integrations")
        return sum(len(service["integrations"]) for service in body["services"])

    def _json(self, method: str, path: str) -> Any:
        response = requests.request(method, self.url + path, headers={"Authorization": "Token token=bench"}, timeout=60)
        response.raise_for_status()
        return response.json() if response.content else None


@contextlib.contextmanager
def emulator(*, limited: bool) -> Iterator[Emulator]:
    """An emulator that ends with this process, however that ends."""
    limit = ["--rate-limit", str(LIMIT_CALLS), "--rate-limit-window", str(LIMIT_SECONDS)] if limited else []
    options = ["--port", "0", "--services", str(SERVICES), "--latency", str(LATENCY_SECONDS * 1000), *limit]
    process = subprocess.Popen(
        [sys.executable, "-m", "pagerduty_emulator", "--exit-on-stdin-eof", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin and process.stdout  # noqa: S101, PT018 (for mypy)
        # When this ends, so does its stdin.
        yield Emulator(process.stdout.readline().split()[-1])


class Stack:
    """A project of the benchmark's own: the program, its backend, and a PULUMI_HOME with the wrapped plugin."""

    def __init__(self, folder: Path, api_url: str) -> None:
        self.program = folder / "program"
        self.usage = folder / "usage"
        backend = folder / "backend"
        for each in (self.program, self.usage, backend):
            each.mkdir()
        kept = environment()
        self.environ = {
            **kept,
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": backend.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PAGERDUTY_TOKEN": "bench",
        }
        plugin = folder / "plugin"
        command = shlex.join([sys.executable, "-I", "-S", str(WRAPPER), str(PLUGIN), str(self.usage)])
        plugin.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        plugin.chmod(0o755)
        version = pagerduty_native.__version__
        self.pulumi("plugin", "install", "resource", "pagerduty-native", version, "--file", str(plugin))
        self.write(program([], 0))
        self.pulumi("stack", "init", STACK)
        self.pulumi("config", "set", "pagerduty-native:apiUrlOverride", api_url)

    def write(self, project: dict[str, Any]) -> None:
        (self.program / "Pulumi.yaml").write_text(json.dumps(project))

    def states(self) -> dict[str, Any]:
        """What the state holds of each resource."""
        deployment = json.loads(self.pulumi("stack", "export", "--show-secrets"))["deployment"]
        return {each["urn"]: each for each in deployment.get("resources", [])}

    def pulumi(self, *arguments: str, token: str = "bench") -> str:  # noqa: S107 (for the emulator)
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color=never"],
            cwd=self.program,
            env=self.environ | {"PAGERDUTY_TOKEN": token},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        if done.returncode:
            sys.exit(f"pulumi {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def take_usage(self) -> tuple[float, float]:
        """The CPU seconds of the plugins that ended since the last time, and the peak memory of the largest in MiB."""
        deadline = time.monotonic() + 10
        while running := [file.name for file in self.usage.iterdir() if not file.suffix]:
            if time.monotonic() > deadline:
                sys.exit(f"the engine has ended, but its plugins have not: {', '.join(running)}")
            time.sleep(0.05)
        used = [tuple(map(float, file.read_text().split())) for file in self.usage.iterdir()]
        for file in self.usage.iterdir():
            file.unlink()
        return sum(cpu for cpu, _ in used), max((kib for _, kib in used), default=0) / KIB_IN_MIB


def environment() -> dict[str, str]:
    """The environment, without what would change what is measured."""
    # An installed plugin is compiled to bytecode, whatever whoever develops it has set.
    left_out = ("PULUMI_", "PAGERDUTY_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {**kept, "PATH": os.pathsep.join([str(ROOT / ".tools" / "bin"), kept.get("PATH", "")])}


def program(service_ids: list[str], n: int, renamed: int | None = None) -> dict[str, Any]:
    """A YAML program of `n` integrations, one of which may be renamed. Their vendor is looked up by its name."""
    vendor = {"fn::invoke": {"function": "pagerduty-native:getVendor", "arguments": {"name": "Amazon CloudWatch"}}}
    resources = {
        f"alerts{index}": {
            "type": "pagerduty-native:Integration",
            "properties": {
                "service": service_ids[index % len(service_ids)],
                "vendor": "${cloudwatch.id}",
                "name": f"Alerts {index}" + (", renamed" if index == renamed else ""),
            },
        }
        for index in range(n)
    }
    return {"name": "bench", "runtime": "yaml", "variables": {"cloudwatch": vendor}, "resources": resources}


def measure(n: int, *, limited: bool) -> Iterator[Figures]:
    """All works with `n` integrations, in their order."""
    with emulator(limited=limited) as pagerduty, scratch() as folder:
        stack = Stack(folder, pagerduty.url)
        service_ids = pagerduty.service_ids()
        stack.take_usage()
        pagerduty.calls()

        def work(name: str, *arguments: str) -> Figures:
            started = time.perf_counter()
            # A token for each, as the limit is counted by token: none is to wait for what the one before it used.
            stack.pulumi(*arguments, token=name)
            seconds = time.perf_counter() - started
            cpu_seconds, peak_mib = stack.take_usage()
            calls, refused = pagerduty.calls()
            return Figures(name, n, limited, calls, refused, seconds, cpu_seconds, peak_mib)

        stack.write(program(service_ids, n))
        created = work("create", "up", "--yes", "--skip-preview")
        yield made(created, pagerduty.count_of_integrations() == n)
        pagerduty.calls()
        yield work("preview", "preview", "--expect-no-changes")

        before = stack.states()
        refreshed = work("refresh", "refresh", "--yes", "--skip-preview", "--expect-no-changes")
        after = stack.states()
        changed = sum(content(before[urn]) != content(state) for urn, state in after.items())
        yield Figures(**{**vars(refreshed), "states_changed": changed})

        stack.write(program(service_ids, n, renamed=0))
        yield work("rename", "up", "--yes", "--skip-preview")
        destroyed = work("destroy", "destroy", "--yes", "--skip-preview")
        yield made(destroyed, pagerduty.count_of_integrations() == 0)


def made(figures: Figures, is_so: bool) -> Figures:
    """The figures, provided that the work was done."""
    if not is_so:
        sys.exit(f"{figures.work} of {figures.n} integrations did not leave what it should at the emulator")
    return figures


def content(state: dict[str, Any]) -> dict[str, Any]:
    """What a provider decides of a resource's state. Of the rest, the engine itself changes some at a refresh."""
    return {name: state.get(name) for name in ("id", "inputs", "outputs")}


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one run: several runs can go on at once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=FOLDER))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure_start(times: int = STARTS) -> Start:
    """How the plugin starts, without an engine. The first time does not count: it may compile."""
    start_once()
    starts = [start_once() for _ in range(times)]
    return Start(
        seconds=statistics.median(each.seconds for each in starts),
        cpu_seconds=statistics.median(each.cpu_seconds for each in starts),
        idle_mib=statistics.median(each.idle_mib for each in starts),
    )


def start_once() -> Start:
    started = time.perf_counter()
    with subprocess.Popen([PLUGIN], env=environment(), stdout=subprocess.PIPE) as process:
        assert process.stdout  # noqa: S101 (for mypy)
        process.stdout.readline()
        seconds = time.perf_counter() - started
        time.sleep(0.5)
        status = Path(f"/proc/{process.pid}/status").read_text()
        user, system = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        process.terminate()
    resident = re.search(r"VmRSS:\s+(\d+) kB", status)
    idle_mib = int(resident[1]) / KIB_IN_MIB if resident else 0
    return Start(seconds, (int(user) + int(system)) / os.sysconf("SC_CLK_TCK"), idle_mib)


def machine() -> dict[str, str]:
    """What the figures were measured on, and with."""
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    pulumi = subprocess.run(["pulumi", "version"], env=environment(), check=True, capture_output=True, text=True)
    return {
        "CPU": f"{cpu[1] if cpu else 'unknown'}, {os.cpu_count()} cores",
        "Pulumi": pulumi.stdout.strip(),
        "grpcio": importlib.metadata.version("grpcio"),
        "provider": pagerduty_native.__version__,
        "Python": ".".join(map(str, sys.version_info[:3])),
    }
