"""Pages of a listing: complete, without extra reads, and stable while others change the account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pagerduty_native.framework import Listed, ProviderError
from pagerduty_native.framework.service import page_of, place_of
from pulumi.runtime.proto import provider_pb2 as pb


class Things:
    """The listed things. taken: the number that were read."""

    def __init__(self, count: int) -> None:
        self.ids = [f"T{number}" for number in range(count)]
        self.taken = 0

    def listing(self) -> Iterator[Listed]:
        for each in self.ids:
            self.taken += 1
            yield Listed(each, f"name of {each}")

    def page(self, token: str = "", *, size: int = 0, limit: int = 0) -> tuple[list[str], str]:
        """The IDs on a page, and the next one's token."""
        responses = list(page_of(self.listing(), pb.ListRequest(continuation_token=token, page_size=size, limit=limit)))
        following = [each.continuation.continuation_token for each in responses if each.HasField("continuation")]
        assert not following or responses[-1].HasField("continuation")
        found = [each.result.id for each in responses if each.HasField("result")]
        assert len(found) + len(following) == len(responses)
        return found, "".join(following)


@given(count=st.integers(0, 12), size=st.integers(1, 5), limit=st.integers(0, 14))
def test_pages_together_are_the_listing_up_to_the_limit(count: int, size: int, limit: int) -> None:
    things = Things(count)
    found, token = things.page(size=size, limit=limit)
    while token:
        more, token = things.page(token, size=size, limit=limit)
        assert len(more) <= size
        found += more
    assert found == things.ids[: limit or None]


def test_without_a_size_all_comes_on_one_page() -> None:
    assert Things(500).page() == (Things(500).ids, "")


@pytest.mark.parametrize(("size", "limit", "taken"), [(0, 3, 3), (2, 0, 2), (2, 3, 2), (4, 3, 3), (0, 0, 9)])
def test_a_listing_takes_no_more_than_requested(size: int, limit: int, taken: int) -> None:
    things = Things(9)
    things.page(size=size, limit=limit)
    assert things.taken == taken


@pytest.mark.parametrize("limit", [2, 3])
def test_a_limit_that_is_reached_ends_it(limit: int) -> None:
    assert Things(9).page("3:T2", limit=limit, size=2) == ([], "")


def test_a_name_comes_with_the_id() -> None:
    (response,) = page_of([Listed("T0", "first")], pb.ListRequest())
    assert response.result == pb.ListResponse.Result(id="T0", name="first")


def test_deletions_between_pages_hide_nothing() -> None:
    things = Things(6)
    _, token = things.page(size=3)
    things.ids.remove("T2")  # the last one of the page
    assert things.page(token)[0] == ["T3", "T4", "T5"]
    things.ids.remove("T0")
    things.ids.insert(1, "T2")
    assert things.page(token)[0] == ["T3", "T4", "T5"]


def test_creations_and_renames_between_pages_hide_nothing() -> None:
    things = Things(6)
    _, token = things.page(size=3)
    things.ids.insert(0, "T9")
    assert set(things.page(token)[0]) >= {"T3", "T4", "T5"}
    things.ids = ["T0", "T1", "T3", "T4", "T5", "T2"]  # T2 has another name now
    assert set(things.page(token)[0]) >= {"T3", "T4", "T5"}


def test_a_listing_that_is_gone_has_no_next_page() -> None:
    assert Things(0).page("3:T2", size=3) == ([], "")


@given(count=st.integers(1, 999_999_999), id=st.text(min_size=1))
def test_a_token_is_read_as_it_was_written(count: int, id: str) -> None:
    assert place_of(f"{count}:{id}") == (count, id)


def test_no_token_is_the_beginning() -> None:
    assert place_of("") == (0, "")


@pytest.mark.parametrize("token", ["-1:T", "x", "1", "1:", "0:T", "1 :T", "1\n", "9" * 10 + ":T", "\u0661:T"])
def test_a_continuation_token_that_is_none(token: str) -> None:
    with pytest.raises(ProviderError) as raised:
        place_of(token)
    assert str(raised.value) == (
        f"There is no page {token!r} of this listing: the continuation token is one that came with the page before, or "
        "empty for the first."
    )
