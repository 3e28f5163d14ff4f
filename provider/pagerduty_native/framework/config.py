"""The provider's settings, as the engine sends them and as the environment completes them.

The engine sends settings typed or as JSON text ("true", "{…}"), and objects from Python with snake_case keys.
"""

from __future__ import annotations

import functools
import json
import operator
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pagerduty_native.framework.check import Checked, check_inputs, defaulted, secret_names
from pagerduty_native.framework.declare import ObjectOf, Property, Scalar, Type, camel_case, decode, properties_of
from pagerduty_native.framework.errors import Failure
from pagerduty_native.framework.values import MOST_DEPTH, Secret, Value, Values, reveal, secret

Settings = TypeVar("Settings")

# The engine puts these beside the settings.
ENGINE_KEYS = frozenset({"version", "pluginDownloadURL"})


def check_settings(cls: type[Any], news: Values, environ: Mapping[str, str] | None = None) -> Checked:
    """Check the settings from a program or a stack's configuration. What they come to is in `Checked.inputs`.

    environ: the environment, from which settings that are absent are taken. Only for what configures the provider: what
    the engine keeps must not hold a token from the environment.

    The engine passes on no secret marks. So an object that can hold a secret is secret as a whole, also if it is
    faulty, and what is no setting is named in the reason alone, as the engine shows the value of what a failure names.
    """
    # An empty text is how configuration says that a setting is not set.
    given = {name: value for name, value in news.items() if name not in ENGINE_KEYS and reveal(value) != ""}
    settings, sources = _typed(cls, given), dict[str, str]()
    for each in properties_of(cls):
        if environ and not any(other in settings for other in each.field.instead_of):
            settings |= _completed(each, settings.get(each.name), environ, sources)
    declared = {each.name: each for each in properties_of(cls)}
    marked = {name: secret(settings[name]) for name, each in declared.items() if _can_hold_secret(each, settings)}
    checked = check_inputs(cls, settings | marked)
    failures = [_with_source(_with_path(failure), sources) for failure in checked.failures]
    return replace(checked, failures=failures)


def _can_hold_secret(property_: Property, settings: Values) -> bool:
    inner = property_.type
    return property_.name in settings and isinstance(inner, ObjectOf) and bool(secret_names(inner.python))


def _completed(property_: Property, value: Value, environ: Mapping[str, str], sources: dict[str, str]) -> Values:
    """The setting as the environment completes it. An object comes from there whole, or what it lacks does."""
    if isinstance(value, Secret):
        completed = _completed(property_, value.value, environ, sources)
        return {name: secret(each) for name, each in completed.items()}
    if isinstance(property_.type, ObjectOf) and (value is None or isinstance(value, dict)):
        given = value or {}
        parts = properties_of(property_.type.python)
        found = [_completed(part, given.get(part.name), environ, sources) for part in parts]
        whole = given or all(environ.get(part.field.environment or "") for part in parts)
        return {property_.name: functools.reduce(operator.or_, found, given)} if whole else {}
    variable = property_.field.environment
    if value is None and variable and (text := environ.get(variable)):
        sources[property_.name] = variable
        return {property_.name: _typed_value(property_, text)}
    return {}


def _with_path(failure: Failure) -> Failure:
    """Add to the failure of an object that was given as a text how the configuration sets its properties."""
    if not ("object, got" in failure.reason and failure.reason.endswith("string.")):
        return failure
    advice = " In a stack's configuration, `pulumi config set --path` sets the properties of an object one by one."
    return replace(failure, reason=failure.reason + advice)


def _with_source(failure: Failure, sources: Mapping[str, str]) -> Failure:
    """The failure, with the environment variable that it comes from."""
    variable = next((each for name, each in sources.items() if f"`{name}`" in failure.reason), None)
    return replace(failure, reason=f"{failure.reason} It comes from {variable}.") if variable else failure


def with_defaults(cls: type[Settings], settings: Values) -> Settings:
    """The settings, with the declared defaults where they are absent."""
    return decode(cls, defaulted(cls, settings))


def _typed(cls: type[Any], values: Values) -> Values:
    types = {property_.name: property_ for property_ in properties_of(cls)}
    typed: Values = {}
    for key, value in values.items():
        name = key if key in types else camel_case(key)
        typed[name if name in types else key] = _typed_value(types.get(name), value)
    return {name: value for name, value in typed.items() if value is not None}


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
        # As a whole number, one of very many digits is none that can be read.
        parsed: Value = json.loads(text, parse_int=float)
    except (ValueError, RecursionError):
        return text
    return text if _is_deeper(parsed, MOST_DEPTH) else parsed


def _is_deeper(value: Value, most: int) -> bool:
    level: list[Value] = [value]
    for _ in range(most + 1):
        level = [inner for each in level for inner in _elements(each)]
    return bool(level)


def _elements(value: Value) -> Iterable[Value]:
    return value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
