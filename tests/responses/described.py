"""Bodies as PagerDuty's description allows them, which are not those that were asked for."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.tools.openapi_extract import at

MOST_DEPTH = 7


@functools.cache
def description() -> Any:
    path = Path(__file__).parents[2] / "emulator" / "tests" / "openapi.json"
    return json.loads(path.read_text(encoding="utf-8"))


@functools.cache
def _schemas() -> dict[tuple[str, str], list[Any]]:
    """By method and path: the schemas of the bodies of all responses."""
    found: dict[tuple[str, str], list[Any]] = {}
    for path, operations in description()["paths"].items():
        for method, operation in operations.items():
            described = [_resolved(each) for each in operation["responses"].values()]
            schemas = [each["content"]["application/json"]["schema"] for each in described if "content" in each]
            found[method.upper(), path] = schemas
    return found


def body(chance: random.Random, method: str, path: str) -> Any:
    """A body for a response to an operation, or for another one's if this has none. path: with names in it."""
    schemas = _schemas().get((method, path)) or [each for every in _schemas().values() for each in every]
    return _made(chance, chance.choice(schemas), 0)


def _resolved(schema: Any) -> Any:
    while "$ref" in schema:
        schema = at(description(), schema["$ref"])
    return schema


def _made(chance: random.Random, schema: Any, depth: int) -> Any:
    """A value that a schema allows; of what is optional, more is left out the deeper it is."""
    schema = _resolved(schema)
    if schema.get("nullable") and chance.random() < 0.2:
        return None
    if choices := schema.get("oneOf") or schema.get("enum"):
        chosen = chance.choice(choices)
        return _made(chance, chosen, depth) if "oneOf" in schema else chosen
    if "allOf" in schema:
        merged: dict[str, Any] = {}
        for each in schema["allOf"]:
            part = _made(chance, each, depth)
            merged.update(part if isinstance(part, Mapping) else {})
        return merged
    return _of_type(chance, schema, depth)


def _of_type(chance: random.Random, schema: Any, depth: int) -> Any:
    match schema.get("type", "object"):
        case "array":
            most = 0 if depth >= MOST_DEPTH else 3
            return [_made(chance, schema["items"], depth + 1) for _ in range(chance.randint(0, most))]
        case "boolean":
            return chance.random() < 0.5
        case "integer" | "number":
            return chance.choice([0, 1, 25, 100, 10_000])
        case "string":
            return chance.choice(["PQL78HM", "PE1U9CH", "alerts", "2026-01-01T00:00:00Z", "https://x.pagerduty.com/a"])
    wanted = 0.9 - depth / 10
    return {
        name: _made(chance, each, depth + 1)
        for name, each in schema.get("properties", {}).items()
        if name in schema.get("required", ()) or chance.random() < wanted
    }
