"""Property values: plain Python data with marks for secrets and unknowns, and functions that walk through them.

A value may contain `Secret` and `UNKNOWN` at any depth. wire.py converts values from and to protobuf.
"""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pagerduty_native.framework.errors import ProviderError

# Protobuf allows 100 nested messages. An object or a secret mark takes 3 of them, a list 2.
MAX_DEPTH = 24
# Larger numbers are written with an exponent, as JavaScript does.
MAX_PLAIN_NUMBER = 1e21


class Unknown(enum.Enum):
    """The type of `UNKNOWN`."""

    UNKNOWN = "unknown"


# A value that a preview does not know yet.
UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True)
class Secret:
    """A value that Pulumi encrypts in the state and hides."""

    value: Value = field(repr=False)


@dataclass(frozen=True)
class Unsupported:
    """A value that no property can have, such as an asset. Checks report it by name."""

    kind: str


Value: TypeAlias = "bool | float | str | list[Value] | dict[str, Value] | Secret | Unknown | Unsupported | None"
Values: TypeAlias = dict[str, Value]


def secret(value: Value) -> Value:
    """Mark a value as secret, unless it is None or marked already."""
    return value if value is None or isinstance(value, Secret) else Secret(value)


def unmarked(value: Value) -> Value:
    """Remove the secret mark of the value itself, not of the values inside it."""
    return value.value if isinstance(value, Secret) else value


def reveal(value: Value) -> Any:
    """Remove all secret marks, at any depth."""
    match value:
        case Secret():
            return reveal(value.value)
        case list():
            return [reveal(element) for element in value]
        case dict():
            return {key: reveal(element) for key, element in value.items()}
    return value


def parts_of(value: Value) -> Iterator[Value]:
    """Yield a value and all values inside it."""
    yield value
    match value:
        case Secret():
            yield from parts_of(value.value)
        case list():
            for each in value:
                yield from parts_of(each)
        case dict():
            for each in value.values():
                yield from parts_of(each)


def has_secret(value: Value) -> bool:
    return any(isinstance(each, Secret) for each in parts_of(value))


def has_unknown(value: Value) -> bool:
    return any(each is UNKNOWN for each in parts_of(value))


def texts_in(value: Value) -> set[str]:
    """Return all texts and numbers in a value, as text."""
    texts = set()
    for each in parts_of(value):
        if isinstance(each, str):
            texts.add(each)
        elif isinstance(each, (int, float)) and not isinstance(each, bool):
            texts.add(number_text(each))
    return texts


def secret_texts(value: Value, names: Collection[str] = ()) -> set[str]:
    """Return all texts and numbers in a value that are marked secret, or belong to a property with one of `names`."""
    texts = set()
    for each in parts_of(value):
        if isinstance(each, Secret):
            texts |= texts_in(each.value)
        elif isinstance(each, dict):
            for name in each.keys() & names:
                texts |= texts_in(each[name])
    return texts


def number_text(number: float) -> str:
    """Write a number as people do: without a fraction of zero."""
    if not math.isfinite(number):
        return json.dumps(number)
    return str(int(number)) if float(number).is_integer() and abs(number) < MAX_PLAIN_NUMBER else repr(number)


def refuse_unsupported(values: Values) -> None:
    """Raise ProviderError, with the name of the property, if a value is of an unsupported kind."""
    for name, value in values.items():
        for each in parts_of(value):
            if isinstance(each, Unsupported):
                raise ProviderError(f"`{name}` holds {each.kind}, which this provider does not support.")


def known(values: Values) -> Values:
    """Return the properties that contain no unknown value."""
    return {name: value for name, value in values.items() if not has_unknown(value)}


def meaning(value: Value) -> Any:
    """Return a value in the form in which values are compared.

    Secret marks are removed, and null or empty values are left out of objects.
    """
    match value:
        case Secret():
            return meaning(value.value)
        case list():
            return [meaning(element) for element in value] or None
        case dict():
            compared = ((key, meaning(element)) for key, element in value.items())
            return {key: element for key, element in compared if element is not None} or None
        case bool():  # In Python, True == 1. In Pulumi, they differ.
            return ("bool", value)
    return value


def same(left: Value, right: Value) -> bool:
    """Compare the meanings of two values. An unknown value equals nothing, not even itself."""
    if has_unknown(left) or has_unknown(right):
        return False
    return bool(meaning(left) == meaning(right))
