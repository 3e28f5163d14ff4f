"""Responses to the engine."""

from __future__ import annotations

import pytest
from pagerduty_native.rpc.diff import Changes
from pagerduty_native.rpc.responses import diff_response


@pytest.mark.parametrize("first", [True, False])
def test_what_is_to_be_deleted_before_it_is_replaced(first: bool) -> None:
    changes = Changes({"name": []}, {"name"}, delete_before_replace=first)
    assert diff_response(changes).deleteBeforeReplace is first
