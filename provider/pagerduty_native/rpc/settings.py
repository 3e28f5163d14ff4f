"""The provider's settings, as the engine sends them and as the environment completes them.

The engine sends settings typed or as JSON text ("true", "{…}"), and objects from Python with snake_case keys.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, TypeVar

from .check import Checked, check_inputs
from .declarations import (
    ObjectOf,
    Property,
    Scalar,
    Type,
    camel_case,
    decode,
    properties_of,
)
from .values import Secret, Value, Values

Settings = TypeVar("Settings")

# The engine puts these beside the settings.
ENGINE_KEYS = frozenset({"version", "pluginDownloadURL"})


def check_settings(cls: type[Any], news: Values) -> Checked:
    """Check the settings from a program or a stack's configuration. What they come to is in `Checked.inputs`."""
    # An empty text is how configuration says that a setting is not set.
    settings = {name: value for name, value in news.items() if name not in ENGINE_KEYS and value != ""}
    return check_inputs(cls, _typed(cls, settings))


def complete(cls: type[Settings], settings: Values, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings with what is absent taken from the environment, then from the declared defaults.

    Never put back into what the engine keeps: a token from the environment must not end up in a state.
    """
    values = dict(settings)
    for property_ in properties_of(cls):
        if values.get(property_.name) is None:
            variable = property_.field.environment
            from_environment = environ.get(variable) if variable else None
            values[property_.name] = (
                _from_text(property_.type, from_environment) if from_environment else property_.field.default
            )
    return decode(cls, values)


def _typed(cls: type[Any], values: Values) -> Values:
    types = {property_.name: property_ for property_ in properties_of(cls)}
    typed: Values = {}
    for key, value in values.items():
        name = key if key in types else camel_case(key)
        typed[name if name in types else key] = _typed_value(types.get(name), value)
    return typed


def _typed_value(property_: Property | None, value: Value) -> Value:
    if property_ is None:
        return value
    if isinstance(value, Secret):
        inner = _typed_value(property_, value.value)
        return None if inner is None else Secret(inner)
    if isinstance(value, str):
        value = _from_text(property_.type, value)
    if isinstance(property_.type, ObjectOf) and isinstance(value, dict):
        return _typed(property_.type.python, value)
    return value


def _from_text(declared: Type, text: str) -> Value:
    """The value that a text stands for where the property is not a string; the text itself where it is none."""
    if declared == Scalar(str):
        return text
    try:
        parsed: Value = json.loads(text)
    except ValueError:
        return text
    return float(parsed) if isinstance(parsed, int) and not isinstance(parsed, bool) else parsed
