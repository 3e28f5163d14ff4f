"""Paths are made of IDs, and of nothing that means something in a path."""

from __future__ import annotations

import pytest
from pagerduty_native.api.parse import InvalidIdError, is_id, path_of


def test_path_of_joins_its_parts() -> None:
    assert path_of("services", "P1") == "/services/P1"
    assert path_of("services", "P1", "integrations") == "/services/P1/integrations"
    assert path_of("services", "P1", "integrations", "I-_2") == "/services/P1/integrations/I-_2"


@pytest.mark.parametrize("id", ["", "../P1", "P1/x", "P1?x", "P1.x", "P 1", "P1\n", "P%31", "É", "x" * 65])
def test_texts_that_cannot_be_ids_are_refused(id: str) -> None:
    assert not is_id(id)
    for parts in (("services", id), ("services", "P1", "integrations", id), ("services", id, "integrations", "I1")):
        with pytest.raises(InvalidIdError) as raised:
            path_of(*parts)
        assert str(raised.value) == f"{id[:64]!r} cannot be the ID of anything in PagerDuty"


def test_the_longest_id() -> None:
    assert is_id("x" * 64)
