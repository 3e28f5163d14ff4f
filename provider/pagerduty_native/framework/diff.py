"""Differences between the old and the new inputs of a resource, as they follow from the declarations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pagerduty_native.framework.declare import properties_of
from pagerduty_native.framework.values import UNKNOWN, Value, Values, has_secret, has_unknown, meaning, same


@dataclass
class Changes:
    """The changes of a resource's inputs. The resource's own `diff` may adjust them.

    Attributes:
        by_property: The changed top-level properties, by their camelCase names. Each has the places that differ, such
            as `emailFilters[0].subjectMode`, with ADD, DELETE or UPDATE.
        replaces: The changed properties that replace the resource.

    """

    by_property: dict[str, dict[str, str]] = field(default_factory=dict)
    replaces: set[str] = field(default_factory=set)

    def __contains__(self, property_name: str) -> bool:
        return property_name in self.by_property

    def discard(self, property_name: str) -> None:
        """Ignore the change of a property."""
        self.by_property.pop(property_name, None)
        self.replaces.discard(property_name)


def changes_of(cls: type[Any], olds: Values, news: Values, *, can_update: bool = True) -> Changes:
    """Compare the inputs of an `object_type`.

    A value that becomes secret is a change, so that its mark gets into the state, but never replaces the resource.

    An unknown value is a change, and may replace the resource: the ID of another resource is unknown only if that one
    is replaced. But an ID from a lookup (`identified_by`) is unknown whenever an argument of the lookup is, and is
    usually the same afterwards. A preview shows it as an update, not as a replacement that `up` would not make.

    If the resource cannot be updated, every change replaces it.
    """
    changes = Changes()
    for property_ in properties_of(cls):
        new = news.get(property_.name)
        old = property_.compared(olds.get(property_.name), new)
        if new is None and property_.left_to_server:
            continue
        is_same = property_.same(old, new)
        becomes_secret = has_secret(new) and not has_secret(old)
        if is_same and not becomes_secret:
            continue
        # With `others_stay`, each new entry is reported by itself.
        before = {} if old is None and property_.field.others_stay and isinstance(new, dict) else old
        changes.by_property[property_.name] = dict(_differences(property_.name, before, new))
        is_looked_up = property_.field.identified_by is not None and has_unknown(new)
        if (property_.field.replaces or not can_update) and not is_looked_up and not is_same:
            changes.replaces.add(property_.name)
    return changes


def changed_inputs(cls: type[Any], old_inputs: Values, old_outputs: Values, news: Values) -> frozenset[str]:
    """Return the inputs that an update has to send, by their Python names.

    They differ from the old inputs, or are missing in the old outputs, because an earlier attempt could not set them.
    """
    changed = set()
    for each in properties_of(cls):
        new = news.get(each.name)
        if new is None and each.left_to_server:
            continue
        is_missing = old_outputs.get(each.name) is None and not each.same(new, None)
        if is_missing or not each.same(new, each.compared(old_inputs.get(each.name), new)):
            changed.add(each.attribute)
    return frozenset(changed)


def _differences(path: str, old: Value, new: Value) -> Iterator[tuple[str, str]]:
    """Yield the innermost places that differ, or `path` itself if only its secret mark does."""
    # A list with unknowns or secrets is reported as a whole, because its length may change, too.
    is_whole = not isinstance(new, dict) and (has_secret(new) or has_unknown(new))
    inner = [] if is_whole else list(_inner_differences(path, old, new))
    if inner:
        yield from inner
    elif meaning(old) is None and new is not UNKNOWN:
        yield path, "ADD"
    else:
        yield path, "DELETE" if meaning(new) is None else "UPDATE"


def _inner_differences(path: str, old: Value, new: Value) -> Iterator[tuple[str, str]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            if not same(old.get(key), new.get(key)):
                yield from _differences(f"{path}.{key}", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before, after = ((each[index] if index < len(each) else None) for each in (old, new))
            if not same(before, after):
                yield from _differences(f"{path}[{index}]", before, after)
