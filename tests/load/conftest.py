"""Print the figures of long runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Takes a table, which `make prove` shows below its own."""
    return lambda table: record_property("figures", table)
