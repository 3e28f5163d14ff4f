"""The schema is one that Pulumi takes, and says all that the declarations say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pagerduty_native.framework import Function, Instance, Listable, Listed, Provider, Resource, field, object_type
from pagerduty_native.framework.schema import schema_of
from pagerduty_native.package import PACKAGE

from tests.support import library

PACKAGES: dict[str, Provider[Any, Any]] = {"pagerduty-native": PACKAGE, "library": library.PROVIDER}


@pytest.fixture(params=PACKAGES)
def schema(request: pytest.FixtureRequest) -> dict[str, Any]:
    return schema_of(PACKAGES[request.param])


@pytest.fixture
def books() -> dict[str, Any]:
    return schema_of(library.PROVIDER)


@pytest.fixture
def book(books: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = books["resources"]["library:index:Book"]
    return spec


def objects(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """Every set of properties: where it is, the properties, the names of the required ones."""
    yield "config", schema["config"]["variables"], []
    yield "provider", schema["provider"]["inputProperties"], []
    for token, spec in schema["resources"].items():
        yield f"{token} inputs", spec["inputProperties"], spec["requiredInputs"]
        yield f"{token} outputs", spec["properties"], spec["required"]
        if "listInputs" in spec:
            yield f"{token} list inputs", spec["listInputs"]["properties"], spec["listInputs"]["required"]
    for token, spec in schema["functions"].items():
        yield f"{token} inputs", spec["inputs"]["properties"], spec["inputs"]["required"]
        yield f"{token} outputs", spec["outputs"]["properties"], spec["outputs"]["required"]
    for token, spec in schema["types"].items():
        if "enum" not in spec:
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


def test_required_names_are_properties(schema: dict[str, Any]) -> None:
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


def test_required_properties(books: dict[str, Any], book: dict[str, Any]) -> None:
    assert book["requiredInputs"] == ["shelf"]
    assert book["required"] == [
        "shelf",
        "genre",
        "title",
        "copies",
        "number",
        "key",
    ]  # the server gives a genre and a key
    assert books["types"]["library:index:Chapter"]["required"] == ["title"]


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
def test_a_declaration_becomes_a_property_spec(book: dict[str, Any], name: str, spec: dict[str, Any]) -> None:
    declared = dict(book["inputProperties"][name])
    del declared["description"]
    assert declared == spec


def test_a_setting_has_no_default_in_the_schema(books: dict[str, Any]) -> None:
    """An SDK would send it, and what the environment or the stack's configuration has would no longer count."""
    assert not [each for each in books["config"]["variables"].values() if "default" in each]


def test_without_an_update_every_change_replaces(books: dict[str, Any]) -> None:
    stamp = books["resources"]["library:index:Stamp"]
    assert all(each["willReplaceOnChanges"] for each in stamp["inputProperties"].values())
    assert stamp["requiredInputs"] == ["text"]


def test_allowed_values_are_listed_in_the_description(book: dict[str, Any]) -> None:
    assert book["inputProperties"]["genre"]["description"] == (
        "The genre.\n\n- `novel`: a long story.\n- `poetry`: verses."
    )


def test_secrets_of_outputs_and_of_objects_are_marked(books: dict[str, Any], book: dict[str, Any]) -> None:
    assert book["properties"]["key"]["secret"]
    assert books["types"]["library:index:Card"]["properties"]["pinCode"]["secret"]
    assert books["functions"]["library:index:countBooks"]["outputs"]["properties"]["report"]["secret"]


def test_the_package_is_described(books: dict[str, Any]) -> None:
    assert (books["name"], books["version"], books["displayName"]) == ("library", "1.2.3", "Library")


def test_the_keys_of_an_integration_are_secret() -> None:
    properties = schema_of(PACKAGE)["resources"]["pagerduty-native:index:Integration"]["properties"]
    secret = {name for name, spec in properties.items() if spec.get("secret")}
    assert secret == {"integrationKey", "integrationUrl"}


def test_functions_return_no_secrets() -> None:
    for token, spec in schema_of(PACKAGE)["functions"].items():
        assert not [name for name, each in spec["outputs"]["properties"].items() if each.get("secret")], token


@object_type
class Lamp:
    """A lamp on a circuit."""

    watts: int = field("What it draws.")
    label: str | None = field("What it is called.", secret=True)
    behind: list[Lamp] | None = field("The lamps that go out with it.")
    color: str = field("Its color.", default_value="white", replaces=True)


@object_type
class House:
    """The provider of light."""

    address: str | None = field("Where the house is.", default_value="Main Street", environment="HOUSE")
    token: str | None = field("What opens it.", secret=True, replaces=True)


@object_type
class CircuitArgs:
    room: str = field("The room.", replaces=True)
    color: str = field("Its color.", allowed={"red": "warm.", "blue": "cold."}, default_value="red")
    owner: str | Lamp | None = field("Whose it is.", identified_by="label")
    volts: float | None = field("What it takes.", computed=True)


@object_type
class CircuitState(CircuitArgs):
    key: str | None = field("What opens its box.", secret=True)


@object_type
class CircuitListArgs:
    room: str | None = field("Only in this room.")
    owner: Lamp = field("Only what is this lamp's.")


class Circuit(Resource[CircuitArgs, CircuitState, None], Listable[CircuitListArgs]):
    """A circuit in a house."""

    def create(self, args: CircuitArgs) -> Instance[CircuitState]:
        raise NotImplementedError

    def update(self, id: str, old: CircuitState, new: CircuitArgs, changed: frozenset[str]) -> CircuitState:
        raise NotImplementedError

    def list(self, args: CircuitListArgs) -> Iterator[Listed]:
        raise NotImplementedError


@object_type
class FuseArgs:
    lamps: list[Lamp] = field("What it guards.")


class Fuse(Resource[FuseArgs, FuseArgs, None]):
    """A fuse, which is replaced."""

    def create(self, args: FuseArgs) -> Instance[FuseArgs]:
        raise NotImplementedError


@object_type
class FindLampArgs:
    watts: int = field("What it draws.")
    dim: bool | None = field("Whether it may be dim.", default_value=False)


@object_type
class FindLampResult:
    lamp: Lamp | None = field("The lamp.")
    rooms: list[str] = field("Where it hangs.")
    count: int = field("How many there are.", default_value=1)  # which says nothing, of a result


class FindLamp(Function[FindLampArgs, FindLampResult, None]):
    """Find a lamp."""

    def invoke(self, args: FindLampArgs) -> FindLampResult:
        raise NotImplementedError


def test_the_whole_schema_of_a_package() -> None:
    """As https://www.pulumi.com/docs/iac/using-pulumi/pulumi-packages/schema/ describes it."""
    made = Provider(
        name="light",
        version="0.1.0",
        metadata={"displayName": "Light", "language": {"go": {}}},
        settings=House,
        configure=lambda _settings, _host: None,
        resources=(Circuit, Fuse),
        functions=(FindLamp,),
    )
    lamp = {"$ref": "#/types/light:index:Lamp"}
    settings = {
        "address": {"type": "string", "description": "Where the house is."},
        "token": {"type": "string", "description": "What opens it.", "secret": True, "willReplaceOnChanges": True},
    }
    room = {"type": "string", "description": "The room."}
    color = {"type": "string", "description": "Its color.\n\n- `red`: warm.\n- `blue`: cold."}
    volts = {"type": "number", "description": "What it takes."}
    lamps = {"type": "array", "items": lamp, "description": "What it guards."}
    watts = {"type": "integer", "description": "What it draws."}
    assert schema_of(made) == {
        "name": "light",
        "version": "0.1.0",
        "displayName": "Light",
        "language": {"go": {}},
        "config": {"variables": settings},
        "provider": {"description": "The provider of light.", "inputProperties": settings},
        "types": {
            "light:index:Lamp": {
                "type": "object",
                "description": "A lamp on a circuit.",
                "properties": {
                    "watts": watts,
                    "label": {"type": "string", "description": "What it is called.", "secret": True},
                    "behind": {"type": "array", "items": lamp, "description": "The lamps that go out with it."},
                    "color": {
                        "type": "string",
                        "description": "Its color.",
                        "default": "white",
                        "willReplaceOnChanges": True,
                    },
                },
                "required": ["watts"],
            }
        },
        "resources": {
            "light:index:Circuit": {
                "description": "A circuit in a house.",
                "inputProperties": {
                    "room": {**room, "willReplaceOnChanges": True},
                    "color": {**color, "default": "red"},
                    "owner": {"oneOf": [{"type": "string"}, lamp], "description": "Whose it is."},
                    "volts": volts,
                },
                "requiredInputs": ["room"],
                "properties": {
                    "room": room,
                    "color": color,
                    "owner": {"type": "string", "description": "Whose it is."},  # a lamp's label is kept
                    "volts": volts,
                    "key": {"type": "string", "description": "What opens its box.", "secret": True},
                },
                "required": ["room", "color", "volts", "key"],  # the server gives the last two
                "listInputs": {
                    "type": "object",
                    "properties": {
                        "room": {"type": "string", "description": "Only in this room."},
                        "owner": {**lamp, "description": "Only what is this lamp's."},
                    },
                    "required": ["owner"],
                },
            },
            "light:index:Fuse": {
                "description": "A fuse, which is replaced.",
                "inputProperties": {"lamps": {**lamps, "willReplaceOnChanges": True}},
                "requiredInputs": ["lamps"],
                "properties": {"lamps": lamps},
                "required": ["lamps"],
            },
        },
        "functions": {
            "light:index:findLamp": {
                "description": "Find a lamp.",
                "inputs": {
                    "properties": {
                        "watts": watts,
                        "dim": {"type": "boolean", "description": "Whether it may be dim.", "default": False},
                    },
                    "required": ["watts"],
                },
                "outputs": {
                    "properties": {
                        "lamp": {**lamp, "description": "The lamp."},
                        "rooms": {"type": "array", "items": {"type": "string"}, "description": "Where it hangs."},
                        "count": {"type": "integer", "description": "How many there are."},
                    },
                    "required": ["rooms", "count"],
                },
            }
        },
    }


def test_types_are_in_order_of_their_names(schema: dict[str, Any]) -> None:
    """So that the schema's file, and the SDKs made from it, do not change when a declaration moves."""
    assert list(schema["types"]) == sorted(schema["types"])
