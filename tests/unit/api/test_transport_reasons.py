"""Errors of `requests`: our words for them, and whether the request may have arrived."""

from __future__ import annotations

import ssl

import pytest
import requests
from pagerduty_native.api.errors import UnreachableError, UnsendableError
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationParseError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
)

from .fake_server import GET, HEADER, transport

URL = "http://127.0.0.1:1"


def chained(error: Exception, inner: Exception) -> Exception:
    """The error as it is raised while the inner one is handled."""
    error.__context__ = inner
    return error


def caused(error: Exception, inner: Exception) -> Exception:
    error.__cause__ = inner
    return error


def of_a_pool(reason: Exception) -> Exception:
    """As urllib3 hands it on."""
    return MaxRetryError(None, "/", reason)  # type: ignore[arg-type]


REFUSED = ConnectionRefusedError(111, "Connection refused")
LATE = ReadTimeoutError(None, "/", "late")  # type: ignore[arg-type]
NEW = NewConnectionError(None, "cannot connect")  # type: ignore[arg-type]
RAN_OUT = "the time for a response ran out"


@pytest.mark.parametrize(
    ("error", "reason", "perhaps_done"),
    [
        pytest.param(of_a_pool(ConnectTimeoutError(None, "late")), RAN_OUT, False, id="no connection in time"),
        pytest.param(LATE, RAN_OUT, True, id="no answer in time"),
        pytest.param(
            caused(ProtocolError(), LATE),
            RAN_OUT,
            True,
            id="no whole answer in time",
        ),
        pytest.param(of_a_pool(caused(NEW, REFUSED)), "Connection refused", False, id="no connection"),
        pytest.param(of_a_pool(ProxyError("no proxy", OSError("odd"))), "odd", False, id="no proxy"),
        pytest.param(
            of_a_pool(OSError("Tunnel connection failed: 407")), "Tunnel connection failed: 407", False, id="tunnel"
        ),
        pytest.param(ProtocolError(ConnectionResetError(104, "reset")), "reset", True, id="reset"),
        pytest.param(ProtocolError(RuntimeError("odd")), "odd", True, id="words"),
        pytest.param(ProtocolError(EOFError()), "EOFError", True, id="no words"),
        pytest.param(chained(ProtocolError("outer"), EOFError("inner")), "inner", True, id="context"),
        pytest.param(caused(ProtocolError("outer"), EOFError("inner")), "inner", True, id="cause"),
        pytest.param(
            caused(ProtocolError("outer"), caused(OSError("between"), EOFError())),
            "EOFError",
            True,
            id="no words of the innermost",
        ),
        pytest.param(
            chained(ProtocolError("outer"), AttributeError("'NoneType' object has no attribute 'read'")),
            "outer",
            True,
            id="what a library stumbled over",
        ),
        pytest.param(ProtocolError(), "ProtocolError", True, id="alone, without words"),
        pytest.param(ProtocolError("alone"), "alone", True, id="alone"),
        pytest.param(ValueError("a\nsecret"), "the response is malformed (ValueError)", True, id="malformed"),
        pytest.param(
            caused(ProtocolError("outer"), ValueError("inner")),
            "inner",
            True,
            id="malformed, inside",
        ),
        pytest.param(
            ProtocolError(OSError(f"said {HEADER}")), "said [omitted: it repeats the request]", True, id="a credential"
        ),
    ],
)
def test_the_reason_of_a_failed_request_is_the_innermost_error(
    monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str, perhaps_done: bool
) -> None:
    raised = failure(monkeypatch, error)
    assert (raised.url, raised.reason) == (URL, reason)
    assert (raised.transient, raised.perhaps_done) == (True, perhaps_done)


def test_a_certificate_that_cannot_be_verified_will_not_do_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.reason = "CERTIFICATE_VERIFY_FAILED"
    raised = failure(monkeypatch, of_a_pool(error))
    assert (raised.transient, raised.perhaps_done) == (False, False)


@pytest.mark.parametrize("reason", ["WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "HTTP_REQUEST"])
def test_a_handshake_that_failed_sent_nothing(monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    def do_handshake() -> None:
        error = ssl.SSLError(1, "no")
        error.reason = reason
        raise error

    with pytest.raises(ssl.SSLError) as handshake:
        do_handshake()
    raised = failure(monkeypatch, of_a_pool(handshake.value))
    assert (raised.transient, raised.perhaps_done) == (True, False)


@pytest.mark.parametrize("reason", ["BAD_RECORD", "WRONG_VERSION_NUMBER"])
def test_a_connection_that_broke_later_may_have_sent_it(monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    def read() -> None:
        error = ssl.SSLError(1, "broken")
        error.reason = reason
        raise error

    with pytest.raises(ssl.SSLError) as reading:
        read()
    raised = failure(monkeypatch, of_a_pool(reading.value))
    assert (raised.reason, raised.transient, raised.perhaps_done) == ("broken", True, True)


def test_causes_that_go_round_end(monkeypatch: pytest.MonkeyPatch) -> None:
    outer, inner = ProtocolError("outer"), OSError("inner")
    outer.__cause__, inner.__cause__ = inner, outer
    assert failure(monkeypatch, outer).reason == "inner"


@pytest.mark.parametrize(
    "error",
    [
        requests.exceptions.InvalidURL("x"),
        requests.exceptions.InvalidSchema("x"),
        LocationParseError("x"),
        UnicodeEncodeError("ascii", "é", 0, 1, "x"),
    ],
)
def test_an_address_that_cannot_be_asked(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    with pytest.raises(UnsendableError) as raised:
        send(monkeypatch, error)
    assert raised.value.reason == f"the URL {URL}, the URL of a proxy, or a header is malformed"


def failure(monkeypatch: pytest.MonkeyPatch, error: Exception) -> UnreachableError:
    with pytest.raises(UnreachableError) as raised:
        send(monkeypatch, error)
    return raised.value


def send(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr("urllib3.HTTPConnectionPool.urlopen", fail)
    transport(URL).send(GET, HEADER)
