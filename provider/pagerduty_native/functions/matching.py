"""Lookups by name, which work the same way in every function.

People write names as they remember them: an exact match comes first, then one regardless of case and surrounding
blanks, then a unique substring.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from pagerduty_native.api.lookups import Found, Named, containing, folded
from pagerduty_native.framework import Failure, ProviderError, did_you_mean

# More candidates would hide the message.
MAX_LISTED = 10


def name_or_id_problems(name: str | None, id: str | None, kind: str, property: str = "name") -> Iterator[Failure]:
    """Check that a lookup has a name or an ID, not both. property: the property with the name."""
    if (name is None) == (id is None):
        both = ", not both" if name else ""
        yield Failure(property, f"Set either the `{property}` or the `id` of the {kind}{both}.")


def find(
    name: str,
    candidates: Sequence[Found],
    kind: str,
    *,
    everything: Callable[[], Sequence[Found]] | None = None,
    hint: str = "",
    property: str = "name",
) -> Found:
    """Find the one object that a name means.

    Args:
        name: The name, as a person wrote it.
        candidates: All objects, or the results of PagerDuty's own search.
        kind: The kind of object, such as "vendor".
        everything: Returns all objects. Called if no candidate matches, because that search is not documented.
        hint: The end of the message if nothing matches.
        property: The property with the name.

    Raises:
        ProviderError: The name matches nothing, or several objects.

    """
    known = candidates
    found = match(name, known, kind, property)
    if found is None and everything:
        known = everything()
        found = match(name, known, kind, property)
    if found is not None:
        return found
    if property == "name" and (same := next((each for each in known if each.id == name.strip()), None)):
        raise ProviderError(f"`name`: {name!r} is the ID of the {kind} {same.name!r}: give it as `id`.")
    if not known:
        raise ProviderError(f"`{property}`: there are no {kind}s to find {name!r} among.{hint}")
    if property == "name" and re.fullmatch(r"[PQ][A-Z0-9]{6}", name.strip()):
        hint = f" If it is an ID, it is not that of a {kind}.{hint}"
    meant = did_you_mean(name, [each.name for each in known], most=3, shown=repr)
    raise ProviderError(f"`{property}`: none of {len(known)} {kind}s matches {name!r}.{meant}{hint}")


def match(name: str, candidates: Sequence[Found], kind: str, property: str = "name") -> Found | None:
    """Find the candidate that `name` means; None if there is none. Raises ProviderError if several match."""
    for matches in (
        [candidate for candidate in candidates if candidate.name == name],
        [candidate for candidate in candidates if folded(candidate.name) == folded(name)],
        containing(name, candidates),
    ):
        if len(matches) > 1:
            advice = f"Give the full {property} of one, or its `id`."
            if len({match.name for match in matches}) == 1:
                advice = f"They have the same {property}: give the `id` of one instead."
            raise ProviderError(f"`{property}`: {len(matches)} {kind}s match {name!r}: {_listed(matches)}. {advice}")
        if matches:
            return matches[0]
    return None


def _listed(matches: Sequence[Named]) -> str:
    shown = [f"{match.name!r} ({match.id})" for match in matches[:MAX_LISTED]]
    more = len(matches) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
