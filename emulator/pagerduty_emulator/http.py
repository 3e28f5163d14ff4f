"""A request as the handlers see it, and what they answer with."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any
from urllib.parse import parse_qs, quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .errors import ApiError, invalid

JSON_TYPE = "application/json; charset=utf-8"
HTML_TYPE = "text/html; charset=utf-8"
TEXT_TYPE = "text/plain; charset=utf-8"

MAX_PAGE = 100
DEFAULT_PAGE = 25
LAST_RECORD = 10_000  # offset + limit beyond it is a 400
MAX_IGNORED = 20  # ignored parameters that a response names
MAX_SHOWN = 60  # characters of each name

# Recorded: apache/devlake issue 5107, cloudquery issue 12750.
TOO_FAR = (
    f"Offset+limit exceeds maximum allowed value of {LAST_RECORD}. Please try to refine your search to reduce "
    "the returned set of records below this number, like adding a date range."
)


@dataclass
class Answer:
    """The response: JSON from `body`, unless it is text or bytes already."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE

    def encoded(self) -> bytes:
        """Return the body as it goes over the wire."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode(errors="replace")
        return json.dumps(self.body, separators=(",", ":")).encode()

    def raw_headers(self, length: int | None = None) -> list[tuple[bytes, bytes]]:
        """Return the headers as ASGI wants them, for a body of `length` bytes; None if not known yet."""
        raw = [(name.encode(), value.encode()) for name, value in self.headers.items()]
        if self.status != 204:
            if length != 0 or self.body is not None:
                raw.append((b"content-type", self.content_type.encode()))
            if length is not None:
                raw.append((b"content-length", str(length).encode()))
        return raw


@dataclass
class Request:
    """One request: what of it the handlers need, all in memory."""

    method: str
    path: str
    params: dict[str, str]
    """The variable parts of the path."""
    query_string: str
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes
    base_url: str
    """`http://HOST:PORT` as the client reached us; links in answers start with it."""
    problem: ApiError | None = None
    """Why its body cannot be had, if it cannot; it is empty then."""

    def __post_init__(self) -> None:
        self.query = parse_qs(self.query_string, keep_blank_values=True)
        self._applied: set[str] = set()
        self._included: set[str] = set()

    def first(self, name: str) -> str | None:
        """Return the first value of a query parameter, which counts as applied."""
        self._applied.add(name)
        values = self.query.get(name)
        return values[0] if values else None

    def every(self, name: str) -> list[str]:
        """Return all values of a query parameter `name[]`; `name` is understood as well. It counts as applied."""
        self._applied |= {name, f"{name}[]"}
        return self.query.get(f"{name}[]", []) + self.query.get(name, [])

    def among(self, name: str, choices: Collection[str], default: str) -> str:
        """Return a query parameter that is one of `choices`. Any other value counts as ignored."""
        value = (self.query.get(name) or self.query.get(f"{name}[]") or [default])[0]
        if value in choices:
            self._applied |= {name, f"{name}[]"}
            return value
        return default

    def include(self, *known: str) -> set[str]:
        """Return the values of `include[]` that are among `known`. The others count as ignored."""
        self._included |= set(known)
        return set(self.every("include")) & set(known)

    def includes(self, what: str) -> bool:
        """Say whether the client sent `include[]=what`."""
        return bool(self.include(what))

    def ignore(self, name: str) -> None:
        """Count a query parameter as ignored, because its value has no meaning."""
        self._applied -= {name, f"{name}[]"}

    def time_zone(self) -> ZoneInfo | None:
        """Return the zone that `time_zone` names. An unknown one is ignored."""
        name = self.first("time_zone")
        try:
            return ZoneInfo(name) if name else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.ignore("time_zone")
            return None

    def moment(self, name: str, zone: tzinfo) -> datetime | None:
        """Return a query parameter as a time, in `zone` if it has none of its own. Raises ApiError if it is not one."""
        text = self.first(name)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            raise invalid(f"{name} must be a time in ISO 8601, such as 2026-01-31T09:00:00Z") from None

    @property
    def ignored(self) -> str:
        """Query parameters that no handler applied, as a header may show them; `include[]=VALUE` for single values."""
        names = [name for name in self.query if name and name not in self._applied]
        if "include[]" not in names and "include" not in names:
            names += [f"include[]={value}" for value in self.every("include") if value not in self._included]
        shown = dict.fromkeys(quote(name[:MAX_SHOWN], safe="[]=_") for name in names)
        return ", ".join(list(shown)[:MAX_IGNORED])

    def json(self) -> Any:
        """Return the body from JSON; ValueError where it is none."""
        return json.loads(self.body)

    def wrapped(self, name: str, *, or_bare: bool = False) -> dict[str, Any]:
        """Return the object under `name` in the JSON body, as the REST API wraps every resource; or the whole body."""
        try:
            body = self.json()
        except ValueError:
            raise ApiError(400, 2001, "Invalid Input Provided", ["Invalid JSON body"]) from None
        wrapped = body.get(name, body if or_bare else None) if isinstance(body, dict) else None
        if not isinstance(wrapped, dict):
            raise invalid(f"{name} is a required field, and must be an object")
        return wrapped

    def is_form(self) -> bool:
        """Return whether the body is an HTML form's."""
        return self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")

    def form(self) -> dict[str, str]:
        """Return the fields of an HTML form."""
        form = parse_qs(self.body.decode(), keep_blank_values=True)
        return {name: values[-1] for name, values in form.items()}

    def has_json(self) -> bool:
        """Return whether the body of an emulator-only request is JSON: `curl --data` calls any body a form."""
        return not self.is_form() or self.body.lstrip().startswith((b"{", b"["))

    def fields(self) -> dict[str, Any]:
        """Return the body of an emulator-only request: a JSON object or an HTML form."""
        if not self.has_json():
            return self.form()
        if not self.body.strip():
            return {}
        try:
            body = self.json()
        except ValueError as error:
            allowed = "JSON, or a form in application/x-www-form-urlencoded"
            raise ValueError(f"the body must be {allowed}: {error}") from None
        if not isinstance(body, dict):
            raise TypeError("the body must be a JSON object")
        return body


@dataclass
class Page:
    """The window of a list that a request asks for."""

    offset: int
    limit: int
    total_wanted: bool

    @classmethod
    def of(cls, request: Request) -> Page:
        """Return the page that the request's `limit`, `offset` and `total` name."""
        limit = min(max(_whole(request, "limit", DEFAULT_PAGE), 1), MAX_PAGE)
        offset = max(_whole(request, "offset", 0), 0)
        if offset + limit > LAST_RECORD:
            raise ApiError(400, 2002, "Arguments Caused Error", [TOO_FAR])
        return cls(offset, limit, (request.first("total") or "").lower() in ("true", "1"))

    def answer(self, name: str, items: list[Any], total: int) -> Answer:
        """Return a classic-pagination answer: `items` are this page's, `total` counts all."""
        return Answer(
            {
                name: items,
                "limit": self.limit,
                "offset": self.offset,
                "total": total if self.total_wanted else None,
                "more": self.offset + len(items) < total,
            }
        )


def _whole(request: Request, name: str, default: int) -> int:
    """Return a query parameter as a whole number. Another value is ignored."""
    text = request.first(name)
    try:
        return int(text) if text else default
    except ValueError:
        request.ignore(name)
        return default
