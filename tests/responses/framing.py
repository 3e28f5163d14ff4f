"""A response on the wire: its bytes, whole, cut, compressed, or at odds with its own headers."""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus

from .server import Reply

# What must be in no message, beside the provider's token: an integration's key.
KEY = "0123456789abcdef0123456789abcdef"
# After a response with one of these, a client cannot know where the next one begins.
UNCLEAR = {"Content-Encoding", "Transfer-Encoding", "Connection"}
LENGTHS = ("0", "1", "-1", "x", "", "9" * 30, "1, 2", "0x5")
LINES = (
    "HTTP/1.1",
    "HTTP/9.9 200 OK",
    "HTTP/1.1 2 OK",
    "ICY 200 OK",
    f"HTTP/1.1 500 {KEY}",
    "HTTP/1.1 abc",
    "\x16\x03",
)
BODIES = (b"", b" ", b"null", b"<html></html>", b"0", b"{}", b"[]", b'"x"', b"{" * 3000)


@dataclass
class Draft:
    """A response in the making.

    lies: whether it says what is not so, in a form that is right: nobody could know. omits: whether it leaves out what
    may be left out.
    """

    status: int
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)
    lies: bool = False
    omits: bool = False


def whole(draft: Draft, *, closes: bool = False) -> Reply:
    return Reply(_head(draft) + draft.body, closes=closes)


def framed(chance: random.Random, draft: Draft) -> Reply:
    """The bytes of a response, as they should be in most cases."""
    if chance.random() < 0.75:
        unclear = any(name in UNCLEAR for name, _ in draft.headers)
        return whole(draft, closes=unclear or draft.status < 200 or draft.status in {204, 304})
    return chance.choice(WAYS)(chance, draft)


def _cut(chance: random.Random, draft: Draft) -> Reply:
    """The connection ends in the middle of the body, or of the headers."""
    raw = whole(draft).raw
    return Reply(raw[: chance.randrange(len(raw) + 1)], closes=True, resets=chance.random() < 0.3)


def _half(chance: random.Random, draft: Draft) -> Reply:
    return _sent(draft, draft.body[: _place(chance, draft)])


def _not_utf8(chance: random.Random, draft: Draft) -> Reply:
    place = _place(chance, draft)
    return _sent(draft, draft.body[:place] + b"\xff\xc3" + draft.body[place:])


def _damaged(chance: random.Random, draft: Draft) -> Reply:
    draft.lies = True
    place = _place(chance, draft)
    return _sent(draft, draft.body[:place] + chance.randbytes(2) + draft.body[place + 2 :])


def _encoded(chance: random.Random, draft: Draft) -> Reply:
    encoding = chance.choice(["utf-16", "utf-8-sig", "utf-32"])
    return _sent(draft, draft.body.decode(errors="replace").encode(encoding))


def _packed(chance: random.Random, draft: Draft) -> Reply:
    body, packed = draft.body, gzip.compress(draft.body, 1)
    draft.headers.append(("Content-Encoding", chance.choice(["gzip", "gzip", "deflate", "x-gzip"])))
    return _sent(draft, chance.choice([packed, packed, packed[: len(packed) // 2], zlib.compress(body), body, b""]))


def _of_another_length(chance: random.Random, draft: Draft) -> Reply:
    draft.headers.append(("Content-Length", chance.choice([*LENGTHS, str(len(draft.body) + 9)])))
    return whole(draft, closes=True)


def _chunked(chance: random.Random, draft: Draft) -> Reply:
    draft.headers.append(("Transfer-Encoding", "chunked"))
    chunk = b"%x\r\n%s\r\n" % (len(draft.body), draft.body)
    return Reply(_head(draft) + chance.choice([chunk + b"0\r\n\r\n", chunk, chunk[:-9], b"zz\r\n"]), closes=True)


def _odd_line(chance: random.Random, draft: Draft) -> Reply:
    return Reply(_head(draft, line=chance.choice(LINES)) + draft.body, closes=True)


def _more(chance: random.Random, draft: Draft) -> Reply:
    """Something comes after the end."""
    raw = whole(draft).raw
    return Reply(raw + chance.choice([b"\r\n", b"more", raw]))


def _another_body(chance: random.Random, draft: Draft) -> Reply:
    return _sent(draft, chance.choice(BODIES))


def _closed(_chance: random.Random, draft: Draft) -> Reply:
    return whole(draft, closes=True)


WAYS: tuple[Callable[[random.Random, Draft], Reply], ...] = (
    *(_cut, _half, _not_utf8, _damaged, _encoded, _packed, _of_another_length, _chunked, _odd_line, _more),
    *(_another_body, _closed),
)


def _place(chance: random.Random, draft: Draft) -> int:
    return chance.randrange(len(draft.body) + 1)


def _sent(draft: Draft, body: bytes) -> Reply:
    """A response with another body, as long as it says; after that the connection ends."""
    return Reply(_head(draft, length=len(body)) + body, closes=True)


def _head(draft: Draft, *, length: int | None = None, line: str | None = None) -> bytes:
    """A response's first line and headers. Of those with the same name, the last one goes out."""
    try:
        reason = HTTPStatus(draft.status).phrase
    except ValueError:
        reason = "Odd"
    fields = {
        "Date": formatdate(usegmt=True),
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(draft.body) if length is None else length),
        **dict(draft.headers),
    }
    lines = [line or f"HTTP/1.1 {draft.status} {reason}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", errors="replace")
