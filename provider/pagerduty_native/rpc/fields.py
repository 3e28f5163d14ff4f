"""What is declared about a property besides its name and type, and which of it cannot go together."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ParamSpec

from .property_types import ObjectOf, OneOf, Scalar, Type, fits

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
