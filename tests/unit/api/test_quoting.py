"""Quoting of a server's text in messages."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pagerduty_native.api.errors import LEFT_OUT, quoted
from pagerduty_native.api.errors import MAX_QUOTED_CHARACTERS as MOST_CHARACTERS

KEY = "0123456789abcdef0123456789ABCDEF"
REQUEST = {"integration": {"name": "Hidden"}}


@pytest.mark.parametrize(
    "words",
    [
        # As PagerDuty was seen to say them.
        "Invalid Input Provided: Type cannot be empty. (status 400, code 2001)",
        "Token missing required scopes",
        "License error: Unable to perform request at this time. account could not be locked",
        "Account does not have the abilities to perform the action.",
        "Client authentication failed",
        # Texts that may be longer.
        "Authorization failed, as the bearer token is not valid",
        "The request could not be posted to the service.",
        "<style>body {color: red}</style>",
    ],
)
def test_words_are_kept(words: str) -> None:
    assert quoted(words) == words


@pytest.mark.parametrize(
    "echo",
    [
        "Authorization: Token token=Hidden",
        "authorization%3A+Token+token%3DHidden",
        '"Authorization": "Hidden"',
        "Authorization&quot;: Hidden",
        r"\"authorization\": Hidden",
        "Token token=Hidden",
        "Bearer HiddenHiddenHidden",
        "grant_type=client_credentials&client_secret=Hidden",
        '{"access_token": "Hidden"}',
        "POST /services/Hidden HTTP/1.1 ...",
        "User-Agent: Hidden",
        json.dumps(REQUEST),
        json.dumps(json.dumps(REQUEST)),
        str(REQUEST),
        "{&quot;integration&quot;: Hidden}",
    ],
)
def test_a_text_that_repeats_a_request_is_cut_off(echo: str) -> None:
    for words in (echo, f"I do not understand: {echo} and more Hidden words."):
        shown = quoted(words)
        assert "Hidden" not in shown
        assert LEFT_OUT in shown
    assert shown.startswith("I do not understand: ")


def test_keys_and_passwords_in_addresses_are_taken_out() -> None:
    assert quoted(f"key {KEY} at https://user:password@host/{KEY}.") == "key [key] at https://host/[key]."


@given(st.text())
def test_words_are_on_one_line_and_few(words: str) -> None:
    shown = quoted(words * 50)
    assert not set(shown) & set("\r\n\x1b\x00")
    assert len(shown) <= MOST_CHARACTERS + 1
