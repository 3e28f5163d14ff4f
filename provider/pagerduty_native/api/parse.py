"""Requests and their paths, responses and their JSON.

Parsing raises one of `NOT_DOCUMENTED`, such as KeyError, for JSON that the API does not document.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from pagerduty_native.api.errors import PagerDutyError

# Every recorded ID consists of seven or fourteen capital letters and digits. Others may come one day, but never with
# a character that has a meaning in a path.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# The rules for e-mail, the deepest objects of the API, have about ten levels.
MAX_DEPTH = 50
# The exceptions of parsing for anything that the API does not document.
NOT_DOCUMENTED = (KeyError, TypeError, AttributeError, ValueError, IndexError)
_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
# PagerDuty's own gateway gives up after a minute.
READ_TIMEOUT_SECONDS = 65.0


@dataclass(frozen=True)
class Request:
    """A request. body: sent as JSON. form: sent as an HTML form; it may contain a client secret."""

    method: str
    path: str
    params: Mapping[str, Any] | None = None
    body: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Response:
    """A complete response.

    body: the parsed JSON, or None without any. error: the error that the response means. received: the time by
    `time.monotonic()`.
    """

    status: int
    headers: Mapping[str, str]
    body: Any
    error: PagerDutyError | None
    received: float


class InvalidIdError(PagerDutyError):
    """PagerDuty can have no object with this ID, so no request was sent."""


def is_id(text: str) -> bool:
    """Return whether PagerDuty may have an object with this ID."""
    return _ID.fullmatch(text) is not None


def path_of(*parts: str) -> str:
    """Make a path from collections and IDs, which alternate: `services`, `PQL78HM`, `integrations`.

    Raises InvalidIdError.
    """
    for each in parts[1::2]:
        if not is_id(each):
            raise InvalidIdError(f"{each[:64]!r} cannot be the ID of anything in PagerDuty")
    return "".join(f"/{part}" for part in parts)


def parsed(content: bytes) -> Any:
    """Parse the JSON of a body. Half a surrogate pair, which UTF-8 cannot encode, becomes a question mark."""
    text = content.decode(json.detect_encoding(content))
    body = json.loads(text, parse_constant=_refused)
    if re.search(r"\\u[dD]", text):
        body = json.loads(json.dumps(body, ensure_ascii=False).encode(errors="replace"))
    return body


def kind(value: Any) -> str:
    """Name the kind of a JSON value in words."""
    return _KINDS.get(type(value), "a number")


def text_or_none(body: Mapping[str, Any], name: str) -> str | None:
    """Return a text; None if it is null or absent."""
    value = body.get(name)
    if value is None or isinstance(value, str):
        return value
    raise TypeError(name)


def text(body: Mapping[str, Any], name: str) -> str:
    """Return a required text."""
    if isinstance(value := body[name], str):
        return value
    raise TypeError(name)


def id_of(body: Mapping[str, Any], wanted: str | None = None) -> str:
    """Return an object's ID. Raises ValueError if it is not `wanted`, the ID in the request."""
    found = text(body, "id")
    if not is_id(found) or (wanted is not None and found.casefold() != wanted.casefold()):
        raise ValueError("id")
    return found


def id_or_empty(body: Any) -> str:
    """Return an object's ID, even if the rest is odd; "" if it has none."""
    try:
        return id_of(body)
    except NOT_DOCUMENTED:
        return ""


def text_or_empty(body: Any, name: str) -> str:
    """Return an object's text, even if the rest is odd; "" if it has none."""
    value = body.get(name) if isinstance(body, Mapping) else None
    return value if isinstance(value, str) else ""


def items(body: Mapping[str, Any], name: str) -> list[Any]:
    """Return a required list."""
    if isinstance(value := body[name], list):
        return value
    raise TypeError(name)


def objects_or_none(body: Mapping[str, Any], name: str) -> list[dict[str, Any]] | None:
    """Return a list of objects, with any content; None if it is null or absent."""
    if body.get(name) is None:
        return None
    found = items(body, name)
    if not all(isinstance(each, dict) for each in found) or _is_deeper(MAX_DEPTH, found):
        raise TypeError(name)
    return found


def seconds(body: Mapping[str, Any], name: str, usual: float) -> float:
    """Return a time span, which may be a text; `usual` if it is absent or makes no sense."""
    try:
        value = float(body[name])
    except (KeyError, TypeError, ValueError, OverflowError):
        return usual
    return value if 0 < value < math.inf else usual


def _is_deeper(depth: int, value: Any) -> bool:
    """Return whether a value is nested deeper than this."""
    if isinstance(value, dict):
        value = list(value.values())
    children = value if isinstance(value, list) else []
    return depth == 0 or any(_is_deeper(depth - 1, each) for each in children)


def _refused(constant: str) -> NoReturn:
    """Refuse NaN and infinity, which JSON does not have."""
    raise ValueError(constant)
