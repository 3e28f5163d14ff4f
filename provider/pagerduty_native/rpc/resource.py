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
from .errors import ProviderError

Args = TypeVar("Args")
State = TypeVar("State")
Result = TypeVar("Result")
Client = TypeVar("Client")


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

    @abstractmethod
    def read(self, id: str, old: State) -> Instance[State] | None:
        """The resource as it is, or None where it is gone.

        old: the state as far as it is known; nothing of it at import.
        """

    @abstractmethod
    def update(self, id: str, old: State, new: Args) -> State: ...

    @abstractmethod
    def delete(self, id: str, old: State) -> None:
        """Delete the resource; it is no error that it is gone already."""

    def list(self) -> Iterable[Listed]:
        """Every resource of this kind that there is, managed or not, in an order that lasts."""
        raise ProviderError(f"{type(self).__name__}s cannot be listed.")

    @classmethod
    def types(cls) -> tuple[type[Any], type[Any]]:
        """The classes of Args and State."""
        return _type_arguments(cls)


class Function(ABC, Generic[Args, Result, Client]):
    """A function, named after its class with a small first letter; the docstring is its description in the schema."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @abstractmethod
    def invoke(self, args: Args) -> Result: ...

    @classmethod
    def types(cls) -> tuple[type[Any], type[Any]]:
        """The classes of Args and Result."""
        return _type_arguments(cls)


def _type_arguments(cls: type[Any]) -> tuple[type[Any], type[Any]]:
    (base,) = cls.__orig_bases__
    first, second, _client = typing.get_args(base)
    return first, second


def find_all(package: ModuleType, kind: Any) -> Iterator[Any]:
    """Every class of a kind (`Resource` or `Function`) that the modules of a package define."""
    for module_info in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        module = importlib.import_module(module_info.name)
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if issubclass(cls, kind) and cls.__module__ == module.__name__:
                yield cls
