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
import enum
import functools
import math
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ParamSpec, TypeVar, dataclass_transform

from pagerduty_native.framework.values import Secret, Unknown, Value, Values, has_unknown, reveal, same, secret

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
    raise TypeError(f"{where} is {_shown_hint(hint)}, which cannot be a property: {_advice(hint)}. Types: {_ALLOWED}.")


def _element_of(alternatives: list[Any], hint: Any, where: str) -> Type:
    if not alternatives or types.NoneType in typing.get_args(alternatives[0]):
        raise TypeError(f"{where} is {_shown_hint(hint)}: the elements of a list cannot be None.")
    return type_of(alternatives[0], where)


def _entry_of(alternatives: list[Any], hint: Any, where: str) -> Type:
    if len(alternatives) != 2 or alternatives[0] is not str or types.NoneType in typing.get_args(alternatives[1]):  # noqa: PLR2004
        raise TypeError(f"{where} is {_shown_hint(hint)}: declare dict[str, X], where X is not None.")
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


def _shown_hint(hint: Any) -> str:
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


P = ParamSpec("P")


@dataclasses.dataclass(frozen=True)
class Field:
    """What is declared about one property besides its name and type.

    description: Markdown, shown in editors and in the Pulumi Registry.
    replaces: a change of it needs a new resource.
    secret: always secret, wherever it comes from.
    autoname: named after the resource where the program gives no name.
    computed: where the program gives none, the server does; then removing it from a program changes nothing.
    server_sets: the server may keep another value than the one given, which is known once the resource is there.
    blank: a text may be empty.
    allowed: the values that are allowed, each with its description.
    open_set: other values than those in `allowed` are sent, with a warning, unless they are near an allowed one: then
        they are refused as misspelled, unless the resource has them already.
    own_rule: values that are not in `allowed` are left to a rule of the class.
    default_value: what the property is where the program does not give it, which it then need not; then it is never
        None. Of a setting, the environment goes first.
    environment: the environment variable that is read where a setting is absent.
    instead_of: the settings of which, where one is there, the environment is not asked for this one.
    meaning: what of a value (without secret marks, and not None) is compared; None means nothing. It is only asked of
        values of the declared type.
    others_stay: of a map: the server keeps the entries that the program lacks. They are no difference and no drift.
    identified_by: an object, such as a lookup returns, may be given in place of the text that it has by this name. That
        is all of it that counts: the rest is neither checked, nor kept, nor a difference.
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
    own_rule: bool = False
    default_value: bool | float | str | None = None
    environment: str | None = None
    instead_of: tuple[str, ...] = ()
    meaning: Callable[[Any], Any] | None = None
    others_stay: bool = False
    identified_by: str | None = None


def _declaring(declare: Callable[P, Field]) -> Callable[P, Any]:
    @functools.wraps(declare)
    def field(*args: P.args, **kwargs: P.kwargs) -> Any:
        return dataclasses.field(repr=False, metadata={Field: declare(*args, **kwargs)})

    return field


# Declares a property of an `object_type`, by the parameters of `Field`.
field = _declaring(Field)


def refuse(where: str, declared: Type, field: Field, *, output_only: bool) -> None:
    """Raise TypeError, in words, if what is declared cannot work. where: the class and the attribute."""
    for problem in _problems(declared, field, output_only=output_only):
        raise TypeError(f"{where} {problem}")


def _problems(declared: Type, field: Field, *, output_only: bool) -> Iterator[str]:
    is_text = declared == Scalar(str)
    for name in ("allowed", "autoname"):
        if getattr(field, name) and not is_text:
            yield f"is declared with `{name}`, which only a str can have."
    if field.open_set and not field.allowed:
        yield "is declared with `open_set`, but without the values that are `allowed`."
    if field.others_stay and not isinstance(declared, MapOf):
        yield "is declared with `others_stay`, which only a map can have."
    if field.default_value is not None:
        yield from _default_problems(declared, field, output_only=output_only)
    if field.identified_by is not None:
        yield from _identity_problems(declared, field.identified_by)


def _default_problems(declared: Type, field: Field, *, output_only: bool) -> Iterator[str]:
    default = field.default_value
    if output_only:
        yield "is an output, which takes no `default_value`: a program does not give it."
    if field.computed or field.autoname:
        yield "has two values where a program gives none: drop `default_value`, or `computed` and `autoname`."
    if not fits(declared, default):
        yield f"has the `default_value` {default!r}, which is not of its type."
    if field.allowed and default not in field.allowed and not field.open_set:
        yield f"has the `default_value` {default!r}, which is not `allowed`."


def _identity_problems(declared: Type, key: str) -> Iterator[str]:
    match declared:
        case OneOf((Scalar(text), ObjectOf(cls))) if text is str:
            names = [camel_case(each.name) for each in dataclasses.fields(cls)]
            if key not in names:
                yield f"is identified by `{key}`, which {cls.__name__} does not have: it has {', '.join(names)}."
        case _:
            yield "is declared with `identified_by`, and so must be `str | X`, where X is the object's class."


def camel_case(name: str) -> str:
    """The name on the wire of what is called `name` in Python."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


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

    @property
    def left_to_server(self) -> bool:
        """Whether the server keeps its value where the program gives none, so that removing it changes nothing."""
        return self.field.computed or self.field.others_stay

    def same(self, left: Value, right: Value) -> bool:
        """Whether two values of the property mean the same; what is unknown is the same as nothing."""
        return same(self._meaning(left), self._meaning(right))

    def compared(self, value: Value, given: Value) -> Value:
        """Return the part of a value that counts if a program gives `given`: of a map that others add to, its keys."""
        if not self.field.others_stay or given is None:
            return value
        keys = given.value if isinstance(given, Secret) else given
        entries = value.value if isinstance(value, Secret) else value
        if not isinstance(entries, dict) or not isinstance(keys, dict):
            return value
        counted: Value = {key: each for key, each in entries.items() if key in keys}
        return secret(counted) if isinstance(value, Secret) else counted

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
