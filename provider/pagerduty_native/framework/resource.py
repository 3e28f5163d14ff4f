"""The classes that a provider is made of: `Provider`, `Resource`, `Listable` and `Function`."""

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
Settings = TypeVar("Settings")

# Pulumi gives every resource outputs with these names.
_RESERVED_NAMES = {"id", "urn"}


@dataclass(frozen=True)
class Instance(Generic[State]):
    """A resource that exists. id: its ID in Pulumi's state, which `import` takes, too."""

    id: str
    state: State


@dataclass(frozen=True)
class Listed:
    """A resource in a listing. id: the ID that `import` takes."""

    id: str
    name: str


class Resource(ABC, Generic[Args, State, Client]):
    """A kind of resource, named after its class. The docstring of the class is its description in the schema.

    Args and State are `object_type` classes: the inputs, and the outputs, which repeat the inputs. Only `create` is
    required; the other methods are optional. Errors for the user are raised as `ProviderError`, or as exceptions that
    the provider's `explain` knows.

    Args:
        client: The client that the provider's `configure` returned.
        is_held: Returns whether another resource of this process has an ID.

    """

    def __init__(self, client: Client, is_held: Callable[[str], bool] = lambda _id: False) -> None:
        self.client = client
        self.is_held = is_held

    @classmethod
    def check_update(cls, old: Args, new: Args) -> Iterable[Problem]:  # noqa: ARG003
        """Check the inputs of an existing resource against its old inputs, as they are in the state.

        Yield `Failure` or `Advice`, as the `check` methods of the inputs' class do. Reading a value that is unknown
        or already refused ends the check. A change that replaces the resource is checked, too.
        """
        return ()

    def diff(self, changes: Changes, old: State, new: Args) -> None:
        """Adjust the changes that follow from the declarations. Reading an unknown value ends the method."""

    @abstractmethod
    def create(self, args: Args) -> Instance[State]:
        """Create the resource."""

    def read(self, id: str, old: State) -> Instance[State] | None:
        """Read the resource, and return None if it no longer exists.

        Without this method, a refresh keeps what is in the state, and the resource cannot be imported.

        Args:
            id: The ID of the resource, or the one that was given to `import`.
            old: The state, without its unknown values. At import, all properties are None.

        """
        return Instance(id, old)

    def update(self, id: str, old: State, new: Args, changed: frozenset[str]) -> State:  # noqa: ARG002
        """Change the resource, and return its state. Without this method, every change replaces the resource.

        Args:
            id: The ID of the resource.
            old: The state before the update.
            new: The inputs.
            changed: The inputs to send, by their Python names. They differ from the old inputs, or the old state lacks
                them. Sending others would undo, without a diff, what `ignoreChanges` keeps.

        """
        return old

    def delete(self, id: str, old: State) -> None:
        """Delete the resource, without an error if it no longer exists.

        Without this method, deletion only removes the resource from the state.
        """

    @classmethod
    def migrate(cls, old: dict[str, Any]) -> dict[str, Any]:
        """Upgrade inputs or outputs that an older version stored. Return current ones unchanged.

        Args:
            old: All inputs or all outputs, by their camelCase names, with secret marks. Never empty.

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
        """Return the Args and State classes."""
        args, state, _client = _type_arguments(cls, Resource)
        return args, state


class Listable(ABC, Generic[ListArgs]):
    """A second base class of a resource whose existing instances can be listed.

    ListArgs is the `object_type` of the arguments that select some of them: the schema's `listInputs`.
    """

    @abstractmethod
    def list(self, args: ListArgs) -> Iterable[Listed]:
        """List the selected resources, managed or not, in a stable order.

        The engine takes only as many as it needs, so a generator that reads on demand makes the fewest calls.
        """

    @classmethod
    def list_args(cls) -> type[Any]:
        """Return the ListArgs class."""
        args: tuple[type[Any]] = _type_arguments(cls, Listable)
        return args[0]


class Function(ABC, Generic[Args, Result, Client]):
    """A function, named after its class with a lowercase first letter. The docstring is its description in the schema.

    Args and Result are `object_type` classes.
    """

    def __init__(self, client: Client) -> None:
        self.client = client

    @abstractmethod
    def invoke(self, args: Args) -> Result:
        """Return the result. Secrets in it reach most languages unmarked."""

    @classmethod
    def types(cls) -> tuple[type[Any], type[Any]]:
        """Return the Args and Result classes."""
        args, result, _client = _type_arguments(cls, Function)
        return args, result


@object_type
class NoSettings:
    """The provider has no settings."""


@dataclass(frozen=True)
class Provider(Generic[Settings, Client]):
    """A provider: its name, settings, resources and functions.

    Args:
        name: The name of the Pulumi package.
        version: The version of the provider and its schema.
        metadata: Further parts of the package schema (displayName, language, …).
        settings: The `object_type` of the provider's settings.
        configure: Makes the client that resources and functions get. Raises ProviderError for unusable settings.
        resources: The classes of the resources.
        functions: The classes of the functions.
        explain: Returns the message for the user for an exception of the client, or None if it is unexpected.

    Raises:
        TypeError: A declaration cannot work. The message names the class and the property.

    """

    name: str
    version: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    settings: type[Settings] = cast("Any", NoSettings)  # noqa: RUF009 (it is a class)
    configure: Callable[[Settings, Host], Client] = lambda _settings, _host: cast("Any", None)
    resources: tuple[type[Resource[Any, Any, Client]], ...] = ()
    functions: tuple[type[Function[Any, Any, Client]], ...] = ()
    explain: Callable[[Exception], str | None] = lambda _error: None

    def __post_init__(self) -> None:
        for cls in (*self.resources, *self.functions):
            if inspect.isabstract(cls):
                raise TypeError(f"{cls.__name__} lacks the method {', '.join(sorted(cls.__abstractmethods__))}.")
        # Raises TypeError for a declaration that cannot work, at any depth.
        classes = set().union(*map(classes_in, self._object_types()))
        _refuse_enums(classes, {"Provider", *(each.__name__ for each in (*self.resources, *classes))})
        for resource in self.resources:
            _refuse_state(*resource.types())

    @functools.cached_property
    def tokens(self) -> dict[str, type[Any]]:
        """The classes of the resources and functions by their tokens in the schema."""
        tokens: dict[str, type[Any]] = {f"{self.name}:index:{each.__name__}": each for each in self.resources}
        for each in self.functions:
            tokens[f"{self.name}:index:{each.__name__[0].lower()}{each.__name__[1:]}"] = each
        return tokens

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


def find_all(package: ModuleType, kind: Any) -> Iterator[Any]:
    """Yield every class of a kind (`Resource` or `Function`) that the modules of a Python package define."""
    for module_info in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        module = importlib.import_module(module_info.name)
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if issubclass(cls, kind) and cls.__module__ == module.__name__:
                yield cls


def _type_arguments(cls: type[Any], kind: type[Any]) -> tuple[Any, ...]:
    for base in cls.__mro__:
        for declared in vars(base).get("__orig_bases__", ()):
            if typing.get_origin(declared) is kind:
                return typing.get_args(declared)
    parameters = ", ".join(each.__name__ for each in kind.__parameters__)
    raise TypeError(f"{cls.__name__} has no type arguments: derive it from {kind.__name__}[{parameters}].")


def _refuse_enums(classes: set[type[Any]], taken: set[str]) -> None:
    values: dict[str, list[str]] = {}
    for cls in sorted(classes, key=lambda each: each.__name__):
        for each in properties_of(cls):
            if not (enum := each.field.enum):
                continue
            where = f"{cls.__name__}.{each.attribute} has the enum `{enum}`"
            if not (enum.isidentifier() and enum[0].isupper()):
                raise TypeError(f"{where}, which is no name in PascalCase: rename it.")
            allowed = list(each.field.allowed or ())
            if enum in taken or values.setdefault(enum, allowed) != allowed:
                raise TypeError(
                    f"{where}, which is also the name of a resource, of an object type or of an enum with other "
                    "values: rename it."
                )


def _refuse_state(args: type[Any], state: type[Any]) -> None:
    if state is not args and args not in state.__mro__[:2]:
        raise TypeError(
            f"{state.__name__} must derive from {args.__name__} directly: a resource's outputs repeat its inputs."
        )
    for each in properties_of(state):
        if each.name in _RESERVED_NAMES:
            raise TypeError(f"{state.__name__}.{each.attribute} has a name that Pulumi reserves: rename it.")
