"""Checks of inputs, defaults and secret marks, as they follow from the declarations.

A check reports all problems together. Values that a preview does not know yet pass.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, is_dataclass, replace
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
    fits_throughout,
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
    texts_in,
    unmarked,
)

# An input of ours in the state: the generated name of a resource. A refresh may replace the name itself by one that
# somebody else gave, and the next update then restores this one.
AUTONAMED = "__autonamed"


@dataclass(frozen=True)
class Checked:
    """The result of a check.

    Attributes:
        inputs: The checked inputs, with generated names, object IDs and secret marks applied.
        failures: The problems for which the check refuses the inputs.
        advice: The problems to warn about.

    """

    inputs: Values
    failures: list[Failure]
    advice: list[Advice]


def check_inputs(
    cls: type[Any],
    news: Values,
    olds: Values | None = None,
    autoname: Callable[[], str | None] = lambda: None,
    *,
    outputs: type[Any] | None = None,
    check_update: Callable[[Any, Any], Iterable[Problem]] = lambda _old, _new: (),
) -> Checked:
    """Check the inputs from a program against their declaration.

    The server accepted the values that the resource already has, and it knows more than these rules. So problems with
    them are not reported, unless the type is wrong. Otherwise, resources made elsewhere could not be imported.

    Args:
        cls: The `object_type` of the inputs.
        news: The inputs from the program.
        olds: The inputs of the existing resource. A generated name is taken from them.
        autoname: Generates a name, or returns None if the user's settings disable that.
        outputs: The `object_type` of the outputs, to explain that a program cannot set them.
        check_update: Compares the old inputs with the new ones. Called only if there are old inputs.

    """
    olds = olds or {}
    inputs = _checked_values(cls, news, olds, autoname)
    unchanged = _unchanged(cls, inputs, olds)
    problems: list[Problem] = []
    for found in _object_problems(cls, inputs, "", outputs):
        name = _top_level(found.problem.property)
        accepted = name in unchanged or (found.text is not None and found.text in texts_in(olds.get(name)))
        if found.unusable or not accepted:
            problems.append(found.problem)
    # The rules see refused values as unknown, so that they do not report them again.
    refused = {each.property for each in problems if isinstance(each, Failure)}
    decoded = decode(cls, _with_unknowns(inputs, "", refused) if refused else inputs)
    rule_problems = [each for each in _rule_problems(decoded, "") if _top_level(each.property) not in unchanged]
    if olds:
        with contextlib.suppress(NotYetKnownError):
            rule_problems.extend(check_update(_old_instance(cls, olds), decoded))
    problems += [_without_suggestion(each, inputs) for each in rule_problems]
    problems = [_of_property(each, news, inputs) for each in problems]
    kept = dict(inputs)
    for each in properties_of(cls):
        if each.field.autoname and news.get(each.name) is None:
            kept[AUTONAMED] = inputs[each.name]
    return Checked(
        inputs=kept,
        failures=[each for each in problems if isinstance(each, Failure)],
        advice=[each for each in problems if isinstance(each, Advice)],
    )


def defaulted(cls: type[Any], values: Values) -> Values:
    """Add the declared defaults of absent properties, at any depth."""
    completed = dict(values)
    for each in properties_of(cls):
        value = values.get(each.name)
        if value is not None:
            completed[each.name] = _mapped(defaulted, each.type, value, in_secrets=True)
        elif each.field.default_value is not None:
            completed[each.name] = each.field.default_value
    return completed


def marked(cls: type[Any], values: Values) -> Values:
    """Mark the properties that are declared secret, at any depth. A secret object needs no marks inside."""
    completed = dict(values)
    for each in properties_of(cls):
        value = values.get(each.name)
        if value is not None and each.field.secret:
            completed[each.name] = secret(value)
        elif value is not None:
            completed[each.name] = _mapped(marked, each.type, value, in_secrets=False)
    return completed


def _mapped(change: Callable[[type[Any], Values], Values], declared: Type, value: Value, *, in_secrets: bool) -> Value:
    """Apply `change` to each object inside a value. in_secrets: also inside secret values."""
    match declared:
        case _ if isinstance(value, Secret):
            return Secret(_mapped(change, declared, value.value, in_secrets=True)) if in_secrets else value
        case ListOf(element) if isinstance(value, list):
            return [_mapped(change, element, each, in_secrets=in_secrets) for each in value]
        case MapOf(element) if isinstance(value, dict):
            return {key: _mapped(change, element, each, in_secrets=in_secrets) for key, each in value.items()}
        case ObjectOf(cls) if isinstance(value, dict):
            return change(cls, value)
        case OneOf() if fits(declared, value):
            return _mapped(change, declared.alternative_for(value), value, in_secrets=in_secrets)
    return value


def secret_names(cls: type[Any]) -> frozenset[str]:
    """Return the names of the properties that are declared secret in a class and the objects inside it."""
    return frozenset(each.name for inner in classes_in(cls) for each in properties_of(inner) if each.field.secret)


def classes_in(cls: type[Any]) -> set[type[Any]]:
    """Return an `object_type` and those of the objects inside it. They may refer to each other."""
    found: set[type[Any]] = set()
    todo = [cls]
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo += [inner for property_ in properties_of(each) for inner in _object_classes(property_.type)]
    return found


def _object_classes(declared: Type) -> Iterator[type[Any]]:
    match declared:
        case ObjectOf(cls):
            yield cls
        case ListOf(element) | MapOf(element):
            yield from _object_classes(element)
        case OneOf(alternatives):
            for each in alternatives:
                yield from _object_classes(each)


# The values to check.


def _checked_values(cls: type[Any], news: Values, olds: Values, autoname: Callable[[], str | None]) -> Values:
    inputs = {name: value for name, value in news.items() if not name.startswith("__")}
    for property_ in properties_of(cls):
        name = property_.name
        if property_.field.autoname and inputs.get(name) is None:
            inputs[name] = olds.get(AUTONAMED) or olds.get(name) or autoname()
        if name in inputs and property_.field.identified_by is not None:
            inputs[name] = _object_id(property_.field.identified_by, inputs[name])
    return marked(cls, inputs)


def _object_id(key: str, value: Value) -> Value:
    """Replace an object by its ID; return any other value unchanged."""
    content = unmarked(value)
    if not isinstance(content, dict):
        return value
    found = secret(content.get(key)) if isinstance(value, Secret) else content.get(key)
    text = unmarked(found)
    return found if text is UNKNOWN or (isinstance(text, str) and text.strip()) else {key: found}


def _old_instance(cls: type[Any], olds: Values) -> Any:
    """Decode old inputs. Values that an older version stored with another type, or not at all, count as unknown."""
    values = defaulted(cls, olds)
    for each in properties_of(cls):
        value = values.get(each.name)
        if not (each.optional if value is None else fits_throughout(each.type, value)):
            values[each.name] = UNKNOWN
    return decode(cls, values)


def _unchanged(cls: type[Any], inputs: Values, olds: Values) -> set[str]:
    """Return the properties of an existing resource that are as they were, including absent ones."""
    if not olds:
        return set()
    return {
        each.name
        for each in properties_of(cls)
        if (each.name in inputs) == (each.name in olds) and each.same(olds.get(each.name), inputs.get(each.name))
    }


# Problems with the values themselves.


@dataclass(frozen=True)
class _Found:
    """A problem in the values themselves.

    unusable: the value cannot be used at all, so the problem counts even if the state contains the value.
    text: the refused text, if the only problem is that it is not a known value.
    """

    problem: Problem
    unusable: bool = False
    text: str | None = None


def _object_problems(cls: type[Any], values: Values, path: str, outputs: type[Any] | None = None) -> Iterator[_Found]:
    """Yield the problems of the properties of an object, at any depth, with the whole path in `Problem.property`."""
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
            choices = ", ".join(f"`{each}`" for each in property_.field.allowed or ())
            one_of = f" It is one of {choices}." if choices else ""
            yield _Found(Failure(where, f"`{where}` is required: {property_.summary}{one_of}"), unusable=not path)
        elif property_.field.autoname:
            yield _Found(Failure(where, f"`{where}` is required if autonaming is disabled."), unusable=True)


def _no_property(name: str, properties: Iterable[Property], path: str, outputs: type[Any] | None) -> str:
    """Explain that a property does not exist.

    A dictionary in Python has snake_case names. The SDK passes on those that it does not know unchanged.
    """
    is_python = "_" in name
    if not path and outputs is not None:
        for each in properties_of(outputs):
            if each.output_only and name in {each.name, each.attribute}:
                return f"`{name}` is an output, so a program cannot set it: {each.summary} Remove it."
    named = {each.name: each.attribute for each in properties}
    found = nearest(camel_case(name) if is_python else name, named)
    hint = f" It can have: {', '.join(named)}."
    if found:
        spelling = f" (Python: `{named[found[0]]}`)" if is_python and named[found[0]] != found[0] else ""
        hint = f" Did you mean `{found[0]}`{spelling}?"
    where = f"`{path}` has" if path else "There is"
    return f"{where} no property `{name}`.{hint}"


def _value_problems(declared: Type, value: Value, path: str) -> Iterator[_Found]:
    value = _spread(value)
    if unmarked(value) is UNKNOWN:
        return
    if not fits(declared, value):
        reason = f"`{path}` must be {_name_of(declared)}, got {_description_of(value)}."
        if declared == Scalar(str) and isinstance(value, dict) and isinstance(unmarked(value.get("id")), str):
            reason += " Did you mean its `id`?"
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
        case OneOf():
            yield from _value_problems(declared.alternative_for(value), value, path)


def _text_problems(property_: Property, value: Value, path: str) -> Iterator[_Found]:
    allowed = property_.field.allowed
    text = unmarked(value)
    if not isinstance(text, str):
        return
    if not text.strip() and not property_.field.blank:
        yield _Found(Failure(path, f"`{path}` must not be empty (is a variable empty?)."))
        return
    if allowed is None or text in allowed or property_.field.own_rule:
        return
    suggestion = did_you_mean(text, allowed)
    if property_.field.open_set and not suggestion:
        reason = f"`{path}` is {_shown_text(value)}, which is not a known value; it is sent unchanged."
        yield _Found(Advice(path, reason), text=text)
        return
    choices = ", ".join(f"`{each}`" for each in allowed)
    hint = "" if isinstance(value, Secret) else suggestion
    failure = Failure(path, f"`{path}` must be one of {choices}; got {_shown_text(value)}.{hint}")
    yield _Found(failure, text=text if property_.field.open_set else None)


def _with_unknowns(value: Value, path: str, places: Collection[str]) -> Any:
    """Make the values at these places unknown, also absent ones."""
    if path and path in places:  # A property without a name has the path of the whole.
        return UNKNOWN
    match value:
        case Secret():
            return Secret(_with_unknowns(value.value, path, places))
        case list():
            return [_with_unknowns(each, f"{path}[{index}]", places) for index, each in enumerate(value)]
        case dict():
            absent: Values = {
                name: None for where, _, name in (place.rpartition(".") for place in places) if where == path
            }
            return {name: _with_unknowns(each, _join(path, name), places) for name, each in (absent | value).items()}
    return value


# Rules: the `check…` methods of a class.


def _rule_problems(instance: Any, path: str) -> Iterator[Problem]:
    """Yield the problems that the rules of an object, and of the objects inside it, report.

    In a reason, the property's name in backticks is replaced by its whole path.
    """
    for rule in _rules_of(type(instance)):  # type: ignore[arg-type] # a class is hashable
        with contextlib.suppress(NotYetKnownError):
            for problem in rule(instance):
                where = _join(path, problem.property)
                # Only its first mention: later on, a value may have the same text.
                reason = problem.reason.replace(f"`{problem.property}`", f"`{where}`", 1)
                yield replace(problem, property=where, reason=reason)
    for property_ in properties_of(type(instance)):
        try:
            value = getattr(instance, property_.attribute)
        except NotYetKnownError:
            continue
        where = _join(path, property_.name)
        places = {where: value}
        if isinstance(value, list):
            places = {f"{where}[{index}]": each for index, each in enumerate(value)}
        elif isinstance(value, dict):
            places = {f"{where}.{key}": each for key, each in value.items()}
        for place, each in places.items():
            if is_dataclass(each):
                yield from _rule_problems(each, place)


@functools.cache
def _rules_of(cls: type[Any]) -> list[Callable[[Any], Iterable[Problem]]]:
    return [
        member
        for base in reversed(cls.__mro__)
        for name, member in vars(base).items()
        if name.startswith("check") and inspect.isfunction(member)
    ]


# Messages.


def _of_property(problem: Problem, *values: Values) -> Problem:
    """Name the top-level property, unless a value of it contains a secret: the engine would print the value."""
    name = _top_level(problem.property)
    return replace(problem, property="" if any(has_secret(each.get(name)) for each in values) else name)


def _without_suggestion(problem: Problem, inputs: Values) -> Problem:
    """Remove the suggestion for a secret value, because it is nearly the secret itself."""
    if not has_secret(inputs.get(_top_level(problem.property))):
        return problem
    return replace(problem, reason=re.sub(r" Did you mean [^?]*\?", "", problem.reason))


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
    """Move the secret mark of a list or an object to the values inside it."""
    match value:
        case Secret(list() as elements):
            return [secret(each) for each in elements]
        case Secret(dict() as elements):
            return {name: secret(each) for name, each in elements.items()}
    return value


def _shown_text(value: Value) -> str:
    return "a secret string" if isinstance(value, Secret) else json.dumps(value)


def _description_of(value: Value) -> str:
    content = unmarked(value)
    match content:
        case bool():
            kind, shown = "boolean", json.dumps(content)
        case int() | float():
            kind, shown = "number", number_text(content)
        case str():
            kind, shown = "string", json.dumps(content)
        case list():
            return "a list"
        case dict():
            return "an object"
        case Unsupported():
            return content.kind
        case _:
            return "nothing"
    return f"a secret {kind}" if isinstance(value, Secret) else f"the {kind} {shown}"
