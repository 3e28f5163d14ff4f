"""The life of a stack on the real engine: a YAML program with a state and a passphrase of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .client import Account, environment_of
from .journal import Entry, FailedError

PLUGIN = Path(sys.executable).with_name("pulumi-resource-pagerduty-native")
TOOLS = Path(__file__).parents[2] / ".tools" / "bin"
STACK = "account"
PROJECT = "account"
TYPES = "pagerduty-native:index:"
INTEGRATION = f"{TYPES}Integration"
ORCHESTRATED = f"{TYPES}EventOrchestrationIntegration"
CALLS_A_MINUTE = 8  # the provider's, which no step needs in whole; each run of the CLI reserves them


class EngineError(Exception):
    """A command of the CLI failed. The message is scrubbed."""


class Stack:
    """A project with one stack, in a folder that is deleted at the end.

    inherited: a file descriptor that the CLI and the plugin keep open, so that a lock on it outlives a kill of this
    process for as long as they run.
    """

    def __init__(self, folder: Path, account: Account, inherited: int) -> None:
        self.account = account
        self._folder = folder
        self._inherited = inherited
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "backend").mkdir(parents=True)
        self._environ = {
            **environment_of(account.settings),
            "PATH": os.pathsep.join([str(TOOLS), str(PLUGIN.parent), os.environ.get("PATH", "")]),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": (folder / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": secrets.token_hex(16),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DEBUG_COMMANDS": "true",  # for --event-log
        }
        config = {"pagerduty-native:requestsPerMinute": str(CALLS_A_MINUTE)}
        if account.settings.own_address:
            config["pagerduty-native:apiUrlOverride"] = account.settings.rest
        self.program({})
        (folder / f"Pulumi.{STACK}.yaml").write_text(json.dumps({"config": config}))
        self.run("plugin", "install", "resource", "pagerduty-native", version(PLUGIN.name), "--file", str(PLUGIN))
        self.run("stack", "init", STACK)

    def program(self, resources: dict[str, Any]) -> None:
        project = {"name": PROJECT, "runtime": "yaml", "resources": resources}
        (self._folder / "Pulumi.yaml").write_text(json.dumps(project))

    def run(self, *arguments: str, calls: bool = False) -> str:
        """Run the CLI. calls: whether its plugin makes any. Raises EngineError if it fails."""
        with self.account.pace.reserved(CALLS_A_MINUTE if calls else 0):
            returncode, shown = self._run(arguments)
        if returncode:
            words = re.findall(r"^\s*(?:error:|\*) .*", shown, re.MULTILINE) or shown.splitlines()[-3:]
            raise EngineError(f"`pulumi {arguments[0]}` failed: {self.account.scrubber.text(' '.join(words))[:600]}")
        return shown

    def changes(self, *arguments: str, calls: bool = False) -> dict[str, int]:
        """Run an operation. Returns the number of resources that it changed, by kind of change."""
        log = self._folder / "events.json"
        log.unlink(missing_ok=True)
        self.run(*arguments, f"--event-log={log}", calls=calls)
        events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line]
        summary = next(each["summaryEvent"] for each in events if "summaryEvent" in each)
        found: dict[str, int] = summary.get("resourceChanges") or {}
        return {op: count for op, count in found.items() if op not in {"same", "read", "refresh"}}

    def ids(self) -> dict[str, str]:
        """Read the resources in the state: the ID of each by its name."""
        state = self._folder / "backend" / ".pulumi" / "stacks" / PROJECT / f"{STACK}.json"
        resources = json.loads(state.read_text(encoding="utf-8"))["checkpoint"]["latest"].get("resources") or []
        return {each["urn"].rpartition("::")[2]: each["id"] for each in resources if each["type"].startswith(TYPES)}

    def take_generated(self) -> None:
        """Make what an import generated the program."""
        generated = (self._folder / "imported.yaml").read_text(encoding="utf-8")
        (self._folder / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: yaml\n{generated}")

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, arguments: tuple[str, ...]) -> tuple[int, str]:
        # In a session of its own, so that Ctrl-C reaches it once: a second one would end it without waiting for calls.
        # Its output goes to a file: a pipe would break if this process is killed, and end it in the middle of a call.
        shown = self._folder / "output"
        with (
            shown.open("w") as output,
            subprocess.Popen(
                ["pulumi", *arguments, "--non-interactive", "--color=never"],
                cwd=self._folder,
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[self._inherited],
            ) as cli,
        ):
            try:
                returncode = cli.wait()
            except BaseException:
                cli.send_signal(signal.SIGINT)
                cli.wait()
                raise
        return returncode, shown.read_text(encoding="utf-8", errors="replace")


def _tried(step: Callable[[], str | None]) -> str | None:
    try:
        return step()
    except (EngineError, FailedError) as error:
        return str(error)


class Life:
    """A stack's life, step by step. results: what each step disagreed with, or None where it agreed."""

    def __init__(self, stack: Stack, service: str, orchestration: str | None, domain: str | None) -> None:
        self._stack = stack
        self._account = stack.account
        self._service = service
        self._orchestration = orchestration
        self._domain = domain
        self._entries: dict[str, Entry] = {}
        self._resources: dict[str, Any] = {}
        self.results: dict[str, str | None] = {}

    def live(self, imported: Entry) -> None:
        """Go through all steps. The first that fails ends it. imported: an integration that this run created."""
        steps: dict[str, Callable[[], str | None]] = {
            "up": self._up,
            "preview": lambda: self._unchanged("preview", "preview"),
            "refresh": self._refresh,
            "rename": self._rename,
            "import": lambda: self._import(imported),
            "destroy": self._destroy,
        }
        for name, step in steps.items():
            self.results[name] = _tried(step)
            if name == "up" and self.results[name] is not None:
                break  # the cleanup finds what it created by the labels

    def _up(self) -> str | None:
        on_service = f"/services/{self._service}"
        self._declare("events", on_service, type="events_api_v2_inbound_integration")
        self._declare("vendor", on_service, vendor="PZQ6AUS")
        if self._domain:
            filters = [{"subjectMode": "match", "subjectRegex": "ALERT"}]
            self._declare(
                "mail",
                on_service,
                type="generic_email_inbound_integration",
                integrationEmail="{address}",
                emailFilterMode="and-rules-email",
                emailFilters=filters,
            )
        if self._orchestration:
            self._declare("orchestration", f"/event_orchestrations/{self._orchestration}")
        self._stack.program(self._resources)
        try:
            changes = self._stack.changes("up", "--yes", "--skip-preview", calls=True)
        except EngineError:
            self._note_ids()
            raise
        self._note_ids()
        return None if changes == {"create": len(self._resources) + 1} else f"`up` did {changes}"

    def _note_ids(self) -> None:
        for name, full in self._stack.ids().items():
            self._account.journal.made(self._entries[name], full.rpartition(".")[2])

    def _declare(self, name: str, container: str, **properties: Any) -> None:
        entry = self._account.journal.intend(container)
        self._entries[name] = entry
        if container.startswith("/services/"):
            given = {"service": self._service, "name": entry.label, **properties}
            if "integrationEmail" in given:
                given["integrationEmail"] = f"{entry.label.replace(' ', '.')}@{self._domain}"
            self._resources[name] = {"type": INTEGRATION, "properties": given}
        else:
            given = {"eventOrchestration": self._orchestration, "label": entry.label}
            self._resources[name] = {"type": ORCHESTRATED, "properties": given}

    def _unchanged(self, command: str, *arguments: str) -> str | None:
        changes = self._stack.changes(*arguments, calls=True)
        return f"`{command}` shows {changes}" if changes else None

    def _refresh(self) -> str | None:
        wrong = self._unchanged("refresh", "refresh", "--yes", "--skip-preview")
        return wrong or self._unchanged("up after refresh", "up", "--yes", "--skip-preview")

    def _rename(self) -> str | None:
        properties = self._resources["events"]["properties"]
        properties["name"] += " new"
        self._stack.program(self._resources)
        before = self._stack.ids()
        changes = self._stack.changes("up", "--yes", "--skip-preview", calls=True)
        same = before == self._stack.ids()
        return None if changes == {"update": 1} and same else f"a new name did {changes}"

    def _import(self, imported: Entry) -> str | None:
        options = ("--yes", "--protect=false", "--skip-preview", "--out=imported.yaml")
        self._stack.run("import", INTEGRATION, "imported", f"{self._service}.{imported.id}", *options, calls=True)
        self._stack.take_generated()
        changes = self._stack.changes("preview", "--target", self._urn("imported"), calls=True)
        return f"the preview after the import shows {changes}" if changes else None

    def _urn(self, name: str) -> str:
        return f"urn:pulumi:{STACK}::{PROJECT}::{INTEGRATION}::{name}"

    def _destroy(self) -> str | None:
        """Destroy the stack, once every ID in the state was seen to belong to a marked name."""
        own = {each.id: each for each in self._account.journal.open if each.id}
        for container in sorted({each.container for each in self._entries.values()}):
            listed = self._account.contents(container)
            for full in self._stack.ids().values():
                name = listed.get(full.rpartition(".")[2])
                entry = own.get(full.rpartition(".")[2])
                if name is not None and (entry is None or not entry.bears(name)):
                    return "not destroyed, as an integration in the state no longer bears its mark"
        self._stack.run("destroy", "--yes", "--skip-preview", calls=True)
        left = [
            container
            for container in {each.container for each in self._entries.values()}
            for name in self._account.contents(container).values()
            if any(each.bears(name) and each.container == container for each in self._entries.values())
        ]
        return f"{len(left)} are still there after `destroy`" if left else None
