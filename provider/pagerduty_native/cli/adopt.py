"""`pagerduty-native adopt`."""

from __future__ import annotations

import shlex
from typing import Any

import click

from .adopt_files import import_file, refuse_existing, script_to_forget, write
from .inventory import Filters, filter_options, read
from .plan import Plan, complete, from_account, from_state
from .settings import account_of, settings_options
from .states import State, read_state

LEFT_OUT = 3


def _urn(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not value.startswith("urn:pulumi:"):
        raise click.BadParameter("it must be a URN, as `pulumi stack --show-urns` shows them.")
    return value


@click.command()
@click.option(
    "--from",
    "source",
    metavar="STATE",
    help="Adopt what another provider manages, instead of the whole account: a file with the output of `terraform show "
    "-json`, or of `pulumi stack export` with resources of pulumi-pagerduty, or the name of such a stack.",
)
@click.option(
    "--managed-by",
    "managing",
    metavar="STATE",
    multiple=True,
    help="Skip what this state manages already: a file or stack as for --from. Can be given several times.",
)
@click.option("--output", "-o", metavar="FILE", default="-", help="Where to write it; standard output by default.")
@click.option(
    "--forget-script",
    metavar="FILE",
    help="With --from, also write a shell script that takes the integrations out of that state, without deleting them.",
)
@click.option("--force", is_flag=True, help="Overwrite files that exist.")
@click.option("--parent", metavar="URN", callback=_urn, help="The parent of the new resources.")
@click.option("--provider", metavar="URN", callback=_urn, help="The explicit provider of the new resources.")
@filter_options
@settings_options
def adopt(
    *,
    source: str | None,
    managing: tuple[str, ...],
    output: str,
    forget_script: str | None,
    force: bool,
    parent: str | None,
    provider: str | None,
    **options: Any,
) -> None:
    """Write the file with which `pulumi import` takes existing integrations under management.

    Nothing changes in PagerDuty or in any state: that is left to the commands that it ends with. Each
    resource is called after its service and its integration, the same on every run; with --from a stack,
    the names stay as they are there.

    \b
    Examples:
      pagerduty-native adopt --stack prod --managed-by prod --output import.json
      pagerduty-native adopt --service 'Checkout*' --vendor 'Amazon *' --output import.json
      terraform show -json > state.json
      pagerduty-native adopt --from state.json --output import.json --forget-script forget.sh
    """  # noqa: D301 (click wants the character)
    _refuse_wrong_files(source, output, forget_script, force=force)
    if not (source or managing):
        click.echo("note: without --managed-by, what a stack manages already is not skipped.", err=True)
    old = read_state(source) if source else None
    managers = _managers(old, [read_state(each) for each in managing])
    plan = _plan(options, old, managers)
    write(output, import_file(plan.adopted, parent, provider), force=force)
    if forget_script:
        write(forget_script, script_to_forget(plan.forgotten), force=force)
    _report(plan, output, forget_script, options.get("stack"))
    if plan.left_out:
        raise click.exceptions.Exit(LEFT_OUT)


def _refuse_wrong_files(source: str | None, output: str, script: str | None, *, force: bool) -> None:
    """Stop before anything is read if one of the files to write is not right."""
    if script and not source:
        raise click.UsageError("--forget-script needs --from: it is about the state that the integrations are in.")
    if script == output:
        raise click.UsageError("--forget-script and --output must be two files.")
    for path in (output, script):
        refuse_existing(path, force=force)


def _managers(old: State | None, states: list[State]) -> list[State]:
    """The states that count as managing. What moves over from another provider is still in that one's state."""
    if old is None:
        return states
    return [State(each.source, tuple(each.of("pagerduty-native"))) for each in (old, *states)]


def _plan(options: dict[str, Any], old: State | None, managers: list[State]) -> Plan:
    filters, plan = Filters.of(options), Plan()
    with account_of(options) as account:
        entries = read(account)
        if old is None:
            candidates = from_account(entries)
        else:
            candidates = from_state(old.of("pagerduty", "terraform"), entries, account, plan)
    for message in filters.idle([each.entry for each in candidates]):
        click.echo(f"warning: {message}", err=True)
    if not candidates and not plan.left_out:
        where = f"{old.source} holds no integration of pulumi-pagerduty or Terraform" if old else "The account has none"
        click.echo(f"{where}, as far as the token may see.", err=True)
    complete(plan, candidates, filters, managers)
    return plan


def _report(plan: Plan, output: str, script: str | None, stack: str | None) -> None:
    """Tell on standard error what was done, and what to do next."""
    lines = [f"Wrote {_count(len(plan.adopted))}{'' if output == '-' else f' to {output}'}."]
    lines += [f"Skipped {_count(count)} that {source} manages already." for source, count in plan.managed.items()]
    lines += [f"Skipped {_count(plan.filtered)} that the filters leave out."] if plan.filtered else []
    lines += [f"Left out {_count(len(plan.left_out))}:"] if plan.left_out else []
    lines += [f"  {each}" for each in plan.left_out]
    if plan.adopted:
        file = "FILE" if output == "-" else shlex.quote(output)
        where = f" --stack {shlex.quote(stack)}" if stack else ""
        lines += [f"Next: pulumi import --file {file}{where}", "It prints the program for them; then `pulumi preview`."]
    if script:
        lines.append(f"After that, read {script}, and run it.")
    click.echo("\n".join(lines), err=True)


def _count(number: int) -> str:
    return f"{number:,} integration{'' if number == 1 else 's'}"
