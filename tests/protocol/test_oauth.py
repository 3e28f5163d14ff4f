"""Tokens of an app: shared by all threads, renewed before they expire and after a 401, with retries."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.api.auth import AppAuthorization
from pagerduty_native.api.client import Client, Retries, anonymous
from pagerduty_native.api.errors import AppTokenError, DeadlineError, UnauthorizedError, UnreachableError
from pagerduty_native.api.waiting import Waiting
from pagerduty_native.framework.testing import Served, refusal
from pagerduty_native.framework.values import Values
from pagerduty_native.framework.wire import to_struct
from pulumi.runtime.proto import provider_pb2 as pb

from tests.conftest import TOKEN
from tests.support import HANG_SECONDS, wait_for
from tests.support.fake_time import FakeTime

SECRET = "SecretOfTheApp"
APP: Values = {"pdClientId": "app", "pdClientSecret": SECRET, "pdSubdomain": "acme"}
INPUTS: Values = {"service": "PCHECKT", "type": "events_api_v2_inbound_integration", "name": "One"}
TOKENS = "/oauth/token"
WORKERS = 16
ODD_VALUES: list[object] = [None, "soon", -5, 0, [], "nan"]
ODD_LIFETIMES: list[dict[str, object]] = [{}, *[{"expires_in": each} for each in ODD_VALUES]]


def client(
    emulator: Emulator, waiting: Waiting | None = None, *, identity_url: str = "", retries: Retries | None = None
) -> Client:
    waiting = waiting or FakeTime()
    identity = Client(anonymous, api_url=identity_url or emulator.url, waiting=waiting, retries=retries)
    return Client(AppAuthorization(identity, "app", SECRET, "acme"), api_url=emulator.url, waiting=waiting)


def get(made: Client) -> bool:
    return made.get("/vendors", lambda body: bool(body["vendors"]))


def tokens_asked(emulator: Emulator) -> int:
    return emulator.requests.count("POST", TOKENS)


@pytest.fixture
def app(provider: Served, emulator: Emulator) -> Served:
    """The provider as an app."""
    provider.configure(useAppOauthScopedToken=APP, apiUrlOverride=emulator.url)
    return provider


# Once for all


def test_all_threads_share_one_token_request(emulator: Emulator) -> None:
    made = client(emulator, Waiting())
    emulator.inject("delay", "POST", TOKENS, seconds=0.2, after_commit=True)
    with ThreadPoolExecutor(WORKERS) as pool:
        assert all(pool.map(lambda _: get(made), range(2 * WORKERS)))
    assert tokens_asked(emulator) == 1


@pytest.mark.parametrize(
    ("lifetime", "renewed_at"), [(86_400, 86_280), (100, 50)], ids=["a day", "shorter than two minutes"]
)
def test_a_token_is_renewed_before_it_expires(emulator: Emulator, lifetime: int, renewed_at: int) -> None:
    emulator.settings.oauth_expires_in = lifetime
    time = FakeTime()
    made = client(emulator, time)
    for seconds, asked in ((0, 1), (renewed_at - 1, 1), (1, 2)):
        time.wait(seconds, "a while")
        get(made)
        assert tokens_asked(emulator) == asked


@pytest.mark.parametrize("told", ODD_LIFETIMES, ids=str)
def test_a_token_without_a_lifetime_that_makes_sense_is_kept_for_an_hour(
    emulator: Emulator, told: dict[str, object]
) -> None:
    time = FakeTime()
    made = client(emulator, time)
    body = {"access_token": "token", "token_type": "bearer", **told}
    emulator.inject("status", "POST", TOKENS, status=200, body=body, times=None)
    emulator.inject("status", "GET", "/vendors", status=200, body={"vendors": [{}]}, times=None)
    for seconds, asked in ((0, 1), (3600 - 121, 1), (2, 2)):
        time.wait(seconds, "a while")
        get(made)
        assert tokens_asked(emulator) == asked


def test_a_token_that_is_refused_is_renewed_once_by_all_threads(emulator: Emulator) -> None:
    made = client(emulator, Waiting())
    get(made)
    emulator.expire_oauth_tokens()
    emulator.inject("delay", "POST", TOKENS, seconds=0.2, after_commit=True)
    with ThreadPoolExecutor(WORKERS) as pool:
        assert all(pool.map(lambda _: get(made), range(2 * WORKERS)))
    assert tokens_asked(emulator) == 2


@pytest.mark.parametrize("body", ["", "Unauthorized", "<html>", {}])
def test_a_401_with_any_body_renews_the_token(emulator: Emulator, body: object) -> None:
    made = client(emulator)
    emulator.inject("status", "GET", "/vendors", status=401, body=body)
    assert get(made)
    assert tokens_asked(emulator) == 2


def test_a_late_thread_takes_the_token_of_another_thread(emulator: Emulator) -> None:
    made = client(emulator)
    authorization = made._authorization
    assert isinstance(authorization, AppAuthorization)
    get(made)
    old = authorization._token
    emulator.expire_oauth_tokens()
    get(made)
    assert authorization._renewed(old, None) is authorization._token is not old
    assert tokens_asked(emulator) == 2


def test_a_call_is_repeated_once_with_a_new_token(emulator: Emulator) -> None:
    made = client(emulator)
    get(made)
    emulator.inject("status", "GET", "/vendors", times=None, status=401)
    emulator.requests.clear()
    with pytest.raises(UnauthorizedError) as raised:
        get(made)
    assert raised.value.by_app
    assert emulator.requests.counts() == {"GET /vendors": 2, "POST /oauth/token": 1}


def test_a_provider_goes_on_with_a_new_token(app: Served, emulator: Emulator) -> None:
    app.create(INPUTS)
    emulator.expire_oauth_tokens()
    app.create({**INPUTS, "name": "Two"})
    assert [each["name"] for each in emulator.integrations()] == ["One", "Two"]


# Failures of the token request, before any call that could have an effect.


@pytest.mark.parametrize(
    ("fault", "details"),
    [
        pytest.param("html", {"status": 200}, id="a page"),
        pytest.param("empty", {"status": 200}, id="nothing"),
        pytest.param("status", {"status": 200, "body": {"token": "none"}}, id="no token"),
        pytest.param("status", {"status": 200, "body": {"access_token": None}}, id="null"),
        pytest.param("status", {"status": 503}, id="503"),
        pytest.param("reset", {}, id="reset"),
    ],
)
def test_without_a_token_nothing_is_sent(
    provider: Served, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, fault: str, details: dict[str, object]
) -> None:
    monkeypatch.setattr(Retries, "pause", lambda *_: 0.0)
    provider.configure(useAppOauthScopedToken=APP, apiUrlOverride=emulator.url)
    emulator.inject(fault, "POST", TOKENS, times=None, **details)  # type: ignore[arg-type]
    error = refusal(lambda: provider.create(INPUTS))
    assert error.message.startswith("PagerDuty issued no token for the app in `useAppOauthScopedToken`. ")
    assert "may have created" not in error.message
    assert len(emulator.requests) == tokens_asked(emulator) == Retries().attempts


def test_threads_share_a_failure(emulator: Emulator) -> None:
    """In place of each waiting for its own: 16 creations took 134 s with a server that answered 503."""
    asking = threading.Semaphore(0)

    class Patient(FakeTime):
        """Holds the renewal of the token until all other threads wait for it."""

        def until(self, attempt: Callable[[float], bool], purpose: str) -> None:
            if purpose == "for the response to another resource's request":
                asking.release()
            super().until(attempt, purpose)

        def wait(self, seconds: float, purpose: str) -> None:  # noqa: ARG002
            for _ in range(WORKERS - 1):
                assert asking.acquire(timeout=HANG_SECONDS)

    made = client(emulator, Patient(), retries=Retries(attempts=2))
    emulator.inject("status", "POST", TOKENS, status=503, times=None)

    def fail(_: int) -> BaseException:
        with pytest.raises(AppTokenError) as raised:
            get(made)
        return raised.value

    with ThreadPoolExecutor(WORKERS) as pool:
        errors = list(pool.map(fail, range(WORKERS)))
    assert len({id(each) for each in errors}) == WORKERS, "an exception collects the frames of each thread"
    assert len({str(each) for each in errors}) == 1
    assert tokens_asked(emulator) == 2


def test_retries_end_with_the_users_deadline(app: Served, emulator: Emulator) -> None:
    emulator.inject("rate_limit", "POST", TOKENS, headers={"ratelimit-reset": "50"}, times=None)
    request = pb.CreateRequest(urn=app.urn, properties=to_struct(INPUTS), timeout=49)
    message = refusal(lambda: app.stub.Create(request, timeout=HANG_SECONDS)).message
    assert "`customTimeouts`" in message
    assert "not enough time left to wait 50 s" in message


def test_a_wait_for_a_token_keeps_the_deadline_of_its_thread(emulator: Emulator) -> None:
    deadlines = {threading.get_ident(): time.monotonic() + 0.3}
    made = client(emulator, Waiting(deadline=lambda: deadlines.get(threading.get_ident())))
    with ThreadPoolExecutor(1) as pool:
        with emulator.database.lock:  # so the emulator does not answer
            other = pool.submit(get, made)
            wait_for(lambda: tokens_asked(emulator) == 1)
            with pytest.raises(
                DeadlineError, match="the time ran out while waiting for the response to another resource's request"
            ):
                get(made)
            assert not other.done()
        assert other.result()


def test_a_cancellation_ends_the_wait_for_a_token(app: Served, emulator: Emulator) -> None:
    emulator.inject("rate_limit", "POST", TOKENS, headers={"ratelimit-reset": "5000"}, times=None)
    waiting = [app.create_later({**INPUTS, "name": str(number)}) for number in range(4)]
    wait_for(lambda: tokens_asked(emulator) == 1)
    app.cancel()
    for each in waiting:
        assert "No further call was made to PagerDuty" in refusal(each.result).message
    assert tokens_asked(emulator) == 1


def test_an_address_that_nobody_listens_at(emulator: Emulator) -> None:
    with pytest.raises(AppTokenError) as raised:
        get(client(emulator, identity_url="http://127.0.0.1:9"))
    assert isinstance(raised.value.cause, UnreachableError)


def test_a_redirect_takes_the_secret_nowhere(app: Served, emulator: Emulator) -> None:
    elsewhere = emulator.url.replace("127.0.0.1", "localhost") + "/elsewhere"
    emulator.inject("status", "POST", TOKENS, status=307, headers={"Location": elsewhere})
    error = refusal(lambda: app.create(INPUTS))
    assert f"responded with status 307 but with a redirect: {elsewhere}" in error.message
    assert len(emulator.requests) == 1


@pytest.mark.parametrize("token", ["a\r\nX-Header: 1", "ü", "a b", "", None, 5])
def test_a_token_that_can_be_none_is_never_sent(emulator: Emulator, token: object) -> None:
    emulator.inject("status", "POST", TOKENS, status=200, body={"access_token": token}, times=None)
    with pytest.raises(AppTokenError, match="not with what the API documents: an object"):
        get(client(emulator))
    assert len(emulator.requests) == tokens_asked(emulator)


# Refusals


def test_credentials_that_are_refused(app: Served, emulator: Emulator) -> None:
    emulator.settings.rejected_tokens.add(SECRET)
    error = refusal(lambda: app.create(INPUTS))
    assert "`useAppOauthScopedToken`: invalid_client: Client authentication failed (status 401)." in error.message
    assert "`pdClientId` and `pdClientSecret`" in error.message
    assert SECRET not in error.message


def test_a_read_without_a_token_is_not_tried_in_another_way(app: Served, emulator: Emulator) -> None:
    emulator.settings.rejected_tokens.add(SECRET)
    assert "`useAppOauthScopedToken`: invalid_client" in refusal(lambda: app.read("PCHECKT.PNONE00")).message
    assert emulator.requests.counts() == {"POST /oauth/token": 1}


def test_another_account(app: Served, emulator: Emulator) -> None:
    """As recorded in issue 936 of the Terraform provider."""
    emulator.settings.subdomain = "another"
    error = refusal(lambda: app.create(INPUTS))
    assert "`useAppOauthScopedToken`: invalid_request: Invalid scope (status 400)." in error.message
    assert (
        "`as_account-us.acme`: check that `pdSubdomain` (or PAGERDUTY_SUBDOMAIN) and `serviceRegion`" in error.message
    )


@pytest.mark.parametrize("quote", [str, repr])
def test_a_secret_that_is_repeated_is_not_shown(app: Served, emulator: Emulator, quote: Callable[[str], str]) -> None:
    body = {"error": "invalid_client", "error_description": f"unknown: {quote(SECRET)}"}
    emulator.inject("status", "POST", TOKENS, status=401, body=body)
    assert SECRET not in refusal(lambda: app.create(INPUTS)).message


def test_an_app_that_may_not_look_up_vendors_does(app: Served, emulator: Emulator) -> None:
    emulator.settings.oauth_scopes = {"services.read", "services.write"}
    created = app.create(INPUTS)
    assert app.read(created.id).id == created.id


def test_a_read_only_app_fails_only_when_it_writes(app: Served, emulator: Emulator) -> None:
    emulator.settings.oauth_scopes = {"services.read"}
    assert app.invoke("pagerduty-native:index:getService", id="PCHECKT")
    error = refusal(lambda: app.create(INPUTS))
    assert error.message.startswith("PagerDuty does not allow this: ")
    assert "services.write" in error.message
    assert "App Registration" in error.message


def test_incomplete_credentials_and_a_token_beside_them(provider: Served) -> None:
    incomplete: Values = {"pdClientId": "app"}
    error = refusal(lambda: provider.configure(useAppOauthScopedToken=incomplete))
    assert "needs `pdClientId`, `pdClientSecret` and `pdSubdomain`" in error.message
    error = refusal(lambda: provider.configure(useAppOauthScopedToken=APP, token=TOKEN))
    assert "Set either `token` or `useAppOauthScopedToken`" in error.message
