"""Property values of every shape, for tests that hold for all of them."""

from __future__ import annotations

from hypothesis import strategies as st
from pagerduty_native.framework.values import UNKNOWN, Value, Values, secret
from pagerduty_native.framework.wire import SIGNATURE_KEY, UNKNOWN_SENTINELS

texts = st.text().filter(lambda text: text not in UNKNOWN_SENTINELS)
keys = texts.filter(lambda text: text != SIGNATURE_KEY)
scalars: st.SearchStrategy[Value] = st.booleans() | st.floats(allow_nan=False) | texts | st.just(UNKNOWN)


def _nested(inner: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    lists: st.SearchStrategy[Value] = st.lists(inner | st.none(), max_size=3)
    objects: st.SearchStrategy[Value] = st.dictionaries(keys, inner, max_size=3)
    return lists | objects | inner.map(secret)


property_values = st.recursive(scalars, _nested, max_leaves=8)
property_maps: st.SearchStrategy[Values] = st.dictionaries(keys, property_values, max_size=4)
