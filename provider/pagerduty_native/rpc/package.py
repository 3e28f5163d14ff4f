"""What a provider is made of: its name, its settings, its resources and functions."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from .host import Host
from .resource import Function, Resource
from .secrets import secret_names

Settings = TypeVar("Settings")
Client = TypeVar("Client")


@dataclass(frozen=True)
class Package(Generic[Settings, Client]):
    """A Pulumi package and the provider behind it.

    metadata: the package's part of the schema (displayName, language, …), as Pulumi's package schema has it.
    settings: the `object_type` of the provider's settings.
    configure: makes the client that resources and functions get; the host tells it of the engine. Raises ProviderError
        where the settings do not do.
    explain: the message for the user that another exception stands for, or None where it is unexpected.
    """

    name: str
    version: str
    metadata: Mapping[str, Any]
    settings: type[Settings]
    configure: Callable[[Settings, Host], Client]
    resources: tuple[type[Resource[Any, Any, Client]], ...]
    functions: tuple[type[Function[Any, Any, Client]], ...]
    explain: Callable[[Exception], str | None] = lambda _error: None
    tokens: dict[str, type[Any]] = field(init=False, default_factory=dict)

    @functools.cached_property
    def secret_names(self) -> frozenset[str]:
        """The names of all properties that are declared secret."""
        types = itertools.chain(*(cls.types() for cls in self.resources), *(cls.types() for cls in self.functions))
        return frozenset().union(*map(secret_names, (self.settings, *types)))

    def __post_init__(self) -> None:
        for resource in self.resources:
            self.tokens[f"{self.name}:index:{resource.__name__}"] = resource
        for function in self.functions:
            name = function.__name__
            self.tokens[f"{self.name}:index:{name[0].lower()}{name[1:]}"] = function
