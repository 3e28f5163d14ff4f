"""Paths are made of IDs, and of nothing that means something in a path."""

from __future__ import annotations

import pytest
from pagerduty_native.api.parse import InvalidIdError, integration_path, is_id, service_path, vendor_path


def test_paths() -> None:
    assert service_path("P1") == "/services/P1"
    assert service_path("P1", "integrations") == "/services/P1/integrations"
    assert integration_path("P1", "I-_2") == "/services/P1/integrations/I-_2"
    assert vendor_path("V1") == "/vendors/V1"


@pytest.mark.parametrize("id", ["", "../P1", "P1/x", "P1?x", "P1.x", "P 1", "P1\n", "P%31", "É", "x" * 65])
def test_what_is_no_id(id: str) -> None:
    assert not is_id(id)
    for path in (
        service_path,
        vendor_path,
        lambda each: integration_path("P1", each),
        lambda each: integration_path(each, "I1"),
    ):
        with pytest.raises(InvalidIdError) as raised:
            path(id)
        assert str(raised.value) == f"{id[:64]!r} cannot be the ID of anything in PagerDuty"


def test_the_longest_id() -> None:
    assert is_id("x" * 64)
