"""Requests as no engine should send them: good ones, changed at random where their structure allows it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf import empty_pb2, struct_pb2
from google.protobuf.message import Message
from pagerduty_native.framework import wire
from pagerduty_native.framework.values import Secret, Unknown, Value, Values
from pulumi.runtime.proto import plugin_pb2
from pulumi.runtime.proto import provider_pb2 as pb

SENTINELS = sorted(wire.UNKNOWN_SENTINELS)
SIGNATURES = (
    wire.SECRET_SIGNATURE,
    *wire.UNSUPPORTED_SIGNATURES,
    "not-a-signature",
)
TEXTS = (
    *(
        "",
        " ",
        "..",
        "a/b",
        "PCHECKT",
        "PCHECKT.PINT001",
        "x" * 10_000,
        "w o r d s " * 2_000,
        "\\" * 3_000,
        "ü\u2028😀",
    ),
    *("\0", "[" * 5_000, '{"a":' * 900 + "1" + "}" * 900, "9" * 400, "1e999", "NaN", "null", "true", '"\\ud800"', "{}"),
    *('{"pdClientSecret": 1', "http://[", "http://a:99999", "a@b", "(?P<x>", "a{99999999999}", "(" * 500, "🔑" * 500),
)
NUMBERS = (0.0, -1.0, 0.5, 12345670.0, 1e300, math.nan, math.inf, -math.inf)
# As protobuf nests: some that it reads, and some that it does not.
DEPTHS = (20, 25, 32, 40, 60, 200)


def request(chance: random.Random, good: Mapping[str, Any], kind: type[Message]) -> bytes:
    """A request on the wire. good: its fields; property maps as `Values`, with the rest as protobuf takes it."""
    fields = {name: mutated_field(chance, value) for name, value in good.items() if chance.random() > 0.05}
    message = kind()
    deep: list[tuple[int, bytes]] = []
    for name, value in fields.items():
        if not isinstance(value, dict):
            setattr(message, name, value)
            continue
        getattr(message, name).CopyFrom(wire_struct(value))
        if chance.random() < 0.02:
            number = kind.DESCRIPTOR.fields_by_name[name].number
            deep.append((number, deep_struct(chance, chance.choice([*value, "new"]))))
    raw = message.SerializeToString() + b"".join(tagged(number, content) for number, content in deep)
    return mutated_bytes(chance, raw) if chance.random() < 0.03 else raw


def mutated_field(chance: random.Random, value: Any) -> Any:
    if isinstance(value, dict):
        mutated = value
        for _ in range(chance.choice([0, 1, 1, 1, 2, 3])):
            mutated = mutated_object(chance, mutated)
        return mutated
    if isinstance(value, str) and chance.random() < 0.1:
        return chance.choice([*TEXTS, *SENTINELS, value[: len(value) // 2], value.replace("::", ":"), value + "::x"])
    if type(value) in {int, float} and chance.random() < 0.3:
        return type(value)(chance.choice([-1, 0, 1, 1_000_000]))
    return value


def mutated_object(chance: random.Random, value: Values) -> Values:
    changed = dict(value)
    key = chance.choice([*value, "new", "__defaults", "pd_client_secret", wire.SIGNATURE_KEY])
    if chance.random() < 0.15:
        changed.pop(key, None)
    else:
        changed[key] = mutated_value(chance, value.get(key))
    return changed


def mutated_value(chance: random.Random, value: Value) -> Value:
    if isinstance(value, dict) and value and chance.random() < 0.6:
        return mutated_object(chance, value)
    if isinstance(value, list) and value and chance.random() < 0.6:
        place = chance.randrange(len(value))
        return [*value[:place], mutated_value(chance, value[place]), *value[place + 1 :]]
    makers: list[Callable[[], Value]] = [
        lambda: None,
        lambda: chance.choice(TEXTS),
        lambda: chance.choice(NUMBERS),
        lambda: chance.random() < 0.5,
        lambda: chance.choice(SENTINELS),
        lambda: Secret(value),
        lambda: Secret(chance.choice(SENTINELS)),
        lambda: [value, None, value],
        list,
        dict,
        lambda: {"id": value, "name": None, "description": "", "new": chance.choice(NUMBERS)},
        lambda: {wire.SIGNATURE_KEY: chance.choice(SIGNATURES), "value": value, "secret": True, "id": value},
        lambda: {wire.SIGNATURE_KEY: value},
        lambda: nested(chance.choice(DEPTHS[:3]), value),
    ]
    return chance.choice(makers)()


def nested(depth: int, value: Value) -> Value:
    for level in range(depth):
        value = [value] if level % 2 else {"children": value}
    return value


def wire_struct(content: Values) -> struct_pb2.Struct:
    """A property map on the wire, with nulls wherever they stand."""
    struct = struct_pb2.Struct()
    for key, value in content.items():
        fill(struct.fields[key], value)
    return struct


def fill(message: struct_pb2.Value, value: Value) -> None:
    match value:
        case Secret():
            fill(message, {wire.SIGNATURE_KEY: wire.SECRET_SIGNATURE, "value": value.value})
        case dict():
            message.struct_value.CopyFrom(wire_struct(value))
        case list():
            message.list_value.SetInParent()
            for each in value:
                fill(message.list_value.values.add(), each)
        case bool():
            message.bool_value = value
        case int() | float():
            message.number_value = value
        case str() | Unknown():
            message.string_value = value if isinstance(value, str) else wire.UNKNOWN_SENTINEL
        case _:
            message.null_value = struct_pb2.NULL_VALUE


def deep_struct(chance: random.Random, key: str) -> bytes:
    """A property map whose one value is deeper than protobuf would write it."""
    value = tagged(3, b"deep")
    for _ in range(chance.choice(DEPTHS[3:])):
        value = tagged(6, tagged(1, value))
    return tagged(1, tagged(1, key.encode()) + tagged(2, value))


def tagged(number: int, content: bytes) -> bytes:
    """A field of a message that holds bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def mutated_bytes(chance: random.Random, raw: bytes) -> bytes:
    place = chance.randrange(len(raw) + 1)
    match chance.randrange(3):
        case 0:
            return raw[:place]
        case 1:
            return raw[:place] + chance.randbytes(3) + raw[place + 3 :]
    return raw[:place] + chance.randbytes(5) + raw[place:]


def plugin_requests(address: str) -> dict[str, tuple[type[Message], dict[str, Any]]]:
    """The requests about no resource: for each method, the kind of the message and good fields."""
    return {
        "Handshake": (pb.ProviderHandshakeRequest, {"engine_address": address}),
        "GetPluginInfo": (empty_pb2.Empty, {}),
        "GetSchema": (pb.GetSchemaRequest, {"version": 0}),
        "Attach": (plugin_pb2.PluginAttach, {"address": address}),
        "Cancel": (empty_pb2.Empty, {}),
    }


def requests(
    *, token: str, function: str, settings: Values, inputs: Values, state: Values, arguments: Values
) -> dict[str, tuple[type[Message], dict[str, Any]]]:
    """The requests about settings, a resource and a function."""
    urn = f"urn:pulumi:dev::test::{token}::name"
    about: dict[str, Any] = {"urn": urn, "id": "PCHECKT.PINT001"}
    return {
        "CheckConfig": (pb.CheckRequest, {"urn": urn, "news": settings, "olds": settings}),
        "DiffConfig": (pb.DiffRequest, {**about, "news": settings, "olds": settings, "old_inputs": settings}),
        "Check": (pb.CheckRequest, {"urn": urn, "news": inputs, "olds": inputs, "name": "name"}),
        "Diff": (pb.DiffRequest, {**about, "news": inputs, "old_inputs": inputs, "olds": state}),
        "Create": (pb.CreateRequest, {"urn": urn, "properties": inputs, "timeout": 1.0, "preview": False}),
        "Read": (pb.ReadRequest, {**about, "properties": state, "inputs": inputs}),
        "Update": (
            pb.UpdateRequest,
            {**about, "news": inputs, "olds": state, "old_inputs": inputs, "timeout": 1.0, "preview": False},
        ),
        "Delete": (pb.DeleteRequest, {**about, "properties": state, "timeout": 1.0}),
        "Invoke": (pb.InvokeRequest, {"tok": function, "args": arguments}),
        "List": (pb.ListRequest, {"token": token, "limit": 0, "page_size": 2, "continuation_token": "1:PCHECKT.P1"}),
        "Configure": (pb.ConfigureRequest, {"args": settings}),
    }
