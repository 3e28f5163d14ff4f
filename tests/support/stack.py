"""A stack of a YAML program, worked by the real Pulumi CLI."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import HANG_SECONDS

PROJECT = "test"
TYPE = "pagerduty-native:index:Integration"
STACK = "dev"


@dataclass
class Result:
    """What a run of the CLI did."""

    returncode: int
    output: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def steps(self, name: str) -> list[str]:
        """What the engine did to the resource of this name, in order: `create`, `update`, `delete-replaced`, …"""
        return [op for urn, op in self._operations() if urn.endswith(f"::{name}")]

    @property
    def changes(self) -> dict[str, int]:
        """How many resources were changed, by operation; `same`, and reading, count as no change."""
        summary = next(event["summaryEvent"] for event in self.events if "summaryEvent" in event)
        changes: dict[str, int] = summary["resourceChanges"]
        return {op: count for op, count in changes.items() if op not in {"same", "read", "refresh"}}

    @property
    def diagnostics(self) -> str:
        """The messages shown, without the noise of status lines and colours."""
        messages = [event["diagnosticEvent"] for event in self.events if "diagnosticEvent" in event]
        text = "".join(each["message"] for each in messages if not each.get("ephemeral"))
        return re.sub(r"<\{%[^%]*%\}>", "", text)

    def diffs(self, name: str) -> dict[str, Any]:
        """The detailed diff shown for the resource of this name: each path with its kind."""
        for event in self.events:
            metadata = event.get("resourcePreEvent", {}).get("metadata", {})
            if metadata.get("urn", "").endswith(f"::{name}") and metadata.get("detailedDiff"):
                return {path: diff["diffKind"] for path, diff in metadata["detailedDiff"].items()}
        return {}

    def _operations(self) -> Iterator[tuple[str, str]]:
        for event in self.events:
            if "resourcePreEvent" in event:
                metadata = event["resourcePreEvent"]["metadata"]
                yield metadata["urn"], metadata["op"]


class Stack:
    """A project with one stack in a folder of its own.

    Every method that runs the CLI asserts that it succeeds, unless `fails=True`; with `fails=None` it may do either.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str], config: Mapping[str, str]) -> None:
        self.folder = folder
        backend = folder / "backend"
        backend.mkdir()
        self.environ = {**environ, "PULUMI_BACKEND_URL": backend.as_uri()}
        self.program(resources={})
        self.configure(config)
        self.pulumi("stack", "init", STACK)

    def program(self, **sections: Any) -> None:
        """Write the program: the sections `resources`, `variables`, `outputs` of a YAML program."""
        project = {"name": PROJECT, "runtime": "yaml"} | sections
        (self.folder / "Pulumi.yaml").write_text(json.dumps(project))

    def integration(self, options: Mapping[str, Any] | None = None, **properties: Any) -> None:
        """Write the program with one Integration, called `alerts` as a resource."""
        resource = {
            "type": "pagerduty-native:Integration",
            "properties": properties,
            "options": {**(options or {})},
        }
        self.program(resources={"alerts": resource})

    def python(self, program: str) -> None:
        """Write a program in Python instead, which takes what the YAML host's own type check refuses."""
        self.program(runtime="python")
        (self.folder / "__main__.py").write_text(program)

    def configure(self, config: Mapping[str, str]) -> None:
        """Set the stack's configuration, keeping its encryption salt."""
        file = self.folder / f"Pulumi.{STACK}.yaml"
        salt = [line for line in file.read_text().splitlines() if "salt" in line] if file.exists() else []
        file.write_text("\n".join([*salt, f"config: {json.dumps(dict(config))}", ""]))

    def pulumi(self, *arguments: str, fails: bool | None = False, environ: Mapping[str, str] | None = None) -> Result:
        """Run the CLI."""
        completed = subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color=never"],
            cwd=self.folder,
            env={**self.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=HANG_SECONDS,
            check=False,
        )
        result = Result(completed.returncode, completed.stdout + completed.stderr)
        assert fails in {None, result.returncode != 0}, result.output
        return result

    def up(self, *arguments: str, fails: bool | None = False, environ: Mapping[str, str] | None = None) -> Result:
        return self._operate("up", "--yes", "--skip-preview", *arguments, fails=fails, environ=environ)

    def preview(self, *arguments: str, fails: bool = False) -> Result:
        return self._operate("preview", *arguments, fails=fails)

    def refresh(self, *arguments: str, fails: bool = False) -> Result:
        return self._operate("refresh", "--yes", "--skip-preview", *arguments, fails=fails)

    def destroy(self, *arguments: str, fails: bool = False) -> Result:
        return self._operate("destroy", "--yes", "--skip-preview", *arguments, fails=fails)

    def forget(self, name: str = "alerts", type: str = TYPE) -> None:
        """Take a resource out of the state, and leave it where it is."""
        self.pulumi("state", "delete", "--yes", "--force", f"urn:pulumi:{STACK}::{PROJECT}::{type}::{name}")

    def import_(self, type: str, name: str, id: str) -> None:
        """Import a resource on the command line, and make what that generates the program."""
        self.pulumi("import", type, name, id, "--yes", "--protect=false", "--out=imported.yaml")
        generated = (self.folder / "imported.yaml").read_text()
        (self.folder / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: yaml\n{generated}")

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets in plain text."""
        outputs: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json", "--show-secrets").output)
        return outputs

    def export(self, *, show_secrets: bool = False) -> str:
        """The state as JSON text."""
        return self.pulumi("stack", "export", *(["--show-secrets"] if show_secrets else [])).output

    def resource(self, name: str = "alerts") -> dict[str, Any] | None:
        """A resource in the state, secrets in plain text; None where there is none of this name."""
        resources = json.loads(self.export(show_secrets=True))["deployment"].get("resources", [])
        found = [each for each in resources if each["urn"].endswith(f"::{name}") and not each.get("delete")]
        return found[0] if found else None

    def _operate(
        self, operation: str, *arguments: str, fails: bool | None, environ: Mapping[str, str] | None = None
    ) -> Result:
        log = self.folder / "events.json"
        log.unlink(missing_ok=True)
        result = self.pulumi(operation, *arguments, f"--event-log={log}", fails=fails, environ=environ)
        if log.exists():
            result.events = [json.loads(line) for line in log.read_text().split("\n") if line]
        return result


def environment(home: Path, *tools: Path) -> dict[str, str]:
    """An environment in which Pulumi touches nothing of the person who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "PAGERDUTY_"))}
    return {
        **kept,
        "PATH": os.pathsep.join([*map(str, tools), kept.get("PATH", "")]),
        "PULUMI_HOME": str(home),
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",  # the installed one is under test
        "PULUMI_DEBUG_COMMANDS": "true",  # for --event-log
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
