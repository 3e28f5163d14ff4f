"""Writes emulator/COVERAGE.md, which of the operations that PagerDuty describes the emulator serves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pagerduty_emulator.api.addresses import EVENTS, REST

ROOT = Path(__file__).parents[1]
EXTRACT = ROOT / "tests" / "openapi.json"
TABLE = ROOT / "COVERAGE.md"

Operations = dict[str, set[str]]
"""Path to methods."""

HEAD = """# Coverage

What of PagerDuty's REST API the emulator serves: **{served} of {described} operations** that PagerDuty's OpenAPI
description (version {version}) has. This file is made by `python emulator/tools/coverage_page.py`.

## Kinds of which something is served

| path | served | not served |
| --- | --- | --- |
"""

UNDESCRIBED = """
Served though not described: {operations}.

## Kinds of which nothing is served

{kinds}

## Events and OAuth

These are described elsewhere; served are:

"""


def page() -> str:
    """Return the whole file."""
    extract = json.loads(EXTRACT.read_text(encoding="utf-8"))
    described = {path: {name.upper() for name in methods} for path, methods in extract["x-operations"].items()}
    served: Operations = {path: set(operations) for path, operations in REST.items()}
    both = sum(len(methods & served.get(path, set())) for path, methods in described.items())
    head = HEAD.format(served=both, described=sum(map(len, described.values())), version=extract["info"]["version"])
    kinds = {kind_of(path) for path in served}
    extra = [
        f"`{method} {path}`" for path, methods in served.items() for method in methods - described.get(path, set())
    ]
    rest = UNDESCRIBED.format(operations=", ".join(sorted(extra)), kinds=", ".join(unserved(described, kinds)))
    events = "".join(f"- {listed(set(operations))} `{path}`\n" for path, operations in sorted(EVENTS.items()))
    return head + "".join(rows(described, served, kinds)) + rest + events


def rows(described: Operations, served: Operations, kinds: set[str]) -> Iterator[str]:
    """Return the table: every described path of the kinds."""
    for path, methods in sorted(described.items()):
        if methods and kind_of(path) in kinds:
            has = methods & served.get(path, set())
            yield f"| `{path}` | {listed(has)} | {listed(methods - has)} |\n"


def unserved(described: Operations, kinds: set[str]) -> Iterator[str]:
    """Return the other kinds, with how many operations they have."""
    others = sorted({kind_of(path) for path in described} - kinds)
    for kind in others:
        number = sum(len(methods) for path, methods in described.items() if kind_of(path) == kind)
        yield f"`/{kind}` ({number})"


def kind_of(path: str) -> str:
    """Return the first part of a path, which names its subject."""
    return path.split("/")[1]


def listed(methods: set[str]) -> str:
    """Methods in the order in which one does things."""
    return " ".join(sorted(methods, key=["GET", "POST", "PUT", "PATCH", "DELETE"].index))


if __name__ == "__main__":
    TABLE.write_text(page(), encoding="utf-8")
