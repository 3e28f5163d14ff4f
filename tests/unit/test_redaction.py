"""Secrets in text from outside, and in our own sentences."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pagerduty_native.redaction import Redaction

SECRET = 'p&ss "wörd"/<k\\ey>\n+=1'

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "repr": lambda text: repr(text)[1:-1],
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON with all of Unicode": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "percent-encoded": lambda text: quote(text, safe=""),
    "percent-encoded but for slashes": quote,
    "form": quote_plus,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("secret", [SECRET, "u+TestTokenThatMustNotShow", "pdus+_0XBPWQQ_dfd712a3-b679"])
def test_a_secret_is_hidden_in_each_form_in_text_and_in_a_message(form: Callable[[str], str], secret: str) -> None:
    said = f"it sent {form(secret)} back"
    assert Redaction([secret]).of_text(said) == "it sent [secret] back"
    assert Redaction([secret]).of_message(said) == "it sent [secret] back"


@pytest.mark.parametrize("word", ["any", "token", "proxy", "secret", "integration", "apiUrlOverride", "PagerDuty"])
def test_a_secret_that_is_a_word_makes_no_hole_in_a_sentence_of_ours(word: str) -> None:
    sentence = f"Check the setting `token`, and {word} proxy. Did you mean `{word}`?"
    assert Redaction([word]).of_message(sentence) == sentence


@pytest.mark.parametrize("word", ["any", "it's", 'a "b"', "übel", "x" * 300])
@pytest.mark.parametrize("write", [repr, json.dumps], ids=["repr", "JSON"])
def test_a_value_that_a_sentence_of_ours_quotes_is_hidden(word: str, write: Callable[[str], str]) -> None:
    shown = Redaction([word]).of_message(f"`name` must not be {write(word)}")
    assert word not in shown
    assert "[secret]" in shown


def test_a_longer_secret_is_hidden_before_one_inside_it() -> None:
    assert Redaction(["abc", "abcdef"]).of_text("key abcdef, abc") == "key [secret], [secret]"


def test_a_secret_is_not_found_inside_the_mark_of_another() -> None:
    assert Redaction(["secret", "u+token"]).of_text("u+token, secret") == "[secret], [secret]"


def test_a_very_long_secret_ends_the_text_also_if_it_was_cut() -> None:
    secret = "0123456789" * 1000
    for length in (10_000, 9_000, 200):
        assert Redaction([secret]).of_text(f"<{secret[:length]}>") == "<[secret]"


def test_blanks_around_a_secret_do_not_count() -> None:
    assert Redaction([" u+token\n"]).of_text("no u+token") == "no [secret]"


@example("no", ["o"])
@given(st.text(st.characters(exclude_characters="\0")), st.lists(st.text(max_size=2)))
def test_so_few_characters_hide_nothing(text: str, secrets: list[str]) -> None:
    assert Redaction(secrets).of_text(text) == text
    assert Redaction(secrets).of_message(text) == text


@given(st.text(), st.text(min_size=3).map(str.strip).filter(lambda each: len(each) > 2 and "\0" not in each), st.text())
def test_any_secret_is_hidden_in_any_text(before: str, secret: str, after: str) -> None:
    shown = Redaction([secret]).of_text(before + secret + after)
    assert secret not in shown.replace("[secret]", "") or secret in (before + "\n" + after)


def test_hundreds_of_secrets_take_little_memory() -> None:
    """One pattern for 300 of them once took 197 MiB."""
    secrets = [f"{number} secret filters (?:of|with) [one] typo each" for number in range(300)]
    tracemalloc.start()
    try:
        redaction = Redaction(secrets)
        for each in secrets:
            assert redaction.of_text(f"no {each}.") == "no [secret]."
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 5_000_000
