"""Names as people write them: regardless of case and of surrounding blanks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Protocol, TypeVar


class Named(Protocol):
    @property
    def name(self) -> str: ...


Found = TypeVar("Found", bound=Named)


def folded(name: str) -> str:
    """Return the form in which names are compared: letters and their accents as one character each, whatever case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).strip().casefold())


def containing(text: str, named: Iterable[Found]) -> list[Found]:
    """Those whose names contain a text."""
    wanted = folded(text)
    return [each for each in named if wanted in folded(each.name)]
