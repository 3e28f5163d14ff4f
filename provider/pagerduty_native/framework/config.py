"""The provider's settings, as the engine sends them, completed from the environment.

The engine sends settings typed or as JSON text ("true", "{…}"), and objects from Python with snake_case keys.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pagerduty_native.framework.check import Checked, check_inputs, defaulted, secret_names
from pagerduty_native.framework.declare import ObjectOf, Property, Scalar, camel_case, decode, properties_of
from pagerduty_native.framework.errors import Failure
from pagerduty_native.framework.values import MAX_DEPTH, Secret, Value, Values, reveal, secret

Settings = TypeVar("Settings")

# The engine sends these among the settings.
ENGINE_KEYS = frozenset({"version", "pluginDownloadURL"})


def check_settings(cls: type[Any], news: Values, environ: Mapping[str, str] | None = None) -> Checked:
    """Check the settings from a program or a stack's configuration.

    The engine passes on no secret marks. So an object that can contain a secret is secret as a whole, also if it is
    refused. `environ` completes the settings. It is given only to configure the provider, because the engine must not
    store a token from the environment. Defaults are not added.
    """
    # In configuration, an empty text means that the setting is not set.
    given = {name: value for name, value in news.items() if name not in ENGINE_KEYS and reveal(value) != ""}
    settings = _typed_object(cls, given)
    sources: dict[str, str] = {}
    for each in properties_of(cls):
        value = settings.get(each.name)
        if environ and not any(other in settings for other in each.field.instead_of):
            value = _completed(each, value, environ, sources)
        if isinstance(each.type, ObjectOf) and secret_names(each.type.python):
            value = secret(value)
        if value is not None:
            settings[each.name] = value
    checked = check_inputs(cls, settings)
    return replace(checked, failures=[_with_hints(failure, sources) for failure in checked.failures])


def with_defaults(cls: type[Settings], settings: Values) -> Settings:
    """Decode settings, with the declared defaults of absent ones."""
    return decode(cls, defaulted(cls, settings))


def _completed(
    property_: Property, value: Value, environ: Mapping[str, str], sources: dict[str, str], inside: str = ""
) -> Value:
    """Complete a setting from the environment, and note in `sources` which variable each path was read from.

    An object that is absent is made only if the environment has all its properties.
    """
    if isinstance(value, Secret):
        return secret(_completed(property_, value.value, environ, sources, inside))
    path = inside + property_.name
    if isinstance(property_.type, ObjectOf) and (value is None or isinstance(value, dict)):
        parts = properties_of(property_.type.python)
        if not value and not all(environ.get(part.field.environment or "") for part in parts):
            return value
        completed = dict(value or {})
        for part in parts:
            inner = _completed(part, completed.get(part.name), environ, sources, f"{path}.")
            if inner is not None:
                completed[part.name] = inner
        return completed
    variable = property_.field.environment
    if value is None and variable and environ.get(variable):
        sources[path] = variable
        return _typed(property_, environ[variable])
    return value


def _typed_object(cls: type[Any], values: Values) -> Values:
    properties = {each.name: each for each in properties_of(cls)}
    typed: Values = {}
    for key, value in values.items():
        name = key if key in properties else camel_case(key)
        if name not in properties:
            typed[key] = value
        elif (converted := _typed(properties[name], value)) is not None:
            typed[name] = converted
    return typed


def _typed(property_: Property, value: Value) -> Value:
    """Convert JSON text, and the keys of objects, to what the property's declaration says."""
    if isinstance(value, Secret):
        return secret(_typed(property_, value.value))
    if isinstance(value, str) and property_.type != Scalar(str):
        value = _parsed(value)
    if isinstance(property_.type, ObjectOf) and isinstance(value, dict):
        return _typed_object(property_.type.python, value)
    return value


def _parsed(text: str) -> Value:
    """Parse JSON text. Return the text unchanged if it is none, or nested too deeply."""
    try:
        # As an int, a number with thousands of digits could not be parsed.
        value: Value = json.loads(text, parse_int=float)
    except (ValueError, RecursionError):
        return text
    return text if _is_deeper(value, MAX_DEPTH) else value


def _is_deeper(value: Value, depth: int) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list) or not value:
        return False
    return depth == 0 or any(_is_deeper(each, depth - 1) for each in value)


def _with_hints(failure: Failure, sources: Mapping[str, str]) -> Failure:
    """Add how to configure an object, and the environment variable from which a refused value comes."""
    reason = failure.reason
    if "object, got" in reason and reason.endswith("string."):
        reason += " In a stack's configuration, `pulumi config set --path` sets the properties of an object one by one."
    variable = next((each for path, each in sources.items() if f"`{path}`" in reason), None)
    if variable:
        reason += f" It comes from {variable}."
    return replace(failure, reason=reason)
