"""Programs for adopted integrations, as a person would write them, in Python and YAML."""

from __future__ import annotations

import dataclasses
import itertools
import json
import keyword
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pagerduty_native.api.account import Account
from pagerduty_native.api.errors import ForbiddenError
from pagerduty_native.api.integrations import Entry
from pagerduty_native.cli.inventory import Inventory
from pagerduty_native.cli.terminal import is_visible, progress, tell, visible
from pagerduty_native.framework import ProviderError, camel_case
from pagerduty_native.functions.vendors import GetVendor, GetVendorArgs
from pagerduty_native.resources.event_orchestration_integration import EventOrchestrationIntegration
from pagerduty_native.resources.integration import Integration

HEADING = "Integrations of a PagerDuty account, written by `pagerduty-native adopt`."
# The languages, each with the file that Pulumi runs in a project's folder.
FILES = {"python": "__main__.py", "yaml": "Main.yaml"}
# Properties with IDs that functions find by names.
FOUND_BY_NAME = ("service", "event_orchestration", "vendor")
MAX_SLUG_CHARACTERS = 80
MAX_LINE_CHARACTERS = 100
# An implicit key of YAML has at most 1,024 characters; beyond a line, nobody reads it as a key.
MAX_KEY_CHARACTERS = 120

# Words that cannot be variables in Python, that YAML does not read as texts, or that a program needs; in lower case.
_YAML_WORDS = {"n", "no", "null", "off", "on", "y", "yes"}
RESERVED = {"pagerduty", "pulumi", *_YAML_WORDS, *map(str.casefold, keyword.kwlist)}
_READABLE_KEY = re.compile(r"[a-zA-Z][\w-]*", re.ASCII)
_PLAIN_TEXT = re.compile(r"[a-z](?:[\w ./@+-]*[\w./@+-])?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Id:
    """The ID of a service, an event orchestration or a vendor.

    variable: that of the function's call that finds the ID by the name, as words with dashes between them, for each
    language to join; "" to write the ID itself, with the name in a comment.
    """

    kind: str
    id: str
    name: str
    variable: str


@dataclass(frozen=True)
class Declaration:
    """A resource.

    properties: by their Python names, each an `Id`, a text, a map of texts, or a list of declared objects.
    """

    resource: str
    name: str
    variable: str
    properties: dict[str, Any]


@dataclass(frozen=True)
class Program:
    """lookups: the IDs that functions find."""

    lookups: list[Id]
    declarations: list[Declaration]


def program_for(account: Account, inventory: Inventory, adopted: Mapping[str, tuple[Entry, dict[str, Any]]]) -> Program:
    """Make a program. adopted: the integrations with their properties, by their resources' names."""
    variables = Variables()
    # Resources first, so that they get the shortest variables.
    own = {
        name: variables.take(slug(name), "integration", entry.integration.id) for name, (entry, _) in adopted.items()
    }
    found = _found_by_name(account, inventory, [entry for entry, _ in adopted.values()])
    ids: dict[tuple[str, str], Id] = {}
    for entry, properties in adopted.values():
        place = "event_orchestration" if entry.of_orchestration else "service"
        for kind, name in ((place, entry.service.name), ("vendor", entry.integration.vendor_name)):
            if kind in properties and (key := (kind, properties[kind])) not in ids:
                ids[key] = _id(*key, name or "", found, variables)
    declarations = [
        Declaration(
            EventOrchestrationIntegration.__name__ if entry.of_orchestration else Integration.__name__,
            name,
            own[name],
            {**properties, **{kind: ids[kind, properties[kind]] for kind in FOUND_BY_NAME if kind in properties}},
        )
        for name, (entry, properties) in adopted.items()
    ]
    lookups = [each for each in ids.values() if each.variable]
    return Program(sorted(lookups, key=lambda each: each.kind), declarations)


def _id(kind: str, id: str, name: str, found: Mapping[tuple[str, str], list[str]], variables: Variables) -> Id:
    if name == id:  # A service without a name has its ID there.
        return Id(kind, id, "", "")
    variable = variables.take(slug(name), kind, id) if name and found.get((kind, name)) == [id] else ""
    return Id(kind, id, name, variable)


def _found_by_name(
    account: Account, inventory: Inventory, entries: Iterable[Entry]
) -> Mapping[tuple[str, str], list[str]]:
    """List the IDs that a program's functions will find, by kind and name. Vendors take a call each."""
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, snapshots in (("service", inventory.snapshots), ("event_orchestration", inventory.orchestrations)):
        for each in snapshots:
            found[kind, each.service.name].append(each.service.id)
    for name in {each.integration.vendor_name: None for each in entries if each.integration.vendor_name}:
        progress(f"Looking up the vendor {name}…")
        try:
            found["vendor", name] = [GetVendor(account).invoke(GetVendorArgs(name=name, id=None)).id]
        except ProviderError:  # It is hidden from this account, or has a name that others have, too.
            continue
        except ForbiddenError:
            tell("note: This token cannot look up vendors, so the program contains their IDs.")
            break
    return found


def slug(text: str) -> str:
    """Write a text in lower-case ASCII letters, digits and dashes; empty if that leaves nothing."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_SLUG_CHARACTERS].rstrip("-")


def same_variable(name: str) -> str:
    """Reduce a name to the letters and digits that make its variable in a generated program."""
    return re.sub(r"[^a-z0-9]", "", name.casefold())


class Variables:
    """Variables of a program, each once, whether its language writes `amazon_cloudwatch` or `amazonCloudwatch`."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, words: str, kind: str, id: str) -> str:
        """Take the words if they can be a variable and are free; else add the kind of object, else its ID as well."""
        start = words if words[:1].isalpha() else f"{kind}-{words or id.lower()}"
        wanted = (start, f"{start}-{kind}", f"{start}-{id.lower()}")
        others = (f"{start}-{kind}-{number}" for number in itertools.count(2))
        free = next(each for each in itertools.chain(wanted, others) if self._is_free(each, kind))
        self._taken.add(same_variable(free))
        return free

    def _is_free(self, words: str, kind: str) -> bool:
        return words.casefold() not in {kind, *RESERVED} and same_variable(words) not in self._taken


def write_program(language: str, program: Program) -> str:
    """Return the text of a program in one of the languages of `FILES`."""
    lines = _python(program) if language == "python" else _yaml(program)
    return "\n".join(lines) + "\n"


def literal(text: str) -> str:
    """Write a text in quotes, as both languages read it, with every hidden character escaped."""
    return visible(json.dumps(text, ensure_ascii=False))


def _comment(id: Id) -> str:
    """Write a name beside its ID. In quotes, it cannot end the comment."""
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
        yield f"{_snake(each.variable)} = pagerduty.{each.resource}("
        yield f"    {literal(each.name)},"
        for name, value in each.properties.items():
            yield from _python_lines(f"{name}=", value, "    ")
        yield ")"


def _snake(words: str) -> str:
    return words.replace("-", "_")


def _python_lines(before: str, value: Any, indent: str) -> Iterator[str]:
    """Write an argument or item: on one line if that fits, otherwise with a line for each item inside."""
    if isinstance(value, Id):
        if value.variable:
            yield f"{indent}{before}{_snake(value.variable)}.id,"
        else:
            yield f"{indent}{before}{literal(value.id)},{_comment(value)}"
        return
    line = f"{indent}{before}{_python_value(value)},"
    if len(line) <= MAX_LINE_CHARACTERS or isinstance(value, str):
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
    """Return the brackets around a list, a map or an object, and its items, each with the text before it."""
    if isinstance(value, list):
        return "[", "]", [("", each) for each in value]
    if isinstance(value, dict):
        return "{", "}", [(f"{literal(name)}: ", each) for name, each in value.items()]
    return f"pagerduty.{type(value).__name__}Args(", ")", [(f"{name}=", each) for name, each in _fields_of(value)]


def _yaml(program: Program) -> Iterator[str]:
    """Yield the lines of Main.yaml, which Pulumi runs in a project whose runtime is yaml."""
    yield f"# {HEADING}"
    if program.lookups:
        yield "variables:"
    for lookup in program.lookups:
        yield f"  {_camel(lookup.variable)}:"
        yield "    fn::invoke:"
        yield f"      function: pagerduty-native:{camel_case(f'get_{lookup.kind}')}"
        yield "      arguments:"
        yield f"        name: {_yaml_text(lookup.name)}"
    yield "resources:" if program.declarations else "resources: {}"
    for key, declaration in _yaml_keys(program):
        yield f"  {key}:"
        yield f"    type: pagerduty-native:{declaration.resource}"
        if key != declaration.name:
            yield f"    name: {_yaml_text(declaration.name)}"
        yield "    properties:"
        for name, value in declaration.properties.items():
            yield from _yaml_lines(f"      {camel_case(name)}:", value)


def _camel(words: str) -> str:
    return camel_case(_snake(words))


def _yaml_keys(program: Program) -> Iterator[tuple[str, Declaration]]:
    """Yield each resource with its key: its name if it can be a key, else its variable. Variables share them."""
    taken = {_camel(each.variable) for each in program.lookups}
    readable = {each.name for each in program.declarations if _is_key(each.name)} - taken
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
    """Write a key with its value, or a dash with the item of a list."""
    indent = " " * (len(before) - len(before.lstrip()) + 2)
    match value:
        case Id(variable=""):
            yield f"{before} {_yaml_text(value.id)}{_comment(value)}"
        case Id():
            yield f"{before} ${{{_camel(value.variable)}.id}}"
        case str():
            yield f"{before} {_yaml_text(value)}"
        case list():
            yield before
            for each in value:
                yield from _yaml_lines(f"{indent}-", each)
        case _:
            is_object = not isinstance(value, dict)
            fields = {camel_case(name): each for name, each in _fields_of(value)} if is_object else value
            items = [
                line for name, each in fields.items() for line in _yaml_lines(f"{indent}{_yaml_text(name)}:", each)
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
