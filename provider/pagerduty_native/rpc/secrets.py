"""What the declarations say of secrets: what is to be marked, and the names under which secrets are found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .declarations import properties_of
from .property_types import ListOf, MapOf, ObjectOf, OneOf, Type, fits
from .values import Value, Values, secret


def marked(cls: type[Any], values: Values) -> Values:
    """The properties of an object, with what is declared secret marked as such at any depth."""
    return values | {
        property_.name: secret(value) if property_.field.secret else _marked_value(property_.type, value)
        for property_ in properties_of(cls)
        if (value := values.get(property_.name)) is not None
    }


def _marked_value(declared: Type, value: Value) -> Value:
    match declared:
        case ListOf(element) if isinstance(value, list):
            return [_marked_value(element, each) for each in value]
        case MapOf(element) if isinstance(value, dict):
            return {key: _marked_value(element, each) for key, each in value.items()}
        case ObjectOf(cls) if isinstance(value, dict):
            return marked(cls, value)
        case OneOf(alternatives) if fitting := [each for each in alternatives if fits(each, value)]:
            return _marked_value(fitting[0], value)
    return value


def secret_names(cls: type[Any]) -> frozenset[str]:
    """The names of the properties that are declared secret, in an object and in those inside it."""
    names: set[str] = set()
    for each in classes_in(cls):
        names |= {property_.name for property_ in properties_of(each) if property_.field.secret}
    return frozenset(names)


def classes_in(cls: type[Any]) -> set[type[Any]]:
    """An object's class and those of the objects inside it, which may be of its own."""
    found: set[type[Any]] = set()
    _collect(cls, found)
    return found


def _collect(cls: type[Any], found: set[type[Any]]) -> None:
    if cls not in found:
        found.add(cls)
        for property_ in properties_of(cls):
            for inner in _object_classes(property_.type):
                _collect(inner, found)


def _object_classes(declared: Type) -> Iterator[type[Any]]:
    match declared:
        case ObjectOf(cls):
            yield cls
        case ListOf(element) | MapOf(element):
            yield from _object_classes(element)
        case OneOf(alternatives):
            for each in alternatives:
                yield from _object_classes(each)
