"""Pages of a listing, and the continuation tokens that the engine brings back to get the next one.

A token says how many resources came before, and the ID of the last: `2:PQL78HM.PE1U9CH`. What others do between two
pages moves a resource in the listing, or takes it out of it. So the next page begins after the last one, if that is
still among those that came before, and else where it was: a resource may come twice, but hardly ever not at all.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pulumi.runtime.proto import provider_pb2

from .errors import ProviderError
from .resource import Listed

_TOKEN = re.compile(r"([1-9][0-9]{0,8}):(.+)", re.DOTALL | re.ASCII)


@dataclass(frozen=True)
class Place:
    """Where a listing goes on. count: how many resources came before. last_id: of the last of them."""

    count: int = 0
    last_id: str = ""

    @property
    def token(self) -> str:
        return f"{self.count}:{self.last_id}"


def place_of(continuation_token: str) -> Place:
    """The place that a token stands for. Raises ProviderError if it stands for none."""
    if not continuation_token:
        return Place()
    found = _TOKEN.fullmatch(continuation_token)
    if found is None:
        raise ProviderError(
            f"There is no page {continuation_token!r} of this listing: the continuation token is one that came with "
            "the page before, or empty for the first."
        )
    return Place(int(found[1]), found[2])


def page_of(listing: Iterable[Listed], request: provider_pb2.ListRequest) -> Iterator[provider_pb2.ListResponse]:
    """The page that is asked for, which takes no more of the listing than it needs.

    The request's limit is that of all pages together. Without it and a page size, all come on one page.
    """
    place = place_of(request.continuation_token)
    left = request.limit - place.count if request.limit > 0 else None
    size = request.page_size if request.page_size > 0 else None
    most = min((each for each in (left, size) if each is not None), default=None)
    page = list(itertools.islice(_after(place, listing), most if most is None else max(most, 0)))
    for each in page:
        yield provider_pb2.ListResponse(result=provider_pb2.ListResponse.Result(id=each.id, name=each.name))
    # Whether a full page is the last is not known: that would take more calls, which nobody asked for.
    if page and len(page) == size and size != left:
        following = Place(place.count + len(page), page[-1].id)
        continuation = provider_pb2.ListResponse.Continuation(continuation_token=following.token)
        yield provider_pb2.ListResponse(continuation=continuation)


def _after(place: Place, listing: Iterable[Listed]) -> Iterator[Listed]:
    rest = iter(listing)
    before = list(itertools.islice(rest, place.count))
    ids = [each.id for each in before]
    start = ids.index(place.last_id) + 1 if place.last_id in ids else place.count - 1
    return itertools.chain(before[start:] if place.count else (), rest)
