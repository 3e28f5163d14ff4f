"""Pulumi's side: a declarative layer for providers, and the gRPC service that follows from it.

It knows nothing of PagerDuty. These names are all that a provider needs: docs/writing-a-provider.md tells how. None of
them imports gRPC or protobuf before `serve` is called.
"""

from .declarations import NotYetKnownError, decode, encode, object_type, properties_of
from .diff import Changes
from .errors import Advice, Failure, InitializationFailedError, Problem, ProviderError, did_you_mean, nearest
from .fields import camel_case, field
from .host import Host
from .package import Package
from .plugin import serve
from .resource import Function, Instance, Listable, Listed, Resource, find_all

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
