"""Declarations that cannot work are refused when the package is made, with words."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, Literal, Optional

import pytest
from pagerduty_native.rpc import Function, Instance, Package, Resource, field, object_type

from tests.library import Author, Chapter

Ink = enum.Enum("Ink", "BLACK RED")


def declared(hint: Any, **more: Any) -> type[Any]:
    """The arguments with one property, `Args.it`."""
    return object_type(type("Args", (), {"__annotations__": {"it": hint}, "it": field("What it is.", **more)}))


def package(args: type[Any], state: type[Any] | None = None) -> Package[Any, Any]:
    class Thing(Resource[args, state or args, None]):  # type: ignore[valid-type, misc]
        def create(self, args: Any) -> Instance[Any]:
            return Instance("1", args)

    return Package(name="things", version="1.0.0", resources=(Thing,))


@pytest.mark.parametrize(
    ("hint", "reason"),
    [
        pytest.param(
            dict[str, str], "Args.it is dict[str, str], which cannot be a property: there are no maps", id="map"
        ),
        pytest.param(Literal["a"], "declare str, and its values with field(…, allowed=", id="literal"),
        pytest.param(Ink, "Args.it is Ink, which cannot be a property: declare str, and its values", id="enum"),
        pytest.param(tuple[str, ...], "declare a list, with the type of its elements", id="tuple"),
        pytest.param(list, "declare a list, with the type of its elements", id="bare list"),
        pytest.param(list[Optional[str]], "the elements of a list cannot be None", id="list of optional"),  # noqa: UP045
        pytest.param(Any, "cannot be a property: declare what it can be", id="anything"),
        pytest.param(bytes, "decorate bytes with @object_type, if it is a class of properties", id="other class"),
        pytest.param(list[bytes], "Args.it is bytes, which", id="inside a list"),
        pytest.param(int | float, "two alternatives that are numbers, and no value tells which it is", id="numbers"),
        pytest.param(Author | Chapter, "two alternatives that are objects", id="objects"),
    ],
)
def test_types(hint: Any, reason: str) -> None:
    with pytest.raises(TypeError) as raised:
        package(declared(hint))
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    ("hint", "field_", "reason"),
    [
        pytest.param(int, {"autoname": True}, "`autoname`, which only a str can have", id="autoname"),
        pytest.param(list[str], {"allowed": {"a": "A."}}, "`allowed`, which only a str can have", id="allowed"),
        pytest.param(str, {"open_set": True}, "without the values that are `allowed`", id="open set"),
        pytest.param(int, {"default_value": "1"}, "the `default_value` '1', which is not of its type", id="default"),
        pytest.param(
            str, {"default_value": "b", "allowed": {"a": "A."}}, "'b', which is not `allowed`", id="default not allowed"
        ),
        pytest.param(str, {"default_value": "b", "computed": True}, "two values where a program gives none", id="both"),
        pytest.param(str, {"identified_by": "id"}, "and so must be `str | X`", id="identified, but no object"),
        pytest.param(
            str | Author, {"identified_by": "key"}, "`key`, which Author does not have: it has id", id="no such key"
        ),
    ],
)
def test_fields(hint: Any, field_: dict[str, Any], reason: str) -> None:
    with pytest.raises(TypeError) as raised:
        package(declared(hint, **field_))
    assert str(raised.value).startswith("Args.it ")
    assert reason in str(raised.value)


@object_type
class Args:
    it: str = field("What it is.")


@object_type
class Named(Args):
    id: str = field("Its ID.")


@object_type
class Given(Args):
    number: int = field("Its number.", default_value=1)


@object_type
class Stranger:
    number: int = field("Its number.")


class Plain:
    it: str


@object_type
class Undescribed:
    it: str


def lacking_create() -> object:
    class Thing(Resource[Args, Args, None]):
        """It has no `create`."""

    return Package(name="things", version="1.0.0", resources=(Thing,))


def lacking_types() -> object:
    class Thing(Resource):  # type: ignore[type-arg]
        def create(self, args: Any) -> Instance[Any]:
            return Instance("1", args)

    return Package(name="things", version="1.0.0", resources=(Thing,))


def lacking_invoke() -> object:
    class GetThing(Function[Args, Args, None]):
        """It has no `invoke`."""

    return Package(name="things", version="1.0.0", functions=(GetThing,))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda: package(Args, Named), "Named.id has a name that Pulumi keeps for itself", id="id"),
        pytest.param(lambda: package(Args, Given), "Given.number is an output, which takes no", id="out"),
        pytest.param(lambda: package(Args, Stranger), "Stranger must derive from Args alone", id="not derived"),
        pytest.param(lambda: package(Plain), "Plain is no class of properties: decorate it with", id="plain"),
        pytest.param(lambda: package(Undescribed), "Undescribed.it is declared without field(", id="no field"),
        pytest.param(lacking_create, "Thing lacks the method create.", id="no create"),
        pytest.param(lacking_invoke, "GetThing lacks the method invoke.", id="no invoke"),
        pytest.param(lacking_types, "Thing does not say what it takes and gives: derive it from", id="no types"),
    ],
)
def test_classes(make: Callable[[], object], reason: str) -> None:
    with pytest.raises(TypeError) as raised:
        make()
    assert str(raised.value).startswith(reason)


class Mixin:
    """What several resources have in common."""


class Mixed(Mixin, Resource[Args, Args, None]):
    def create(self, args: Args) -> Instance[Args]:
        return Instance("1", args)


class Derived(Mixed):
    """Another one."""


def test_a_mixin_before_the_base_and_a_class_after_it_are_no_harm() -> None:
    made: Package[Any, Any] = Package(name="things", version="1.0.0", resources=(Mixed, Derived))
    assert [cls.types() for cls in made.resources] == [(Args, Args)] * 2
