"""Regular expressions of e-mail rules: PagerDuty's are RE2's, these run on Python's `re`."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

MAX_REPEAT = 1000  # RE2's

# What RE2 writes differently, and what Python has for it; classes of Unicode become the nearest.
_TRANSLATED = {
    r"\z": r"\Z",
    r"\C": r"[\s\S]",
    "[:alpha:]": "a-zA-Z",
    "[:digit:]": "0-9",
    "[:alnum:]": "a-zA-Z0-9",
    "[:lower:]": "a-z",
    "[:upper:]": "A-Z",
    "[:xdigit:]": "0-9A-Fa-f",
    "[:word:]": r"\w",
    "[:space:]": r"\s",
}
_TOKEN = re.compile(
    r"\\x\{(?P<code>[0-9A-Fa-f]{1,6})\}|\\(?P<no>[pP])(?P<class>\{\^?\w+\}|[A-Z])"
    r"|\(\?(?P<flags>[imsU]*(?:-[imsU]+)?)(?P<end>[:)])|\[:\w+:\]|\\.",
    re.DOTALL,
)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of RE2, to search with; ValueError if RE2 would not take it."""
    if re.search(r"\(\?(?:<?[=!]|[(#>]|P=)|(?<!\\)(?:\\\\)*\\[1-9]", pattern):
        raise ValueError("lookaround and backreferences are not in RE2")
    repeats = re.findall(r"(?<!\\[xpP])\{(\d+)(?:,(\d*))?\}", pattern)
    if any(int(times) > MAX_REPEAT for pair in repeats for times in pair if times):
        raise ValueError(f"more than {MAX_REPEAT} repetitions")
    prefix = ""

    def translate(found: re.Match[str]) -> str:
        nonlocal prefix
        if found["code"]:
            return re.escape(chr(int(found["code"], 16)))
        if found["no"]:
            return r"\w" if found["no"] == "p" else r"\W"
        if found["end"]:
            flags = found["flags"].replace("U", "").rstrip("-")
            if found["end"] == ":":
                return f"(?{flags}:"
            prefix += f"(?{flags})" if flags and "-" not in flags else ""
            return ""
        return _TRANSLATED.get(found[0], found[0])

    try:
        translated = _TOKEN.sub(translate, pattern)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            return re.compile(prefix + translated)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from None


def has_nested_groups(pattern: str) -> bool:
    """Whether a group that captures stands inside of another one."""
    open_groups: list[bool] = []
    for part in re.findall(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?P?<|\(\?|\(|\)", pattern, re.DOTALL):
        if part == ")":
            if open_groups:
                open_groups.pop()
        elif part.startswith("("):
            captures = part != "(?"
            if captures and any(open_groups):
                return True
            open_groups.append(captures)
    return False
