"""What the JSON of a response says. What the API does not describe so raises KeyError, TypeError or ValueError."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from pagerduty_native.api.errors import PagerDutyError

# Every recorded ID is of seven or fourteen capital letters and digits. What else may come one day is left room for, but
# nothing that means something in a path.
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class InvalidIdError(PagerDutyError):
    """PagerDuty can have no object with such an ID, so it was not asked for."""


def is_id(text: str) -> bool:
    """Whether PagerDuty may have an object with this ID."""
    return _ID.fullmatch(text) is not None


def service_path(service_id: str, *more: str) -> str:
    """The path of a service. Raises InvalidIdError."""
    return _path("services", service_id, *more)


def integration_path(service_id: str, integration_id: str) -> str:
    """The path of an integration. Raises InvalidIdError."""
    return service_path(service_id, "integrations", integration_id)


def orchestration_path(orchestration_id: str, *more: str) -> str:
    """The path of an event orchestration. Raises InvalidIdError."""
    return _path("event_orchestrations", orchestration_id, *more)


def vendor_path(vendor_id: str) -> str:
    """The path of a vendor. Raises InvalidIdError."""
    return _path("vendors", vendor_id)


def _path(*parts: str) -> str:
    """The path of alternately a collection and the ID of an object in it."""
    for each in parts[1::2]:
        if not is_id(each):
            raise InvalidIdError(f"{each[:64]!r} cannot be the ID of anything in PagerDuty")
    return "".join(f"/{part}" for part in parts)


# The deepest that PagerDuty's own go is the rules for e-mail, with some ten.
MOST_DEPTH = 50
# What parsing raises for anything that the API does not document.
NOT_DOCUMENTED = (KeyError, TypeError, AttributeError, ValueError, IndexError)
_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}


def parsed(content: bytes) -> Any:
    """The JSON of a body. Half a character, which no text of ours can hold, becomes a question mark."""
    text = content.decode(json.detect_encoding(content))
    body = json.loads(text, parse_constant=_refused)
    if re.search(r"\\u[dD]", text):
        body = json.loads(json.dumps(body, ensure_ascii=False).encode(errors="replace"))
    return body


def kind(value: Any) -> str:
    """What a value is, in words."""
    return _KINDS.get(type(value), "a number")


def text_or_none(body: Mapping[str, Any], name: str) -> str | None:
    """A text; None if it is null or absent."""
    value = body.get(name)
    if value is None or isinstance(value, str):
        return value
    raise TypeError(name)


def text(body: Mapping[str, Any], name: str) -> str:
    """A text that must be there."""
    if isinstance(value := body[name], str):
        return value
    raise TypeError(name)


def id_of(body: Mapping[str, Any], wanted: str | None = None) -> str:
    """The ID of what a body is about. wanted: what was asked for; what is said of another thing is not believed."""
    found = text(body, "id")
    if not is_id(found) or (wanted is not None and found.casefold() != wanted.casefold()):
        raise ValueError("id")
    return found


def id_or_empty(body: Any) -> str:
    """The ID of what a body is about, whatever else it is; "" if it has none."""
    try:
        return id_of(body)
    except NOT_DOCUMENTED:
        return ""


def items(body: Mapping[str, Any], name: str) -> list[Any]:
    """A list that must be there."""
    if isinstance(value := body[name], list):
        return value
    raise TypeError(name)


def objects_or_none(body: Mapping[str, Any], name: str) -> list[dict[str, Any]] | None:
    """A list of objects, whatever they hold; None if it is null or absent."""
    if body.get(name) is None:
        return None
    found = items(body, name)
    if not all(isinstance(each, dict) for each in found) or not _is_at_most(MOST_DEPTH, found):
        raise TypeError(name)
    return found


def flag(body: Mapping[str, Any], name: str) -> bool:
    """True or false, which must be there."""
    if isinstance(value := body[name], bool):
        return value
    raise TypeError(name)


def seconds(body: Mapping[str, Any], name: str, usual: float) -> float:
    """A time span, also as a text; `usual` if there is none that makes sense."""
    try:
        value = float(body[name])
    except (KeyError, TypeError, ValueError, OverflowError):
        return usual
    return value if 0 < value < math.inf else usual


def _is_at_most(depth: int, value: Any) -> bool:
    """Whether a value is nested no deeper."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth > 0 and all(_is_at_most(depth - 1, each) for each in inside)


def _refused(constant: str) -> NoReturn:
    """Refuse NaN and infinity, which are no JSON."""
    raise ValueError(constant)
