"""Conversion of property values (values.py) from and to protobuf.

A property map is a protobuf `Struct`. A secret or an asset is an object with a signature key, an unknown value is a
reserved string. Outputs and references to resources do not arrive: the handshake refuses them, so that the engine sends
their values and IDs. See https://pulumi-developer-docs.readthedocs.io/latest/developer-docs/providers/implementers-guide.html
and `sdk/go/common/resource/properties.go` in pulumi/pulumi.
"""

from __future__ import annotations

from collections.abc import Mapping

from google.protobuf import struct_pb2

from pagerduty_native.framework.values import MAX_DEPTH, UNKNOWN, Secret, Unknown, Unsupported, Value, Values, secret

SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 (marks a secret, is none)
UNSUPPORTED_SIGNATURES = {
    "c44067f5952c0a294b673a41bacd8c17": "an asset",
    "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
}
UNKNOWN_SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_SENTINELS = frozenset(
    {
        UNKNOWN_SENTINEL,  # string, and the only one that the engine sends
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # boolean
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)


def from_struct(struct: struct_pb2.Struct, depth: int = 0) -> Values:
    """Decode a property map. Leave out nulls, which Pulumi treats as absent."""
    return {key: value for key, wire in struct.fields.items() if (value := _from_wire(wire, depth)) is not None}


def null_entries(struct: struct_pb2.Struct, name: str) -> list[str]:
    """Return the names of the null entries of a map, which `from_struct` leaves out. The map may be secret."""
    entries = struct.fields[name].struct_value if name in struct.fields else struct_pb2.Struct()
    while SIGNATURE_KEY in entries.fields:
        entries = entries.fields["value"].struct_value
    return sorted(key for key, wire in entries.fields.items() if wire.WhichOneof("kind") in ("null_value", None))


def _from_wire(wire: struct_pb2.Value, depth: int) -> Value:
    match wire.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if wire.string_value in UNKNOWN_SENTINELS else wire.string_value
        case "struct_value" | "list_value" if depth == MAX_DEPTH:
            return Unsupported("a value that is nested too deeply")
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
    return Unsupported(UNSUPPORTED_SIGNATURES.get(str(signature), "a value of an unsupported kind"))


def to_struct(values: Mapping[str, Value]) -> struct_pb2.Struct:
    """Encode a property map. Leave out absent values (`None`)."""
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
