"""Pulumi's side: a declarative layer for providers, and the gRPC service that follows from it.

It knows nothing of PagerDuty. These names are all that a provider needs: docs/writing-a-provider.md tells how. None of
them imports gRPC or protobuf before `serve` is called.
"""

from pagerduty_native.framework.context import Host
from pagerduty_native.framework.declare import (
    NotYetKnownError,
    camel_case,
    decode,
    encode,
    field,
    object_type,
    properties_of,
)
from pagerduty_native.framework.diff import Changes
from pagerduty_native.framework.errors import (
    Advice,
    Failure,
    InitializationFailedError,
    Problem,
    ProviderError,
    did_you_mean,
    nearest,
)
from pagerduty_native.framework.plugin import serve
from pagerduty_native.framework.resource import Function, Instance, Listable, Listed, Package, Resource, find_all

__all__ = [
    "Advice",
    "Changes",
    "Failure",
    "Function",
    "Host",
    "InitializationFailedError",
    "Instance",
    "Listable",
    "Listed",
    "NotYetKnownError",
    "Package",
    "Problem",
    "ProviderError",
    "Resource",
    "camel_case",
    "decode",
    "did_you_mean",
    "encode",
    "field",
    "find_all",
    "nearest",
    "object_type",
    "properties_of",
    "serve",
]
