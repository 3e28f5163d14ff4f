"""What a provider says when something is wrong.

Problem (one property)
├── Failure    the check refuses the property
└── Advice     the check warns about the property, and goes on
              (neither is reported of a value that an existing resource has already)
ProviderError (Exception)              a message for the user, shown as it is
└── InitializationFailedError          the resource exists, but is not as it should be
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

# What is longer in a message is a value that went wrong, and its ends tell which.
MOST_WORD_CHARACTERS = 300
MOST_MESSAGE_CHARACTERS = 4000


@dataclass(frozen=True)
class Problem:
    """Something about one property.

    property: the name of the top-level property on the wire, or "" where it belongs to none.
    reason: what is wrong, where, what is allowed, what to do next.
    """

    property: str
    reason: str


class Failure(Problem):
    """The check refuses the property."""


class Advice(Problem):
    """The check warns about the property, and goes on."""


class ProviderError(Exception):
    """A message for the user, shown as it is: what is wrong, where, what was allowed, what to do next."""


class InitializationFailedError(ProviderError):
    """The resource was made, but a later step failed: it is kept in the state, and mended by the next update.

    id, state: the resource as it is. The message tells what failed.
    """

    def __init__(self, message: str, *, id: str, state: object) -> None:
        super().__init__(message)
        self.id = id
        self.state = state


def readable(message: str) -> str:
    """A message without the middle of what is too long to read, and without what no UTF-8 can hold."""
    words = re.sub(
        rf"\S{{{MOST_WORD_CHARACTERS + 1},}}", lambda word: _shortened(word[0], MOST_WORD_CHARACTERS), message
    )
    return _shortened(words, MOST_MESSAGE_CHARACTERS).encode(errors="backslashreplace").decode()


def _shortened(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    end = most // 4
    return f"{text[: most - end]}… ({len(text) - most} more) …{text[-end:]}"


def nearest(name: str, known: Iterable[str], *, most: int = 1) -> list[str]:
    """The names in `known` that look like `name`, best first, whatever their case; none where nothing is near.

    Where none looks like it, those that contain its words: people shorten long names.
    """
    by_folded = {each.strip().casefold(): each for each in known}
    folded = name.strip().casefold()
    found = difflib.get_close_matches(folded, by_folded, n=most, cutoff=0.6)
    if not found and (words := _words(folded)):
        found = [each for each in by_folded if words <= _words(each)][:most]
    return [by_folded[each] for each in found]


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Say " Did you mean `X`?" for the known name nearest to `name`, or nothing."""
    found = nearest(name, known)
    return f" Did you mean `{found[0]}`?" if found else ""
