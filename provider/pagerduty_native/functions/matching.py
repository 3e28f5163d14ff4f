"""Lookups by name, which work the same way in every function.

People write names as they remember them: an exact match comes first, then one regardless of case and surrounding
blanks, then a unique substring.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from pagerduty_native.api.errors import quoted
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
    left_out: Callable[[], Mapping[str, str]] = dict,
    hint: str = "",
    property: str = "name",
) -> Found:
    """Find the one object that a name means.

    Args:
        name: The name, as a person wrote it.
        candidates: All objects, or the results of PagerDuty's own search.
        kind: The kind of object, such as "vendor".
        everything: Returns all objects. Called if no candidate matches, because that search is not documented.
        left_out: Returns the names of further objects, which cannot be parsed, by their IDs; "" if unknown. If one may
            be the object that is meant, a part of another's name is not accepted.
        hint: The end of the message if nothing matches.
        property: The property with the name.

    Raises:
        ProviderError: The name matches nothing, or several objects.

    """

    def perhaps_meant() -> list[str]:
        return [each for each, its_name in left_out().items() if not its_name or folded(name) in folded(its_name)]

    known = candidates
    found = match(name, known, kind, property, in_part=not perhaps_meant())
    if found is None and everything:
        known = everything()
        found = match(name, known, kind, property, in_part=not perhaps_meant())
    if found is not None:
        return found
    if property == "name" and (same := next((each for each in known if each.id == name.strip()), None)):
        raise ProviderError(f"`name`: {name!r} is the ID of the {kind} {same.name!r}: give it as `id`.")
    if perhaps_meant():
        ids = ", ".join(sorted(quoted(each) or "one without an ID" for each in perhaps_meant())[:MAX_LISTED])
        raise ProviderError(
            f"`{property}`: no {kind} that can be read has exactly the {property} {name!r}. PagerDuty lists others "
            f"with values that its API does not document ({ids}), and one of them may be the {kind} that is meant. So "
            f"a part of a {property} is not enough: give the full {property}, or the `id`."
        )
    if not known:
        raise ProviderError(f"`{property}`: there are no {kind}s to find {name!r} among.{hint}")
    if property == "name" and re.fullmatch(r"[PQ][A-Z0-9]{6}", name.strip()):
        hint = f" If it is an ID, it is not that of a {kind}.{hint}"
    meant = did_you_mean(name, [each.name for each in known], most=3, shown=repr)
    raise ProviderError(f"`{property}`: none of {len(known)} {kind}s matches {name!r}.{meant}{hint}")


def match(
    name: str, candidates: Sequence[Found], kind: str, property: str = "name", *, in_part: bool = True
) -> Found | None:
    """Find the candidate that `name` means; None if there is none. Raises ProviderError if several match.

    in_part: also by a part of its name.
    """
    for matches in (
        [candidate for candidate in candidates if candidate.name == name],
        [candidate for candidate in candidates if folded(candidate.name) == folded(name)],
        containing(name, candidates) if in_part else [],
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
