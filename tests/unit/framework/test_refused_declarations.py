"""Declarations that cannot work are refused when the package is made, with words."""

from __future__ import annotations

import enum
import functools
from abc import abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, Literal, Optional, TypeVar

import pytest
from pagerduty_native.framework import Function, Instance, Listable, Listed, Provider, Resource, field, object_type

from tests.support.library import Author, Chapter

Ink = enum.Enum("Ink", "BLACK RED")


def declared(hint: Any, **more: Any) -> type[Any]:
    """The arguments with one property, `Args.it`."""
    return object_type(type("Args", (), {"__annotations__": {"it": hint}, "it": field("What it is.", **more)}))


def package(args: type[Any], state: type[Any] | None = None) -> Provider[Any, Any]:
    class Thing(Resource[args, state or args, None]):  # type: ignore[valid-type, misc]
        def create(self, args: Any) -> Instance[Any]:
            return Instance("1", args)

    return Provider(name="things", version="1.0.0", resources=(Thing,))


TYPES = (
    "Types: bool, int, float, str, a class decorated with @object_type, lists and maps (dict[str, …]) of these, and "
    "alternatives such as str | Author."
)


@pytest.mark.parametrize(
    ("hint", "shown", "advice"),
    [
        pytest.param(dict, "dict", "declare dict[str, X], with the type of its values", id="map"),
        *(
            pytest.param(hint, shown, "declare str, and its values with field(…, allowed={…})", id=shown)
            for hint, shown in ((Literal["a"], "Literal['a']"), (Ink, "Ink"))
        ),
        *(
            pytest.param(hint, shown, "declare a list, with the type of its elements", id=shown)
            for hint, shown in ((tuple[str, ...], "tuple[str, ...]"), (set[str], "set[str]"), (list, "list"))
        ),
        pytest.param(Any, "Any", "declare one of the types below", id="anything"),
        pytest.param(TypeVar("T"), "~T", "declare one of the types below", id="a type variable"),
        *(
            pytest.param(
                hint, "bytes", "decorate bytes with @object_type, if it is a class of properties", id=str(hint)
            )
            for hint in (bytes, list[bytes], str | bytes, bytes | None)
        ),
    ],
)
def test_a_type_that_cannot_be_a_property_is_refused(hint: Any, shown: str, advice: str) -> None:
    with pytest.raises(TypeError) as raised:
        package(declared(hint))
    message = str(raised.value).replace("typing.", "")  # Any is typing.Any in Python 3.10
    assert message == f"Args.it is {shown}, which cannot be a property: {advice}. {TYPES}"


def test_elements_that_may_be_none() -> None:
    with pytest.raises(TypeError) as raised:
        package(declared(list[Optional[str]]))  # noqa: UP045
    assert str(raised.value) == "Args.it is list[typing.Optional[str]]: the elements of a list cannot be None."


@pytest.mark.parametrize("hint", [dict[int, str], dict[str, Optional[str]]])  # noqa: UP045
def test_map_with_other_keys_or_none(hint: Any) -> None:
    with pytest.raises(TypeError, match=r"^Args\.it is dict.*: declare dict\[str, X\], where X is not None\.$"):
        package(declared(hint))


@pytest.mark.parametrize(
    ("hint", "kind"),
    [
        pytest.param(int | float, "numbers", id="numbers"),
        pytest.param(Author | Chapter, "objects", id="objects"),
        pytest.param(list[str] | str | list[int], "lists", id="lists"),
    ],
)
def test_alternatives_of_one_kind(hint: Any, kind: str) -> None:
    with pytest.raises(TypeError) as raised:
        package(declared(hint))
    assert str(raised.value) == f"Args.it has two alternatives that are {kind}, which no value can tell apart."


def test_alternatives_of_different_kinds() -> None:
    args = declared(str | bool | int | list[str] | Author | None)
    assert package(args).resources[0].types() == (args, args)


@pytest.mark.parametrize(
    ("hint", "field_", "reason"),
    [
        pytest.param(int, {"autoname": True}, "is declared with `autoname`, which only a str can have.", id="autoname"),
        pytest.param(
            list[str], {"allowed": {"a": "A."}}, "is declared with `allowed`, which only a str can have.", id="allowed"
        ),
        pytest.param(
            str,
            {"open_set": True},
            "is declared with `open_set`, but without the values that are `allowed`.",
            id="open set",
        ),
        pytest.param(
            str, {"enum": "Kind"}, "is declared with `enum`, but without the values that are `allowed`.", id="enum"
        ),
        *(
            pytest.param(
                str,
                {"enum": "Kind", "allowed": dict.fromkeys(values, "x.")},
                f"is declared with `enum`, but its members would be {members}: each value needs a name of its own.",
                id=f"enum of {members}",
            )
            for values, members in ((("a-b", "aB"), "AB, AB"), (("2nd", "first"), "2nd, First"))
        ),
        pytest.param(
            int, {"default_value": "1"}, "has the `default_value` '1', which is not of its type.", id="default"
        ),
        pytest.param(
            str,
            {"default_value": "b", "allowed": {"a": "A."}},
            "has the `default_value` 'b', which is not `allowed`.",
            id="default not allowed",
        ),
        *(
            pytest.param(
                str,
                {"default_value": "b", name: True},
                "has two values if a program gives none: remove `default_value`, or `computed` and `autoname`.",
                id=name,
            )
            for name in ("computed", "autoname")
        ),
        *(
            pytest.param(
                hint,
                {"identified_by": "id"},
                "is declared with `identified_by`, so its type must be `str | X`, where X is an object type.",
                id=f"identified, but {hint}",
            )
            for hint in (str, Author, int | Author, list[Author])
        ),
        pytest.param(
            str | Chapter,
            {"identified_by": "key"},
            "is identified by `key`, which Chapter does not have: it has title, pages, mood.",
            id="no such key",
        ),
    ],
)
def test_an_invalid_field_is_refused(hint: Any, field_: dict[str, Any], reason: str) -> None:
    with pytest.raises(TypeError) as raised:
        package(declared(hint, **field_))
    assert str(raised.value) == f"Args.it {reason}"


@pytest.mark.parametrize(
    ("hint", "field_"),
    [
        pytest.param(str, {"default_value": "b", "allowed": {"a": "A."}, "open_set": True}, id="open set"),
        pytest.param(str, {"default_value": "", "blank": True}, id="nothing"),
        pytest.param(bool, {"default_value": False}, id="no"),
        pytest.param(str | Author, {"identified_by": "id"}, id="identified"),
    ],
)
def test_fields_that_work(hint: Any, field_: dict[str, Any]) -> None:
    assert package(declared(hint, **field_))


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


@object_type
class Between(Args):
    number: int = field("Its number.")


@object_type
class Below(Between):
    color: str = field("Its color.")


class Plain:
    it: str


@object_type
class Undescribed:
    it: str


def lacking_create() -> object:
    class Thing(Resource[Args, Args, None]):
        """It has no `create`."""

    return Provider(name="things", version="1.0.0", resources=(Thing,))


@object_type
class Repeating:
    """Two properties with one enum."""

    first: str = field("The first ink.", allowed={"red": "x."}, enum="Ink")
    second: str = field("The second ink.", allowed={"red": "x."}, enum="Ink")


@object_type
class Contradicting:
    first: str = field("The first ink.", allowed={"red": "x."}, enum="Ink")
    second: str = field("The second ink.", allowed={"blue": "x."}, enum="Ink")


@object_type
class Doubling:
    chapter: Chapter = field("The chapter.")
    kind: str = field("The kind.", allowed={"red": "x."}, enum="Chapter")


@object_type
class Repeated:
    kind: str = field("The kind.", allowed={"red": "x."}, enum="Thing")


@object_type
class Spaced:
    kind: str = field("The kind.", allowed={"red": "x."}, enum="my Ink")


def test_two_properties_can_have_one_enum() -> None:
    assert package(Repeating)


def quoted() -> object:
    class Thing(Resource["Args", "Named", None]):
        def create(self, args: Any) -> Instance[Any]:
            return Instance("1", args)

    return Provider(name="things", version="1.0.0", resources=(Thing,))


def lacking_both() -> object:
    class Thing(Resource[Args, Args, None]):
        """It has no `create`, and not what those who derive from it have to have."""

        @abstractmethod
        def paint(self) -> None: ...

    return Provider(name="things", version="1.0.0", resources=(Thing,))


def lacking_types() -> object:
    class Thing(Resource):  # type: ignore[type-arg]
        def create(self, args: Any) -> Instance[Any]:
            return Instance("1", args)

    return Provider(name="things", version="1.0.0", resources=(Thing,))


def lacking_list_args() -> object:
    class Thing(Resource[Args, Args, None], Listable):  # type: ignore[type-arg]
        def create(self, args: Args) -> Instance[Args]:
            return Instance("1", args)

        def list(self, args: Any) -> Iterator[Listed]:
            yield Listed("1", args)

    return Provider(name="things", version="1.0.0", resources=(Thing,))


def with_list_args(list_args: Any) -> Provider[Any, Any]:
    class Thing(Resource[Args, Args, None], Listable[list_args]):
        def create(self, args: Args) -> Instance[Args]:
            return Instance("1", args)

        def list(self, args: list_args) -> Iterator[Listed]:
            yield Listed("1", str(args))

    return Provider(name="things", version="1.0.0", resources=(Thing,))


def lacking_invoke() -> object:
    class GetThing(Function[Args, Args, None]):
        """It has no `invoke`."""

    return Provider(name="things", version="1.0.0", functions=(GetThing,))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        pytest.param(lambda: package(Args, Named), "Named.id has a name that Pulumi reserves: rename it.", id="id"),
        pytest.param(lambda: package(Args, Given), "Given.number is an output, so it cannot have a", id="out"),
        pytest.param(lambda: package(Args, Stranger), "Stranger must derive from Args directly", id="not derived"),
        pytest.param(lambda: package(Args, Below), "Below must derive from Args directly", id="derived from between"),
        pytest.param(lambda: package(Plain), "Plain is not an object type. Decorate it with", id="plain"),
        pytest.param(lambda: package(Undescribed), "Undescribed.it has no description.", id="no field"),
        *(
            pytest.param(
                functools.partial(package, args),
                f"{args.__name__}.{name} has the enum `{enum}`, which is also the name of a resource, of an object "
                "type or of an enum with other values: rename it.",
                id=args.__name__,
            )
            for args, name, enum in (
                (Contradicting, "second", "Ink"),
                (Doubling, "kind", "Chapter"),
                (Repeated, "kind", "Thing"),
            )
        ),
        pytest.param(
            lambda: package(Spaced),
            "Spaced.kind has the enum `my Ink`, which is no name in PascalCase: rename it.",
            id="Spaced",
        ),
        pytest.param(lacking_create, "Thing lacks the method create.", id="no create"),
        pytest.param(quoted, "ForwardRef('Args') is not an object type. Decorate it with @object_type.", id="text"),
        pytest.param(lacking_both, "Thing lacks the method create, paint.", id="no two methods"),
        pytest.param(lacking_invoke, "GetThing lacks the method invoke.", id="no invoke"),
        pytest.param(lacking_list_args, "Thing has no type arguments: derive it from Listable[ListArgs].", id="list"),
        pytest.param(
            lambda: with_list_args(Undescribed),
            "Undescribed.it has no description.",
            id="list input",
        ),
        pytest.param(
            lacking_types, "Thing has no type arguments: derive it from Resource[Args, State, Client].", id="no types"
        ),
    ],
)
def test_an_invalid_class_is_refused(make: Callable[[], object], reason: str) -> None:
    with pytest.raises(TypeError) as raised:
        make()
    assert str(raised.value).startswith(reason)


class Mixin:
    """Methods that several resources share."""


class Mixed(Mixin, Resource[Args, Args, None]):
    def create(self, args: Args) -> Instance[Args]:
        return Instance("1", args)


class Derived(Mixed):
    """Another one."""


def test_a_mixin_before_the_base_and_a_class_after_it_are_no_harm() -> None:
    made: Provider[Any, Any] = Provider(name="things", version="1.0.0", resources=(Mixed, Derived))
    assert [cls.types() for cls in made.resources] == [(Args, Args)] * 2
