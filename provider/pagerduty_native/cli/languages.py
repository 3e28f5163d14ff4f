"""Programs in the languages of `adopt --program`. Names reach them only as literals, in comments too."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pagerduty_native.rpc import camel_case

from .program import RESERVED, Declaration, Id, Lookup, Program
from .terminal import is_visible, visible

HEADING = "Integrations of a PagerDuty account, written by `pagerduty-native adopt`."
WIDTH = 100
# An implicit key of YAML has at most 1,024 characters; beyond a line, nobody reads it as a key.
MAX_KEY_CHARACTERS = 120

_READABLE_KEY = re.compile(r"[a-zA-Z][\w-]*", re.ASCII)
_PLAIN_TEXT = re.compile(r"[a-z](?:[\w ./@+-]*[\w./@+-])?", re.IGNORECASE | re.ASCII)


def literal(text: str) -> str:
    """Write a text in quotes, as both languages read it, with every hidden character escaped."""
    return visible(json.dumps(text, ensure_ascii=False))


def _comment(id: Id) -> str:
    """A name beside the ID that stands for it. In quotes, it cannot end the comment."""
    return f"  # {literal(id.name)}" if id.name else ""


def _fields_of(given: object) -> Iterator[tuple[str, Any]]:
    """Yield the properties that an object has, by their Python names."""
    for each in dataclasses.fields(given):  # type: ignore[arg-type]
        if (value := getattr(given, each.name)) not in (None, []):
            yield each.name, value


def _python(program: Program) -> Iterator[str]:
    yield f'"""{HEADING}"""'
    yield ""
    yield "import pulumi_pagerduty_native as pagerduty"
    yield from [""] if program.lookups else []
    for lookup in program.lookups:
        yield f"{_snake(lookup.variable)} = pagerduty.get_{lookup.kind}(name={literal(lookup.name)})"
    for each in program.declarations:
        yield ""
        yield f"{_snake(each.variable)} = pagerduty.Integration("
        yield f"    {literal(each.name)},"
        for name, value in each.properties.items():
            yield from _python_lines(f"{name}=", value, "    ")
        yield ")"


def _snake(words: str) -> str:
    return words.replace("-", "_")


def _python_lines(before: str, value: Any, indent: str) -> Iterator[str]:
    """An argument or item: on one line if that fits, otherwise with a line for each item inside."""
    if isinstance(value, Id):
        found = f"{_snake(value.lookup.variable)}.id" if value.lookup else literal(value.id)
        yield f"{indent}{before}{found},{'' if value.lookup else _comment(value)}"
        return
    line = f"{indent}{before}{_python_value(value)},"
    if len(line) <= WIDTH or isinstance(value, str):
        yield line
        return
    opening, closing, items = _python_items(value)
    yield f"{indent}{before}{opening}"
    for name, each in items:
        yield from _python_lines(name, each, f"{indent}    ")
    yield f"{indent}{closing},"


def _python_value(value: Any) -> str:
    if isinstance(value, str):
        raw = "\\" in value and '"' not in value and not value.endswith("\\") and is_visible(value)
        return f'r"{value}"' if raw else literal(value)
    opening, closing, items = _python_items(value)
    return opening + ", ".join(f"{name}{_python_value(each)}" for name, each in items) + closing


def _python_items(value: Any) -> tuple[str, str, list[tuple[str, Any]]]:
    """The brackets around a list or an object, and its items, each with the text before it."""
    if isinstance(value, list):
        return "[", "]", [("", each) for each in value]
    return f"pagerduty.{type(value).__name__}Args(", ")", [(f"{name}=", each) for name, each in _fields_of(value)]


def _yaml(program: Program) -> Iterator[str]:
    """The lines of Main.yaml, which Pulumi runs in a project whose runtime is yaml."""
    yield f"# {HEADING}"
    if program.lookups:
        yield "variables:"
    for lookup in program.lookups:
        yield f"  {_camel(lookup.variable)}:"
        yield "    fn::invoke:"
        yield f"      function: pagerduty-native:get{lookup.kind.capitalize()}"
        yield "      arguments:"
        yield f"        name: {_yaml_text(lookup.name)}"
    yield "resources:" if program.declarations else "resources: {}"
    for key, declaration in _yaml_keys(program):
        yield f"  {key}:"
        yield "    type: pagerduty-native:Integration"
        if key != declaration.name:
            yield f"    name: {_yaml_text(declaration.name)}"
        yield "    properties:"
        for name, value in declaration.properties.items():
            yield from _yaml_lines(f"      {camel_case(name)}:", value)


def _camel(words: str) -> str:
    return camel_case(_snake(words))


def _yaml_keys(program: Program) -> Iterator[tuple[str, Declaration]]:
    """Each resource with its key: its name if it can be one, else its variable. Variables share their namespace."""
    names = [each.name for each in program.declarations]
    taken = {_camel(each.variable) for each in program.lookups}
    readable = {each for each in names if _is_key(each) and each not in taken and names.count(each) == 1}
    taken |= readable
    for each in program.declarations:
        if each.name in readable:
            yield each.name, each
            continue
        key = _camel(each.variable)
        while key in taken:
            key += "_"
        taken.add(key)
        yield key, each


def _is_key(name: str) -> bool:
    return bool(len(name) <= MAX_KEY_CHARACTERS and _READABLE_KEY.fullmatch(name) and name.casefold() not in RESERVED)


def _yaml_lines(before: str, value: Any) -> Iterator[str]:
    """A key with its value, or a dash with the item of a list."""
    indent = " " * (len(before) - len(before.lstrip()) + 2)
    match value:
        case Id(lookup=Lookup(variable=variable)):
            yield f"{before} ${{{_camel(variable)}.id}}"
        case Id():
            yield f"{before} {_yaml_text(value.id)}{_comment(value)}"
        case str():
            yield f"{before} {_yaml_text(value)}"
        case list():
            yield before
            for each in value:
                yield from _yaml_lines(f"{indent}-", each)
        case _:
            items = [
                line for name, each in _fields_of(value) for line in _yaml_lines(f"{indent}{camel_case(name)}:", each)
            ]
            if before.endswith("-"):  # The first one is on the line of the dash.
                items[:1] = [f"{before} {items[0].lstrip()}" if items else f"{before} {{}}"]
            else:
                yield before
            yield from items


def _yaml_text(text: str) -> str:
    """Write a text so that neither YAML nor Pulumi's interpolation reads anything else in it."""
    if "${" in text or "$$" in text:
        text = text.replace("$", "$$")
    if _PLAIN_TEXT.fullmatch(text) and text.casefold() not in RESERVED:
        return text
    if "\\" in text and is_visible(text):
        return "'" + text.replace("'", "''") + "'"
    return literal(text)


@dataclass(frozen=True)
class Language:
    """file: the file that Pulumi runs in a project's folder. lines: those of a program."""

    file: str
    lines: Callable[[Program], Iterator[str]]


LANGUAGES = {"python": Language("__main__.py", _python), "yaml": Language("Main.yaml", _yaml)}


def write_program(language: str, program: Program) -> str:
    """Return the text of a program in one of `LANGUAGES`."""
    return "\n".join(LANGUAGES[language].lines(program)) + "\n"
