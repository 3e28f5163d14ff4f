"""Bodies of events: JSON or a form."""

from __future__ import annotations

from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qs

from pagerduty_emulator.http import Request


def json_object(request: Request) -> dict[str, Any] | None:
    """Return the JSON object of a body, or None if it is none."""
    try:
        body = request.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def form(request: Request) -> dict[str, Any] | None:
    """Return the fields of a form, in a body of either kind or in the address; None if there are none."""
    if request.method == "GET":
        return _parsed(request.query_string) or None
    if request.is_form():
        return _parsed(request.body.decode(errors="replace")) or None
    content_type = request.headers.get("content-type", "")
    if not content_type.startswith("multipart/form-data"):
        return None
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + request.body)
    fields: dict[str, Any] = {}
    for part in message.walk():
        name, value = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(value, bytes):
            fields[name] = value.decode(errors="replace")
    return fields or None


def _parsed(text: str) -> dict[str, Any]:
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}
