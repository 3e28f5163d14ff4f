"""A stack of a YAML program, worked by the real Pulumi CLI."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from . import HANG_SECONDS
from .vault import PREFIX, SECRETS_PROVIDER, vault

PROJECT = "test"
TYPE = "pagerduty-native:index:Integration"
STACK = "dev"


@dataclass
class Result:
    """The result of a run of the CLI."""

    returncode: int
    output: str
    events: list[dict[str, Any]] = field(default_factory=list)

    def steps(self, name: str) -> list[str]:
        """List the engine's operations on a resource, in order: `create`, `update`, `delete-replaced`, …"""
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

    def diagnostics_of(self, name: str) -> str:
        """The messages shown about the resource of this name."""
        messages = [event["diagnosticEvent"] for event in self.events if "diagnosticEvent" in event]
        return "".join(each["message"] for each in messages if each.get("urn", "").endswith(f"::{name}"))

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
        self._backend = folder / "backend"
        self._backend.mkdir()
        self.environ = {**environ, "PULUMI_BACKEND_URL": self._backend.as_uri()}
        self.program(resources={})
        self.configure(config)
        self._init()

    def _init(self) -> None:
        """Do what `pulumi stack init` does, by copying a stack that it made: it takes a third of a second each time."""
        project = yaml.safe_load((self.folder / "Pulumi.yaml").read_text())["name"]
        made = _made(self.environ["PATH"])
        state = self._state_file(project)
        state.parent.mkdir(parents=True)
        state.write_text(made.state.replace(f"organization/{PROJECT}/{STACK}", f"organization/{project}/{STACK}"))
        (self._backend / ".pulumi" / "meta.yaml").write_text(made.backend)
        config = self.folder / f"Pulumi.{STACK}.yaml"
        config.write_text(made.config + config.read_text())
        selected = {"stacks": {self.environ["PULUMI_BACKEND_URL"]: f"organization/{project}/{STACK}"}}
        workspaces = Path(self.environ["PULUMI_HOME"]) / "workspaces"
        workspaces.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha1(str(self.folder / "Pulumi.yaml").encode()).hexdigest()  # noqa: S324 (as the CLI does)
        (workspaces / f"{project}-{digest}-workspace.json").write_text(json.dumps(selected))

    def _state_file(self, project: str) -> Path:
        return self._backend / ".pulumi" / "stacks" / project / f"{STACK}.json"

    @property
    def state_file(self) -> Path:
        """The backend's file with the state."""
        (file,) = (self._backend / ".pulumi" / "stacks").glob(f"*/{STACK}.json")
        return file

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

    def lookups(self, calls: Mapping[str, tuple[str, Mapping[str, Any]]]) -> None:
        """Write the program with calls of functions, by names of their own: each a function and its arguments.

        Every call is made, even if others fail.
        """
        variables = {
            f"lookup{number}": {"fn::invoke": {"function": f"pagerduty-native:{function}", "arguments": {**arguments}}}
            for number, (function, arguments) in enumerate(calls.values())
        }
        self.program(variables=variables, outputs={name: f"${{{name}}}" for name in variables})

    def python(self, program: str) -> None:
        """Write a program in Python instead, which takes what the YAML host's own type check refuses."""
        self.program(runtime="python")
        (self.folder / "__main__.py").write_text(program)

    def configure(self, config: Mapping[str, str]) -> None:
        """Set the stack's configuration, keeping its secrets provider with the encrypted key."""
        file = self.folder / f"Pulumi.{STACK}.yaml"
        lines = file.read_text().splitlines() if file.exists() else []
        kept = [line for line in lines if line.startswith(("secretsprovider:", "encryptedkey:"))]
        file.write_text("\n".join([*kept, f"config: {json.dumps(dict(config))}", ""]))

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

    def command(self, *words: str | Path, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run another command in the folder, and assert its exit code."""
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=HANG_SECONDS,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def up(self, *arguments: str, fails: bool | None = False, environ: Mapping[str, str] | None = None) -> Result:
        return self._operate("up", "--yes", "--skip-preview", *arguments, fails=fails, environ=environ)

    def preview(self, *arguments: str, fails: bool = False) -> Result:
        return self._operate("preview", *arguments, fails=fails)

    def refresh(self, *arguments: str, fails: bool = False) -> Result:
        return self._operate("refresh", "--yes", "--skip-preview", *arguments, fails=fails)

    def destroy(self, *arguments: str, fails: bool = False) -> Result:
        return self._operate("destroy", "--yes", "--skip-preview", *arguments, fails=fails)

    def forget(self, *names: str, type: str = TYPE) -> None:
        """Take resources out of the state, `alerts` if none is named, and leave them where they are."""
        state = json.loads(self.state_file.read_text())
        deployment = state["checkpoint"]["latest"]
        gone = {f"urn:pulumi:{STACK}::{PROJECT}::{type}::{name}" for name in names or ["alerts"]}
        kept = [each for each in deployment["resources"] if each["urn"] not in gone]
        assert len(kept) == len(deployment["resources"]) - len(gone)
        deployment["resources"] = kept
        self.state_file.write_text(json.dumps(state))

    def import_(self, type: str, ids: Mapping[str, str]) -> None:
        """Import resources, by their names, on the command line, and make what that generates the program."""
        resources = [{"type": type, "name": name, "id": each} for name, each in ids.items()]
        if len(resources) == 1:
            what = [*resources[0].values()]
        else:
            (self.folder / "import.json").write_text(json.dumps({"resources": resources}))
            what = ["--file=import.json"]
        self.pulumi("import", *what, "--yes", "--protect=false", "--out=imported.yaml")
        generated = (self.folder / "imported.yaml").read_text()
        (self.folder / "Pulumi.yaml").write_text(f"name: {PROJECT}\nruntime: yaml\n{generated}")

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, secrets in plain text."""
        resources = self._deployment(show_secrets=True).get("resources", [])
        (root,) = [each for each in resources if each["type"] == "pulumi:pulumi:Stack"]
        found: dict[str, Any] = root.get("outputs", {})
        return {name: _in_plain_text(value) for name, value in found.items()}

    def export(self, *, show_secrets: bool = False) -> str:
        """The state as `pulumi stack export` shows it, from the backend's file."""
        return json.dumps({"version": 3, "deployment": self._deployment(show_secrets=show_secrets)}, indent=4)

    def _deployment(self, *, show_secrets: bool) -> dict[str, Any]:
        deployment: dict[str, Any] = json.loads(self.state_file.read_text())["checkpoint"]["latest"]
        if show_secrets:
            encrypted = base64.b64decode(deployment["secrets_providers"]["state"]["encryptedkey"]).decode()
            deployment = _decrypted(deployment, AESGCM(base64.b64decode(encrypted.removeprefix(PREFIX))))
        return deployment

    def resource(self, name: str = "alerts") -> dict[str, Any] | None:
        """A resource in the state, secrets in plain text; None where there is none of this name."""
        resources = self._deployment(show_secrets=True).get("resources", [])
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


@dataclass(frozen=True)
class Made:
    """The files of a stack that `pulumi stack init` made, as texts."""

    state: str
    backend: str
    config: str


@functools.cache
def _made(path: str) -> Made:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": PROJECT, "runtime": "yaml"}))
        environ = environment(folder / "home") | {"PATH": path, "PULUMI_BACKEND_URL": folder.as_uri()}
        command = ["pulumi", "stack", "init", STACK, f"--secrets-provider={SECRETS_PROVIDER}"]
        subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True)
        return Made(
            (folder / ".pulumi" / "stacks" / PROJECT / f"{STACK}.json").read_text(),
            (folder / ".pulumi" / "meta.yaml").read_text(),
            (folder / f"Pulumi.{STACK}.yaml").read_text(),
        )


# The key in an object of the state that says what kind of value it is, and the kind that a secret is.
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"


def _decrypted(value: Any, key: AESGCM) -> Any:
    """A value of the state with its secrets in plain text, as `pulumi stack export --show-secrets` shows them."""
    if isinstance(value, list):
        return [_decrypted(each, key) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get(SIGNATURE) == SECRET and "ciphertext" in value:
        _, nonce, encrypted = value["ciphertext"].split(":")
        plaintext = key.decrypt(base64.b64decode(nonce), base64.b64decode(encrypted), None)
        return {SIGNATURE: SECRET, "plaintext": plaintext.decode()}
    return {name: _decrypted(each, key) for name, each in value.items()}


def _in_plain_text(value: Any) -> Any:
    if isinstance(value, list):
        return [_in_plain_text(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.get(SIGNATURE) == SECRET:
        return _in_plain_text(json.loads(value["plaintext"]))
    return {name: _in_plain_text(each) for name, each in value.items()}


def environment(home: Path, *tools: Path) -> dict[str, str]:
    """An environment in which Pulumi touches nothing of the person who runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "PAGERDUTY_"))}
    return {
        **kept,
        "PATH": os.pathsep.join([*map(str, tools), kept.get("PATH", "")]),
        "PULUMI_HOME": str(home),
        # A process of the CLI ends before it has much garbage: a fifth of its CPU time.
        "GOGC": "off",
        "GOMEMLIMIT": "1GiB",
        **vault(),
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",  # the installed one is under test
        "PULUMI_DEBUG_COMMANDS": "true",  # for --event-log
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }
