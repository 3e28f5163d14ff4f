"""The demo: a real `pulumi up` of examples/python against the PagerDuty emulator, and an event that arrives.

Run by `make demo`, in the environment that `make setup` made. What it needs while it runs, it keeps in .tools/demo.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pagerduty_emulator
import pagerduty_native
import requests

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".tools" / "demo"
EXAMPLE = ROOT / "examples" / "python"
PLUGIN = ROOT / ".venv" / "bin" / "pulumi-resource-pagerduty-native"
SERVICE = "PCHECKT"
STACK = "demo"
TOKEN = "any-token-will-do"  # noqa: S105 (for the emulator)
EVENT = {"summary": "Checkout answers slowly: 4.2 s", "source": "CloudWatch", "severity": "critical"}


def main() -> None:
    # An emulator in a thread of this process cannot outlive it.
    with pagerduty_emulator.serve() as emulator:
        say(f"A PagerDuty emulator is running at {emulator.url}; it takes any token.")
        pulumi = Pulumi(emulator.url, FOLDER)
        try:
            pulumi.clean_up()
            pulumi.prepare()
            show_it(pulumi, emulator.url)
        finally:
            pulumi.clean_up()
    say("Done. Nothing is left running. README.md tells how to run the same program on your own account.")


def show_it(pulumi: Pulumi, url: str) -> None:
    say("examples/python declares a CloudWatch integration. First, what would happen:")
    pulumi.run("preview")
    say("Now for real:")
    pulumi.run("up", "--yes", "--skip-preview")
    say("The key is a secret in Pulumi's outputs, previews and state:")
    pulumi.run("stack", "output")
    say("Asked for, it is shown, and so an event can be sent with it:")
    key = json.loads(pulumi.read("stack", "output", "--json", "--show-secrets"))["integrationKey"]
    send_event(url, key)
    say("What arrived at PagerDuty:")
    show_alerts(url)
    say("And away with it:")
    pulumi.run("destroy", "--yes", "--skip-preview", "--remove")


def send_event(url: str, key: str) -> None:
    command(f"curl {url}/v2/enqueue  # the Events API, with routing_key {key[:4]}…{key[-4:]}")
    event = {"routing_key": key, "event_action": "trigger", "payload": EVENT}
    response = requests.post(f"{url}/v2/enqueue", json=event, timeout=10)
    print(f"{response.status_code} {response.text}")
    response.raise_for_status()


def show_alerts(url: str) -> None:
    incidents = get(url, "/incidents")["incidents"]
    alerts = [alert for each in incidents for alert in get(url, f"/incidents/{each['id']}/alerts")["alerts"]]
    for alert in alerts:
        print(f"Alert {alert['id']}: {alert['summary']}")
        print(f"  severity     {alert['severity']}")
        print(f"  service      {alert['service']['summary']}")
        print(f"  integration  {alert['integration']['summary']}")
    if [alert["summary"] for alert in alerts] != [EVENT["summary"]]:
        sys.exit("The event did not become the one alert that it should.")


def get(url: str, path: str) -> Any:
    command(f"curl {url}{path}")
    response = requests.get(f"{url}{path}", headers={"Authorization": f"Token token={TOKEN}"}, timeout=10)
    response.raise_for_status()
    return response.json()


class Pulumi:
    """The Pulumi CLI with a home, a backend, a program and a stack of its own, all in one folder."""

    def __init__(self, api_url: str, folder: Path) -> None:
        self.api_url = api_url
        self.folder = folder
        self.program = folder / "program"
        self.settings = {
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": (folder / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "demo",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",  # or it warns of the plugin on the PATH at each load
            "PAGERDUTY_TOKEN": TOKEN,
        }
        self.environ = {**os.environ, **self.settings}

    def prepare(self) -> None:
        """Install the plugin, copy the example unless there is a program already, and make the stack."""
        self.clean_up(keep_program=True)
        (self.folder / "backend").mkdir(parents=True)
        if not self.program.exists():
            shutil.copytree(EXAMPLE, self.program)
        version = pagerduty_native.__version__
        self.read("plugin", "install", "resource", "pagerduty-native", version, "--file", str(PLUGIN))
        self.read("stack", "init", STACK)
        self.read("config", "set", "service", SERVICE)
        self.read("config", "set", "pagerduty-native:apiUrlOverride", self.api_url)

    def clean_up(self, *, keep_program: bool = False) -> None:
        """Delete the folder, but for the program if that is to be kept."""
        for path in self.folder.glob("*"):
            if path.is_file():
                path.unlink()
            elif not (keep_program and path == self.program):
                shutil.rmtree(path, ignore_errors=True)
        if keep_program:
            (self.program / f"Pulumi.{STACK}.yaml").unlink(missing_ok=True)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *arguments: str) -> None:
        """Run the CLI for the person to see."""
        command(f"pulumi {' '.join(arguments)}")
        options = [] if arguments[0] == "stack" else ["--suppress-permalink=true", "--suppress-progress"]
        subprocess.run(["pulumi", *arguments, *options], cwd=self.program, env=self.environ, check=True)

    def read(self, *arguments: str) -> str:
        """Run the CLI, and return what it says. Exits with that where it fails."""
        done = subprocess.run(
            ["pulumi", *arguments], cwd=self.program, env=self.environ, check=False, capture_output=True, text=True
        )
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        return done.stdout


def say(text: str) -> None:
    print(f"\n{bold('==> ' + text)}", flush=True)


def command(text: str) -> None:
    print(f"\n$ {text}", flush=True)


def bold(text: str) -> str:
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text


if __name__ == "__main__":
    main()
