"""Responses to the engine, from what the rest of this package found."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi.runtime.proto import provider_pb2

from .diff import Changes
from .errors import Failure
from .host import Host


def failure_messages(failures: Iterable[Failure], host: Host) -> list[provider_pb2.CheckFailure]:
    """What the checks refuse. The engine shows the value of a property that is named."""
    return [provider_pb2.CheckFailure(property=each.property, reason=host.for_user(each.reason)) for each in failures]


def listed(failures: Iterable[Failure]) -> str:
    return " ".join(each.reason for each in failures)


def diff_response(changes: Changes) -> provider_pb2.DiffResponse:
    response = provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changes.by_property else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=list(changes.by_property),
        replaces=sorted(changes.replaces),
        hasDetailedDiff=True,
    )
    for name, differences in changes.by_property.items():
        for difference in differences:
            kind = difference.kind.upper() + ("_REPLACE" if name in changes.replaces else "")
            response.detailedDiff[difference.path].kind = provider_pb2.PropertyDiff.Kind.Value(kind)
            response.detailedDiff[difference.path].inputDiff = True
    return response
