"""Checks of a program's inputs, as they follow from the declarations.

Everything that is wrong is reported together. Values that a preview does not know yet pass.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pagerduty_native.framework.declare import (
    ListOf,
    MapOf,
    NotYetKnownError,
    ObjectOf,
    OneOf,
    Property,
    Scalar,
    Type,
    camel_case,
    decode,
    fits,
    properties_of,
)
from pagerduty_native.framework.errors import Advice, Failure, Problem, did_you_mean, nearest
from pagerduty_native.framework.values import (
    UNKNOWN,
    Secret,
    Unsupported,
    Value,
    Values,
    has_secret,
    number_text,
    secret,
)


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


# Kept beside the inputs: the name that was made where the program gives none. A refresh may put another one, which
# somebody else gave, into the inputs; the next update then puts this one back.
AUTONAMED = "__autonamed"


@dataclass(frozen=True)
class Checked:
    """What a check found. inputs: the values to keep, as they came but for names, IDs of objects and secret marks."""

    inputs: Values
    failures: list[Failure]
    advice: list[Advice]


@dataclass(frozen=True)
class _Found:
    """A problem in the values themselves.

    unusable: the value cannot be used at all, so that it counts even if the state holds it.
    text: the text at fault if it is only not among the known values.
    """

    problem: Problem
    unusable: bool = False
    text: str | None = None


def check_inputs(
    cls: type[Any],
    news: Values,
    olds: Values | None = None,
    autoname: Callable[[], str | None] = lambda: None,
    *,
    outputs: type[Any] | None = None,
    check_update: Callable[[Any, Any], Iterable[Problem]] = lambda _old, _new: (),
) -> Checked:
    """Check `news`, the inputs from a program, against the `object_type` that they should be.

    A value that the resource has already was accepted by the server, which knows more than these rules. So problems
    with it are not reported, unless it cannot be used at all. Otherwise what was made elsewhere could not be imported.

    Args:
        cls: The `object_type` of the inputs.
        news: The inputs.
        olds: The inputs of the resource as it is. A generated name is kept from them.
        autoname: Makes a name, or None where the user's settings switch that off.
        outputs: The `object_type` of the outputs, whose names may be mistaken for those of inputs.
        check_update: Compares the old inputs with the new ones. Called only if there are old inputs.

    """
    inputs = {name: value for name, value in news.items() if not name.startswith("__")}
    autonamed: Values = {}
    for property_ in properties_of(cls):
        name = property_.name
        if property_.field.autoname and inputs.get(name) is None:
            inputs[name] = (olds or {}).get(AUTONAMED) or (olds or {}).get(name) or autoname()
            autonamed[AUTONAMED] = inputs[name]
    inputs |= {each.name: _identified(each, inputs[each.name]) for each in properties_of(cls) if each.name in inputs}
    inputs = marked(cls, inputs)
    held = _unchanged(cls, inputs, olds or {})
    problems = [
        each.problem
        for each in _object_problems(cls, inputs, "", outputs)
        if each.unusable
        or not (
            _top_level(each.problem.property) in held
            or (each.text is not None and each.text in _texts((olds or {}).get(_top_level(each.problem.property))))
        )
    ]
    # The rules see what is faulty already as not yet known, and so do not report it twice.
    faulty: Values = {_top_level(each.property): UNKNOWN for each in problems if isinstance(each, Failure)}
    decoded = decode(cls, inputs | faulty)
    found = [each for each in _rule_problems(decoded, "") if _top_level(each.property) not in held]
    if olds:
        # Another version of the provider, or a person, may have written what this one refuses: it is as if unknown.
        refused = [each.problem for each in _object_problems(cls, olds, "", outputs)]
        unreadable: Values = {_top_level(each.property): UNKNOWN for each in refused if isinstance(each, Failure)}
        with contextlib.suppress(NotYetKnownError):
            found.extend(check_update(decode(cls, defaulted(cls, olds) | unreadable), decoded))
    problems += [_of_rule(each, inputs) for each in found]
    problems = [_of_property(problem, news, inputs) for problem in problems]
    return Checked(
        inputs={**inputs, **autonamed},
        failures=[problem for problem in problems if isinstance(problem, Failure)],
        advice=[problem for problem in problems if isinstance(problem, Advice)],
    )


def _unchanged(cls: type[Any], inputs: Values, olds: Values) -> set[str]:
    """The properties of an existing resource that are as they were, also those that are absent as before."""
    return {
        each.name
        for each in properties_of(cls)
        if olds
        and (each.name in inputs) == (each.name in olds)
        and each.same(olds.get(each.name), inputs.get(each.name))
    }


def _texts(value: Value) -> Iterator[str]:
    """Every text in a value, at any depth."""
    match value:
        case Secret(inner):
            yield from _texts(inner)
        case str():
            yield value
        case list():
            for each in value:
                yield from _texts(each)
        case dict():
            for each in value.values():
                yield from _texts(each)


def _object_problems(cls: type[Any], values: Values, path: str, outputs: type[Any] | None = None) -> Iterator[_Found]:
    """Yield the problems of each property of an object, and inside it; `Problem.property` is the whole path."""
    properties = properties_of(cls)
    known = [property_.name for property_ in properties]
    for name in values:
        if name not in known and not getattr(cls, "MORE_PROPERTIES", False):
            yield _Found(Failure(_join(path, name), _no_property(name, properties, path, outputs)), unusable=True)
    for property_ in properties:
        where = _join(path, property_.name)
        value = values.get(property_.name)
        if value is not None:
            yield from _value_problems(property_.type, value, where)
            yield from _text_problems(property_, value, where)
        elif property_.required:
            yield _Found(Failure(where, f"`{where}` is required: {property_.summary}"), unusable=not path)
        elif property_.field.autoname:
            yield _Found(Failure(where, f"`{where}` is required if autonaming is disabled."), unusable=True)


def _no_property(name: str, properties: Iterable[Property], path: str, outputs: type[Any] | None) -> str:
    """The message about a property that does not exist.

    A dictionary in Python has names in snake_case, which the SDK passes on unchanged if it does not know them.
    """
    python = "_" in name
    if not path and outputs is not None:
        for each in properties_of(outputs):
            if each.output_only and name in {each.name, each.attribute}:
                return f"`{name}` is an output, so a program cannot set it: {each.summary} Remove it."
    named = {each.name: each.attribute for each in properties}
    found = nearest(camel_case(name) if python else name, named)
    hint = f" It can have: {', '.join(named)}."
    if found:
        spelling = f" (Python: `{named[found[0]]}`)" if python and named[found[0]] != found[0] else ""
        hint = f" Did you mean `{found[0]}`{spelling}?"
    where = f"`{path}` has" if path else "There is"
    return f"{where} no property `{name}`.{hint}"


def _value_problems(declared: Type, value: Value, path: str) -> Iterator[_Found]:
    """Yield each place in `value` that is not of the declared type."""
    value = _spread(value)
    if (value.value if isinstance(value, Secret) else value) is UNKNOWN:
        return
    if not fits(declared, value):
        reason = f"`{path}` must be {_name_of(declared)}, got {_description_of(value)}."
        yield _Found(Failure(path, reason), unusable=True)
        return
    match declared:
        case ListOf(element) if isinstance(value, list):
            for index, each in enumerate(value):
                yield from _value_problems(element, each, f"{path}[{index}]")
        case MapOf(element) if isinstance(value, dict):
            for key, each in value.items():
                yield from _value_problems(element, each, f"{path}.{key}")
        case ObjectOf(cls) if isinstance(value, dict):
            yield from _object_problems(cls, value, path)
        case OneOf(alternatives):
            fitting = next(each for each in alternatives if fits(each, value))
            yield from _value_problems(fitting, value, path)


def _text_problems(property_: Property, value: Value, path: str) -> Iterator[_Found]:
    allowed = property_.field.allowed
    text = value.value if isinstance(value, Secret) else value
    if not isinstance(text, str):
        return
    if not text.strip() and not property_.field.blank:
        yield _Found(Failure(path, f"`{path}` must not be empty (is a variable empty?)."))
        return
    if allowed is None or text in allowed or property_.field.own_rule:
        return
    shown, hint = json.dumps(text), did_you_mean(text, allowed)
    near = bool(hint)
    if isinstance(value, Secret):
        shown, hint = _description_of(value), ""
    if property_.field.open_set and not near:
        problem: Problem = Advice(path, f"`{path}` is {shown}, which is not a known value; it is sent unchanged.")
    else:
        choices = ", ".join(f"`{each}`" for each in allowed)
        problem = Failure(path, f"`{path}` must be one of {choices}; got {shown}.{hint}")
    yield _Found(problem, text=text if property_.field.open_set else None)


def _rule_problems(instance: Any, path: str) -> Iterator[Problem]:
    """What the rules of an object and of the objects inside it say, each rule as far as what it looks at is known.

    A reason that names the property in backticks then names its whole path.
    """
    for rule in _rules_of(type(instance)):  # type: ignore[arg-type] # a class is hashable
        with contextlib.suppress(NotYetKnownError):
            for problem in rule(instance):
                where = _join(path, problem.property)
                yield type(problem)(where, problem.reason.replace(f"`{problem.property}`", f"`{where}`"))
    for property_ in properties_of(type(instance)):
        try:
            value = getattr(instance, property_.attribute)
        except NotYetKnownError:
            continue
        where = _join(path, property_.name)
        places = [(where, value)]
        if isinstance(value, list):
            places = [(f"{where}[{index}]", each) for index, each in enumerate(value)]
        elif isinstance(value, dict):
            places = [(f"{where}.{key}", each) for key, each in value.items()]
        for place, each in places:
            if hasattr(type(each), "__dataclass_fields__"):
                yield from _rule_problems(each, place)


@functools.cache
def _rules_of(cls: type[Any]) -> list[Callable[[Any], Iterable[Problem]]]:
    return [
        member
        for base in reversed(cls.__mro__)
        for name, member in vars(base).items()
        if name.startswith("check") and inspect.isfunction(member)
    ]


def _identified(property_: Property, value: Value) -> Value:
    """What counts of a value: of an object that stands for its ID, the ID, as far as it is one."""
    key = property_.field.identified_by
    content = value.value if isinstance(value, Secret) else value
    if key is None or not isinstance(content, dict):
        return value
    found = content.get(key)
    if isinstance(value, Secret):
        found = secret(found)
    text = found.value if isinstance(found, Secret) else found
    return found if text is UNKNOWN or (isinstance(text, str) and text.strip()) else {key: found}


def _of_property(problem: Problem, *values: Values) -> Problem:
    """Name the top-level property, or none if a value of it holds a secret: the engine prints the value as it came."""
    name = _top_level(problem.property)
    return type(problem)("" if any(has_secret(each.get(name)) for each in values) else name, problem.reason)


def _of_rule(problem: Problem, inputs: Values) -> Problem:
    """Leave out a rule's suggestion for a secret: it is nearly the secret itself."""
    if not has_secret(inputs.get(_top_level(problem.property))):
        return problem
    return type(problem)(problem.property, re.sub(r" Did you mean [^?]*\?", "", problem.reason))


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _top_level(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _name_of(declared: Type) -> str:
    match declared:
        case Scalar(python):
            return {bool: "true or false", int: "a whole number", float: "a number", str: "a string"}[python]
        case ListOf():
            return "a list"
        case ObjectOf() | MapOf():
            return "an object"
        case OneOf(alternatives):
            return " or ".join(map(_name_of, alternatives))


def _spread(value: Value) -> Value:
    """A secret list or object as one of secrets."""
    match value:
        case Secret(list() as elements):
            return [secret(each) for each in elements]
        case Secret(dict() as elements):
            return {name: secret(each) for name, each in elements.items()}
    return value


def _description_of(value: Value) -> str:
    match value:
        case Secret(bool()):
            return "a secret boolean"
        case Secret(int() | float()):
            return "a secret number"
        case Secret(str()):
            return "a secret string"
        case Unsupported():
            return value.kind
        case bool():
            return f"the boolean {json.dumps(value)}"
        case int() | float():
            return f"the number {number_text(value)}"
        case str():
            return f"the string {json.dumps(value)}"
        case list():
            return "a list"
        case dict():
            return "an object"
    return "nothing"
