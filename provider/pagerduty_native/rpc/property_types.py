"""The types that properties can have, as they are declared, and which of the wire's values are of them."""

from __future__ import annotations

import dataclasses
import enum
import math
import types
import typing
from typing import Any

from .values import Secret, Unknown, Value

_SCALARS = {bool, int, float, str}
_ALLOWED = (
    "bool, int, float, str, a class made by @object_type, lists and maps (dict[str, …]) of these, and alternatives "
    "such as str | Author"
)


@dataclasses.dataclass(frozen=True)
class Scalar:
    python: type[bool | int | float | str]


@dataclasses.dataclass(frozen=True)
class ListOf:
    element: Type


@dataclasses.dataclass(frozen=True)
class MapOf:
    """A map with text as keys, which the program chooses."""

    element: Type


@dataclasses.dataclass(frozen=True)
class ObjectOf:
    python: type[Any]


@dataclasses.dataclass(frozen=True)
class OneOf:
    alternatives: tuple[Type, ...]


Type = Scalar | ListOf | MapOf | ObjectOf | OneOf


def type_of(hint: Any, where: str) -> Type:
    """The type that a hint means; None beside it is passed over. Raises TypeError, in words, if it can be none.

    where: the class and the attribute.
    """
    alternatives = [arg for arg in typing.get_args(hint) if arg is not types.NoneType]
    if typing.get_origin(hint) is list:
        return ListOf(_element_of(alternatives, hint, where))
    if typing.get_origin(hint) is dict:
        return MapOf(_entry_of(alternatives, hint, where))
    if typing.get_origin(hint) in {types.UnionType, typing.Union}:
        if len(alternatives) == 1:
            return type_of(alternatives[0], where)
        return _one_of(tuple(type_of(each, where) for each in alternatives), where)
    if hint in _SCALARS:
        return Scalar(hint)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return ObjectOf(hint)
    raise TypeError(f"{where} is {_shown(hint)}, which cannot be a property: {_advice(hint)}. Types: {_ALLOWED}.")


def _element_of(alternatives: list[Any], hint: Any, where: str) -> Type:
    if not alternatives or types.NoneType in typing.get_args(alternatives[0]):
        raise TypeError(f"{where} is {_shown(hint)}: the elements of a list cannot be None.")
    return type_of(alternatives[0], where)


def _entry_of(alternatives: list[Any], hint: Any, where: str) -> Type:
    if len(alternatives) != 2 or alternatives[0] is not str or types.NoneType in typing.get_args(alternatives[1]):  # noqa: PLR2004
        raise TypeError(f"{where} is {_shown(hint)}: declare dict[str, X], where X is not None.")
    return type_of(alternatives[1], where)


def _one_of(alternatives: tuple[Type, ...], where: str) -> OneOf:
    """Values choose among alternatives by their kind alone, so each kind can be there once."""
    kinds = [_kind_of(each) for each in alternatives]
    for kind in kinds:
        if kinds.count(kind) > 1:
            raise TypeError(f"{where} has two alternatives that are {kind}s, and no value tells which it is.")
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
    return "declare what it can be"


def _shown(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)


def fits(declared: Type, value: Value) -> bool:
    """Whether a value is of the declared kind, not looking inside lists and objects."""
    if isinstance(value, Secret):
        value = value.value
    match declared:
        case _ if value is Unknown.UNKNOWN:
            return True
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
    return False
