"""`pagerduty-native adopt`."""

from __future__ import annotations

import dataclasses
import itertools
import json
import re
import shlex
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from pagerduty_native.api.account import Account
from pagerduty_native.api.errors import FATAL, ApiError, NotFoundError, PagerDutyError, quoted
from pagerduty_native.api.integrations import Entry, Filters
from pagerduty_native.api.lookups import Service
from pagerduty_native.api.parse import is_id
from pagerduty_native.cli.inventory import (
    Inventory,
    account_of,
    filter_options,
    filters_of,
    find_stack,
    read,
    settings_options,
)
from pagerduty_native.cli.program import FILES, program_for, same_variable, slug, write_program
from pagerduty_native.cli.states import (
    NATIVE_ORCHESTRATION_TYPE,
    NATIVE_TYPE,
    PROJECTS,
    Held,
    State,
    name_in,
    read_state,
    script_to_forget,
)
from pagerduty_native.cli.terminal import PARTIAL_SUCCESS, clear, progress, show, tell
from pagerduty_native.framework import decode, properties_of
from pagerduty_native.resources.email import FILTERED, EmailFilter
from pagerduty_native.resources.integration import Integration, IntegrationArgs, IntegrationState
from pagerduty_native.settings import explain

GONE = "it is no longer in PagerDuty, or the token has no access to its service"
LEAVING = {
    "terraform": "a deposed object, which the next `terraform apply` deletes",
    "pagerduty": "a pending deletion, which the next `pulumi up` makes",
}
# In block or flow style. A key of that name that is nested deeper is refused, too: nothing is lost by that.
_DECLARES = re.compile(r"""(?:^|[{,])\s*["']?resources["']?\s*:""", re.MULTILINE)


def readable_name(service: str, integration: str) -> str:
    """Join the names of a service and its integration, without repeating the service's."""
    first, second = slug(service), slug(integration)
    if second == first or second.startswith(f"{first}-") or not first:
        return second
    return f"{first}-{second}" if second else first


def unique_names(wanted: Mapping[str, str], taken: Mapping[str, str]) -> dict[str, str]:
    """Name each integration, by its ID: the wanted name, followed by the ID if others want the same.

    wanted: by integration ID. taken: names that resources have already, by the IDs of their integrations.
    """
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for names in (wanted, taken):
        for integration_id, name in names.items():
            owners[same_variable(name)].add(integration_id)
    unique = {}
    for integration_id, name in wanted.items():
        is_shared = len(owners[same_variable(name)]) > 1
        unique[integration_id] = f"{name or 'integration'}-{integration_id}" if is_shared or not name else name
    return unique


@dataclass(frozen=True)
class Candidate:
    """An integration that may be adopted. wanted: its name, if no other has that. held: its entries in an old state."""

    entry: Entry
    wanted: str
    held: list[Held] = field(default_factory=list)


@dataclass
class Plan:
    """adopted: integrations by their resources' names. managed: those that a state manages, with the state's source.

    left_out: what could not be done, with the reasons. unlisted: services that were not read, in words. filtered: what
    the filters leave out. forgotten: what the old state is to lose.
    """

    adopted: dict[str, Entry] = field(default_factory=dict)
    managed: list[tuple[Entry, str]] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    filtered: list[Entry] = field(default_factory=list)
    forgotten: list[Held] = field(default_factory=list)
    unlisted: str | None = None

    def leave_out(self, name: str, reason: str) -> None:
        """Do not adopt what was to have this name after all."""
        entry = self.adopted.pop(name)
        self.forgotten = [each for each in self.forgotten if each.id != entry.integration.id]
        self.left_out.append((f"{entry.id} ({quoted(entry.integration.name)})", reason))


def decide(account: Account, inventory: Inventory, filters: Filters, old: State | None, managing: list[State]) -> Plan:
    """Decide about each integration: adopt it, skip it as managed or filtered, or leave it out.

    old: the state to adopt from, instead of the account. managing: the states that may manage it already.
    """
    plan = Plan()
    if old is None:
        plan.unlisted = inventory.unlisted
        candidates = [
            Candidate(each, readable_name(each.service.name, each.integration.name)) for each in inventory.entries
        ]
    else:
        candidates = _candidates_in(old, inventory, account, plan)
    owners: dict[str, str] = {}
    taken: dict[str, str] = {}
    for state in [old, *managing] if old else managing:
        for held in state.held:
            if held.provider == "pagerduty-native":
                taken[held.id] = held.name
            elif old:  # It moves over from another provider, and is still in that one's state.
                continue
            owners.setdefault(held.id, state.source)
    # Filters do not change the names.
    names = unique_names({each.entry.integration.id: each.wanted for each in candidates}, taken)
    for each in candidates:
        integration_id = each.entry.integration.id
        if not filters.allow(each.entry):
            plan.filtered.append(each.entry)
            continue
        if integration_id in owners:
            plan.managed.append((each.entry, owners[integration_id]))
        else:
            plan.adopted[names[integration_id]] = each.entry
        plan.forgotten += each.held
    return plan


def _candidates_in(old: State, inventory: Inventory, account: Account, plan: Plan) -> list[Candidate]:
    """Find the integrations that an old state holds and the account still has. The plan leaves out the rest."""
    by_id = {each.integration.id: each for each in inventory.entries}
    old_ones = [each for each in old.held if each.provider != "pagerduty-native"]
    leaving = {each.id for each in old_ones if each.leaving and each.id}
    found: dict[str, Candidate] = {}
    for each in old_ones:
        place = f"{quoted(each.address)} ({quoted(each.service or '?')}.{quoted(each.id or '?')})"
        if each.leaving:
            plan.left_out.append((place, LEAVING[each.provider]))
        elif each.id in leaving:
            plan.left_out.append((place, "the state has it a second time, to be deleted"))
        elif each.id in found:
            found[each.id].held.append(each)
            first = quoted(found[each.id].held[0].address)
            plan.left_out.append((place, f"it is in the state twice, and adopted once, from {first}"))
        elif entry := by_id.get(each.id) or _read_alone(each, place, account, plan):
            wanted = slug(each.name) if each.provider == "terraform" else each.name
            found[each.id] = Candidate(entry, wanted, [each])
    return list(found.values())


def _read_alone(held: Held, place: str, account: Account, plan: Plan) -> Entry | None:
    """Read an integration of a service that PagerDuty does not list for this token."""
    if not (held.service and is_id(held.service) and is_id(held.id)) or "-" in held.id:  # the UUID of one that is gone
        plan.left_out.append((place, "the account has no integration with this ID"))
        return None
    try:
        found = account.integrations.get(held.service, held.id)
    except PagerDutyError as error:
        plan.left_out.append((place, _why_not(error)))
        return None
    return Entry(found, Service(found.service_id, found.service_id, None))


def _why_not(error: PagerDutyError) -> str:
    """Explain why an integration could not be read. Raises the error again if it concerns all of them."""
    if isinstance(error, NotFoundError):
        return GONE
    if isinstance(error, FATAL) or not isinstance(error, ApiError):
        raise error
    return explain(error) or ""


def _with_properties(account: Account, plan: Plan) -> dict[str, tuple[Entry, dict[str, Any]]]:
    """Add the properties that `pulumi import` will read. Only e-mail may need a call."""
    resource = Integration(account)
    read_so_far: dict[str, tuple[Entry, dict[str, Any]]] = {}
    for number, (name, entry) in enumerate(list(plan.adopted.items()), start=1):
        progress(f"Reading the properties: {number:,} of {len(plan.adopted):,}…")
        if entry.of_orchestration:
            read_so_far[name] = entry, {"event_orchestration": entry.service.id, "label": entry.integration.name}
            continue
        try:
            found = resource.read(entry.id, decode(IntegrationState, {}))
        except PagerDutyError as error:
            plan.leave_out(name, _why_not(error))
            continue
        if found is None:
            plan.leave_out(name, GONE)
        else:
            read_so_far[name] = entry, _properties(found.state)
    clear()
    return read_so_far


def _properties(state: IntegrationState) -> dict[str, Any]:
    """Select the properties that a person would write: those with a value that does not follow from the others."""
    found = {each.attribute: getattr(state, each.attribute) for each in properties_of(IntegrationArgs)}
    if found["vendor"]:
        del found["type"]
    if found["email_filters"]:
        found["email_filters"] = [_without_defaults(each) for each in found["email_filters"]]
    return {name: value for name, value in found.items() if value}


def _without_defaults(email_filter: EmailFilter) -> EmailFilter:
    modes = (f"{name}_mode" for name in FILTERED)
    return dataclasses.replace(
        email_filter, **{mode: None for mode in modes if getattr(email_filter, mode) == "always"}
    )


def import_file(adopted: Mapping[str, Entry], parent: str | None, provider: str | None) -> str:
    """Write the file for `pulumi import --file`. adopted: by resource name. parent, provider: URNs for all."""
    given = {kind: urn for kind, urn in (("parent", parent), ("provider", provider)) if urn}
    # The variables that stand for them in the generated program.
    variables = {kind: name_in(urn) for kind, urn in given.items()}
    if len(set(variables.values())) < len(variables):
        variables = {kind: f"{name}-{kind}" for kind, name in variables.items()}
    resources = [
        {
            "type": NATIVE_ORCHESTRATION_TYPE if each.of_orchestration else NATIVE_TYPE,
            "name": name,
            "id": each.id,
            **variables,
        }
        for name, each in adopted.items()
    ]
    document: dict[str, Any] = {"resources": resources}
    if given:
        document["nameTable"] = {variables[kind]: urn for kind, urn in given.items()}
    return json.dumps(document, indent=2) + "\n"


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


@dataclass(frozen=True)
class Files:
    """The paths of the files to write; "-" is standard output. stack: the stack to import into."""

    output: str
    program: str | None
    forget_script: str | None
    stack: str | None

    @property
    def by_option(self) -> dict[str, str | None]:
        return {"--output": self.output, "--program-output": self.program, "--forget-script": self.forget_script}

    def next_commands(self, plan: Plan) -> list[str]:
        """List the commands to run next, in order."""
        file = "FILE" if self.output == "-" else shlex.quote(self.output)
        generate = " --generate-code=false" if self.program else ""
        stack = f" --stack {shlex.quote(self.stack)}" if self.stack else ""
        import_ = [f"pulumi import --file {file}{generate}{stack}"] if plan.adopted else []
        forget = [f"sh {shlex.quote(self.forget_script)}"] if self.forget_script and plan.forgotten else []
        return [*import_, *forget, f"pulumi preview{stack}"] if import_ or forget else []


def _summary(plan: Plan, files: Files) -> str:
    """Summarize what was done as a JSON object."""
    skipped = [{"id": each.id, "reason": "managed", "by": source} for each, source in plan.managed]
    skipped += [{"id": each.id, "reason": "filtered"} for each in plan.filtered]
    paths = {"output": files.output, "program": files.program, "forgetScript": files.forget_script}
    left_out = [{"what": what, "reason": reason} for what, reason in plan.left_out]
    left_out += [{"what": "services", "reason": plan.unlisted}] if plan.unlisted else []
    summary = {
        **{name: path for name, path in paths.items() if path},
        "written": [{"name": name, "id": each.id} for name, each in plan.adopted.items()],
        "skipped": skipped,
        "leftOut": left_out,
        "next": files.next_commands(plan),
    }
    return json.dumps(summary, indent=2)


def _report(plan: Plan, files: Files) -> Iterator[str]:
    """Yield lines for people: what was done, and what to do next."""
    where = "" if files.output == "-" else f" to {files.output}"
    yield f"Wrote {_count(len(plan.adopted))}{where}{f', and the program to {files.program}' if files.program else ''}."
    for source, count in Counter(source for _, source in plan.managed).items():
        yield f"Skipped {_count(count)} that {source} already manages."
    if plan.filtered:
        yield f"Skipped {_count(len(plan.filtered))} that the filters exclude."
    if plan.left_out:
        yield f"Left out {_count(len(plan.left_out))}:"
        yield from (f"  {what}: {reason}" for what, reason in plan.left_out)
    if plan.unlisted:
        yield f"Left out {plan.unlisted}"
    if commands := files.next_commands(plan):
        yield "Next:"
        yield from (f"  {each}" for each in commands)
    if files.forget_script and plan.forgotten:
        yield f"Read {files.forget_script} before you run it."
    if files.program and plan.managed:
        yield "Add this program to yours. If it replaces yours, `pulumi up` deletes what yours manages."


def _count(number: int) -> str:
    return f"{number:,} integration{'' if number == 1 else 's'}"


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
    type=click.Choice(sorted(FILES)),
    help="Also write a program that declares the integrations, and looks up services and vendors by name. "
    "`pulumi convert` translates the one in YAML into other languages.",
)
@click.option(
    "--program-output",
    metavar="FILE",
    type=FILE,
    help="Write the program here instead of to the file of the current folder that Pulumi runs: "
    + ", ".join(FILES.values())
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
    output: str,
    language: str | None,
    program_output: str | None,
    forget_script: str | None,
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
    default_program = FILES[language] if language else None
    files = Files(output, program_output or default_program, forget_script, options["stack"])
    _refuse_wrong_options(files, source, language, force=force, as_json=as_json, given=bool(parent or provider))
    stack = find_stack(options["stack"])
    if not managing and stack:
        managing = (stack,)
    if not (source or managing):
        tell("note: without --managed-by, integrations that a stack already manages are not skipped.")
    old = read_state(source) if source else None
    states = [read_state(each) for each in managing]
    filters = filters_of(options)
    with account_of(options, stack) as account:
        inventory = read(account, filters)
        plan = decide(account, inventory, filters, old, states)
        if inventory.unread:
            tell(f"note: event orchestrations are left out. {inventory.unread}")
        inventory.warn_of_idle(filters)
        if not (plan.adopted or plan.managed or plan.left_out or plan.unlisted):
            raise click.ClickException(_nothing_in(old, plan))
        program = ""
        if language:
            program = write_program(language, program_for(account, inventory, _with_properties(account, plan)))
    if not plan.adopted:
        # An empty program in the place of a person's own would have `pulumi up` delete all that this declares.
        files = dataclasses.replace(files, program=None)
    write(files.output, import_file(plan.adopted, parent, provider), force=force)
    write(files.program, program, force=force)
    if old:
        write(files.forget_script, script_to_forget(old, plan.forgotten), force=force)
    if as_json:
        show(_summary(plan, files))
    else:
        tell("\n".join(_report(plan, files)))
    if plan.left_out or plan.unlisted:
        raise click.exceptions.Exit(PARTIAL_SUCCESS)


def _refuse_wrong_options(
    files: Files, source: str | None, language: str | None, *, force: bool, as_json: bool, given: bool
) -> None:
    """Stop before anything is read if options do not fit each other, or a file would be lost."""
    if files.program and not language:
        raise click.UsageError("--program-output needs --program, which gives the language.")
    if language and given:
        raise click.UsageError(
            "--program cannot be combined with --parent or --provider: add those to the program yourself."
        )
    if files.forget_script and not source:
        raise click.UsageError("--forget-script needs --from, the state from which to remove the integrations.")
    for (first, path), (second, other) in itertools.combinations(files.by_option.items(), 2):
        if path and other and Path(path) == Path(other):
            raise click.UsageError(f"{second} and {first} must be two files.")
    if as_json and "-" in files.by_option.values():
        raise click.UsageError("--json needs --output FILE, because the summary goes to standard output.")
    if not force:
        _refuse_to_overwrite(files)


def _refuse_to_overwrite(files: Files) -> None:
    """Stop before anything is done if a file would be lost, or a program that Pulumi would not run any more."""
    for option, path in files.by_option.items():
        if path and path != "-" and Path(path).exists():
            raise click.ClickException(f"{path} exists. Give another file with {option}, or --force to overwrite it.")
    program = Path(files.program or "")
    if program.name != "Main.yaml":
        return
    for project in map(program.with_name, PROJECTS):
        if project.exists() and _DECLARES.search(project.read_text(encoding="utf-8", errors="replace")):
            raise click.ClickException(
                f"{project} has resources, and Pulumi would run {files.program} instead: `pulumi up` would delete "
                f"them. Give another file with --program-output, and put its contents into {project.name}."
            )


def _nothing_in(old: State | None, plan: Plan) -> str:
    if plan.filtered:
        return "There is nothing to adopt: the filters exclude every integration."
    if old:
        return f"{old.source} has no integrations of pulumi-pagerduty or Terraform."
    return "The account has no integrations that the token can see."
