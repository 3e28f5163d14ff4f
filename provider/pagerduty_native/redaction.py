"""Hide secrets in messages.

Text from outside (PagerDuty's words, a proxy's page, an exception) is redacted before anything else happens to it. Our
own sentences contain secrets only as quoted values, and words of ours stay, also if the token is a word such as "any".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote, quote_plus

MARK = "[secret]"
# Shorter secrets would make holes in innocent words.
MIN_CHARACTERS = 3
# Only the beginning of a longer secret is searched for. What follows it is then left out.
MAX_SEARCHED_CHARACTERS = 200
# Texts that our own sentences may contain by chance. All other secrets are hidden in them without quotation marks, too.
_ORDINARY = re.compile(r".{0,11}|[A-Za-z_.-]*", re.DOTALL)
# Stands for a hidden secret, so that no other secret is found inside "[secret]".
_HIDDEN = "\x00"


class Redaction:
    """Hides secrets: as they are, JSON-escaped, percent-encoded, and as `repr` writes them.

    Immutable. The time it takes is proportional to the number of secrets and to the length of the text.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        stripped = {each.strip() for each in secrets}
        # The longest first, because it may contain a shorter one.
        searched = sorted((each for each in stripped if len(each) >= MIN_CHARACTERS), key=len, reverse=True)
        self._anywhere: list[_Form] = []
        self._in_our_words: list[_Form] = []
        for secret in searched:
            beginning = secret[:MAX_SEARCHED_CHARACTERS]
            is_cut = beginning != secret
            forms = [_Form(each, _HIDDEN, is_cut) for each in _encoded(beginning)]
            self._anywhere += forms
            self._in_our_words += _quoted(beginning, is_cut=is_cut)
            if not _ORDINARY.fullmatch(beginning):
                self._in_our_words += forms

    def of_text(self, text: str) -> str:
        """Hide every secret in text from outside."""
        return _hide(text, self._anywhere)

    def of_message(self, message: str) -> str:
        """Hide the secrets that a sentence of ours quotes, and all those that cannot be words of ours."""
        return _hide(message, self._in_our_words)


class _Form(NamedTuple):
    """A form of a secret. is_cut: whether it is the beginning of a longer secret."""

    text: str
    replacement: str
    is_cut: bool


def _encoded(secret: str) -> list[str]:
    """List the forms in which a text may contain a secret, the longest first."""
    content = secret.encode(errors="surrogatepass")
    forms = {
        secret,
        repr(secret)[1:-1],
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(content),
        quote(content, safe=""),
        quote_plus(content),
    }
    return sorted(forms, key=len, reverse=True)


def _quoted(secret: str, *, is_cut: bool) -> Iterator[_Form]:
    """Yield a secret in quotation marks, as `repr` and JSON write it. A cut secret has no closing mark."""
    for text in {repr(secret), json.dumps(secret), json.dumps(secret, ensure_ascii=False)}:
        mark = text[0]
        yield _Form(text[:-1], mark + _HIDDEN, is_cut) if is_cut else _Form(text, mark + _HIDDEN + mark, is_cut)


def _hide(text: str, forms: list[_Form]) -> str:
    text = text.replace(_HIDDEN, "")
    for form in forms:
        if form.text in text:
            if form.is_cut:
                text = text[: text.index(form.text)] + form.replacement
            else:
                text = text.replace(form.text, form.replacement)
    return text.replace(_HIDDEN, MARK)
