"""How programs are laid out in languages with brackets."""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pagerduty_native.pagerduty.quoting import quoted

from .program import Declaration, Id

WIDTH = 100
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_LAST_OF_FOUR_DIGITS = 0xFFFF


def literal(text: str) -> str:
    """A text as JSON, Python, TypeScript and YAML write it: what cannot be seen, or turns others about, is escaped."""
    escaped = json.dumps(text, ensure_ascii=False)
    return "".join(each if _is_seen(each) else f"\\u{ord(each):04x}" for each in escaped)


def is_visible(text: str) -> bool:
    """Whether a reader sees every character of a text."""
    return all(map(_is_seen, text))


def _is_seen(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN or ord(character) > _LAST_OF_FOUR_DIGITS


def snake_case(words: str) -> str:
    """Words with dashes between them, as a variable of Python's."""
    return words.replace("-", "_")


def fields_of(given: object) -> Iterator[tuple[str, Any]]:
    """What an object holds, by its Python names."""
    for each in dataclasses.fields(given):  # type: ignore[arg-type]
        if (value := getattr(given, each.name)) not in (None, []):
            yield each.name, value


Around = tuple[str, str, str]


@dataclass(frozen=True)
class Style:
    """How a language writes things.

    comment: what begins one. tab: what a line is indented by. found: the ID that a lookup found, by its variable, whose
    words have dashes between them. key: a property's name, with what stands between it and the value. text: a text.
    around_list, around: what stands around the items of a list, and the properties of an object: before, after, and
    inside of both.
    """

    comment: str
    tab: str
    found: Callable[[str], str]
    key: Callable[[str], str]
    text: Callable[[str], str]
    around_list: Callable[[list[Any]], Around]
    around: Callable[[object], Around]

    def properties(self, declaration: Declaration, indent: str) -> Iterator[str]:
        """A line for each property of a resource, or several."""
        for name, value in declaration.properties.items():
            before = f"{indent}{self.key(name)}"
            if not isinstance(value, Id):
                yield from self._expression(value).lines(before, ",", indent, self.tab)
            elif value.lookup:
                yield f"{before}{self.found(value.lookup.variable)},"
            else:
                meaning = f"  {self.comment} {quoted(value.name)}" if value.name else ""
                yield f"{before}{self.text(value.id)},{meaning}"

    def _expression(self, value: Any) -> _Expression:
        if isinstance(value, str):
            return _Expression(self.text(value))
        if isinstance(value, list):
            return _Expression(*self.around_list(value), items=[("", self._expression(each)) for each in value])
        items = [(self.key(name), self._expression(each)) for name, each in fields_of(value)]
        return _Expression(*self.around(value), items=items)


@dataclass(frozen=True)
class _Expression:
    """A text, or items in brackets. items: each with what stands before it, such as `name=`."""

    opening: str
    closing: str = ""
    padding: str = ""
    items: list[tuple[str, _Expression]] = dataclasses.field(default_factory=list)

    def lines(self, before: str, after: str, indent: str, tab: str) -> Iterator[str]:
        """On one line if that fits, else an item a line."""
        line = f"{before}{self.flat()}{after}"
        if len(line) <= WIDTH or not self.items:
            yield line
            return
        yield f"{before}{self.opening}"
        for name, each in self.items:
            yield from each.lines(f"{indent}{tab}{name}", ",", f"{indent}{tab}", tab)
        yield f"{indent}{self.closing}{after}"

    def flat(self) -> str:
        inside = ", ".join(f"{name}{each.flat()}" for name, each in self.items)
        padding = self.padding if inside else ""
        return f"{self.opening}{padding}{inside}{padding}{self.closing}"
