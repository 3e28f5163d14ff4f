"""docs/troubleshooting.md explains every message that the provider and its command line show."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

from .documents import Document

PAGE = Document(ROOT / "docs" / "troubleshooting.md")
PROVIDER = ROOT / "provider" / "pagerduty_native"

# A message is whatever reads like one in the provider's code: a text of so many words. The exceptions:
LEAST_WORDS = 3
# Arguments of these are descriptions, errors for those who write a provider, patterns, and progress.
OTHER_CALLS = {"field", "option", "TypeError", "compile", "progress"}
# Files of errors for those who write a provider: docs/writing-a-provider.md.
OTHER_FILES = {"rpc/fields.py", "rpc/property_types.py"}
# Functions that write a script, tell what was done, or what a token is good for.
OTHER_FUNCTIONS = {"_steps", "_report", "_may_write", "_token", "_account", "_allowance"}
# The names of module-level texts, and other texts of which no message is made: what is looked for in PagerDuty's words.
OTHER_TEXTS = {
    *("HEADER", "_ECHO", "DESCRIPTION", "Value"),
    *("Tunnel connection failed", "integration email cannot be empty", "vendor can't be blank"),
}


def template(node: ast.expr) -> str | None:
    """A text as it is in code, `…` in place of what is filled in; None if it is no text."""
    match node:
        case ast.Constant(str(text)):
            return re.sub(r"\{\}|%s", "…", text).replace("`", "")
        case ast.JoinedStr(values):
            return "".join("…" if isinstance(each, ast.FormattedValue) else template(each) or "" for each in values)
    return None


def is_message(text: str) -> bool:
    return " " in text.strip() and len(re.findall(r"[^\W\d_]{2,}", text)) >= LEAST_WORDS


def texts(node: ast.AST) -> Iterator[str]:
    """Every text in code that may be, or be a part of, a message."""
    match node:
        case ast.FunctionDef(name=name) if name in OTHER_FUNCTIONS:
            return
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in OTHER_CALLS:
            return
        case ast.Expr(ast.Constant()):  # a docstring
            return
        case ast.Module(body=statements):
            for each in statements:
                if not is_table(each):
                    yield from texts(each)
            return
        case ast.Constant() | ast.JoinedStr() if (text := template(node)) is not None and text not in OTHER_TEXTS:
            yield text
    if isinstance(node, ast.JoinedStr):  # Its own texts are part of it; what is filled in may be texts of their own.
        for each in node.values:
            if isinstance(each, ast.FormattedValue):
                yield from texts(each.value)
        return
    for child in ast.iter_child_nodes(node):
        yield from texts(child)


def is_table(statement: ast.stmt) -> bool:
    """Whether a statement of a module is a constant other than a text, such as the descriptions of allowed values."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value)
        ):
            return name in OTHER_TEXTS or not isinstance(value, ast.Constant)
    return False


def all_texts() -> list[tuple[str, str]]:
    """Each with the file that it is in."""
    return [
        (name, text)
        for path in sorted(PROVIDER.rglob("*.py"))
        if (name := path.relative_to(PROVIDER).as_posix()) not in OTHER_FILES
        for text in texts(ast.parse(path.read_text(encoding="utf-8")))
    ]


def entries() -> list[str]:
    """What the page quotes of messages: in backticks, in the first cell of a row; `…` at its ends leaves out the rest."""
    rows = re.findall(r"^\| (`.*?`) \|", PAGE.text, re.MULTILINE)
    return [quoted.strip("… ") for row in rows for quoted in re.findall(r"`([^`]+)`", row)]


def test_every_message_is_explained() -> None:
    """If this fails, a message is new or was reworded: add it to the page, or update what the page quotes of it."""
    messages = [each for each in all_texts() if is_message(each[1])]
    assert len(messages) > 150, "the code is no longer read as it was"
    quoted = entries()
    assert [f"{file}: {text}" for file, text in messages if not any(each in text for each in quoted)] == []


def test_every_explanation_is_of_a_message() -> None:
    """If this fails, a message is gone or was reworded: update what the page quotes of it."""
    known = [text for _, text in all_texts()]
    assert [each for each in entries() if not any(each in text for text in known)] == []
    assert min(map(len, entries())) >= len("1234567"), "what is quoted must tell messages apart"
    assert len(entries()) == len(set(entries())), "each is explained once"
