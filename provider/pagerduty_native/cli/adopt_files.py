"""The files that `adopt` writes: for `pulumi import`, and the script that makes an old state forget."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from pagerduty_native.pagerduty.inventory import Entry

from .states import NATIVE_TYPE, Held

_DECLARES = re.compile(r"""^["']?resources["']?\s*:""", re.MULTILINE)
HEADER = """\
#!/bin/sh
# Takes integrations out of the state that they were in. None is deleted in PagerDuty, and no key changes.
# Read this before you run it, and run it only after `pulumi import` has succeeded.
set -eu
"""


def import_file(adopted: Mapping[str, Entry], parent: str | None, provider: str | None) -> str:
    """What `pulumi import --file` takes. adopted: by resources' names. parent, provider: URNs for all of them."""
    given = {name: urn for name, urn in (("parent", parent), ("provider", provider)) if urn}
    table = {name: _name_of(name, urn, given) for name, urn in given.items()}
    resources = [{"type": NATIVE_TYPE, "name": name, "id": each.id, **table} for name, each in adopted.items()]
    document: dict[str, Any] = {"resources": resources}
    if given:
        document["nameTable"] = {table[name]: urn for name, urn in given.items()}
    return json.dumps(document, indent=2) + "\n"


def _name_of(kind: str, urn: str, given: Mapping[str, str]) -> str:
    """The variable that stands for a URN in the generated program."""
    names = [each.rpartition("::")[2] for each in given.values()]
    name = urn.rpartition("::")[2]
    return name if names.count(name) == 1 else f"{name}-{kind}"


def script_to_forget(forgotten: Iterable[Held]) -> str:
    """A shell script that takes integrations out of a Terraform state, or out of a stack."""
    return HEADER + "".join(f"\n{line}" for each in forgotten for line in _steps(each)) + "\n"


def _steps(held: Held) -> Iterator[str]:
    if held.provider == "terraform":
        yield f"terraform state rm {shlex.quote(held.address)}"
        return
    stack = held.address.split(":")[2]
    force = " --force" if held.protected else ""
    command = f"pulumi state delete --yes{force} --stack {shlex.quote(stack)} {shlex.quote(held.address)}"
    if not held.dependents:
        yield command
        return
    yield "# These depend on the next one, and Pulumi keeps it as long as they do:"
    yield from (f"#   {_comment(each)}" for each in held.dependents)
    yield "# Give it the option `retainOnDelete: true`, run `pulumi up`, then let them use the new resource, or:"
    yield f"# {_comment(command)}"


def _comment(text: str) -> str:
    """A text that stays on the line of its comment."""
    return " ".join(text.split())


def refuse_existing(path: str | None, option: str, *, force: bool) -> None:
    """Stop before anything is done if a file would be lost. option: the one that it can be given by."""
    if path and path != "-" and not force and Path(path).exists():
        raise click.ClickException(f"{path} exists. Give another file with {option}, or --force to overwrite it.")


def refuse_to_replace(program: str) -> None:
    """Stop if Pulumi would run this program instead of one that is there, and so delete what that one declares."""
    path = Path(program)
    project = path.with_name("Pulumi.yaml")
    if path.name == "Main.yaml" and project.exists() and _DECLARES.search(project.read_text(errors="replace")):
        raise click.ClickException(
            f"{project} has resources, and Pulumi would run {program} instead: `pulumi up` would delete them. Give "
            "another file with --program-output, and put what is in it into Pulumi.yaml."
        )


def write(path: str | None, text: str, *, force: bool) -> None:
    """Write a file, standard output for "-", or nothing if there is no path. Raises ClickException if that fails."""
    if path is None:
        return
    if path == "-":
        click.echo(text, nl=False)
        return
    try:
        with Path(path).open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None
