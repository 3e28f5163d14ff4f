"""Declarations of properties: of a resource, a function, or the provider's settings.

A class decorated with `object_type` is a typed, documented set of properties:

    @object_type
    class IntegrationArgs:
        service: str = field("The ID of the service.", replaces=True)
        vendor: str | None = field("The ID of the vendor.", replaces=True)

The schema, the checks, the diff and the secret marks follow from it (schema.py, check.py, diff.py). Names are
snake_case in Python; everywhere else, and in messages, they are camelCase.
"""

from __future__ import annotations

import contextlib
import dataclasses
import enum
import functools
import math
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ParamSpec, TypeVar, dataclass_transform

from pagerduty_native.framework.values import (
    UNKNOWN,
    Secret,
    Value,
    Values,
    has_unknown,
    reveal,
    same,
    secret,
    unmarked,
)

P = ParamSpec("P")
T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Field:
    """The declaration of one property, besides its name and type.

    Args:
        description: Markdown, shown in editors and in the Pulumi Registry.
        replaces: A change of the property replaces the resource.
        secret: The property is always secret.
        autoname: If the program gives none, the value is the resource's name with a random suffix.
        computed: If the program gives none, the server sets a value. Removing it from a program then changes nothing.
        server_sets: The server may store another value than the given one. It is known once the resource exists.
        blank: A text may be empty.
        allowed: The allowed values, each with its description.
        open_set: Send other values than `allowed` ones with a warning. If one is similar to an allowed value, it is
            refused as misspelled, unless the resource has it already.
        enum: The name of an enum with the `allowed` values, which the SDKs have then. Programs can still pass a text.
        own_rule: A `check…` method of the class checks the values that are not in `allowed`.
        default_value: The value if the program gives none; it is then never None. The environment takes precedence for
            a setting.
        environment: The environment variable that is read if a setting is absent.
        instead_of: Settings that replace this one. If one of them is given, `environment` is not read.
        meaning: Returns the form of a value that is compared; None equals an absent value. It gets values of the
            declared type, without secret marks, and never None.
        others_stay: In a map, the server keeps entries that the program lacks. They are not compared, and never drift.
        identified_by: The property of an object, such as a lookup returns, that may be given in place of a text. Only
            this property of the object is checked, kept and compared.

    """

    description: str
    replaces: bool = False
    secret: bool = False
    autoname: bool = False
    computed: bool = False
    server_sets: bool = False
    blank: bool = False
    allowed: Mapping[str, str] | None = None
    open_set: bool = False
    enum: str | None = None
    own_rule: bool = False
    default_value: bool | float | str | None = None
    environment: str | None = None
    instead_of: tuple[str, ...] = ()
    meaning: Callable[[Any], Any] | None = None
    others_stay: bool = False
    identified_by: str | None = None


def _as_dataclass_field(declare: Callable[P, Field]) -> Callable[P, Any]:
    @functools.wraps(declare)
    def field(*args: P.args, **kwargs: P.kwargs) -> Any:
        return dataclasses.field(repr=False, metadata={Field: declare(*args, **kwargs)})

    return field


# Declares a property of an `object_type`. Takes the arguments of `Field`.
field = _as_dataclass_field(Field)


class NotYetKnownError(Exception):
    """A property was read whose value a preview does not know yet."""


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
def object_type(cls: type[T]) -> type[T]:
    """Make a class of declared properties: a dataclass that raises `NotYetKnownError` for unknown values.

    Methods whose names begin with `check` check several properties together: generators of `Failure` and `Advice`. Each
    ends if it reads a value that is unknown or already refused; the others continue.
    """
    made = dataclasses.dataclass(kw_only=True, slots=True)(cls)
    # `decode` leaves the slots of unknown properties empty. Python calls __getattr__ for empty slots only.
    made.__getattr__ = _raise_not_yet_known  # type: ignore[attr-defined]
    return made


def _raise_not_yet_known(instance: object, attribute: str) -> Any:
    if any(attribute == each.attribute for each in properties_of(type(instance))):
        raise NotYetKnownError(attribute)
    raise AttributeError(attribute)


# Types of properties.


@dataclasses.dataclass(frozen=True)
class Scalar:
    python: type[bool | int | float | str]


@dataclasses.dataclass(frozen=True)
class ListOf:
    element: Type


@dataclasses.dataclass(frozen=True)
class MapOf:
    """A map whose keys are texts that the program chooses."""

    element: Type


@dataclasses.dataclass(frozen=True)
class ObjectOf:
    python: type[Any]


@dataclasses.dataclass(frozen=True)
class OneOf:
    alternatives: tuple[Type, ...]

    def alternative_for(self, value: Value) -> Type:
        """Return the alternative that a value fits, as `fits` says. Raises StopIteration if there is none."""
        return next(each for each in self.alternatives if fits(each, value))


Type = Scalar | ListOf | MapOf | ObjectOf | OneOf


def fits(declared: Type, value: Value) -> bool:
    """Return whether a value is of the declared type, without looking inside lists and objects."""
    value = unmarked(value)
    if value is UNKNOWN:
        return True
    match declared:
        case ListOf():
            return isinstance(value, list)
        case ObjectOf() | MapOf():
            return isinstance(value, dict)
        case OneOf(alternatives):
            return any(fits(each, value) for each in alternatives)
        case Scalar(python) if python in {int, float}:
            if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
                return False
            return python is float or float(value).is_integer()
        case Scalar(python):
            return isinstance(value, python)


def fits_throughout(declared: Type, value: Value) -> bool:
    """Return whether a value is of the declared type, at any depth. Undeclared properties are ignored."""
    value = unmarked(value)
    match declared:
        case ListOf(element) if isinstance(value, list):
            return all(fits_throughout(element, each) for each in value)
        case MapOf(element) if isinstance(value, dict):
            return all(fits_throughout(element, each) for each in value.values())
        case ObjectOf(cls) if isinstance(value, dict):
            return all(
                not each.required if value.get(each.name) is None else fits_throughout(each.type, value[each.name])
                for each in properties_of(cls)
            )
        case OneOf(alternatives):
            return any(fits_throughout(each, value) for each in alternatives)
    return fits(declared, value)


# The declared properties of a class.


@dataclasses.dataclass(frozen=True)
class Property:
    """One property of an `object_type`.

    name is in camelCase, attribute in snake_case. output_only: a program cannot give it.
    """

    name: str
    attribute: str
    type: Type
    optional: bool
    output_only: bool
    field: Field

    @property
    def required(self) -> bool:
        """True if a program has to give the property."""
        return not (self.optional or self.field.autoname or self.field.default_value is not None)

    @property
    def from_server(self) -> bool:
        """True if the server sets the property when the program does not."""
        return self.field.computed or self.output_only

    @property
    def left_to_server(self) -> bool:
        """True if the server keeps its value when the program gives none, so that removing it changes nothing."""
        return self.field.computed or self.field.others_stay

    def compared(self, value: Value, given: Value) -> Value:
        """Return the part of a value that counts if a program gives `given`: with `others_stay`, the same keys."""
        entries, keys = unmarked(value), unmarked(given)
        if not self.field.others_stay or not isinstance(entries, dict) or not isinstance(keys, dict):
            return value
        counted: Value = {key: each for key, each in entries.items() if key in keys}
        return secret(counted) if isinstance(value, Secret) else counted

    def same(self, left: Value, right: Value) -> bool:
        """Compare the meanings of two values of the property. An unknown value equals nothing."""
        return same(self._meaning(left), self._meaning(right))

    def _meaning(self, value: Value) -> Value:
        if self.field.meaning is None or has_unknown(value) or not fits_throughout(self.type, value):
            return value
        meaning: Value = self.field.meaning(reveal(value))
        return meaning

    @property
    def summary(self) -> str:
        """The first sentence of the description."""
        return self.field.description.split(". ")[0].rstrip(".") + "."


def properties_of(cls: type[Any]) -> tuple[Property, ...]:
    """Return the properties that an `object_type` declares, with those of its base class first.

    A resource's State class derives from its Args class, and adds the outputs.

    Raises:
        TypeError: A declaration cannot work.

    """
    if cls not in _PROPERTIES:
        _PROPERTIES[cls] = tuple(_read_properties(cls))
    return _PROPERTIES[cls]


_PROPERTIES: dict[type[Any], tuple[Property, ...]] = {}


def _read_properties(cls: type[Any]) -> Iterator[Property]:
    if not dataclasses.is_dataclass(cls):
        shown = getattr(cls, "__name__", None) or str(cls)
        raise TypeError(f"{shown} is not an object type. Decorate it with @object_type.")
    base = cls.__mro__[1]
    inputs = [each.name for each in dataclasses.fields(base if dataclasses.is_dataclass(base) else cls)]
    hints = typing.get_type_hints(cls)
    for declared in dataclasses.fields(cls):
        where = f"{cls.__name__}.{declared.name}"
        if Field not in declared.metadata:
            raise TypeError(f'{where} has no description. Declare it with field("…").')
        hint, field = hints[declared.name], declared.metadata[Field]
        type_, output_only = _type_of(hint, where), declared.name not in inputs
        _refuse_field(type_, field, where, output_only=output_only)
        optional = types.NoneType in typing.get_args(hint)
        yield Property(camel_case(declared.name), declared.name, type_, optional, output_only, field)


def camel_case(name: str) -> str:
    """Convert a name from snake_case to camelCase."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def member_name(value: str) -> str:
    """Return the name in PascalCase that a value has as the member of an enum."""
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[^\W_]+", value))


def decode(cls: type[T], values: Mapping[str, Value]) -> T:
    """Make an instance of an `object_type` from property values.

    Unknown properties raise `NotYetKnownError` when they are read; absent ones are None. Properties that are undeclared
    or of another type are ignored, so that a state of another version can be read. In inputs, check.py reports them.

    Args:
        cls: The `object_type`.
        values: The values, by their camelCase names. Secret marks are removed.

    """
    instance = object.__new__(cls)
    for property_ in properties_of(cls):
        with contextlib.suppress(NotYetKnownError):
            setattr(instance, property_.attribute, _decode_value(property_.type, values.get(property_.name)))
    return instance


def _decode_value(declared: Type, value: Value) -> Any:
    value = unmarked(value)
    if value is UNKNOWN:
        raise NotYetKnownError
    if value is None or not fits(declared, value):
        return None
    match declared:
        case ListOf(element) if isinstance(value, list):
            return [_decode_value(element, each) for each in value if fits(element, each)]
        case MapOf(element) if isinstance(value, dict):
            return {key: _decode_value(element, each) for key, each in value.items() if fits(element, each)}
        case ObjectOf(cls) if isinstance(value, dict):
            return decode(cls, value)
        case OneOf():
            return _decode_value(declared.alternative_for(value), value)
        case Scalar(python) if python is int and isinstance(value, float):
            return int(value)
    return value


def encode(instance: object) -> Values:
    """Return the property values of an instance of an `object_type`.

    None is left out, and properties that are declared secret are marked.
    """
    values: Values = {}
    for property_ in properties_of(type(instance)):
        value = _encode_value(getattr(instance, property_.attribute))
        if value is not None:
            values[property_.name] = secret(value) if property_.field.secret else value
    return values


def _encode_value(value: Any) -> Value:
    if isinstance(value, list):
        return [_encode_value(each) for each in value]
    if isinstance(value, dict):
        return {key: _encode_value(each) for key, each in value.items()}
    if value is not None and dataclasses.is_dataclass(value):
        return encode(value)
    return typing.cast("Value", value)


# Refusals of declarations that cannot work.

_SCALARS = {bool, int, float, str}
_ALLOWED = (
    "bool, int, float, str, a class decorated with @object_type, lists and maps (dict[str, …]) of these, and "
    "alternatives such as str | Author"
)


def _type_of(hint: Any, where: str) -> Type:
    """Read a type hint; `| None` is ignored. Raises TypeError if a property cannot have this type."""
    arguments = [arg for arg in typing.get_args(hint) if arg is not types.NoneType]
    origin = typing.get_origin(hint)
    if origin is list:
        if not arguments or types.NoneType in typing.get_args(arguments[0]):
            raise TypeError(f"{where} is {_shown_hint(hint)}: the elements of a list cannot be None.")
        return ListOf(_type_of(arguments[0], where))
    if origin is dict:
        if arguments[0] is not str or len(arguments) == 1 or types.NoneType in typing.get_args(arguments[1]):
            raise TypeError(f"{where} is {_shown_hint(hint)}: declare dict[str, X], where X is not None.")
        return MapOf(_type_of(arguments[1], where))
    if origin in {types.UnionType, typing.Union}:
        if len(arguments) == 1:
            return _type_of(arguments[0], where)
        return _one_of(tuple(_type_of(each, where) for each in arguments), where)
    if hint in _SCALARS:
        return Scalar(hint)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return ObjectOf(hint)
    raise TypeError(f"{where} is {_shown_hint(hint)}, which cannot be a property: {_advice(hint)}. Types: {_ALLOWED}.")


def _one_of(alternatives: tuple[Type, ...], where: str) -> OneOf:
    """Refuse two alternatives of one kind, because the kind of a value is all that tells them apart."""
    kinds = [_kind_of(each) for each in alternatives]
    for kind in kinds:
        if kinds.count(kind) > 1:
            raise TypeError(f"{where} has two alternatives that are {kind}s, which no value can tell apart.")
    return OneOf(alternatives)


def _kind_of(declared: Type) -> str:
    match declared:
        case Scalar(python):
            return {bool: "boolean", str: "text"}.get(python, "number")
        case ListOf():
            return "list"
    return "object"


def _advice(hint: Any) -> str:
    origin = typing.get_origin(hint) or hint
    if origin is typing.Literal or (isinstance(origin, type) and issubclass(origin, enum.Enum)):
        return "declare str, and its values with field(…, allowed={…})"
    if origin is dict:
        return "declare dict[str, X], with the type of its values"
    if origin in {list, tuple, set, frozenset}:
        return "declare a list, with the type of its elements"
    if isinstance(origin, type) and origin is not Any:
        return f"decorate {origin.__name__} with @object_type, if it is a class of properties"
    return "declare one of the types below"


def _shown_hint(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)


def _refuse_field(declared: Type, field: Field, where: str, *, output_only: bool) -> None:
    """Raise TypeError if a property cannot be declared so."""
    _refuse_allowed(declared, field, where)
    if field.others_stay and not isinstance(declared, MapOf):
        raise TypeError(f"{where} is declared with `others_stay`, which only a map can have.")
    if field.default_value is not None:
        _refuse_default(declared, field, where, output_only=output_only)
    if field.identified_by is not None:
        match declared:
            case OneOf((Scalar(python), ObjectOf(cls))) if python is str:
                names = [camel_case(each.name) for each in dataclasses.fields(cls)]
                if field.identified_by not in names:
                    raise TypeError(
                        f"{where} is identified by `{field.identified_by}`, which {cls.__name__} does not have: it has "
                        f"{', '.join(names)}."
                    )
            case _:
                raise TypeError(
                    f"{where} is declared with `identified_by`, so its type must be `str | X`, where X is an object "
                    "type."
                )


def _refuse_allowed(declared: Type, field: Field, where: str) -> None:
    for name in ("allowed", "autoname"):
        if getattr(field, name) and declared != Scalar(str):
            raise TypeError(f"{where} is declared with `{name}`, which only a str can have.")
    for name in ("open_set", "enum"):
        if getattr(field, name) and not field.allowed:
            raise TypeError(f"{where} is declared with `{name}`, but without the values that are `allowed`.")
    members = [member_name(each) for each in field.allowed or {}]
    if field.enum and not (len(set(members)) == len(members) and all(map(str.isidentifier, members))):
        raise TypeError(
            f"{where} is declared with `enum`, but its members would be {', '.join(members)}: each value needs a name "
            "of its own."
        )


def _refuse_default(declared: Type, field: Field, where: str, *, output_only: bool) -> None:
    default = field.default_value
    if output_only:
        raise TypeError(f"{where} is an output, so it cannot have a `default_value`: a program does not give it.")
    if field.computed or field.autoname:
        raise TypeError(
            f"{where} has two values if a program gives none: remove `default_value`, or `computed` and `autoname`."
        )
    if not fits(declared, default):
        raise TypeError(f"{where} has the `default_value` {default!r}, which is not of its type.")
    if field.allowed and default not in field.allowed and not field.open_set:
        raise TypeError(f"{where} has the `default_value` {default!r}, which is not `allowed`.")
