"""Secrets in messages."""

from __future__ import annotations

import base64
import html
import json
import tracemalloc
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pagerduty_native.redaction import redact

SECRET = 'p&ss "wörd"/<k\\ey>\n+=1'

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "repr": lambda text: repr(text)[1:-1],
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON with all of Unicode": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "JSON in JSON in JSON": lambda text: json.dumps(json.dumps(json.dumps(text))),
    "percent-encoded": lambda text: quote(text, safe=""),
    "percent-encoded but for slashes": quote,
    "form": quote_plus,
    "percent-encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
    "lower-case percent-encoded": lambda text: quote(text, safe="").lower(),
    "HTML": html.escape,
    "HTML in HTML": lambda text: html.escape(html.escape(text)),
    "HTML in numbers": lambda text: "".join(f"&#{ord(each)};" for each in text),
    "HTML in JSON": lambda text: json.dumps(html.escape(text)),
    "upper case": str.upper,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of a header": lambda text: base64.b64encode(f"Token token={text}\n".encode()).decode(),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(f"ab{text}".encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("secret", [SECRET, "u+TestTokenThatMustNotShow", "pdus+_0XBPWQQ_dfd712a3-b679"])
def test_a_secret_is_hidden_in_each_form(form: Callable[[str], str], secret: str) -> None:
    redacted = redact(f"it sent {form(secret)} back", [secret])

    assert redacted.startswith("it sent ")
    assert redacted.endswith(" back")
    assert "[secret]" in redacted
    assert form(secret)[4:-6] not in redacted


def test_a_longer_secret_is_hidden_before_one_inside_it() -> None:
    assert redact("key abcdef, abc", ["abc", "abcdef"]) == "key [secret], [secret]"


def test_a_very_long_secret_is_hidden_whole() -> None:
    secret = "0123456789" * 1000
    assert redact(f"<{secret}>", [secret]) == "<[secret]>"


@example("no", ["o"])
@given(st.text(), st.lists(st.text(max_size=2)))
def test_so_few_characters_hide_nothing(text: str, secrets: list[str]) -> None:
    assert redact(text, secrets) == text


@given(st.text(), st.text(min_size=3), st.text())
def test_whatever_the_secret_is(before: str, secret: str, after: str) -> None:
    assert redact(before + secret + after, [secret]) != before + secret + after or secret == "[secret]"


def test_backslashes_take_no_longer_than_others() -> None:
    """A pattern that allows any number of them before each of a secret's would not end."""
    assert redact("\\" * 10_000, ["\\" * 20 + "x", "\\a\\b" * 20, "\n" * 40]) == "\\" * 10_000


def test_few_patterns_are_kept() -> None:
    """Each has tens of kilobytes, and each message about a resource may have another secret."""
    redact("message", ["first"])
    tracemalloc.start()
    try:
        for number in range(100):
            redact("message", [f"{number} keys"])
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 250_000
