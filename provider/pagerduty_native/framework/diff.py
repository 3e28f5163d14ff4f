"""Differences between a resource's inputs as they were and as they are, as they follow from the declarations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from pagerduty_native.framework.declare import Property, properties_of
from pagerduty_native.framework.values import UNKNOWN, Value, Values, has_secret, has_unknown, meaning, same


@dataclass(frozen=True)
class Difference:
    """One place that differs. path: where, such as `emailFilters[0].subjectMode`."""

    path: str
    kind: Literal["add", "delete", "update"]


@dataclass
class Changes:
    """How a resource's inputs changed. A resource's own `diff` may amend it.

    by_property: for each changed top-level property, the places inside it that differ.
    replaces: the changed properties that need a new resource.
    """

    by_property: dict[str, list[Difference]] = field(default_factory=dict)
    replaces: set[str] = field(default_factory=set)

    def __contains__(self, property_name: str) -> bool:
        return property_name in self.by_property

    def discard(self, property_name: str) -> None:
        """Take a property's change as none."""
        self.by_property.pop(property_name, None)
        self.replaces.discard(property_name)


def changes_of(cls: type[Any], olds: Values, news: Values, *, can_update: bool = True) -> Changes:
    """How the inputs `news` of an `object_type` differ in meaning from `olds`.

    A value that becomes secret differs, too, so that its mark gets into the state, but never replaces.

    What is unknown differs, and may replace: the ID of a resource is unknown only if that resource is made anew. An ID
    that a lookup returns (`identified_by`) is unknown as soon as anything that the lookup waits for changes, and mostly
    comes out the same. So it is shown as an update, never as a replacement that `up` would not make; the engine asks
    again at `up`, when it is known.

    can_update: whether there is an update; else every change replaces.
    """
    changes = Changes()
    for property_ in properties_of(cls):
        new = news.get(property_.name)
        old = property_.compared(olds.get(property_.name), new)
        if _changed(property_, old, new):
            # So that each new entry is named.
            before = {} if old is None and property_.field.others_stay and isinstance(new, dict) else old
            changes.by_property[property_.name] = list(_differences(property_.name, before, new))
            looked_up = property_.field.identified_by is not None and has_unknown(new)
            replaces = property_.field.replaces or not can_update
            if replaces and not looked_up and not property_.same(old, new):
                changes.replaces.add(property_.name)
    return changes


def changed_inputs(cls: type[Any], old_inputs: Values, old_outputs: Values, news: Values) -> frozenset[str]:
    """Return the inputs that an update has to send, by their Python names.

    They differ from the old inputs, or are missing in the old outputs, because an earlier attempt could not set them.
    """
    return frozenset(
        each.attribute
        for each in properties_of(cls)
        if not (news.get(each.name) is None and each.left_to_server)
        and not (
            each.same(news.get(each.name), each.compared(old_inputs.get(each.name), news.get(each.name)))
            and (old_outputs.get(each.name) is not None or each.same(news.get(each.name), None))
        )
    )


def _changed(property_: Property, old: Value, new: Value) -> bool:
    if new is None and property_.left_to_server:
        return False
    return not property_.same(old, new) or (has_secret(new) and not has_secret(old))


def _differences(path: str, old: Value, new: Value) -> Iterator[Difference]:
    """The innermost places that differ; the whole of `path` where only its secret mark does."""
    # A list that holds unknowns or secrets is one place, because its length may change, too.
    one_place = not isinstance(new, dict) and (has_secret(new) or has_unknown(new))
    inner = [] if one_place else list(_inner(path, old, new))
    if inner:
        yield from inner
    elif meaning(old) is None and new is not UNKNOWN:
        yield Difference(path, "add")
    else:
        yield Difference(path, "delete" if meaning(new) is None else "update")


def _inner(path: str, old: Value, new: Value) -> Iterator[Difference]:
    pairs: list[tuple[str, Value, Value]] = []
    if isinstance(old, dict) and isinstance(new, dict):
        pairs = [(f"{path}.{key}", old.get(key), new.get(key)) for key in {**old, **new}]
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before, after = ((each[index] if index < len(each) else None) for each in (old, new))
            pairs.append((f"{path}[{index}]", before, after))
    for inner_path, before, after in pairs:
        if not same(before, after):
            yield from _differences(inner_path, before, after)
