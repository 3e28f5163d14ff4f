"""States that hold integrations: exports of Pulumi's stacks, and what `terraform show -json` prints."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click

from pagerduty_native.api.errors import quoted
from pagerduty_native.cli.terminal import is_visible, visible

# A state of thousands of resources is decrypted and sent within seconds.
MAX_SECONDS = 300
PROJECTS = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")


def configuration(stack: str) -> dict[str, Any]:
    """Read a stack's settings for this provider, secrets in plain text, as the engine would send them."""
    try:
        values = json.loads(_run("config", "--json", "--show-secrets", "--stack", stack))
    except ValueError:
        raise click.ClickException("`pulumi config` did not return JSON.") from None
    prefix = "pagerduty-native:"
    return {
        name.removeprefix(prefix): each.get("value", "") for name, each in values.items() if name.startswith(prefix)
    }


def selected_stack() -> str | None:
    """Find the stack that is selected in the project of this folder. Raises ClickException if it cannot be read."""
    here = Path.cwd()
    projects = (folder / name for folder in (here, *here.parents) for name in PROJECTS)
    if not any(map(Path.exists, projects)):
        return None
    return _run("stack", "--show-name").strip()


def _run(*arguments: str) -> str:
    executable = shutil.which("pulumi")
    if executable is None:
        raise click.ClickException("A stack needs the Pulumi CLI, but there is no `pulumi` on the PATH.")
    try:
        done = subprocess.run(  # noqa: S603
            [executable, *arguments, "--non-interactive", "--color=never"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=MAX_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise click.ClickException(f"`pulumi {arguments[0]}` did not finish within {MAX_SECONDS} seconds.") from None
    if done.returncode:
        reason = quoted(re.sub(r"^error: ", "", done.stderr.strip())) or f"it exited with {done.returncode}"
        stack = "that is selected here" if arguments[-1].startswith("--") else repr(arguments[-1])
        raise click.ClickException(
            f"The Pulumi CLI could not read the stack {stack}: {reason}. `pulumi stack ls` lists the stacks "
            "of the project in this folder; `pulumi login` and PULUMI_CONFIG_PASSPHRASE must be those of the stack."
        )
    return done.stdout


Provider = Literal["pagerduty-native", "pagerduty", "terraform"]
NATIVE_TYPE = "pagerduty-native:index:Integration"
NATIVE_ORCHESTRATION_TYPE = "pagerduty-native:index:EventOrchestrationIntegration"
# Types of Pulumi's, each with its provider.
PULUMI_TYPES: dict[str, Provider] = {
    NATIVE_TYPE: "pagerduty-native",
    NATIVE_ORCHESTRATION_TYPE: "pagerduty-native",
    "pagerduty:index/serviceIntegration:ServiceIntegration": "pagerduty",
    "pagerduty:index/eventOrchestrationIntegration:EventOrchestrationIntegration": "pagerduty",
}
# Types of Terraform's, each with the property that holds the service or the event orchestration.
TERRAFORM_TYPES = {
    "pagerduty_service_integration": "service",
    "pagerduty_event_orchestration_integration": "event_orchestration",
}
PULUMI_VERSIONS = (3, 4)
TERRAFORM_MAJOR = "1"
# The registry of providers in OpenTofu's states.
OPENTOFU = '"registry.opentofu.org/'
# In an address of Terraform's: keys of for_each and of count, and words.
_ADDRESS_PARTS = re.compile(r'\["(?P<key>(?:[^"\\]|\\.)*)"\]|\[(?P<number>\d+)\]|(?P<word>[^.\[\]]+)')


@dataclass(frozen=True)
class Held:
    """An integration as a state has it.

    id: its own ID, "" if the state has none; service: that of its service or event orchestration, if the state has it.
    name: what a resource in Pulumi may be called after it. address: a URN, or an address of Terraform. dependents: the
    URNs of resources that keep it in the state. leaving: whether the state's owner deletes it soon, as a deposed object
    or pending deletion.
    """

    provider: Provider
    id: str
    service: str | None
    name: str
    address: str
    dependents: tuple[str, ...] = ()
    protected: bool = False
    leaving: bool = False


@dataclass(frozen=True)
class State:
    """A state that was read.

    source: a file's name, or `stack NAME`. stack: the name as it was given. opentofu: whether OpenTofu wrote it.
    """

    source: str
    held: list[Held]
    stack: str | None
    opentofu: bool


def read_state(source: str) -> State:
    """Read the state in a file, or of a stack of that name. A folder of that name is neither."""
    path = Path(source)
    if source == "-":
        return _parsed(sys.stdin.read(), "standard input")
    if path.is_dir() or (not path.exists() and path.suffix not in {".json", ".tfstate"}):
        return _parsed(_run("stack", "export", "--stack", source), f"stack {source}", stack=source)
    try:
        raw = path.read_bytes()
        # PowerShell writes UTF-16.
        return _parsed(raw.decode(json.detect_encoding(raw)), source)
    except FileNotFoundError:
        raise click.ClickException(f"There is no file {source!r}.") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise click.ClickException(f"{source} cannot be read: {reason}.") from None


def _parsed(text: str, source: str, stack: str | None = None) -> State:
    """Parse a state. Raises ClickException if the format is unknown. No message quotes the text: it may hold keys."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _unfit(source, "is not JSON") from None
    if not isinstance(document, dict):
        raise _unfit(source, "contains no state")
    try:
        return State(source, list(_held_in(document, source)), stack, opentofu=OPENTOFU in text)
    except (KeyError, TypeError, AttributeError, RecursionError):
        raise _unfit(source, "is not a valid state") from None


def _unfit(source: str, problem: str) -> click.ClickException:
    return click.ClickException(
        f"{source} {problem}. Give the output of `terraform show -json`, or of `pulumi stack export`, or the name of "
        "a stack."
    )


def _held_in(document: dict[str, Any], source: str) -> Iterator[Held]:
    if "deployment" in document:
        version = document.get("version")
        if version not in PULUMI_VERSIONS:
            raise _unfit(source, f"has version {version!r} of Pulumi's state format; only 3 and 4 are supported")
        return _in_pulumi((document["deployment"] or {}).get("resources") or [])
    if "planned_values" in document or "resource_changes" in document:
        raise _unfit(source, "is a plan of Terraform's, not a state")
    if "format_version" in document:
        version = document["format_version"]
        if str(version).split(".")[0] != TERRAFORM_MAJOR:
            raise _unfit(source, f"has version {version!r} of Terraform's JSON format; only 1.x is supported")
        return _in_terraform((document.get("values") or {}).get("root_module") or {})
    if "terraform_version" in document:
        raise _unfit(source, "is Terraform's own state file, whose format is not stable")
    raise _unfit(source, "contains no state")


def _in_pulumi(resources: list[dict[str, Any]]) -> Iterator[Held]:
    dependents = _dependents(resources)
    for each in resources:
        if each["type"] not in PULUMI_TYPES or each.get("external"):
            continue
        service, _, integration_id = (each.get("id") or "").rpartition(".")
        outputs = each.get("outputs") or {}
        output = outputs.get("service", outputs.get("eventOrchestration"))
        yield Held(
            provider=PULUMI_TYPES[each["type"]],
            id=integration_id,
            service=service or (output if isinstance(output, str) else None),
            name=name_in(each["urn"]),
            address=each["urn"],
            dependents=tuple(dependents[each["urn"]]),
            protected=bool(each.get("protect")),
            leaving=bool(each.get("delete")),
        )


def name_in(urn: str) -> str:
    """Return the resource's name, which may contain the `::` that separates a URN's parts."""
    return urn.split("::", 3)[-1]


def _dependents(resources: Iterable[dict[str, Any]]) -> defaultdict[str, list[str]]:
    """Map each URN to the resources that depend on it, so that the engine keeps it."""
    dependents: defaultdict[str, list[str]] = defaultdict(list)
    for each in resources:
        needed: set[str | None] = {each.get("parent"), each.get("deletedWith")}
        needed.update(each.get("dependencies") or [], each.get("replaceWith") or [])
        for urns in (each.get("propertyDependencies") or {}).values():
            needed.update(urns or [])
        for urn in filter(None, needed):
            dependents[urn].append(each["urn"])
    return dependents


def _in_terraform(module: dict[str, Any]) -> Iterator[Held]:
    for each in module.get("resources") or []:
        if each["type"] in TERRAFORM_TYPES and each.get("mode") == "managed":
            values = each.get("values") or {}
            yield Held(
                provider="terraform",
                id=values.get("id") or "",
                service=values.get(TERRAFORM_TYPES[each["type"]]),
                name="-".join(filter(None, _names_in(each["address"]))),
                address=each["address"],
                leaving=bool(each.get("deposed_key")),
            )
    for child in module.get("child_modules") or []:
        yield from _in_terraform(child)


def _names_in(address: str) -> Iterator[str]:
    """Yield the names and keys in `module.NAME[KEY].TYPE.NAME[KEY]`: names follow `module` and the type."""
    kind = ""
    for part in _ADDRESS_PARTS.finditer(address):
        if part["word"] is None:
            yield part["key"] or part["number"] or ""
        elif kind:
            yield part["word"]
            kind = ""
        else:
            kind = part["word"]


HEADER = """\
#!/bin/sh
# Takes integrations out of the state that they were in. None is deleted in PagerDuty, and no key changes.
# Read this before you run it, and run it only after `pulumi import` has succeeded. If it stops, run it again: it skips
# the integrations that are no longer in the state.
set -eu

"""
# Terraform locks, writes and backs up its state once for each call. A command of Windows has 32,767 characters at most.
MAX_ADDRESSES = 100
TERRAFORM_FUNCTIONS = """\
# Run this in the folder of the configuration, with its workspace selected.
terraform=${{TERRAFORM:-{command}}}
held=$("$terraform" state list)
status=0

is_held() {{
    printf '%s\\n' "$held" | grep -Fx -- "$1" >/dev/null
}}

forget() {{
    for address do
        shift
        if is_held "$address"; then
            set -- "$@" "$address"
        else
            printf 'no longer in the state: %s\\n' "$address"
        fi
    done
    if [ $# -gt 0 ]; then
        "$terraform" state rm "$@"
    fi
}}

keep() {{
    if is_held "$1"; then
        printf 'still in the state: %s\\nMove it to an unused address with `%s state mv`, and remove it there.\\n' \\
            "$1" "$terraform" >&2
        status=1
    fi
}}

"""
PULUMI_FUNCTIONS = """\
# Run this in the project's folder.
stack={stack}
urns=$(pulumi stack --show-urns --color never --stack "$stack")
urns=$(printf '%s\\n' "$urns" | LC_ALL=C sed -n 's/^[^U]*URN: //p')
status=0

forget() {{
    case $(printf '%s\\n' "$urns" | LC_ALL=C grep -Fxc -- "$1") in
    0) printf 'no longer in the state: %s\\n' "$1" ;;
    1) pulumi state delete --yes --stack "$stack" "$@" ;;
    *)
        printf 'twice in the state, once to be deleted: %s\\nRun pulumi up, then this again.\\n' "$1" >&2
        status=1
        ;;
    esac
}}

"""


def script_to_forget(state: State, forgotten: list[Held]) -> str:
    """Write a shell script that removes integrations from the Terraform state or stack that holds them."""
    if not forgotten:
        return HEADER
    if forgotten[0].provider == "terraform":
        functions = TERRAFORM_FUNCTIONS.format(command="tofu" if state.opentofu else "terraform")
        steps = _terraform_steps(state, forgotten)
    else:
        functions = PULUMI_FUNCTIONS.format(stack=_word(state.stack or forgotten[0].address.split(":")[2]))
        steps = _pulumi_steps(forgotten)
    return HEADER + functions + "".join(steps) + 'exit "$status"\n'


def _terraform_steps(state: State, forgotten: list[Held]) -> Iterator[str]:
    """Addresses with keys first: `state rm` of one without also takes out every instance that has a key."""
    leaving = {each.address for each in state.held if each.leaving}
    addresses = list(dict.fromkeys(each.address for each in forgotten))
    kept = _instances({each.address for each in state.held} - set(addresses))
    keyed = _instances(addresses)
    forget = []
    for address in sorted(addresses, key=keyed.__contains__):
        if _is_unlisted(address):
            yield _yourself(address)
        elif address in kept:
            yield "# `terraform state rm` would also remove these, which were not adopted:\n"
            yield from (f"#   {visible(each)}\n" for each in kept[address])
            yield f"keep {_word(address)}\n"
        else:
            forget.append(address)
    for address in filter(leaving.__contains__, forget):
        yield "# This also forgets a deposed object, which stays in PagerDuty. `terraform apply` would delete it.\n"
        yield f"#   {visible(address)}\n"
    for start in range(0, len(forget), MAX_ADDRESSES):
        yield " \\\n    ".join(["forget", *map(_word, forget[start : start + MAX_ADDRESSES])]) + "\n"


def _instances(addresses: Iterable[str]) -> dict[str, list[str]]:
    """Group addresses that end in a key by the text in front of each of their brackets, such as the resource's."""
    found = defaultdict(list)
    for address in addresses:
        for match in re.finditer(r"\[", address):
            found[address[: match.start()]].append(address)
    return found


def _pulumi_steps(forgotten: list[Held]) -> Iterator[str]:
    """Dependents first: a state has them last."""
    gone: set[str] = set()
    for each in reversed(forgotten):
        if _is_unlisted(each.address):
            step = _yourself(each.address)
        else:
            step = f"forget {_word(each.address)}{' --force' if each.protected else ''}\n"
        dependents = [urn for urn in each.dependents if urn not in gone]
        if not dependents:
            gone.add(each.address)
            yield step
            continue
        yield "# Pulumi keeps the next one while these depend on it:\n"
        yield from (f"#   {visible(urn)}\n" for urn in dependents)
        yield "# Give it the option `retainOnDelete: true`, run `pulumi up`, and let them use the new resource. Then:\n"
        yield f"# {step}"


def _is_unlisted(address: str) -> bool:
    """Return whether no list has the address on one line."""
    return "\n" in address or "\0" in address


def _yourself(address: str) -> str:
    return f"# Remove this yourself: {visible(address)}\n"


def _word(text: str) -> str:
    """Quote a text for the shell. `printf` makes those with characters that a reader of the script would not see."""
    if is_visible(text):
        return shlex.quote(text)
    octal = "".join(f"\\{byte:03o}" for byte in text.encode(errors="surrogatepass"))
    return f"\"$(printf '{octal}')\""
