"""Programs in the languages that `adopt --program` knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pagerduty_native.rpc import camel_case

from .layout import Style, is_visible, literal, snake_case
from .program import Program
from .yaml_program import yaml_program

HEADING = "Integrations of a PagerDuty account, written by `pagerduty-native adopt`."


@dataclass(frozen=True)
class Language:
    """file: what Pulumi runs in the folder of a project. lines: of a program."""

    file: str
    lines: Callable[[Program], Iterator[str]]


def _python_text(text: str) -> str:
    raw = "\\" in text and '"' not in text and not text.endswith("\\") and is_visible(text)
    return f'r"{text}"' if raw else literal(text)


def _camel(words: str) -> str:
    return camel_case(snake_case(words))


def _pascal(name: str) -> str:
    return camel_case(f"_{name}")


_PYTHON = Style(
    comment="#",
    tab="    ",
    found=lambda words: f"{snake_case(words)}.id",
    key=lambda name: f"{name}=",
    text=_python_text,
    around_list=lambda _items: ("[", "]", ""),
    around=lambda value: (f"pagerduty.{type(value).__name__}Args(", ")", ""),
)
_TYPESCRIPT = Style(
    comment="//",
    tab="    ",
    found=lambda words: f"{_camel(words)}.id",
    key=lambda name: f"{camel_case(name)}: ",
    text=literal,
    around_list=lambda _items: ("[", "]", ""),
    around=lambda _value: ("{", "}", " "),
)
_GO = Style(
    comment="//",
    tab="\t",
    found=lambda words: f"pulumi.String({_camel(words)}.Id)",
    key=lambda name: f"{_pascal(name)}: ",
    text=lambda text: f"pulumi.String({literal(text)})",
    around_list=lambda items: (f"pagerdutynative.{type(items[0]).__name__}Array{{", "}", ""),
    around=lambda value: (f"pagerdutynative.{type(value).__name__}Args{{", "}", ""),
)
_GO_IMPORTS = """\
import (
	"github.com/pulumi-pagerduty-native/pulumi-pagerduty-native/sdk/go/pagerdutynative"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)
"""


def _python(program: Program) -> Iterator[str]:
    yield f'"""{HEADING}"""'
    yield ""
    yield "import pulumi_pagerduty_native as pagerduty"
    yield from [""] if program.lookups else []
    for lookup in program.lookups:
        yield f"{snake_case(lookup.variable)} = pagerduty.get_{lookup.kind}(name={literal(lookup.name)})"
    for each in program.declarations:
        yield ""
        yield f"{snake_case(each.variable)} = pagerduty.Integration("
        yield f"    {literal(each.name)},"
        yield from _PYTHON.properties(each, "    ")
        yield ")"


def _typescript(program: Program) -> Iterator[str]:
    yield f"// {HEADING}"
    yield ""
    yield 'import * as pagerduty from "pulumi-pagerduty-native";'
    yield from [""] if program.lookups else []
    for lookup in program.lookups:
        call = f"pagerduty.get{lookup.kind.capitalize()}Output({{ name: {literal(lookup.name)} }})"
        yield f"const {_camel(lookup.variable)} = {call};"
    for each in program.declarations:
        yield ""
        yield f"const {_camel(each.variable)} = new pagerduty.Integration({literal(each.name)}, {{"
        yield from _TYPESCRIPT.properties(each, "    ")
        yield "});"


def _go(program: Program) -> Iterator[str]:
    """A resource gets no variable: Go wants each to be used."""
    yield f"// {HEADING}"
    yield "package main"
    yield ""
    yield _GO_IMPORTS
    yield "func main() {"
    yield "\tpulumi.Run(func(ctx *pulumi.Context) error {"
    for lookup in program.lookups:
        function = f"Get{lookup.kind.capitalize()}"
        arguments = f"&pagerdutynative.{function}Args{{Name: pulumi.StringRef({literal(lookup.name)})}}"
        yield f"\t\t{_camel(lookup.variable)}, err := pagerdutynative.{function}(ctx, {arguments})"
        yield from ("\t\tif err != nil {", "\t\t\treturn err", "\t\t}")
    for each in program.declarations:
        yield ""
        arguments = f"ctx, {literal(each.name)}, &pagerdutynative.IntegrationArgs{{"
        yield f"\t\tif _, err := pagerdutynative.NewIntegration({arguments}"
        yield from _GO.properties(each, "\t\t\t")
        yield from ("\t\t}); err != nil {", "\t\t\treturn err", "\t\t}")
    yield from ("", "\t\treturn nil", "\t})", "}")


LANGUAGES = {
    "go": Language("main.go", _go),
    "python": Language("__main__.py", _python),
    "typescript": Language("index.ts", _typescript),
    "yaml": Language("Main.yaml", lambda program: yaml_program(program, HEADING)),
}


def write_program(language: str, program: Program) -> str:
    """The text of a program in one of `LANGUAGES`."""
    return "\n".join(LANGUAGES[language].lines(program)).rstrip("\n") + "\n"
