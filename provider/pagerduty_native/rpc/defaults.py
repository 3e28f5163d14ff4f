"""The declared defaults, where a program gives no value."""

from __future__ import annotations

from typing import Any

from .declarations import properties_of
from .property_types import ListOf, MapOf, ObjectOf, OneOf, Type, fits
from .values import Secret, Value, Values


def defaulted(cls: type[Any], values: Values) -> Values:
    """The properties of an object, with the declared defaults for those that are absent, at any depth."""
    completed = dict(values)
    for property_ in properties_of(cls):
        value = values.get(property_.name)
        value = property_.field.default_value if value is None else _defaulted_value(property_.type, value)
        if value is not None:
            completed[property_.name] = value
    return completed


def _defaulted_value(declared: Type, value: Value) -> Value:
    match declared:
        case _ if isinstance(value, Secret):
            return Secret(_defaulted_value(declared, value.value))
        case ListOf(element) if isinstance(value, list):
            return [_defaulted_value(element, each) for each in value]
        case MapOf(element) if isinstance(value, dict):
            return {key: _defaulted_value(element, each) for key, each in value.items()}
        case ObjectOf(cls) if isinstance(value, dict):
            return defaulted(cls, value)
        case OneOf(alternatives) if fitting := [each for each in alternatives if fits(each, value)]:
            return _defaulted_value(fitting[0], value)
    return value
