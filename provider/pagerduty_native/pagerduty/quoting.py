"""What of a server's words can be shown to people."""

from __future__ import annotations

import re

MOST_CHARACTERS = 1000
LEFT_OUT = "[omitted: it repeats the request]"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_KEY = re.compile(r"(?<![0-9a-z])[0-9a-z]{32}(?![0-9a-z])", re.IGNORECASE)
_PASSWORD = re.compile(r"(?<=//)[^/@\s]+@")
_QUOTE = r"""(?:\\*["']|&quot;|&\#34;|%22)"""
# What nobody says but who repeats a request: its first line, its headers, a form's credentials, a JSON object.
_ECHO = rf"""
    \b (?:authorization|user-agent|cookie|x-api-key|x-routing-key) {_QUOTE}? \s* (?:[:=]|%3a|&\#58;)
    | \b token (?:\s|\+|%20)+ token \s* (?:=|%3d|&\#61;)
    | \b bearer (?:\s|\+|%20)+ \S{{16}}
    | \b (?:client_secret|access_token|refresh_token) \b
    | \b (?:get|post|put|patch|delete) \s+ \S+ \s+ http/
    | (?:\{{|%7b|&\#123;) \s* {_QUOTE}
    """


def quoted(text: str) -> str:
    """A server's words on one line, without integration keys and passwords, up to where they repeat a request."""
    text = _PASSWORD.sub("", _KEY.sub("[key]", _CONTROL.sub(" ", text))).strip()
    # Compiled here, and kept by `re`: most runs never need it.
    if echo := re.search(_ECHO, text, re.IGNORECASE | re.VERBOSE):
        text = f"{text[: echo.start()].rstrip()} {LEFT_OUT}".strip()
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"
