"""`pagerduty-native adopt`."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from .adopt_files import import_file, refuse_existing, refuse_to_replace, script_to_forget, write
from .inventory import filter_options, filters_of, read
from .languages import LANGUAGES, write_program
from .plan import Plan, complete, from_account, from_state
from .program import Program, program_for
from .report import Files, report, report_as_json
from .settings import account_of, settings_options
from .states import State, read_state
from .terminal import show

LEFT_OUT = 3
# Shells complete names of files. Each is opened where it is read or written, with messages that say what to do.
FILE = click.Path(allow_dash=True, readable=False)


def _urn(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.startswith("urn:pulumi:"):
        raise click.BadParameter("it must be a URN, as shown by `pulumi stack --show-urns`.")
    return value


@click.command(short_help="Bring existing integrations under Pulumi's management.")
@click.option(
    "--from",
    "source",
    metavar="STATE",
    type=FILE,
    help="Adopt what another provider manages, instead of the whole account. STATE is a file with the output of "
    "`terraform show -json` or `pulumi stack export`, or the name of a stack that uses pulumi-pagerduty.",
)
@click.option(
    "--managed-by",
    "managing",
    metavar="STATE",
    type=FILE,
    multiple=True,
    help="Skip what this state already manages. STATE is a file or a stack, as for --from. Repeatable.",
)
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=FILE,
    default="-",
    help="Write the import file here instead of to standard output.",
)
@click.option(
    "--program",
    "language",
    type=click.Choice(sorted(LANGUAGES)),
    help="Also write a program that declares the integrations, and looks up services and vendors by name. "
    "`pulumi convert` translates the one in YAML into other languages.",
)
@click.option(
    "--program-output",
    metavar="FILE",
    type=FILE,
    help="Write the program here instead of to the file of the current folder that Pulumi runs: "
    + ", ".join(each.file for _, each in sorted(LANGUAGES.items()))
    + ".",
)
@click.option(
    "--forget-script",
    metavar="FILE",
    type=FILE,
    help="With --from, also write a shell script that removes the integrations from that state without deleting them.",
)
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON on standard output. Needs --output.")
@click.option("--parent", metavar="URN", callback=_urn, help="Import the resources as children of this resource.")
@click.option("--provider", metavar="URN", callback=_urn, help="Import the resources with this explicit provider.")
@filter_options
@settings_options
def adopt(
    *,
    source: str | None,
    managing: tuple[str, ...],
    language: str | None,
    force: bool,
    as_json: bool,
    parent: str | None,
    provider: str | None,
    **options: Any,
) -> None:
    """Write the import file that brings existing integrations under Pulumi's management.

    Nothing changes in PagerDuty or in any state until you run the commands that this prints at its end. Each resource
    is named after its service and its integration, the same on every run; with --from a stack, it keeps its name.

    \b
    Examples:
      pagerduty-native adopt --stack prod --managed-by prod --output import.json
      pagerduty-native adopt --stack prod --output import.json --program python
      pagerduty-native adopt --service 'Checkout*' --vendor 'Amazon *' --output import.json
      terraform show -json > state.json
      pagerduty-native adopt --from state.json --output import.json --forget-script forget.sh
    """  # noqa: D301 (click wants the character)
    files = _files(options, language)
    _refuse_wrong_options(files, source, language, force=force, as_json=as_json, given=bool(parent or provider))
    if not (source or managing):
        show("note: without --managed-by, integrations that a stack already manages are not skipped.", err=True)
    old = read_state(source) if source else None
    plan, program = _plan(options, old, managing, with_program=language is not None)
    if not plan.adopted:
        # An empty program in the place of a person's own would have `pulumi up` delete all that this declares.
        files = dataclasses.replace(files, program=None)
    write(files.output, import_file(plan.adopted, parent, provider), force=force)
    if language and program:
        write(files.program, write_program(language, program), force=force)
    if old:
        write(files.forget_script, script_to_forget(old, plan.forgotten), force=force)
    (report_as_json if as_json else report)(plan, files)
    if plan.left_out or plan.unlisted:
        raise click.exceptions.Exit(LEFT_OUT)


def _files(options: dict[str, Any], language: str | None) -> Files:
    default = LANGUAGES[language].file if language else None
    return Files(
        output=options["output"],
        program=options["program_output"] or default,
        forget_script=options["forget_script"],
        stack=options.get("stack"),
    )


def _refuse_wrong_options(
    files: Files, source: str | None, language: str | None, *, force: bool, as_json: bool, given: bool
) -> None:
    """Stop before anything is read if options do not fit each other, or a file would be lost."""
    if files.program and not language:
        raise click.UsageError("--program-output needs --program, which tells the language.")
    if language and given:
        raise click.UsageError(
            "--program cannot be combined with --parent or --provider: add those to the program yourself."
        )
    if files.forget_script and not source:
        raise click.UsageError("--forget-script needs --from, the state from which to remove the integrations.")
    named = {"--output": files.output, "--program-output": files.program, "--forget-script": files.forget_script}
    for (first, path), (second, other) in itertools.combinations(named.items(), 2):
        if path and other and Path(path) == Path(other):
            raise click.UsageError(f"{second} and {first} must be two files.")
    if as_json and "-" in named.values():
        raise click.UsageError("--json needs --output FILE, as standard output is where it tells what was done.")
    for option, path in named.items():
        refuse_existing(path, option, force=force)
    if files.program and not force:
        refuse_to_replace(files.program)


def _managers(old: State | None, states: list[State]) -> list[State]:
    """The states that count as managing. What moves over from another provider is still in that one's state."""
    if old is None:
        return states
    return [State(each.source, tuple(each.of("pagerduty-native"))) for each in (old, *states)]


def _plan(
    options: dict[str, Any], old: State | None, managing: Iterable[str], *, with_program: bool
) -> tuple[Plan, Program | None]:
    filters, plan = filters_of(options), Plan()
    managers = _managers(old, [read_state(each) for each in managing])
    with account_of(options) as account:
        inventory = read(account, filters)
        if old is None:
            candidates = from_account(inventory.entries)
            plan.unlisted = inventory.unlisted
        else:
            candidates = from_state(old.of("pagerduty", "terraform"), inventory.entries, account, plan)
        for message in inventory.idle(filters):
            show(f"warning: {message}", err=True)
        complete(plan, candidates, filters, managers)
        if not (plan.adopted or plan.managed or plan.left_out or plan.unlisted):
            raise click.ClickException(_nothing_in(old, plan))
        return plan, program_for(account, plan, inventory.services) if with_program else None


def _nothing_in(old: State | None, plan: Plan) -> str:
    if plan.filtered:
        return "There is nothing to adopt: the filters exclude every integration."
    if old:
        return f"{old.source} has no integrations of pulumi-pagerduty or Terraform."
    return "The account has no integrations that the token can see."
