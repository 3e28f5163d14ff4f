"""What a provider is made of: its name, its settings, its resources and functions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from .declarations import object_type, properties_of
from .host import Host
from .resource import Function, Listable, Resource
from .secrets import classes_in, secret_names

Settings = TypeVar("Settings")
Client = TypeVar("Client")


# What Pulumi itself gives every resource.
_TAKEN_NAMES = {"id", "urn"}


@object_type
class NoSettings:
    """The provider has no settings."""


@dataclass(frozen=True)
class Package(Generic[Settings, Client]):
    """A Pulumi package and the provider behind it.

    metadata: the package's part of the schema (displayName, language, …), as Pulumi's package schema has it.
    settings: the `object_type` of the provider's settings.
    configure: makes the client that resources and functions get; the host tells it of the engine. Raises ProviderError
        where the settings do not do.
    explain: the message for the user that another exception stands for, or None where it is unexpected.

    Raises TypeError, in words, if something that is declared cannot work.
    """

    name: str
    version: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    settings: type[Settings] = cast("Any", NoSettings)  # noqa: RUF009 (it is a class)
    configure: Callable[[Settings, Host], Client] = lambda _settings, _host: cast("Any", None)
    resources: tuple[type[Resource[Any, Any, Client]], ...] = ()
    functions: tuple[type[Function[Any, Any, Client]], ...] = ()
    explain: Callable[[Exception], str | None] = lambda _error: None
    tokens: dict[str, type[Any]] = field(init=False, default_factory=dict)

    @functools.cached_property
    def secret_names(self) -> frozenset[str]:
        """The names of all properties that are declared secret."""
        return frozenset().union(*map(secret_names, self._object_types()))

    def _object_types(self) -> Iterator[type[Any]]:
        yield self.settings
        for resource in self.resources:
            yield from resource.types()
            if issubclass(resource, Listable):
                yield resource.list_args()
        for function in self.functions:
            yield from function.types()

    def __post_init__(self) -> None:
        for cls in (*self.resources, *self.functions):
            _refuse_abstract(cls)
        # Reading declarations refuses what is wrong with one, at whatever depth.
        for declared in self._object_types():
            classes_in(declared)
        for resource in self.resources:
            _refuse_state(*resource.types())
        for resource in self.resources:
            self.tokens[f"{self.name}:index:{resource.__name__}"] = resource
        for function in self.functions:
            name = function.__name__
            self.tokens[f"{self.name}:index:{name[0].lower()}{name[1:]}"] = function


def _refuse_abstract(cls: type[Any]) -> None:
    if inspect.isabstract(cls):
        raise TypeError(f"{cls.__name__} lacks the method {', '.join(sorted(cls.__abstractmethods__))}.")


def _refuse_state(args: type[Any], state: type[Any]) -> None:
    if state is not args and args not in state.__mro__[:2]:
        raise TypeError(
            f"{state.__name__} must derive from {args.__name__} alone: a resource's outputs repeat its inputs."
        )
    for each in properties_of(state):
        if each.name in _TAKEN_NAMES:
            raise TypeError(f"{state.__name__}.{each.attribute} has a name that Pulumi keeps for itself: rename it.")
