"""A library for Pulumi providers: declarations, and the gRPC service that follows from them.

It contains nothing specific to PagerDuty. A provider needs only these names; docs/writing-a-provider.md explains them.
gRPC and protobuf are imported when `serve` is called, not before. `framework.testing` has what tests need.
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
from pagerduty_native.framework.resource import Function, Instance, Listable, Listed, Provider, Resource, find_all

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
    "Problem",
    "Provider",
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
