"""Regular expressions of e-mail rules, which are RE2's: they always take linear time."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import re2

MAX_MEMORY = 8 * 1024 * 1024  # bytes of one compiled pattern, RE2's own default


@lru_cache(maxsize=16)
def compiled(pattern: str) -> Any:
    """Compile a pattern, to search with; ValueError if RE2 refuses it."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MAX_MEMORY
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:  # half a character is not UTF-8
        raise ValueError(str(error)) from None


def has_nested_groups(pattern: str) -> bool:
    """Tell whether a capturing group is inside another one."""
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
