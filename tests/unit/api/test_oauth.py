"""Tokens of an app: the requests, and the lifetime of each token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest
from pagerduty_native.api.auth import AppAuthorization
from pagerduty_native.api.client import Client
from pagerduty_native.api.errors import AppTokenError, CancelledError, PagerDutyError, ServerError

from tests.support.fake_time import FakeTime


class FakeIdentity:
    """A client of the server that gives tokens T1, T2, …. forms: what was sent. answer: what comes beside a token."""

    def __init__(self) -> None:
        self.waiting = FakeTime()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self.answer: dict[str, Any] = {"expires_in": 86400}
        self.fails: PagerDutyError | None = None

    def form(self, path: str, fields: Mapping[str, str], parse: Callable[[Any], Any]) -> Any:
        self.forms.append((path, dict(fields)))
        if self.fails:
            raise self.fails
        return parse({"access_token": f"T{len(self.forms)}", **self.answer})


@pytest.fixture
def identity() -> FakeIdentity:
    return FakeIdentity()


def authorization(identity: FakeIdentity, **options: Any) -> AppAuthorization:
    return AppAuthorization(cast("Client", identity), "id", "secret", "acme", **options)


@pytest.mark.parametrize(("options", "account"), [({}, "as_account-us.acme"), ({"region": "eu"}, "as_account-eu.acme")])
def test_a_token_request_has_the_documented_fields(
    identity: FakeIdentity, options: dict[str, str], account: str
) -> None:
    """As PagerDuty describes it: 06-OAuth-Functionality of its developer documents."""
    assert authorization(identity, **options)() == "Bearer T1"
    assert identity.forms == [
        (
            "/oauth/token",
            {
                "grant_type": "client_credentials",
                "client_id": "id",
                "client_secret": "secret",
                "scope": f"{account} services.read services.write vendors.read",
            },
        )
    ]


def test_a_new_token_is_kept_out_of_messages(identity: FakeIdentity) -> None:
    hidden: list[str] = []
    authorization(identity, hide=hidden.append)()
    assert hidden == ["T1"]


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        pytest.param({"expires_in": 86400}, 86400 - 120, id="a day"),
        pytest.param({"expires_in": "86400"}, 86400 - 120, id="a day, as text"),
        pytest.param({"expires_in": 240}, 120, id="four minutes"),
        pytest.param({"expires_in": 100}, 50, id="less than the margin"),
        pytest.param({}, 3600 - 120, id="not told"),
    ],
)
def test_a_token_is_renewed_before_it_expires(identity: FakeIdentity, answer: dict[str, Any], seconds: float) -> None:
    identity.answer = answer
    header = authorization(identity)
    assert header() == "Bearer T1"
    identity.waiting.wait(seconds - 1, "almost")
    assert header() == "Bearer T1"
    identity.waiting.wait(1, "until then")
    assert header() == "Bearer T2"
    assert header() == "Bearer T2"


def test_a_token_that_was_refused_is_renewed_and_no_other(identity: FakeIdentity) -> None:
    header = authorization(identity)
    header()
    assert header("Bearer T0") == "Bearer T1"
    assert header("Bearer T1") == "Bearer T2"


def test_no_token(identity: FakeIdentity) -> None:
    identity.fails = ServerError(503, None, "Down", ())
    with pytest.raises(AppTokenError) as raised:
        authorization(identity)()
    assert (raised.value.cause, raised.value.account) == (identity.fails, "as_account-us.acme")


def test_a_canceled_token_request_raises_canceled_error(identity: FakeIdentity) -> None:
    identity.fails = CancelledError("cancelled")
    with pytest.raises(CancelledError):
        authorization(identity)()


def test_a_token_does_until_it_expires_while_no_other_can_be_had(identity: FakeIdentity) -> None:
    get = authorization(identity)
    assert get() == "Bearer T1"
    identity.waiting.wait(86400 - 60, "until it should be renewed")
    identity.fails = ServerError(503, None, "Down", ())
    assert get() == "Bearer T1"
    with pytest.raises(AppTokenError):  # One that was refused is no good.
        get("Bearer T1")
    identity.waiting.wait(61, "until it expires")
    with pytest.raises(AppTokenError):
        get()
    identity.fails = None
    assert get() == f"Bearer T{len(identity.forms)}"
