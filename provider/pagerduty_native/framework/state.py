"""What goes into the state: outputs and inputs that keep, wherever nothing changed, the very values that were there.

The engine takes every difference between two states as a change: a secret mark, `[]` against absent, an order. What is
declared secret is marked nevertheless, even if an old state has it in plain.
"""

from __future__ import annotations

from typing import Any

from pagerduty_native.framework.check import marked
from pagerduty_native.framework.declare import MapOf, Property, properties_of
from pagerduty_native.framework.values import UNKNOWN, Secret, Value, Values, has_secret, same, secret


def outputs_of(state: type[Any], actual: Values, *previous: Values) -> Values:
    """The outputs for a resource that is `actual`, spelt as in the first of `previous` that means the same."""
    outputs: Values = {}
    for each in properties_of(state):
        value = _overlay(each, actual.get(each.name), [before.get(each.name) for before in previous])
        if value is not None:
            outputs[each.name] = value
    return marked(state, outputs)


def _overlay(property_: Property, actual: Value, previous: list[Value]) -> Value:
    """Return the first of `previous` that means the same as `actual`.

    Otherwise return `actual`, secret if the newest of `previous` is; in a map, each entry by itself.
    """
    given = [before for before in previous if before is not None]
    for before in given:
        if property_.same(actual, before):
            return before
    if isinstance(property_.type, MapOf) and isinstance(actual, dict):
        return {key: _overlay_entry(each, [_entry(before, key) for before in given]) for key, each in actual.items()}
    return secret(actual) if given and has_secret(given[0]) else actual


def _overlay_entry(actual: Value, previous: list[Value]) -> Value:
    given = [before for before in previous if before is not None]
    for before in given:
        if same(actual, before):
            return before
    return secret(actual) if given and has_secret(given[0]) else actual


def _entry(values: Value, key: str) -> Value:
    """Return an entry of a map, secret if the map is."""
    if isinstance(values, Secret):
        return secret(_entry(values.value, key))
    return values.get(key) if isinstance(values, dict) else None


def preview_of_create(state: type[Any], inputs: Values) -> Values:
    """The outputs that a create will have: the inputs, and what the server will fill in as unknown."""
    return {
        each.name: _unknown(each) if each.field.server_sets else inputs.get(each.name, _unknown(each))
        for each in properties_of(state)
        if each.name in inputs or each.from_server
    }


def preview_of_update(state: type[Any], olds: Values, inputs: Values) -> Values:
    """The outputs that an update will have: the inputs, and what the server filled in before."""
    updated: Values = {
        each.name: value
        for each in properties_of(state)
        if (value := _updated(each, olds.get(each.name), inputs.get(each.name))) is not None
    }
    return marked(state, updated)


def _updated(property_: Property, old: Value, new: Value) -> Value:
    if property_.field.server_sets or (new is None and property_.from_server):
        return old
    return new


def refreshed_inputs(args: type[Any], inputs: Values, olds: Values, actual: Values) -> Values:
    """The inputs after a refresh: as they were, but for the properties that drifted from the old outputs.

    A property that the program leaves to the server is not an input, however it drifts, nor does one drift that the
    server sets as it likes.
    """
    refreshed = dict(inputs)
    for each in properties_of(args):
        given = inputs.get(each.name)
        old, new = (each.compared(values.get(each.name), given) for values in (olds, actual))
        if old is None:  # Asked for, but never done: that must show, too.
            old = given
        if each.same(old, new) or each.field.server_sets or (each.left_to_server and given is None):
            continue
        refreshed[each.name] = _overlay(each, new, [given])
    return marked(args, {name: value for name, value in refreshed.items() if value is not None})


def imported_inputs(args: type[Any], actual: Values) -> Values:
    """The inputs of a program that would make this resource: nothing in it that is the default anyway."""
    return {
        each.name: actual[each.name]
        for each in properties_of(args)
        if each.name in actual and not each.same(actual[each.name], each.field.default_value)
    }


def _unknown(property_: Property) -> Value:
    return secret(UNKNOWN) if property_.field.secret else UNKNOWN
