"""Hiding secrets in messages, however they are quoted there.

A server may repeat what it was sent, and a library the values that it fails on: percent-encoded, as JSON inside JSON,
HTML-escaped, in base64, or in another case.
"""

from __future__ import annotations

import base64
import functools
import html.entities
import re
from collections.abc import Iterable

MARK = "[secret]"
# What is shorter hides nothing, and would make holes in innocent words.
LEAST_CHARACTERS = 3
# In base64 so few characters may stand anywhere by chance.
LEAST_ENCODED_CHARACTERS = 8
# A pattern grows with its text. What follows so much of a secret is hidden if it is quoted as it is.
MOST_CHARACTERS = 500
# JSON inside JSON inside JSON has seven. A bound, so that a text of backslashes takes no longer than another.
MOST_BACKSLASHES = 15
_ESCAPES = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f", "\v": "v"}


def redact(text: str, secrets: Iterable[str]) -> str:
    """`text` with "[secret]" in place of every one of `secrets`, in whatever form; two characters hide nothing."""
    hidden = frozenset(each for each in secrets if len(each) >= LEAST_CHARACTERS)
    for each in sorted(hidden, key=len, reverse=True):
        if len(each) > MOST_CHARACTERS:
            text = text.replace(each, MARK)
    return _pattern(hidden).sub(MARK, text) if hidden else text


@functools.lru_cache(maxsize=16)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted(secrets, key=lambda each: (-len(each), each))
    forms = (form for each in longest_first for form in _forms(each[:MOST_CHARACTERS]))
    pattern = re.compile("|".join(forms), re.IGNORECASE)
    # `re` keeps the last 512 that it compiled, and such a pattern has 50 KB.
    re.purge()
    return pattern


def _forms(secret: str) -> list[str]:
    return [_quoted(secret), *map(re.escape, _encoded(secret))]


def _quoted(secret: str) -> str:
    """A pattern for a text as it is, or quoted in any way: what is neither a word nor a run of backslashes may be."""
    runs = re.findall(r"\\+|[^\\]", secret)
    # Backslashes before what comes first, or after others, need not be told apart from those: that takes too long.
    return "".join(
        _backslashes(len(run)) if run[0] == "\\" else _character(run, escapable=before[:1] not in {"", "\\"})
        for before, run in zip(["", *runs], runs, strict=False)
    )


def _backslashes(count: int) -> str:
    encoded = "|".join(_coded("\\"))
    return rf"(?:\\{{{count},{MOST_BACKSLASHES * count}}}|(?:{encoded}){{{count}}})"


def _character(character: str, *, escapable: bool) -> str:
    """A pattern for one character: as it is, or in any of the ways to write it, also one inside the other."""
    ways = [rf"\\{{0,{MOST_BACKSLASHES}}}{re.escape(character)}" if escapable else re.escape(character)]
    ways += _coded(character)
    if escape := _ESCAPES.get(character):
        ways.append(rf"\\{{1,{MOST_BACKSLASHES}}}{escape}")
    if character == " ":
        ways.append(r"\+")
    return f"(?:{'|'.join(ways)})"


def _coded(character: str) -> list[str]:
    """Patterns for one character by its number or its name."""
    code = ord(character)
    percent = "".join(f"%(?:25)*{byte:02x}" for byte in character.encode(errors="surrogatepass"))
    units = character.encode("utf-16-be", errors="surrogatepass").hex()
    escape = rf"\\{{1,{MOST_BACKSLASHES}}}"
    unicode_escape = "".join(rf"{escape}u{units[start : start + 4]}" for start in range(0, len(units), 4))
    ways = [percent, unicode_escape, rf"{escape}x{code:02x}", rf"&(?:amp;)*#(?:0*{code}|x0*{code:x});"]
    if name := html.entities.codepoint2name.get(code):
        ways.append(f"&(?:amp;)*{name};")
    return ways


def _encoded(secret: str) -> set[str]:
    """What of the text's base64 does not depend on what stands before and after it, for each place it may begin at."""
    found = set()
    content = secret.encode(errors="surrogatepass")
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + content).decode()
        first, last = -(-before * 8 // 6), (before + len(content)) * 8 // 6
        if last - first >= LEAST_ENCODED_CHARACTERS:
            core = encoded[first:last]
            found |= {core, core.replace("+", "-").replace("/", "_")}
    return found
