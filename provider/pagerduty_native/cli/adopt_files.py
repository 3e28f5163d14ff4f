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

from .states import NATIVE_TYPE, Held, State, name_in
from .terminal import is_visible, show, visible

# In block or flow style. A key of that name that is nested deeper is refused, too: nothing is lost by that.
_DECLARES = re.compile(r"""(?:^|[{,])\s*["']?resources["']?\s*:""", re.MULTILINE)
_PROJECTS = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
HEADER = """\
#!/bin/sh
# Takes integrations out of the state that they were in. None is deleted in PagerDuty, and no key changes.
# Read this before you run it, and run it only after `pulumi import` has succeeded. If it stops, run it again: it skips
# the integrations that are no longer in the state.
set -eu

"""
TERRAFORM_FUNCTIONS = """\
# Run this in the folder of the configuration, with its workspace selected.
terraform=${{TERRAFORM:-{command}}}
held=$("$terraform" state list)

forget() {{
    if printf '%s\\n' "$held" | grep -Fx -- "$1" >/dev/null; then
        "$terraform" state rm "$1"
    else
        printf 'no longer in the state: %s\\n' "$1"
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
    names = [name_in(each) for each in given.values()]
    name = name_in(urn)
    return name if names.count(name) == 1 else f"{name}-{kind}"


def script_to_forget(state: State, forgotten: Iterable[Held]) -> str:
    """Write a shell script that removes integrations from the Terraform state or stack that holds them."""
    held = list(forgotten)
    if not held:
        return HEADER
    if held[0].provider == "terraform":
        command = "tofu" if state.opentofu else "terraform"
        lines = [TERRAFORM_FUNCTIONS.format(command=command), *_terraform_steps(state, held)]
    else:
        stack = state.stack or held[0].address.split(":")[2]
        lines = [PULUMI_FUNCTIONS.format(stack=_word(stack)), *_pulumi_steps(held), 'exit "$status"\n']
    return HEADER + "".join(lines)


def _terraform_steps(state: State, forgotten: list[Held]) -> Iterator[str]:
    deposed = {each.address for each in state.held if each.leaving}
    for each in forgotten:
        if each.address in deposed:
            yield "# This also forgets a deposed object, which stays in PagerDuty. `terraform apply` would delete it.\n"
        yield _step(each.address)


def _pulumi_steps(forgotten: list[Held]) -> Iterator[str]:
    """Dependents first: a state has them last."""
    gone: set[str] = set()
    for each in reversed(forgotten):
        step = _step(each.address, " --force" if each.protected else "")
        dependents = [urn for urn in each.dependents if urn not in gone]
        if not dependents:
            gone.add(each.address)
            yield step
            continue
        yield "# Pulumi keeps the next one while these depend on it:\n"
        yield from (f"#   {visible(urn)}\n" for urn in dependents)
        yield "# Give it the option `retainOnDelete: true`, run `pulumi up`, and let them use the new resource. Then:\n"
        yield f"# {step}"


def _step(address: str, option: str = "") -> str:
    if "\n" in address or "\0" in address:  # No list has it on a line.
        return f"# Remove this yourself: {visible(address)}\n"
    return f"forget {_word(address)}{option}\n"


def _word(text: str) -> str:
    """Quote a text for the shell. `printf` makes characters that a reader of the script would not see."""
    if is_visible(text):
        return shlex.quote(text)
    return '"$(printf ' + shlex.quote("".join(map(_in_printf, text))) + ')"'


def _in_printf(character: str) -> str:
    if character in "%\\":
        return character * 2
    if is_visible(character):
        return character
    return "".join(f"\\{byte:03o}" for byte in character.encode(errors="surrogatepass"))


def refuse_existing(path: str | None, option: str, *, force: bool) -> None:
    """Stop before anything is done if a file would be lost. option: the one that it can be given by."""
    if path and path != "-" and not force and Path(path).exists():
        raise click.ClickException(f"{path} exists. Give another file with {option}, or --force to overwrite it.")


def refuse_to_replace(program: str) -> None:
    """Stop if Pulumi would run this program instead of one that is there, and so delete what that one declares."""
    path = Path(program)
    if path.name != "Main.yaml":
        return
    for project in map(path.with_name, _PROJECTS):
        if project.exists() and _DECLARES.search(project.read_text(encoding="utf-8", errors="replace")):
            raise click.ClickException(
                f"{project} has resources, and Pulumi would run {program} instead: `pulumi up` would delete them. Give "
                f"another file with --program-output, and put its contents into {project.name}."
            )


def write(path: str | None, text: str, *, force: bool) -> None:
    """Write a file, standard output for "-", or nothing if there is no path. Raises ClickException if that fails."""
    if path is None:
        return
    if path == "-":
        show(text.removesuffix("\n"))
        return
    try:
        with Path(path).open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}.") from None
