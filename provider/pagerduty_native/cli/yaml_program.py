"""Programs in YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pagerduty_native.pagerduty.quoting import quoted
from pagerduty_native.rpc import camel_case

from .layout import fields_of, is_visible, literal, snake_case
from .program import Declaration, Id, Lookup, Program

# What YAML takes for a text as it stands.
_PLAIN = re.compile(
    r"(?!(?:true|false|yes|no|on|off|null|y|n)$)[a-z](?:[\w ./@+-]*[\w./@+-])?", re.IGNORECASE | re.ASCII
)
_READABLE_KEY = re.compile(r"[a-zA-Z][\w-]*", re.ASCII)


def yaml_program(program: Program, heading: str) -> Iterator[str]:
    """The lines of Main.yaml, which Pulumi runs in a project whose runtime is yaml."""
    yield f"# {heading}"
    if program.lookups:
        yield "variables:"
    for lookup in program.lookups:
        yield from _lookup(lookup)
    yield "resources:" if program.declarations else "resources: {}"
    for declaration in program.declarations:
        yield from _declaration(declaration)


def _variable(words: str) -> str:
    return camel_case(snake_case(words))


def _lookup(lookup: Lookup) -> Iterator[str]:
    yield f"  {_variable(lookup.variable)}:"
    yield "    fn::invoke:"
    yield f"      function: pagerduty-native:get{lookup.kind.capitalize()}"
    yield "      arguments:"
    yield f"        name: {_scalar(lookup.name)}"


def _declaration(declaration: Declaration) -> Iterator[str]:
    readable = _READABLE_KEY.fullmatch(declaration.name)
    yield f"  {declaration.name if readable else _variable(declaration.variable)}:"
    yield "    type: pagerduty-native:Integration"
    if not readable:
        yield f"    name: {literal(declaration.name)}"
    yield "    properties:"
    for name, value in declaration.properties.items():
        yield from _entry(f"      {camel_case(name)}:", value)


def _entry(before: str, value: Any) -> Iterator[str]:
    """A key with its value, or a dash with the item of a list."""
    indent = " " * (len(before) - len(before.lstrip()) + 2)
    match value:
        case Id():
            yield f"{before} {_id(value)}"
        case str():
            yield f"{before} {_scalar(value)}"
        case list():
            yield before
            for each in value:
                yield from _entry(f"{indent}-", each)
        case _:
            lines = [line for name, each in fields_of(value) for line in _entry(f"{indent}{camel_case(name)}:", each)]
            if before.endswith("-"):  # The first one stands beside the dash.
                lines[:1] = [f"{before} {lines[0].lstrip()}" if lines else f"{before} {{}}"]
            else:
                yield before
            yield from lines


def _id(value: Id) -> str:
    if value.lookup:
        return f"${{{_variable(value.lookup.variable)}.id}}"
    return _scalar(value.id) + (f"  # {quoted(value.name)}" if value.name else "")


def _scalar(text: str) -> str:
    """A text that neither YAML nor Pulumi takes for anything else."""
    if "${" in text or "$$" in text:
        text = text.replace("$", "$$")
    if _PLAIN.fullmatch(text):
        return text
    if "\\" in text and is_visible(text):
        return "'" + text.replace("'", "''") + "'"
    return literal(text)
