"""What an exception of the network shows: why there is no response, and whether the request can have gone out."""

from __future__ import annotations

import ssl
import traceback
from collections.abc import Callable

import urllib3

from .quoting import quoted


def shows_no_connection(error: BaseException) -> bool:
    """Whether an error shows that there was no connection on which the request could have gone out."""
    if isinstance(error, ssl.CertificateError):
        return True
    if isinstance(error, ssl.SSLError):  # The same errors come later, too, if something else responds on the way.
        return any(frame.f_code.co_name == "do_handshake" for frame, _ in traceback.walk_tb(error.__traceback__))
    if isinstance(error, OSError) and "Tunnel connection failed" in str(error):  # the proxy's refusal
        return True
    return isinstance(
        error,
        (
            urllib3.exceptions.ConnectTimeoutError,
            urllib3.exceptions.NewConnectionError,
            urllib3.exceptions.ProxyError,
        ),
    )


def reason_of(chain: list[BaseException], redact: Callable[[str], str] = str) -> str:
    """Say in a few words what happened: the innermost cause, as the outer ones only name the one inside."""
    if isinstance(chain[0], ValueError):
        return f"the response is malformed ({type(chain[0]).__name__})"
    if any(map(_is_timeout, chain)):
        return "the time for a response ran out"
    # What a library stumbled over inside itself says nothing to people.
    inner = [each for each in chain if not isinstance(each, (AttributeError, TypeError))][-1]
    return quoted(redact(str(getattr(inner, "strerror", None) or inner))) or type(inner).__name__


def _is_timeout(error: BaseException) -> bool:
    # A refused connection counts as a timeout, too, for urllib3.
    refused = isinstance(error, urllib3.exceptions.NewConnectionError)
    return isinstance(error, urllib3.exceptions.TimeoutError) and not refused


def causes_of(error: BaseException) -> list[BaseException]:
    """The error, its cause, the cause's cause, and so on."""
    chain = [error]
    while (inner := error.__cause__ or error.__context__ or _argument(error)) and inner not in chain:
        chain.append(inner)
        error = inner
    return chain


def _argument(error: BaseException) -> BaseException | None:
    """urllib3 hands its causes on as arguments."""
    candidates = [*error.args, getattr(error, "reason", None)]
    return next((each for each in candidates if isinstance(each, BaseException)), None)
