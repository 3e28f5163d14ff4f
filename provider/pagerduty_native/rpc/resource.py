"""The base classes of resources and functions: what a file in resources/ or functions/ fills in."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Generic, TypeVar

from .diff import Changes

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
