"""Declared defaults, where a program gives no value."""

from __future__ import annotations

from pagerduty_native.rpc import field, object_type
from pagerduty_native.rpc.defaults import defaulted
from pagerduty_native.rpc.values import UNKNOWN, Secret


@object_type
class Page:
    size: int = field("How large.", default_value=4)


@object_type
class Shelf:
    pages: list[Page] | None = field("What it holds.")
    first: str | Page | None = field("What comes first.")


def test_defaults_complete_objects_at_every_depth() -> None:
    assert defaulted(Shelf, {"pages": [{}, {"size": 5.0}], "first": Secret({})}) == {
        "pages": [{"size": 4}, {"size": 5.0}],
        "first": Secret({"size": 4}),
    }
    assert defaulted(Shelf, {"pages": UNKNOWN, "first": "x"}) == {"pages": UNKNOWN, "first": "x"}
