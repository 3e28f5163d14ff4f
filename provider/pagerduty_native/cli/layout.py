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


@dataclass(frozen=True)
class Style:
    """How a language writes things.

    comment: what begins one. variable: words with dashes between them, as one. key: a property's name, with what stands
    between it and the value. text: a text. around: what stands around the properties of an object, and inside of that.
    """

    comment: str
    variable: Callable[[str], str]
    key: Callable[[str], str]
    text: Callable[[str], str]
    around: Callable[[object], tuple[str, str, str]]

    def properties(self, declaration: Declaration) -> Iterator[str]:
        """A line for each property of a resource, or several."""
        for name, value in declaration.properties.items():
            before = f"    {self.key(name)}"
            if not isinstance(value, Id):
                yield from self._expression(value).lines(before, ",", "    ")
            elif value.lookup:
                yield f"{before}{self.variable(value.lookup.variable)}.id,"
            else:
                yield f"{before}{self.text(value.id)}," + (
                    f"  {self.comment} {quoted(value.name)}" if value.name else ""
                )

    def _expression(self, value: Any) -> _Expression:
        if isinstance(value, str):
            return _Expression(self.text(value))
        if isinstance(value, list):
            return _Expression("[", "]", items=[("", self._expression(each)) for each in value])
        items = [(self.key(name), self._expression(each)) for name, each in fields_of(value)]
        return _Expression(*self.around(value), items=items)


@dataclass(frozen=True)
class _Expression:
    """A text, or items in brackets. items: each with what stands before it, such as `name=`."""

    opening: str
    closing: str = ""
    padding: str = ""
    items: list[tuple[str, _Expression]] = dataclasses.field(default_factory=list)

    def lines(self, before: str, after: str, indent: str) -> Iterator[str]:
        """On one line if that fits, else an item a line."""
        line = f"{before}{self._flat()}{after}"
        if len(line) <= WIDTH or not self.items:
            yield line
            return
        yield f"{before}{self.opening}"
        for name, each in self.items:
            yield from each.lines(f"{indent}    {name}", ",", f"{indent}    ")
        yield f"{indent}{self.closing}{after}"

    def _flat(self) -> str:
        inside = ", ".join(f"{name}{each._flat()}" for name, each in self.items)  # noqa: SLF001 (its own kind)
        return (
            f"{self.opening}{self.padding}{inside}{self.padding}{self.closing}"
            if inside
            else self.opening + self.closing
        )
