"""How a resource, a function or the package's settings declare their properties.

A class decorated with `object_type` is a typed, documented set of properties:

    @object_type
    class IntegrationArgs:
        service: str = field("The ID of the service.", replaces=True)
        vendor: str | None = field("The ID of the vendor.", replaces=True)

The schema, the checks, the diff and the secret marks all follow from it (schema.py, check.py, diff.py). Names are
snake_case in Python; on the wire, in the schema and in messages they are camelCase.
"""

from __future__ import annotations

import contextlib
import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from typing_extensions import dataclass_transform

from .fields import Field, camel_case, field, refuse
from .property_types import ListOf, MapOf, ObjectOf, OneOf, Scalar, Type, fits, type_of
from .values import Secret, Unknown, Value, Values, has_unknown, reveal, same, secret

T = TypeVar("T")


class NotYetKnownError(Exception):
    """A property was looked at whose value a preview cannot know yet."""


@dataclasses.dataclass(frozen=True)
class Property:
    """One property of an `object_type`: its name on the wire and in Python, its type, and what was declared of it."""

    name: str
    attribute: str
    type: Type
    optional: bool
    output_only: bool
    field: Field

    @property
    def required(self) -> bool:
        """Whether a program has to give it."""
        return not (self.optional or self.field.autoname or self.field.default_value is not None)

    @property
    def from_server(self) -> bool:
        """Whether the server gives it where the program does not: computed, or no input at all."""
        return self.field.computed or self.output_only

    def same(self, left: Value, right: Value) -> bool:
        """Whether two values of the property mean the same; what is unknown is the same as nothing."""
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


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
def object_type(cls: type[T]) -> type[T]:
    """Make a class of declared properties: a dataclass that raises `NotYetKnownError` where it is unknown.

    Its methods whose names begin with `check` are rules about how its properties go together: generators of `Failure`
    and `Advice`; see check.py. Each ends where it looks at what is unknown, or faulty already, and the others go on.
    """
    made = dataclasses.dataclass(kw_only=True, slots=True)(cls)
    made.__getattr__ = _not_yet_known  # type: ignore[attr-defined]
    return made


def _not_yet_known(instance: object, attribute: str) -> Any:
    # Only called for slots without a value: `decode` leaves those of unknown properties empty.
    if any(attribute == property_.attribute for property_ in properties_of(type(instance))):
        raise NotYetKnownError(attribute)
    raise AttributeError(attribute)


_PROPERTIES: dict[type[Any], tuple[Property, ...]] = {}


def properties_of(cls: type[Any]) -> tuple[Property, ...]:
    """The properties that an `object_type` declares, those of its bases first.

    The class of a resource's state derives from that of its arguments, and adds what is output only.
    """
    if cls not in _PROPERTIES:
        _PROPERTIES[cls] = tuple(_read_properties(cls))
    return _PROPERTIES[cls]


def _read_properties(cls: type[Any]) -> Iterator[Property]:
    if not dataclasses.is_dataclass(cls):
        raise TypeError(f"{_shown(cls)} is no class of properties: decorate it with @object_type.")
    base = cls.__mro__[1]
    inputs = [each.name for each in dataclasses.fields(base if dataclasses.is_dataclass(base) else cls)]
    hints = typing.get_type_hints(cls)
    for declared in dataclasses.fields(cls):
        where = f"{cls.__name__}.{declared.name}"
        if Field not in declared.metadata:
            raise TypeError(f'{where} is declared without field("…"), which says what it is for.')
        hint, field = hints[declared.name], declared.metadata[Field]
        type_, output_only = type_of(hint, where), declared.name not in inputs
        refuse(where, type_, field, output_only=output_only)
        optional = types.NoneType in typing.get_args(hint)
        yield Property(camel_case(declared.name), declared.name, type_, optional, output_only, field)


def _shown(cls: object) -> str:
    return getattr(cls, "__name__", None) or str(cls)


def decode(cls: type[T], values: Mapping[str, Value]) -> T:
    """The instance of an `object_type` that `values` describe.

    What is unknown is left out, and raises `NotYetKnownError` when looked at; what is absent is None; what is not
    declared or not of the declared type is passed over, so that a state written by another version still reads. In what
    a program gives, check.py reports it.
    """
    instance = object.__new__(cls)
    for property_ in properties_of(cls):
        with contextlib.suppress(NotYetKnownError):
            value = _decode_value(property_.type, values.get(property_.name))
            setattr(instance, property_.attribute, value)
    return instance


def _decode_value(declared: Type, value: Value) -> Any:
    if isinstance(value, Secret):
        value = value.value
    if value is None:
        return None
    if value is Unknown.UNKNOWN:
        raise NotYetKnownError
    match declared:
        case _ if not fits(declared, value):
            return None
        case ListOf(element) if isinstance(value, list):
            return [_decode_value(element, each) for each in value if fits(element, each)]
        case MapOf(element) if isinstance(value, dict):
            return {key: _decode_value(element, each) for key, each in value.items() if fits(element, each)}
        case ObjectOf(cls) if isinstance(value, dict):
            return decode(cls, value)
        case OneOf(alternatives):
            return _decode_value(next(each for each in alternatives if fits(each, value)), value)
        case Scalar(python) if python is int and isinstance(value, float):
            return int(value)
    return value


def fits_throughout(declared: Type, value: Value) -> bool:
    """Whether a value is of the declared type, also inside; what is not declared there is not looked at."""
    if isinstance(value, Secret):
        value = value.value
    match declared:
        case ListOf(element) if isinstance(value, list):
            return all(fits_throughout(element, each) for each in value)
        case MapOf(element) if isinstance(value, dict):
            return all(fits_throughout(element, each) for each in value.values())
        case ObjectOf(cls) if isinstance(value, dict):
            given = {each.name: value.get(each.name) for each in properties_of(cls)}
            return all(
                fits_throughout(each.type, given[each.name]) if given[each.name] is not None else not each.required
                for each in properties_of(cls)
            )
        case OneOf(alternatives):
            return any(fits_throughout(each, value) for each in alternatives)
    return fits(declared, value)


def encode(instance: object) -> Values:
    """The property values of an `object_type`'s instance: what is None left out, what is declared secret marked."""
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
