"""The rule for IDs in arguments: one that PagerDuty cannot have is refused by name, before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator

from .pagerduty.paths import is_id
from .rpc.errors import Failure

# More of what was given would hide the message.
MOST_SHOWN = 64


def id_problems(property_name: str, id: str | None, kind: str, example: str) -> Iterator[Failure]:
    """What is wrong with the ID of a kind of thing, such as "service". What is absent is right here."""
    if id is not None and not is_id(id):
        shown = repr(id) if len(id) <= MOST_SHOWN else f"{id[:MOST_SHOWN]!r}… of {len(id)} characters"
        yield Failure(
            property_name,
            f"`{property_name}` must be the ID of a {kind}, such as `{example}`, of letters and digits; got {shown}.",
        )
