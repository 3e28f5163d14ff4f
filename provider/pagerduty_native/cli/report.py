"""What `adopt` tells of its work: for people on standard error, or as JSON on standard output."""

from __future__ import annotations

import json
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .plan import Plan
from .terminal import show


@dataclass(frozen=True)
class Files:
    """What `adopt` was asked to write, by its path; "-" is standard output. stack: the one that it is for."""

    output: str
    program: str | None
    forget_script: str | None
    stack: str | None

    def next_commands(self, plan: Plan) -> list[str]:
        """What to run now, in this order."""
        file = "FILE" if self.output == "-" else shlex.quote(self.output)
        generate = " --generate-code=false" if self.program else ""
        stack = f" --stack {shlex.quote(self.stack)}" if self.stack else ""
        import_ = [f"pulumi import --file {file}{generate}{stack}"] if plan.adopted else []
        forget = [f"sh {shlex.quote(self.forget_script)}"] if self.forget_script and plan.forgotten else []
        return [*import_, *forget, f"pulumi preview{stack}"] if import_ or forget else []


def report_as_json(plan: Plan, files: Files) -> None:
    """One JSON object on standard output."""
    skipped = [{"id": each.id, "reason": "managed", "by": source} for each, source in plan.managed]
    skipped += [{"id": each.id, "reason": "filtered"} for each in plan.filtered]
    paths = {"output": files.output, "program": files.program, "forgetScript": files.forget_script}
    left_out = [{"what": each.what, "reason": each.reason} for each in plan.left_out]
    left_out += [{"what": "services", "reason": plan.unlisted}] if plan.unlisted else []
    told = {
        **{name: path for name, path in paths.items() if path},
        "written": [{"name": name, "id": each.id} for name, each in plan.adopted.items()],
        "skipped": skipped,
        "leftOut": left_out,
        "next": files.next_commands(plan),
    }
    show(json.dumps(told, indent=2))


def report(plan: Plan, files: Files) -> None:
    """Lines on standard error: what was done, and what to do next."""
    show("\n".join(_lines(plan, files)), err=True)


def _lines(plan: Plan, files: Files) -> Iterator[str]:
    where = "" if files.output == "-" else f" to {files.output}"
    yield f"Wrote {_count(len(plan.adopted))}{where}{f', and the program to {files.program}' if files.program else ''}."
    for source, count in Counter(source for _, source in plan.managed).items():
        yield f"Skipped {_count(count)} that {source} already manages."
    if plan.filtered:
        yield f"Skipped {_count(len(plan.filtered))} that the filters exclude."
    if plan.left_out:
        yield f"Left out {_count(len(plan.left_out))}:"
        yield from (f"  {each.what}: {each.reason}" for each in plan.left_out)
    if plan.unlisted:
        yield f"Left out {plan.unlisted}"
    if commands := files.next_commands(plan):
        yield "Next:"
        yield from (f"  {each}" for each in commands)
    if files.forget_script and plan.forgotten:
        yield f"Read {files.forget_script} before you run it."
    if files.program and plan.managed:
        yield "Add the new program to the one that you have: in its place, `pulumi up` would delete what that manages."


def _count(number: int) -> str:
    return f"{number:,} integration{'' if number == 1 else 's'}"
