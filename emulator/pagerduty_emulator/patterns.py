"""Patterns of request paths, for faults and for counting."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
"""The methods that a request can have."""


@lru_cache(maxsize=256)
def path_pattern(pattern: str) -> re.Pattern[str]:
    """`*` stands for one part of a path, `**` for any number: `/services/*/integrations`."""
    parts = re.split(r"(\*\*|\*)", pattern)
    translated = {"**": ".*", "*": "[^/]+"}
    return re.compile("".join(translated.get(part, re.escape(part)) for part in parts))


def is_method(value: Any) -> bool:
    """Return whether this is an HTTP method, in any case."""
    return isinstance(value, str) and value.upper() in METHODS


def is_path(value: Any) -> bool:
    """Return whether this is a pattern that a path can match."""
    return isinstance(value, str) and re.fullmatch(r"(/|\*\*)[^?#]{0,998}", value) is not None


def matches(method: str | None, pattern: str | None, request_method: str, path: str) -> bool:
    """Return whether a request has that method (None: any) and path pattern (None: any)."""
    if method is not None and method.upper() != request_method:
        return False
    return pattern is None or path_pattern(pattern).fullmatch(path) is not None
