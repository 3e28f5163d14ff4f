"""A stack of either provider: the real CLI, a backend and a PULUMI_HOME of its own, and a wrapped plugin."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pagerduty_native

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".tools" / "bench"
WRAPPER = Path(__file__).with_name("wrapped_plugin.py")
STACK = "bench"
KIB_IN_MIB = 1024
# Nothing here takes so long unless it hangs: the slowest is the engine's state file at a thousand integrations.
TIMEOUT_SECONDS = 600


@dataclass(frozen=True)
class Provider:
    """package, version: as the engine knows them. resource: the type of integrations. settings: more of them."""

    package: str
    version: str
    plugin: Path
    resource: str
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return f"pulumi-{self.package} {self.version}"


OURS = Provider(
    "pagerduty-native",
    pagerduty_native.__version__,
    Path(sys.executable).with_name("pulumi-resource-pagerduty-native"),
    "Integration",
)


def bridged(plugin: Path) -> Provider:
    """Return the provider that is made from Terraform's. Its schema has its version."""
    plugin = plugin.absolute()
    command = ["pulumi", "package", "get-schema", str(plugin)]
    done = subprocess.run(command, env=environment(), check=False, capture_output=True, text=True, timeout=60)
    if done.returncode:
        sys.exit(f"{plugin} is no plugin of Pulumi's:\n{done.stdout}{done.stderr}")
    schema = json.loads(done.stdout)
    if schema["name"] != "pagerduty":
        sys.exit(f"{plugin} is the plugin of {schema['name']}, not of pagerduty")
    settings = (("skipCredentialsValidation", "true"),)
    return Provider("pagerduty", schema["version"], plugin, "ServiceIntegration", settings)


def program(provider: Provider, service_ids: list[str], n: int, renamed: int | None = None) -> dict[str, Any]:
    """Return a YAML program of `n` integrations; one may be renamed. Their vendor is looked up by its name."""
    lookup = {"function": f"{provider.package}:getVendor", "arguments": {"name": "Amazon CloudWatch"}}
    resources = {
        f"alerts{index}": {
            "type": f"{provider.package}:{provider.resource}",
            "properties": {
                "service": service_ids[index % len(service_ids)],
                "vendor": "${cloudwatch.id}",
                "name": f"Alerts {index}" + (", renamed" if index == renamed else ""),
            },
        }
        for index in range(n)
    }
    return {
        "name": "bench",
        "runtime": "yaml",
        "variables": {"cloudwatch": {"fn::invoke": lookup}},
        "resources": resources,
    }


class Stack:
    """A project of the benchmark's own. environ: variables for the CLI."""

    def __init__(self, provider: Provider, folder: Path, api_url: str, environ: dict[str, str]) -> None:
        self.provider = provider
        self.program = folder / "program"
        self.usage = folder / "usage"
        backend = folder / "backend"
        for each in (self.program, self.usage, backend):
            each.mkdir()
        self.environ = {
            **environment(),
            **environ,
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": backend.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        plugin = folder / "plugin"
        write_wrapped(plugin, provider.plugin, self.usage)
        self.pulumi("plugin", "install", "resource", provider.package, provider.version, "--file", str(plugin))
        self.write([], 0)
        self.pulumi("stack", "init", STACK)
        for name, value in (("apiUrlOverride", api_url), *provider.settings):
            self.pulumi("config", "set", f"{provider.package}:{name}", value)

    def write(self, service_ids: list[str], n: int, renamed: int | None = None) -> None:
        (self.program / "Pulumi.yaml").write_text(json.dumps(program(self.provider, service_ids, n, renamed)))

    def states(self) -> dict[str, Any]:
        """Return the properties of each resource in the state."""
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
        """Return the CPU seconds of the plugins that ended since the last call, and the largest peak memory in MiB."""
        deadline = time.monotonic() + 10
        while running := [file.name for file in self.usage.iterdir() if not file.suffix]:
            if time.monotonic() > deadline:
                sys.exit(f"the engine has ended, but its plugins have not: {', '.join(running)}")
            time.sleep(0.05)
        used = [tuple(map(float, file.read_text().split())) for file in self.usage.iterdir()]
        for file in self.usage.iterdir():
            file.unlink()
        return sum(cpu for cpu, _ in used), max((kib for _, kib in used), default=0) / KIB_IN_MIB


def write_wrapped(file: Path, plugin: Path, usage: Path) -> None:
    """Write an executable that runs a plugin, and leaves in the folder `usage` what it used."""
    write_command(file, sys.executable, "-I", "-S", str(WRAPPER), str(plugin), str(usage))


def write_command(file: Path, *command: str) -> None:
    """Write an executable that runs a command, with its own arguments added."""
    file.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
    file.chmod(0o755)


def environment() -> dict[str, str]:
    """Return the environment, without what would change what is measured."""
    # An installed plugin is compiled to bytecode, so ignore the developer's setting.
    left_out = ("PULUMI_", "PAGERDUTY_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {
        **kept,
        "PATH": os.pathsep.join([str(ROOT / ".tools" / "bin"), kept.get("PATH", "")]),
        "PULUMI_HOME": str(ROOT / ".tools" / "pulumi-home"),
    }
