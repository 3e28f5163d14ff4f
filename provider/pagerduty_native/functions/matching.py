"""Lookups by name, which work the same way in every function.

People write names as they remember them: an exact match comes first, then one regardless of case and surrounding
blanks, then a unique substring. If an object that cannot be parsed matches as well, the lookup fails: with another
object, a program would replace its integrations.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from pagerduty_native.api.errors import quoted
from pagerduty_native.api.lookups import Found, Listed, Named, folded
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
    candidates: Listed[Found],
    kind: str,
    *,
    everything: Callable[[], Listed[Found]] | None = None,
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
        ProviderError: The name matches nothing, or several objects, or may mean one that cannot be parsed.

    """
    known = candidates
    found = match(name, known, kind, property)
    if found is None and everything:
        known = everything()
        found = match(name, known, kind, property)
    if found is not None:
        return found
    meant = did_you_mean(name, [each.name for each in known], most=3, shown=repr)
    if property == "name" and (same := next((each for each in known if each.id == name.strip()), None)):
        raise ProviderError(f"`name`: {name!r} is the ID of the {kind} {same.name!r}: give it as `id`.")
    if property == "name" and name.strip() in known.left_out:
        raise ProviderError(f"`name`: {name!r} is the ID of one of the {kind}s: give it as `id`.")
    if perhaps_meant := _perhaps_meant(name, known.left_out):
        ids = ", ".join(sorted(quoted(each) or "one without an ID" for each in perhaps_meant)[:MAX_LISTED])
        raise ProviderError(
            f"`{property}`: {name!r} may mean one of the {kind}s that PagerDuty lists with values that its API does "
            f"not document ({ids}). Give the full {property} of another one, or an `id`.{meant}{hint}"
        )
    if not known:
        raise ProviderError(f"`{property}`: there are no {kind}s to find {name!r} among.{hint}")
    if property == "name" and re.fullmatch(r"[PQ][A-Z0-9]{6}", name.strip()):
        hint = f" If it is an ID, it is not that of a {kind}.{hint}"
    raise ProviderError(f"`{property}`: none of {len(known)} {kind}s matches {name!r}.{meant}{hint}")


def match(name: str, candidates: Listed[Found], kind: str, property: str = "name") -> Found | None:
    """Find the candidate that `name` means. Raises ProviderError if several match.

    Return None if there is none, or if one that cannot be parsed matches as well: it may be the one that is meant.
    """
    wanted = folded(name)

    def exactly(its_name: str) -> bool:
        return its_name == name

    def regardless_of_case(its_name: str) -> bool:
        return folded(its_name) == wanted

    def in_part(its_name: str) -> bool:
        return wanted in folded(its_name)

    others = candidates.left_out.values()
    for fits in (exactly, regardless_of_case, in_part):
        if any(map(fits, others)) or (fits is in_part and "" in others):
            return None
        matches = [each for each in candidates if fits(each.name)]
        if len(matches) > 1:
            advice = f"Give the full {property} of one, or its `id`."
            if len({match.name for match in matches}) == 1:
                advice = f"They have the same {property}: give the `id` of one instead."
            raise ProviderError(f"`{property}`: {len(matches)} {kind}s match {name!r}: {_listed(matches)}. {advice}")
        if matches:
            return matches[0]
    return None


def _perhaps_meant(name: str, left_out: Mapping[str, str]) -> list[str]:
    return [each for each, its_name in left_out.items() if not its_name or folded(name) in folded(its_name)]


def _listed(matches: Sequence[Named]) -> str:
    shown = [f"{match.name!r} ({match.id})" for match in matches[:MAX_LISTED]]
    more = len(matches) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
