"""Programs in the languages that `adopt --program` knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pagerduty_native.rpc import camel_case

from .layout import Style, is_visible, literal, snake_case
from .program import Program
from .yaml_program import yaml_program

HEADING = "Integrations of a PagerDuty account, written by `pagerduty-native adopt`."


@dataclass(frozen=True)
class Language:
    """file: what Pulumi runs in the folder of a project. write: takes the heading, too."""

    file: str
    write: Callable[[Program, str], str]


def _python_text(text: str) -> str:
    raw = "\\" in text and '"' not in text and not text.endswith("\\") and is_visible(text)
    return f'r"{text}"' if raw else literal(text)


_PYTHON = Style(
    comment="#",
    variable=snake_case,
    key=lambda name: f"{name}=",
    text=_python_text,
    around=lambda value: (f"pagerduty.{type(value).__name__}Args(", ")", ""),
)
_TYPESCRIPT = Style(
    comment="//",
    variable=lambda words: camel_case(snake_case(words)),
    key=lambda name: f"{camel_case(name)}: ",
    text=literal,
    around=lambda _value: ("{", "}", " "),
)


def _python(program: Program, heading: str) -> str:
    lines = [f'"""{heading}"""', "", "import pulumi_pagerduty_native as pagerduty"]
    for number, lookup in enumerate(program.lookups):
        call = f"pagerduty.get_{lookup.kind}(name={literal(lookup.name)})"
        lines += [*([] if number else [""]), f"{_PYTHON.variable(lookup.variable)} = {call}"]
    for each in program.declarations:
        lines += ["", f"{_PYTHON.variable(each.variable)} = pagerduty.Integration(", f"    {literal(each.name)},"]
        lines += [*_PYTHON.properties(each), ")"]
    return "\n".join(lines) + "\n"


def _typescript(program: Program, heading: str) -> str:
    lines = [f"// {heading}", "", 'import * as pagerduty from "pulumi-pagerduty-native";']
    for number, lookup in enumerate(program.lookups):
        call = f"pagerduty.get{lookup.kind.capitalize()}Output({{ name: {literal(lookup.name)} }})"
        lines += [*([] if number else [""]), f"const {_TYPESCRIPT.variable(lookup.variable)} = {call};"]
    for each in program.declarations:
        variable = _TYPESCRIPT.variable(each.variable)
        lines += ["", f"const {variable} = new pagerduty.Integration({literal(each.name)}, {{"]
        lines += [*_TYPESCRIPT.properties(each), "});"]
    return "\n".join(lines) + "\n"


LANGUAGES = {
    "python": Language("__main__.py", _python),
    "typescript": Language("index.ts", _typescript),
    "yaml": Language("Main.yaml", yaml_program),
}


def write_program(language: str, program: Program) -> str:
    """The text of a program in one of `LANGUAGES`."""
    return LANGUAGES[language].write(program, HEADING)
