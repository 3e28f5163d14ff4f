"""What property values mean: secrets, unknowns, differences. How protobuf carries them is in wire.py.

A value is plain Python data in which `Secret` wraps what is secret and `UNKNOWN` stands for what a preview cannot know
yet, at whatever depth they came.
"""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pagerduty_native.framework.errors import ProviderError

# Protobuf takes messages that are 100 deep at most; an object or a secret mark are 3 of them, a list 2.
MOST_DEPTH = 24
# From here on a number is written with an exponent, as JavaScript does.
MOST_PLAIN = 1e21


class Unknown(enum.Enum):
    """The type of `UNKNOWN`: a value that a preview cannot know yet."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True)
class Secret:
    """A value that Pulumi keeps encrypted and hidden."""

    value: Value = field(repr=False)


@dataclass(frozen=True)
class Unsupported:
    """A value of a kind that no property takes, such as an asset; the checks report where it stands."""

    kind: str


Value: TypeAlias = "bool | float | str | list[Value] | dict[str, Value] | Secret | Unknown | Unsupported | None"
Values: TypeAlias = dict[str, Value]


def secret(value: Value) -> Value:
    """`value` as a secret, not wrapped twice; nothing (`None`) is not made secret."""
    return value if value is None or isinstance(value, Secret) else Secret(value)


def reveal(value: Value) -> Any:
    """`value` without its secret marks, at any depth."""
    match value:
        case Secret():
            return reveal(value.value)
        case list():
            return [reveal(element) for element in value]
        case dict():
            return {key: reveal(element) for key, element in value.items()}
    return value


def has_secret(value: Value) -> bool:
    match value:
        case Secret():
            return True
        case list():
            return any(map(has_secret, value))
        case dict():
            return any(map(has_secret, value.values()))
    return False


def secret_texts(value: Value, names: Collection[str] = ()) -> set[str]:
    """Every text and number inside `value` that is secret: marked so, or of a property with one of `names`."""
    match value:
        case Secret():
            return _texts(value.value)
        case list():
            return set().union(*(secret_texts(each, names) for each in value))
        case dict():
            return set().union(
                *(_texts(each) if key in names else secret_texts(each, names) for key, each in value.items())
            )
    return set()


def _texts(value: Value) -> set[str]:
    match value:
        case Secret():
            return _texts(value.value)
        case str():
            return {value}
        case int() | float() if not isinstance(value, bool):
            return {number_text(value)}
        case list():
            return set().union(*map(_texts, value))
        case dict():
            return set().union(*map(_texts, value.values()))
    return set()


def number_text(number: float) -> str:
    """A number as a person writes it: no fraction where there is none."""
    if not math.isfinite(number):
        return json.dumps(number)
    return str(int(number)) if float(number).is_integer() and abs(number) < MOST_PLAIN else repr(number)


def unsupported(value: Value) -> Unsupported | None:
    """The first value of a kind that no property takes, at whatever depth."""
    match value:
        case Unsupported():
            return value
        case Secret():
            return unsupported(value.value)
        case list():
            return next(filter(None, map(unsupported, value)), None)
        case dict():
            return next(filter(None, map(unsupported, value.values())), None)
    return None


def supported(values: Values) -> Values:
    """`values`, if each is of a kind that a property can have. Raises ProviderError, with the property's name."""
    for name, value in values.items():
        if found := unsupported(value):
            raise ProviderError(f"`{name}` holds {found.kind}, which this provider does not support.")
    return values


def known(values: Values) -> Values:
    """The properties that hold nothing unknown."""
    return {name: value for name, value in values.items() if not has_unknown(value)}


def has_unknown(value: Value) -> bool:
    match value:
        case Unknown.UNKNOWN:
            return True
        case Secret():
            return has_unknown(value.value)
        case list():
            return any(map(has_unknown, value))
        case dict():
            return any(map(has_unknown, value.values()))
    return False


def meaning(value: Value) -> Any:
    """`value` as it is compared: without secret marks, and with what is null or empty left out of objects."""
    match value:
        case Secret():
            return meaning(value.value)
        case list():
            return [meaning(element) for element in value] or None
        case dict():
            compared = ((key, meaning(element)) for key, element in value.items())
            return {key: element for key, element in compared if element is not None} or None
        case bool():  # Python takes True for 1; Pulumi does not.
            return bool, value
    return value


def same(left: Value, right: Value) -> bool:
    """Whether two values mean the same; what is unknown is the same as nothing, itself included."""
    if has_unknown(left) or has_unknown(right):
        return False
    return bool(meaning(left) == meaning(right))
