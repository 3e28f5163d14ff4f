"""Messages for the user: problems of a check, errors of a call, and suggestions for misspelled names.

Problem (one property)
├── Failure    refuses the property
└── Advice     warns about the property
              (a value that an existing resource already has causes neither)
ProviderError (Exception)              a message for the user, shown unchanged
└── InitializationFailedError          the resource exists, but a later step failed
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

# Longer words are usually bad values; their ends are enough to recognize them.
MAX_WORD_CHARACTERS = 300
MAX_MESSAGE_CHARACTERS = 4000


@dataclass(frozen=True)
class Problem:
    """A problem with one property.

    Attributes:
        property: The camelCase name of the top-level property, or "" if the problem concerns no single one.
        reason: The message for the user: what is wrong, where, what is allowed, what to do next.

    """

    property: str
    reason: str


class Failure(Problem):
    """A problem for which the check refuses the property."""


class Advice(Problem):
    """A problem about which the check only warns."""


class ProviderError(Exception):
    """An error whose message is for the user: what is wrong, where, what is allowed, what to do next."""


class InitializationFailedError(ProviderError):
    """The resource was created, but a later step failed. It is kept in the state, and the next update finishes it.

    Args:
        message: The message for the user: the step that failed, and why.
        id: The ID of the resource.
        state: The state of the resource, an instance of its State class.

    """

    def __init__(self, message: str, *, id: str, state: object) -> None:
        super().__init__(message)
        self.id = id
        self.state = state


def readable(message: str) -> str:
    """Shorten a long message and its long words in the middle, and escape lone surrogates."""
    words = re.sub(rf"\S{{{MAX_WORD_CHARACTERS + 1},}}", lambda word: _shorten(word[0], MAX_WORD_CHARACTERS), message)
    return _shorten(words, MAX_MESSAGE_CHARACTERS).encode(errors="backslashreplace").decode()


def _shorten(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    end = limit // 4
    return f"{text[: limit - end]}… ({len(text) - limit} more) …{text[-end:]}"


def nearest(name: str, known: Iterable[str], *, most: int = 1) -> list[str]:
    """Find the known names that are most similar to `name`, regardless of case.

    If none is similar, those that contain all its words are returned, because people shorten long names. At most
    `most` names are returned, the best first.
    """
    by_folded = {each.strip().casefold(): each for each in known}
    folded = name.strip().casefold()
    found = difflib.get_close_matches(folded, by_folded, n=most, cutoff=0.6)
    if not found and (words := _words(folded)):
        found = [each for each in by_folded if words <= _words(each)][:most]
    return [by_folded[each] for each in found]


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text))


def did_you_mean(name: str, known: Iterable[str], *, most: int = 1, shown: Callable[[str], str] = "`{}`".format) -> str:
    """Return " Did you mean `X` or `Y`?" for the `most` nearest names, each as `shown` writes it, or ""."""
    found = nearest(name, known, most=most)
    return f" Did you mean {' or '.join(map(shown, found))}?" if found else ""
