"""Cuts PagerDuty's OpenAPI description down to what the emulator's tests send and check responses against.

    python emulator/tools/openapi_extract.py rest-openapi.json emulator/tests/openapi.json

Kept are the parameters, request bodies and responses of the operations that the emulator serves, with the schemas that
they lead to: names, types, allowed values. Descriptions and examples are dropped. Of all other operations, only which
there are is kept.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from pagerduty_emulator.api.addresses import REST

SOURCE = (
    "Names, types and allowed values from PagerDuty's description of its REST API, reference/REST/openapiv3.json of "
    "github.com/PagerDuty/api-schema, which states no license; for tests alone, no part of any package. "
    "Made by emulator/tools/openapi_extract.py."
)
METHODS = {"get", "put", "post", "delete", "patch"}
PROSE = {"description", "summary", "example", "examples", "title", "externalDocs", "tags", "headers", "operationId"}
KEPT = ("parameters", "requestBody", "responses")
NAMES_ARE_DATA = {"properties", "schemas", "responses", "content", "parameters", "requestBodies"}
"""Objects whose keys are names of things, which may be called `description` themselves."""


def extract(described: dict[str, Any]) -> dict[str, Any]:
    """Return the part of a description that the emulator serves, which serves response plays beside it."""
    kept: dict[str, Any] = {
        "openapi": described["openapi"],
        "paths": {
            path: {
                method: {name: operation[name] for name in KEPT if name in operation}
                for method, operation in described["paths"][path].items()
                if method.upper() in REST[path]
            }
            for path in sorted(set(REST) & set(described["paths"]))
        },
    }
    kept = without_prose(kept)
    kept["info"] = {name: described["info"][name] for name in ("title", "version")} | {"x-source": SOURCE}
    kept["x-operations"] = {path: sorted(METHODS & set(operations)) for path, operations in described["paths"].items()}
    referenced: list[str] = sorted(references(kept))
    for pointer in referenced:  # grows while it is walked
        value = without_prose(at(described, pointer))
        put(kept, pointer, value)
        referenced += sorted(references(value) - set(referenced))
    return kept


def without_prose(value: Any, *, names_are_data: bool = False) -> Any:
    """Return a part of a description without what is there for people."""
    if isinstance(value, list):
        return [without_prose(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: without_prose(item, names_are_data=name in NAMES_ARE_DATA and not names_are_data)
        for name, item in value.items()
        if names_are_data or (name not in PROSE and not name.startswith("x-"))
    }


def references(value: Any) -> set[str]:
    """Return the JSON pointers that a part of a description leads to."""
    if isinstance(value, list):
        return {pointer for item in value for pointer in references(item)}
    if not isinstance(value, dict):
        return set()
    own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
    return own | {pointer for item in value.values() for pointer in references(item)}


def at(described: dict[str, Any], pointer: str) -> Any:
    """Return the value at a JSON pointer."""
    found: Any = described
    for part in parts_of(pointer):
        found = found[int(part) if isinstance(found, list) else part]
    return found


def put(described: dict[str, Any], pointer: str, value: Any) -> None:
    """Put a value at a JSON pointer; into a list it need not be put, that came whole."""
    *above, last = parts_of(pointer)
    for part in above:
        described = described.setdefault(part, {})
        if isinstance(described, list):
            return
    described[last] = value


def parts_of(pointer: str) -> list[str]:
    """Return the names that a JSON pointer goes through."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("#/").split("/")]


def main() -> None:
    """Write the extract."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("description", type=Path, help="PagerDuty's OpenAPI description")
    parser.add_argument("extract", type=Path, help="the file to write")
    options = parser.parse_args()
    described = json.loads(options.description.read_text(encoding="utf-8"))
    options.extract.write_text(json.dumps(extract(described), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
