"""Files and functions stay small enough to be read at once."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAX_FILE = 300  # lines
MAX_FUNCTION = 40  # lines, with its docstring

FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("provider/pagerduty_native", "emulator/pagerduty_emulator")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".html", ".css"}
)


def long_functions(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno is not None:
            lines = node.end_lineno - node.lineno + 1
            if lines > MAX_FUNCTION:
                yield f"{node.name}: {lines} lines"


@pytest.mark.parametrize("name", FILES)
def test_is_small(name: str) -> None:
    path = ROOT / name
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_FILE
    if path.suffix == ".py":
        assert list(long_functions(path)) == []
