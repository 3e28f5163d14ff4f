"""The outputs and inputs that go into the state. Unchanged values stay exactly as they were.

The engine shows every difference between two states as a change: a secret mark, `[]` for an absent value, a new order.
Values that are declared secret are always marked, even if an old state contains them in plain text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pagerduty_native.framework.check import marked
from pagerduty_native.framework.declare import MapOf, Property, Type, properties_of
from pagerduty_native.framework.values import UNKNOWN, Secret, Value, Values, has_secret, same, secret


def outputs_of(state: type[Any], actual: Values, *previous: Values) -> Values:
    """Return the outputs of a resource, each as it is written in the first of `previous` with the same meaning.

    previous: the new inputs, the old outputs, or both.
    """
    outputs: Values = {}
    for each in properties_of(state):
        value = _as_before(each.type, each.same, actual.get(each.name), [before.get(each.name) for before in previous])
        if value is not None:
            outputs[each.name] = value
    return marked(state, outputs)


def preview_of_create(state: type[Any], inputs: Values) -> Values:
    """Return the outputs that a create will have: the inputs, and unknown values for those that the server sets."""
    return {
        each.name: _unknown(each) if each.field.server_sets else inputs.get(each.name, _unknown(each))
        for each in properties_of(state)
        if each.name in inputs or each.from_server
    }


def preview_of_update(state: type[Any], olds: Values, inputs: Values) -> Values:
    """Return the outputs that an update will have: the inputs, and the old outputs that the server had set."""
    updated: Values = {}
    for each in properties_of(state):
        new = inputs.get(each.name)
        keeps_old = each.field.server_sets or (new is None and each.from_server)
        value = olds.get(each.name) if keeps_old else new
        if value is not None:
            updated[each.name] = value
    return marked(state, updated)


def refreshed_inputs(args: type[Any], inputs: Values, olds: Values, actual: Values) -> Values:
    """Return the inputs after a refresh: the old ones, with the values of properties that drifted.

    Properties left to the server never become inputs; `server_sets` properties never drift.
    """
    refreshed = dict(inputs)
    for each in properties_of(args):
        given = inputs.get(each.name)
        old, new = (each.compared(values.get(each.name), given) for values in (olds, actual))
        if old is None:  # An earlier attempt could not set it: that is drift, too.
            old = given
        is_left_to_server = each.field.server_sets or (each.left_to_server and given is None)
        if not is_left_to_server and not each.same(old, new):
            refreshed[each.name] = _as_before(each.type, each.same, new, [given])
    return marked(args, {name: value for name, value in refreshed.items() if value is not None})


def imported_inputs(args: type[Any], actual: Values) -> Values:
    """Return the inputs of a program for an imported resource: all values that are not defaults."""
    return {
        each.name: actual[each.name]
        for each in properties_of(args)
        if each.name in actual and not each.same(actual[each.name], each.field.default_value)
    }


def _as_before(declared: Type, is_same: Callable[[Value, Value], bool], actual: Value, previous: list[Value]) -> Value:
    """Return the first of `previous` with the same meaning, else `actual`, secret if the first previous value is.

    In a map, each entry is treated by itself.
    """
    given = [before for before in previous if before is not None]
    for before in given:
        if is_same(actual, before):
            return before
    if isinstance(declared, MapOf) and isinstance(actual, dict):
        return {
            key: _as_before(declared.element, same, each, [_entry(before, key) for before in given])
            for key, each in actual.items()
        }
    return secret(actual) if given and has_secret(given[0]) else actual


def _entry(values: Value, key: str) -> Value:
    """Return an entry of a map, secret if the map is."""
    if isinstance(values, Secret):
        return secret(_entry(values.value, key))
    return values.get(key) if isinstance(values, dict) else None


def _unknown(property_: Property) -> Value:
    return secret(UNKNOWN) if property_.field.secret else UNKNOWN
