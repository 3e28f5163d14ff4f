"""The schema is one that Pulumi takes, and says all that the declarations say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pagerduty_native.package import PACKAGE
from pagerduty_native.rpc.schema import schema_of

from tests import library

SCHEMAS = {"pagerduty-native": schema_of(PACKAGE), "library": schema_of(library.PACKAGE)}
LIBRARY = SCHEMAS["library"]
BOOK = LIBRARY["resources"]["library:index:Book"]


@pytest.fixture(params=SCHEMAS)
def schema(request: pytest.FixtureRequest) -> dict[str, Any]:
    return SCHEMAS[request.param]


def objects(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """Every set of properties: where it is, the properties, the names of the required ones."""
    yield "config", schema["config"]["variables"], []
    yield "provider", schema["provider"]["inputProperties"], []
    for token, spec in schema["resources"].items():
        yield f"{token} inputs", spec["inputProperties"], spec["requiredInputs"]
        yield f"{token} outputs", spec["properties"], spec["required"]
    for token, spec in schema["functions"].items():
        yield f"{token} inputs", spec["inputs"]["properties"], spec["inputs"]["required"]
        yield f"{token} outputs", spec["outputs"]["properties"], spec["outputs"]["required"]
    for token, spec in schema["types"].items():
        yield token, spec["properties"], spec["required"]


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for each in node.values():
            yield from references(each)
    elif isinstance(node, list):
        for each in node:
            yield from references(each)


def test_every_reference_leads_to_a_type(schema: dict[str, Any]) -> None:
    assert {each.removeprefix("#/types/") for each in references(schema)} <= set(schema["types"])


def test_every_type_is_referred_to(schema: dict[str, Any]) -> None:
    assert set(schema["types"]) <= {each.removeprefix("#/types/") for each in references(schema)}


def test_what_is_required_is_declared(schema: dict[str, Any]) -> None:
    for where, properties, required in objects(schema):
        assert set(required) <= set(properties), where


def test_every_property_has_a_type_and_a_description(schema: dict[str, Any]) -> None:
    for where, properties, _ in objects(schema):
        for name, spec in properties.items():
            assert spec["description"].strip(), f"{where}: {name}"
            assert len({"type", "$ref", "oneOf"} & set(spec)) == 1, f"{where}: {name}"


def test_names_are_in_camel_case(schema: dict[str, Any]) -> None:
    for where, properties, _ in objects(schema):
        for name in properties:
            assert re.fullmatch(r"[a-z][a-zA-Z0-9]*", name), f"{where}: {name}"


def test_tokens_are_of_the_package(schema: dict[str, Any]) -> None:
    package = re.escape(schema["name"])
    assert all(re.fullmatch(rf"{package}:index:[A-Z]\w*", each) for each in schema["resources"])
    assert all(re.fullmatch(rf"{package}:index:[a-z]\w*", each) for each in schema["functions"])
    assert all(re.fullmatch(rf"{package}:index:[A-Z]\w*", each) for each in schema["types"])


def test_everything_is_described_by_a_person(schema: dict[str, Any]) -> None:
    kinds = (schema["resources"], schema["functions"], schema["types"])
    for each in (schema["provider"], *(spec for kind in kinds for spec in kind.values())):
        assert each["description"]
        # A dataclass without a docstring gets its signature as one.
        assert not re.match(r"\w+\(", each["description"])


def test_no_property_has_a_name_that_pulumi_keeps_for_itself(schema: dict[str, Any]) -> None:
    for spec in schema["resources"].values():
        assert not {"urn", "id"} & {*spec["properties"], *spec["inputProperties"]}


def test_required_properties() -> None:
    assert BOOK["requiredInputs"] == ["shelf"]
    assert BOOK["required"] == [
        "shelf",
        "genre",
        "title",
        "copies",
        "number",
        "key",
    ]  # the server gives a genre and a key
    assert LIBRARY["types"]["library:index:Chapter"]["required"] == ["title"]


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        pytest.param("shelf", {"type": "string", "willReplaceOnChanges": True}, id="replaces"),
        pytest.param("copies", {"type": "integer", "default": 1}, id="whole number"),
        pytest.param("weight", {"type": "number"}, id="number"),
        pytest.param("lent", {"type": "boolean"}, id="boolean"),
        pytest.param("password", {"type": "string", "secret": True}, id="secret"),
        pytest.param("tags", {"type": "array", "items": {"type": "string"}}, id="list"),
        pytest.param("chapters", {"type": "array", "items": {"$ref": "#/types/library:index:Chapter"}}, id="objects"),
        pytest.param("firstChapter", {"$ref": "#/types/library:index:Chapter"}, id="object"),
        pytest.param(
            "author",
            {"oneOf": [{"type": "string"}, {"$ref": "#/types/library:index:Author"}], "willReplaceOnChanges": True},
            id="either",
        ),
    ],
)
def test_property(name: str, spec: dict[str, Any]) -> None:
    declared = dict(BOOK["inputProperties"][name])
    del declared["description"]
    assert declared == spec


def test_a_setting_has_no_default_in_the_schema() -> None:
    """An SDK would send it, and what the environment or the stack's configuration has would no longer count."""
    assert not [each for each in LIBRARY["config"]["variables"].values() if "default" in each]


def test_without_an_update_every_change_replaces() -> None:
    stamp = LIBRARY["resources"]["library:index:Stamp"]
    assert all(each["willReplaceOnChanges"] for each in stamp["inputProperties"].values())
    assert stamp["requiredInputs"] == ["text"]


def test_allowed_values_are_listed_in_the_description() -> None:
    assert BOOK["inputProperties"]["genre"]["description"] == (
        "The genre.\n\n- `novel`: a long story.\n- `poetry`: verses."
    )


def test_secrets_of_outputs_and_of_objects_are_marked() -> None:
    assert BOOK["properties"]["key"]["secret"]
    assert LIBRARY["types"]["library:index:Card"]["properties"]["pinCode"]["secret"]
    assert LIBRARY["functions"]["library:index:countBooks"]["outputs"]["properties"]["report"]["secret"]


def test_the_package_is_described() -> None:
    assert (LIBRARY["name"], LIBRARY["version"], LIBRARY["displayName"]) == ("library", "1.2.3", "Library")


def test_the_keys_of_an_integration_are_secret() -> None:
    properties = SCHEMAS["pagerduty-native"]["resources"]["pagerduty-native:index:Integration"]["properties"]
    secret = {name for name, spec in properties.items() if spec.get("secret")}
    assert secret == {"integrationKey", "integrationUrl"}


def test_functions_return_no_secrets() -> None:
    for token, spec in SCHEMAS["pagerduty-native"]["functions"].items():
        assert not [name for name, each in spec["outputs"]["properties"].items() if each.get("secret")], token
