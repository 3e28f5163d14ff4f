"""Docstrings and comments keep to plain words."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

FOLDERS = ("provider", "emulator", "tools")
# Words that make a reader stop: each has a plainer one.
WORDS = re.compile(
    r"\b(whoever|whatever|nevertheless|singly|as ever|as far as|of which|by which|asked for|told)\b", re.IGNORECASE
)
CLAUSES = re.compile(r"(What|Where|Whether|Whoever)\b")


def prose() -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every docstring and comment."""
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not {"build", "node_modules"} & set(path.parts):
                yield from prose_of(path)


def prose_of(path: Path) -> Iterator[tuple[str, str]]:
    source, name = path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if text := ast.get_docstring(node):
            yield f"{name}:{getattr(node, 'lineno', 1)}", text
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield f"{name}:{token.start[0]}", token.string.lstrip("# ")


def test_docstrings_and_comments_use_plain_words() -> None:
    found = [f"{place}: {words[0]!r}" for place, text in prose() if (words := WORDS.findall(text))]
    assert found == []


def test_docstrings_do_not_begin_with_a_clause() -> None:
    found = [f"{place}: {text[:60]}" for place, text in prose() if CLAUSES.match(text)]
    assert found == []
