"""Responses as PagerDuty should not send them: the emulator's, changed at random in status, body, headers and bytes."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pagerduty_emulator.http import Answer, Request
from pagerduty_native.api.parse import is_id

from . import described
from .framing import KEY, Draft, framed, whole
from .server import Reply

TEXTS = (
    *("", " ", "..", "../..", "a/b", "a?b#c", "%2e%2e%2f", "a\r\nX-Header: 1", "\0", "ü\u2028\u202e😀", "null", "NaN"),
    *("\ud800", "x\udfff\ud800y", "x" * 10_000, "w o r d s " * 2_000, "\\" * 3_000, "http://[", "[" * 3_000),
    *("9" * 400, "1e999", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-45", "PQL78HM", "PE1U9CH"),
)
NUMBERS = (0, -1, 0.5, 2**31, 2**63, -(2**63), 10**30, 1e300, float("nan"), float("inf"), float("-inf"))
# What json.dumps cannot write. Each stands in for itself until the text is there.
RAW = ("[" * 200 + "]" * 200, "[" * 900 + "]" * 900, "[" * 6000 + "]" * 6000, '{"a":' * 400 + "1" + "}" * 400)
RAW_NUMBERS = ("1e400", "-1e400", "9" * 400, "9" * 5000, "-0", "1E-999")
STATUSES = (
    *(200, 201, 202, 203, 204, 205, 206, 207, 226, 299, 300, 301, 302, 303, 304, 307, 308, 399),
    *(
        400,
        400,
        401,
        402,
        403,
        404,
        404,
        405,
        406,
        408,
        409,
        410,
        412,
        413,
        415,
        418,
        422,
        423,
        425,
        429,
        429,
        431,
        451,
    ),
    *(499, 500, 500, 501, 502, 503, 503, 504, 505, 507, 511, 520, 525, 599, 600, 999, 101, 103),
)
# What may be left out of what PagerDuty shows, and then means that there is none.
OPTIONAL = {"vendor"}
HEADERS: tuple[tuple[str, str], ...] = (
    *(("Retry-After", each) for each in ("0", "-1", "1e9", "soon", "", "Fri, 31 Dec 9999 23:59:59 GMT", "9" * 5000)),
    *(
        (f"ratelimit-{name}", each)
        for name in ("limit", "remaining", "reset")
        for each in ("0", "-5", "x", "", "1e3", "99999999999999999999", "٣", "0x10", "9" * 5000, "0, 0")
    ),
    *(
        ("Content-Type", each)
        for each in ("", "text/html", "application/json; charset=utf-16", "x" * 3000, "application/json; charset=;;")
    ),
    *(("Content-Encoding", each) for each in ("br", "zstd", "compress", "identity", "gzip, gzip", "\x01", "deflate")),
    *(
        ("Date", each)
        for each in (
            "",
            "yesterday",
            "Mon, 99 Foo 2026 99:99:99 GMT",
            "0",
            "Mon, 01 Jan 2026 00:00:00 +9999",
            "Mon, 01 Jan 2026 99999999999:00:00 GMT",
        )
    ),
    *(("Location", each) for each in ("", "/", "//evil.example", "http://[", "http://127.0.0.1:1/\x0b", "x" * 20_000)),
    *(("Set-Cookie", "a=b; Domain=x"), ("Connection", "upgrade"), ("Transfer-Encoding", "gzip"), ("Trailer", "Date")),
    *(
        ("X-Ünicode", "\xe9\xff"),
        ("", "nameless"),
        ("X-Long", "x" * 70_000),
        ("WWW-Authenticate", 'Token realm="\x00"'),
    ),
)
FALSE_DATES = ("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT")


@dataclass(frozen=True)
class Response:
    """What goes out, and what of a `Draft` a test has to know."""

    reply: Reply
    lies: bool
    omits: bool
    what: str


def good(answer: Answer) -> Response:
    """The emulator's own response."""
    draft = Draft(answer.status, answer.encoded(), list(answer.headers.items()))
    return Response(whole(draft), lies=False, omits=False, what="good")


def mutated(chance: random.Random, request: Request, path: str, answer: Callable[[], Answer]) -> Response:
    """A response with one to three things wrong in it. answer: carries the request out. path: with names in it."""
    if chance.random() < 0.03:  # No response at all.
        if chance.random() < 0.5:
            answer()
        return Response(Reply(b"", closes=True, resets=chance.random() < 0.5), lies=False, omits=False, what="none")
    draft = _with_status(chance, request, answer)
    kinds = chance.choices(["body", "described", "headers", "none"], [10, 1, 3, 3], k=chance.choice([1, 1, 2]))
    if "described" in kinds:
        draft.body, draft.lies = json.dumps(described.body(chance, request.method, path)).encode(), True
    if "body" in kinds:
        _mutate_body(chance, draft)
    if "headers" in kinds:
        _mutate_headers(chance, draft)
    reply = framed(chance, draft)
    return Response(reply, draft.lies, draft.omits, what=f"{draft.status} {draft.headers!r:.200} {reply.raw[-700:]!r}")


def _with_status(chance: random.Random, request: Request, answer: Callable[[], Answer]) -> Draft:
    """The emulator's response, or one with another status. What 3xx and 4xx refuse is not carried out."""
    if chance.random() < 0.7:
        made = answer()
        return Draft(made.status, made.encoded(), list(made.headers.items()))
    status = chance.choice(STATUSES)
    if 200 <= status < 300:
        made = answer()
        # What is an error would be a lie as a success.
        return Draft(status, made.encoded(), list(made.headers.items()), lies=not 200 <= made.status < 300)
    if (status >= 500 or status < 200) and chance.random() < 0.5:
        answer()
    lies = status == HTTPStatus.NOT_FOUND and request.method != "POST"
    return Draft(status, _error_body(chance), [("Location", f"/?token={KEY}")] if chance.random() < 0.2 else [], lies)


def _error_body(chance: random.Random) -> bytes:
    """What may stand in an error: PagerDuty's form, or anything else."""
    reasons: Any = chance.choice(
        [["Name is odd."], [], "odd", None, 5, {"name": ["odd", 5, None]}, [["a"], {"b": []}], [None], [f"key {KEY}"]]
    )
    code = chance.choice([2001, 2100, 5001, "2001", None, True, -1, 2.5])
    message = chance.choice(["Invalid Input Provided", "", None, 5, ["x"], f"Key {KEY} is odd", "x" * 9000, "\ud800"])
    error = {"message": message, "code": code, "errors": reasons}
    forms: list[Any] = [
        {"error": error},
        {"error": error},
        {"error": {**error, "required_scopes": chance.choice([5, ["a"], "b", None]), "token_scopes": {"x": [1]}}},
        error,
        {"error": "invalid_client", "error_description": chance.choice([5, "odd", None, ["x"]])},
        {"error": []},
        {"errors": reasons},
        [],
        "refused",
        None,
        {"integration": {"id": "PE1U9CH", "type": "x"}},
    ]
    if chance.random() < 0.25:
        return chance.choice(
            [b"", b"<html><h1>502</h1></html>", b"\xff\xfe", b"null", b"{", f"key={KEY}".encode(), b"\0" * 99]
        )
    return json.dumps(chance.choice(forms)).encode()


def _mutate_body(chance: random.Random, draft: Draft) -> None:
    """Change something in the JSON, if it is JSON."""
    try:
        tree = [json.loads(draft.body)]
    except ValueError:
        draft.body = _error_body(chance)
        return
    raw: dict[str, str] = {}
    changes = chance.choice([1, 1, 1, 2, 4])
    # Several together can put a text in the place of another one.
    draft.lies |= changes > 1
    for _ in range(changes):
        _mutate_tree(chance, tree, draft, raw)
    text = json.dumps(tree[0]) if tree else ""
    for mark, literal in raw.items():
        text = text.replace(f'"{mark}"', literal)
    if chance.random() < 0.05 and text.startswith("{") and len(text) > 2:  # The same names twice.
        text = f"{text[:-1]},{text[1:]}" if chance.random() < 0.5 else f'{{"integration":null,"more":"x",{text[1:]}'
    draft.body = text.encode()


def _mutate_tree(chance: random.Random, tree: list[Any], draft: Draft, raw: dict[str, str]) -> None:
    """Change one value at some depth."""
    inside: Any = tree
    key: Any = 0
    while tree and isinstance(inside[key], (dict, list)) and inside[key] and chance.random() < 0.85:
        inside = inside[key]
        key = chance.choice(list(inside)) if isinstance(inside, dict) else chance.randrange(min(len(inside), 5))
    if not tree:
        return
    old = inside[key]
    if chance.random() < 0.15:
        del inside[key]
        draft.lies |= isinstance(inside, list)
        draft.omits |= key in OPTIONAL
        return
    new = _other(chance, old, raw)
    inside[key] = new
    same_kind = type(new) is type(old) or (isinstance(new, (int, float)) and isinstance(old, (int, float)))
    unusable = key == "id" and isinstance(new, str) and not is_id(new)
    fewer = isinstance(old, list) and isinstance(new, list) and (not new or new == old * 2)
    draft.lies |= fewer or (same_kind and not isinstance(old, (dict, list)) and not unusable and new != old)
    draft.lies |= old is None and new is not None  # Something in place of nothing.
    draft.omits |= key in OPTIONAL or (key == "id" and not new)


def _other(chance: random.Random, old: Any, raw: dict[str, str]) -> Any:
    """Something else in the place of a value. raw: gets, by its mark, what only the finished text can hold."""

    def literal(choices: tuple[str, ...]) -> str:
        mark = f"@{len(raw)}@"
        raw[mark] = chance.choice(choices)
        return mark

    makers: list[Callable[[], Any]] = [
        lambda: None,
        lambda: None,
        lambda: chance.choice(TEXTS),
        lambda: chance.choice(TEXTS),
        lambda: chance.choice(NUMBERS),
        lambda: chance.random() < 0.5,
        lambda: literal(RAW),
        lambda: literal(RAW_NUMBERS),
        lambda: [old],
        lambda: {"id": old},
        lambda: [*(old if isinstance(old, list) else []), chance.choice([None, 5, "x", [], {}, {"id": None}, True])],
        lambda: [copy.deepcopy(old), copy.deepcopy(old)],
        list,
        dict,
        lambda: old * 2 if isinstance(old, list) else old,
        lambda: {"id": KEY, "type": 5, "name": {}},
    ]
    return chance.choice(makers)()


def _mutate_headers(chance: random.Random, draft: Draft) -> None:
    for _ in range(chance.choice([1, 1, 3])):
        draft.headers.append(chance.choice(HEADERS))
    if chance.random() < 0.05:
        draft.headers.append(("Date", chance.choice(FALSE_DATES)))
        draft.lies = True
    if chance.random() < 0.05:
        draft.headers += [(f"X-{number}", "1") for number in range(150)]
    if chance.random() < 0.1:
        draft.headers += [("ratelimit-limit", "960"), ("ratelimit-remaining", "0"), ("ratelimit-reset", "9")]
