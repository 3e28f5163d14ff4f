"""What requests hold, where not everything will do that a message can hold. They raise ProviderError."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2

from .check import check_inputs
from .defaults import defaulted
from .errors import Failure, ProviderError
from .host import Call
from .resource import Resource
from .responses import listed
from .values import Values, has_unknown
from .wire import UNKNOWN_SENTINELS, from_struct

Autonaming = provider_pb2.CheckRequest.AutonamingOptions

# As the engine names things itself: NAME-1234567.
RANDOM_HEX_DIGITS = 7
# urn:pulumi:STACK::PROJECT::TYPES::NAME
_LEAST_PARTS = 4

# The property values in requests, by the names of their fields.
_VALUES = ("news", "properties", "olds", "inputs", "old_inputs", "args", "query")


def call_of(request: object) -> Call:
    """What a request tells of the call. A timeout of 0 is none."""

    def values() -> Iterator[Values]:
        for name in _VALUES:
            struct = getattr(request, name, None)
            if isinstance(struct, struct_pb2.Struct):
                yield from_struct(struct)

    timeout: float = getattr(request, "timeout", 0.0)
    deadline = time.monotonic() + timeout if timeout > 0 else None
    return Call(getattr(request, "urn", ""), values, deadline)


def token_of(urn: str) -> str:
    """The type of the resource that a URN names, without those of its parents."""
    parts = urn.split("::")
    if len(parts) < _LEAST_PARTS:
        raise ProviderError(f"{urn!r} is not a URN, which has the form urn:pulumi:STACK::PROJECT::TYPE::NAME.")
    return parts[2].rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    """The name that the program gives the resource of a URN, which may hold what stands between a URN's parts."""
    return urn.split("::", _LEAST_PARTS - 1)[-1]


def known_id(id: str) -> str:
    """The ID of a resource that exists."""
    if id in UNKNOWN_SENTINELS:
        raise ProviderError("The ID of the resource is not known yet. Only a preview works without it.")
    return id


def applicable(args: type[Any], properties: struct_pb2.Struct, olds: Values | None = None, *, preview: bool) -> Values:
    """The inputs that a resource is made or changed to, all known but in a preview.

    Checked already, but by an engine, and by the version of the provider, that need not be those of now.
    """
    checked = check_inputs(args, defaulted(args, from_struct(properties)), olds)
    if failures := checked.failures or ([] if preview else unknown_in(checked.inputs)):
        raise ProviderError(listed(failures))
    return checked.inputs


def migrated(resource_type: type[Resource[Any, Any, Any]], old: Values) -> Values:
    """The inputs or outputs in a state, which may be of an older version of the resource, as this version has them."""
    return resource_type.migrate(old) if old else old


def unknown_in(values: Values) -> list[Failure]:
    """A failure for each property that is not known."""
    reason = "`{}` is not known yet, because its source has no value. Only the preview of a resource works without it."
    return [Failure(name, reason.format(name)) for name, value in values.items() if has_unknown(value)]


def generated_name(request: provider_pb2.CheckRequest) -> str | None:
    """A name for a resource that is given none, or None where the user's settings switch that off."""
    name = request.name or name_of(request.urn)
    if request.HasField("autonaming"):
        if request.autonaming.mode == Autonaming.DISABLE:
            return None
        if request.autonaming.proposed_name:
            return request.autonaming.proposed_name
    # The engine's seed makes the name the same when the same step is tried again.
    seed = request.randomSeed.hex() or secrets.token_hex()
    return f"{name}-{seed[:RANDOM_HEX_DIGITS]}"
