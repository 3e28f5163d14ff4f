"""Property values as Pulumi puts them on the wire, and as this package handles them.

The wire is a protobuf `Struct`; what JSON cannot say (secrets, unknowns, assets) is an object with a
signature key, or a reserved string. See https://pulumi-developer-docs.readthedocs.io/latest/developer-docs/providers/implementers-guide.html
and `sdk/go/common/resource/properties.go` in pulumi/pulumi.

Here a value is plain Python data in which `Secret` wraps what is secret and `UNKNOWN` stands for what a preview
cannot know yet, at whatever depth they came.
"""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from google.protobuf import struct_pb2

from .errors import ProviderError

SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (the wire's mark of a secret)
OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
RESOURCE_SIGNATURE = "5cf8f73096256a8f31e491e813e4eb8e"
UNSUPPORTED_SIGNATURES = {
    "c44067f5952c0a294b673a41bacd8c17": "an asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
}
# Protobuf takes messages that are 100 deep at most; an object or a secret mark are 3 of them, a list 2.
MOST_DEPTH = 24
# From here on a number is written with an exponent, as JavaScript does.
MOST_PLAIN = 1e21
UNKNOWN_SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_SENTINELS = frozenset(
    {
        UNKNOWN_SENTINEL,  # string, and what the engine sends for all kinds
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


class Unknown(enum.Enum):
    """The type of `UNKNOWN`: a value that a preview cannot know yet."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True)
class Secret:
    """A value that Pulumi keeps encrypted and hidden."""

    value: Value = field(repr=False)


@dataclass(frozen=True)
class Unsupported:
    """A value of a kind that no property takes, such as an asset; the checks report where it stands."""

    kind: str


Value: TypeAlias = "bool | float | str | list[Value] | dict[str, Value] | Secret | Unknown | Unsupported | None"
Values: TypeAlias = dict[str, Value]


def from_struct(struct: struct_pb2.Struct, depth: int = 0) -> Values:
    """Decode a property map; nulls are left out, as Pulumi means nothing else by them."""
    return {key: value for key, wire in struct.fields.items() if (value := _from_wire(wire, depth)) is not None}


def _from_wire(wire: struct_pb2.Value, depth: int) -> Value:
    match wire.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if wire.string_value in UNKNOWN_SENTINELS else wire.string_value
        case "struct_value" | "list_value" if depth == MOST_DEPTH:
            return Unsupported("a value that is nested too deep")
        case "struct_value":
            return _from_wire_object(wire.struct_value, depth + 1)
        case "list_value":
            return [_from_wire(element, depth + 1) for element in wire.list_value.values]
        case "number_value":
            return wire.number_value
        case "bool_value":
            return wire.bool_value
    return None


def _from_wire_object(struct: struct_pb2.Struct, depth: int) -> Value:
    content = from_struct(struct, depth)
    if SIGNATURE_KEY not in struct.fields:
        return content
    signature = content.get(SIGNATURE_KEY)
    if signature == SECRET_SIGNATURE:
        return secret(content.get("value"))
    if signature == OUTPUT_SIGNATURE:
        value = content.get("value") if "value" in struct.fields else UNKNOWN
        return secret(value) if content.get("secret") else value
    if signature == RESOURCE_SIGNATURE:
        # An ID that is still to come is empty; a component has none, and is its URN.
        return content.get("id", content.get("urn")) or UNKNOWN
    return Unsupported(UNSUPPORTED_SIGNATURES.get(str(signature), "a value of an unsupported kind"))


def to_struct(values: Mapping[str, Value]) -> struct_pb2.Struct:
    """Encode a property map; absent values (`None`) are left out."""
    struct = struct_pb2.Struct()
    for key, value in values.items():
        if value is not None:
            _to_wire(value, struct.fields[key])
    return struct


def _to_wire(value: Value, wire: struct_pb2.Value) -> None:
    match value:
        case None:
            wire.null_value = struct_pb2.NULL_VALUE
        case bool():
            wire.bool_value = value
        case int() | float():
            wire.number_value = value
        case str():
            wire.string_value = value
        case list():
            wire.list_value.SetInParent()
            for element in value:
                _to_wire(element, wire.list_value.values.add())
        case dict():
            wire.struct_value.CopyFrom(to_struct(value))
        case Secret():
            wire.struct_value.fields[SIGNATURE_KEY].string_value = SECRET_SIGNATURE
            _to_wire(value.value, wire.struct_value.fields["value"])
        case Unknown.UNKNOWN:
            wire.string_value = UNKNOWN_SENTINEL
        case _:
            raise TypeError(f"{value!r} cannot be sent")


def secret(value: Value) -> Value:
    """`value` as a secret, not wrapped twice; nothing (`None`) is not made secret."""
    return value if value is None or isinstance(value, Secret) else Secret(value)


def reveal(value: Value) -> Any:
    """`value` without its secret marks, at any depth."""
    match value:
        case Secret():
            return reveal(value.value)
        case list():
            return [reveal(element) for element in value]
        case dict():
            return {key: reveal(element) for key, element in value.items()}
    return value


def has_secret(value: Value) -> bool:
    match value:
        case Secret():
            return True
        case list():
            return any(map(has_secret, value))
        case dict():
            return any(map(has_secret, value.values()))
    return False


def secret_texts(value: Value, names: Collection[str] = ()) -> set[str]:
    """Every text and number inside `value` that is secret: marked so, or of a property with one of `names`."""
    match value:
        case Secret():
            return _texts(value.value)
        case list():
            return set().union(*(secret_texts(each, names) for each in value))
        case dict():
            return set().union(
                *(_texts(each) if key in names else secret_texts(each, names) for key, each in value.items())
            )
    return set()


def _texts(value: Value) -> set[str]:
    match value:
        case Secret():
            return _texts(value.value)
        case str():
            return {value}
        case int() | float() if not isinstance(value, bool):
            return {number_text(value)}
        case list():
            return set().union(*map(_texts, value))
        case dict():
            return set().union(*map(_texts, value.values()))
    return set()


def number_text(number: float) -> str:
    """A number as a person writes it: no fraction where there is none."""
    if not math.isfinite(number):
        return json.dumps(number)
    return str(int(number)) if float(number).is_integer() and abs(number) < MOST_PLAIN else repr(number)


def unsupported(value: Value) -> Unsupported | None:
    """The first value of a kind that no property takes, at whatever depth."""
    match value:
        case Unsupported():
            return value
        case Secret():
            return unsupported(value.value)
        case list():
            return next(filter(None, map(unsupported, value)), None)
        case dict():
            return next(filter(None, map(unsupported, value.values())), None)
    return None


def supported(values: Values) -> Values:
    """`values`, if each is of a kind that a property can have. Raises ProviderError, with the property's name."""
    for name, value in values.items():
        if found := unsupported(value):
            raise ProviderError(f"`{name}` holds {found.kind}, which this provider does not take.")
    return values


def known(values: Values) -> Values:
    """The properties that hold nothing unknown."""
    return {name: value for name, value in values.items() if not has_unknown(value)}


def has_unknown(value: Value) -> bool:
    match value:
        case Unknown.UNKNOWN:
            return True
        case Secret():
            return has_unknown(value.value)
        case list():
            return any(map(has_unknown, value))
        case dict():
            return any(map(has_unknown, value.values()))
    return False


def meaning(value: Value) -> Any:
    """`value` as it is compared: without secret marks, and with what is null or empty left out of objects."""
    match value:
        case Secret():
            return meaning(value.value)
        case list():
            return [meaning(element) for element in value] or None
        case dict():
            compared = ((key, meaning(element)) for key, element in value.items())
            return {key: element for key, element in compared if element is not None} or None
        case bool():  # Python takes True for 1; Pulumi does not.
            return bool, value
    return value


def same(left: Value, right: Value) -> bool:
    """Whether two values mean the same; what is unknown is the same as nothing, itself included."""
    if has_unknown(left) or has_unknown(right):
        return False
    return bool(meaning(left) == meaning(right))
