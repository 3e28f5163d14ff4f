"""Responses to the engine, from what the rest of this package found."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pulumi.runtime.proto import provider_pb2

from .diff import Changes
from .errors import Failure
from .host import Host
from .values import Values

# Longer values are not shown twice.
MAX_NAMED_CHARACTERS = 100


def failure_messages(
    failures: Iterable[Failure], host: Host, nameable: Collection[str]
) -> list[provider_pb2.CheckFailure]:
    """The failures of a check. nameable: the properties that may be named to the engine, besides in the reason."""
    return [
        provider_pb2.CheckFailure(
            property=each.property if each.property in nameable else "", reason=host.for_user(each.reason)
        )
        for each in failures
    ]


def short_and_plain(news: Values) -> set[str]:
    """The properties whose values the engine may print. news: the inputs as they came.

    It prints the value of a property that a failure names before the reason, whatever it is: `<nil>`, or a long list.
    """
    return {
        name
        for name, value in news.items()
        if isinstance(value, (str, int, float)) and len(str(value)) <= MAX_NAMED_CHARACTERS
    }


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
