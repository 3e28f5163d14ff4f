"""What a provider is made of: its name, its settings, its resources and functions."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import typing
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Generic, TypeVar, cast

from pagerduty_native.framework.check import classes_in, secret_names
from pagerduty_native.framework.context import Host
from pagerduty_native.framework.declare import object_type, properties_of
from pagerduty_native.framework.diff import Changes
from pagerduty_native.framework.errors import Problem

Args = TypeVar("Args")
State = TypeVar("State")
Result = TypeVar("Result")
Client = TypeVar("Client")
ListArgs = TypeVar("ListArgs")


@dataclass(frozen=True)
class Instance(Generic[State]):
    """A resource that exists. id: its ID in Pulumi's state, which is also what `import` takes."""

    id: str
    state: State


@dataclass(frozen=True)
class Listed:
    """A resource that exists, as a listing has it. id: what `import` takes."""

    id: str
    name: str


class Resource(ABC, Generic[Args, State, Client]):
    """A kind of resource, named after its class; the class's docstring is its description in the schema.

    Only `create` is needed. What else a class does not define, its resources do without.

    Args and State are `object_type` classes: its inputs, and its outputs (which repeat the inputs).
    client: whatever the provider's `configure` made of the settings.
    is_held: whether another resource of this process, as far as it was asked for so far, has an ID.
    Errors for the user are raised as `ProviderError`, or as what the package's `explain` knows.
    """

    def __init__(self, client: Client, is_held: Callable[[str], bool] = lambda _id: False) -> None:
        self.client = client
        self.is_held = is_held

    def diff(self, changes: Changes, old: State, new: Args) -> None:
        """Amend the changes that follow from the declarations; looking at what is unknown ends it."""

    @abstractmethod
    def create(self, args: Args) -> Instance[State]: ...

    def read(self, id: str, old: State) -> Instance[State] | None:
        """The resource as it is, or None where it is gone.

        Where a class does not define it, the resource is what is in the state, and cannot be imported.
        old: the state as far as it is known; nothing of it at import.
        """
        return Instance(id, old)

    def update(self, id: str, old: State, new: Args, changed: frozenset[str]) -> State:  # noqa: ARG002
        """Change the resource to `new`, and return its state. A class without it replaces at every change.

        changed: the inputs to send, by their Python names. They differ from the old inputs, or the old state lacks
        them. Sending others would undo, without a diff, what `ignoreChanges` keeps.
        """
        return old

    def delete(self, id: str, old: State) -> None:
        """Delete the resource; it is no error that it is gone already.

        Where a class does not define it, the resource is only taken out of the state.
        """

    @classmethod
    def migrate(cls, old: dict[str, Any]) -> dict[str, Any]:
        """What an older version of this class kept, as this version has it; what is of this version stays as it is.

        old: all inputs or all outputs, by their names on the wire, with any secret marks on them; never empty.
        """
        return old

    @classmethod
    def check_update(cls, old: Args, new: Args) -> Iterable[Problem]:  # noqa: ARG003
        """Check the inputs of an existing resource against its old inputs, as they are in the state.

        Yield `Failure` or `Advice`, as the `check` methods of the inputs' class do. Reading a value that is unknown
        or already refused ends the check. A change that replaces the resource is checked, too.
        """
        return ()

    @classmethod
    def can_read(cls) -> bool:
        return cls.read is not Resource.read

    @classmethod
    def can_update(cls) -> bool:
        return cls.update is not Resource.update

    @classmethod
    def types(cls) -> tuple[type[Any], type[Any]]:
        """The classes of Args and State."""
        args, state, _client = _type_arguments(cls, Resource)
        return args, state


class Listable(ABC, Generic[ListArgs]):
    """What a resource's class derives from, too, if what exists of its kind can be listed.

    ListArgs is the `object_type` of what chooses among them: the schema's `listInputs`.
    """

    @abstractmethod
    def list(self, args: ListArgs) -> Iterable[Listed]:
        """The resources of this kind that are chosen, managed or not, in an order that lasts.

        No more of them are taken than the engine asks for, so a generator that reads as it goes makes the fewest calls.
        """

    @classmethod
    def list_args(cls) -> type[Any]:
        """The class of ListArgs."""
        args: tuple[type[Any]] = _type_arguments(cls, Listable)
        return args[0]


class Function(ABC, Generic[Args, Result, Client]):
    """A function, named after its class with a small first letter; the docstring is its description in the schema."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @abstractmethod
    def invoke(self, args: Args) -> Result: ...

    @classmethod
    def types(cls) -> tuple[type[Any], type[Any]]:
        """The classes of Args and Result."""
        args, result, _client = _type_arguments(cls, Function)
        return args, result


def _type_arguments(cls: type[Any], kind: type[Any]) -> tuple[Any, ...]:
    for base in cls.__mro__:
        for declared in vars(base).get("__orig_bases__", ()):
            if typing.get_origin(declared) is kind:
                return typing.get_args(declared)
    places = ", ".join("…" for _ in kind.__parameters__)
    raise TypeError(
        f"{cls.__name__} does not say what it takes and gives: derive it from {kind.__name__}[{places}], with the "
        "classes that its documentation names."
    )


def find_all(package: ModuleType, kind: Any) -> Iterator[Any]:
    """Every class of a kind (`Resource` or `Function`) that the modules of a package define."""
    for module_info in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        module = importlib.import_module(module_info.name)
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if issubclass(cls, kind) and cls.__module__ == module.__name__:
                yield cls


Settings = TypeVar("Settings")


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
