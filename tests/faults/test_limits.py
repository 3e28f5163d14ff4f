"""PagerDuty's rate limit, shared with other clients; waits, and their ends."""

from __future__ import annotations

import threading
import time as real_time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.api.account import Account
from pagerduty_native.api.client import Client, TokenAuthorization
from pagerduty_native.api.errors import CancelledError, DeadlineError, ServerError, UnsettledError
from pagerduty_native.api.rate_limit import RateLimiter
from pagerduty_native.api.waiting import Waiting
from pagerduty_native.framework.testing import Served, refusal, serving
from pagerduty_native.framework.values import Values
from pagerduty_native.framework.wire import to_struct
from pagerduty_native.package import PACKAGE
from pulumi.runtime.proto import provider_pb2 as pb

from tests.support import HANG_SECONDS, doubling, wait_for
from tests.support.fake_time import FakeTime
from tests.support.stack import TYPE

SERVICE = "PCHECKT"
FIELDS = {"type": "events_api_v2_inbound_integration"}
INPUTS: Values = {"service": SERVICE, **FIELDS}
MINUTE = 0.4  # seconds, scaled down


@pytest.fixture
def strict(emulator: Emulator) -> Iterator[Emulator]:
    """An account on which few calls are allowed, in a short minute. PagerDuty gives the rest of it in whole seconds."""
    emulator.settings.rate_limit, emulator.settings.rate_limit_window = 20, MINUTE
    yield emulator
    emulator.settings.rate_limit = None


def account(emulator: Emulator, *, minute: float = MINUTE, waiting: Waiting | None = None) -> Account:
    limiter = RateLimiter(960, minute=minute)
    client = Client(TokenAuthorization("t"), api_url=emulator.url, limiter=limiter, waiting=waiting)
    return Account(client)


@pytest.mark.parametrize("kind", ["fixed", "sliding"])
@pytest.mark.parametrize("bare", [False, True])
def test_two_who_share_an_account_both_finish(strict: Emulator, kind: str, bare: bool) -> None:
    strict.settings.rate_limit_kind, strict.settings.rate_limit_bare = kind, bare  # type: ignore[assignment]
    both = [account(strict), account(strict)]

    def create(number: int) -> str:
        integrations = both[number % 2].integrations
        return integrations.create(SERVICE, {**FIELDS, "name": str(number)}).id

    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(create, range(60)))
    assert sorted(made) == sorted(each["id"] for each in strict.integrations())
    refused = [request for request in strict.requests if request.status == 429]
    # One 429 makes all threads wait, so there is not one for each thread.
    assert len(refused) < 60


def test_alone_hardly_anybody_is_refused(strict: Emulator) -> None:
    alone = account(strict)

    def create(number: int) -> str:
        return alone.integrations.create(SERVICE, {**FIELDS, "name": str(number)}).id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(create, range(50)))) == 50
    # One may be, for answers overtake each other: what the older one says is left may have been used up since.
    assert [request.status for request in strict.requests].count(429) <= 2


def test_a_refusal_holds_every_worker_back(emulator: Emulator) -> None:
    waiting = FakeTime()
    shared = account(emulator, minute=60, waiting=waiting)
    emulator.inject("rate_limit", headers={"ratelimit-reset": "12"})
    for number in range(3):
        shared.integrations.create(SERVICE, {**FIELDS, "name": str(number)})
    assert waiting.waits == [pytest.approx(12)]
    assert waiting.told == ["waiting 12 s for PagerDuty's rate limit"]


def test_a_cancellation_ends_the_wait_at_once(emulator: Emulator) -> None:
    waits = list[float | None]()

    class Cancelled(threading.Event):
        """Set while somebody waits for it."""

        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            threading.Timer(0.05, self.set).start()
            return super().wait(HANG_SECONDS)

    shared = account(emulator, minute=60, waiting=Waiting(Cancelled()))
    emulator.inject("rate_limit", headers={"ratelimit-reset": "50"}, times=None)
    with pytest.raises(CancelledError):
        shared.integrations.create(SERVICE, {**FIELDS, "name": "alerts"})
    assert waits == [pytest.approx(50)]
    assert len(emulator.requests) == 1


def test_a_deadline_that_a_wait_would_miss_ends_it_before_it_begins(emulator: Emulator) -> None:
    waiting = Waiting(deadline=lambda: real_time.monotonic() + 49)
    emulator.inject("rate_limit", headers={"ratelimit-reset": "50"}, times=None)
    with pytest.raises(DeadlineError, match="not enough time left to wait 50 s for PagerDuty's rate limit"):
        account(emulator, minute=60, waiting=waiting).vendors.all()


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_creation_that_always_fails_is_reported_within_a_minute(emulator: Emulator, status: int) -> None:
    waiting = FakeTime()
    client = Client(TokenAuthorization("t"), api_url=emulator.url, waiting=waiting, chance=lambda: 1.0)
    emulator.inject("status", "POST", status=status, times=None)
    began = waiting.now()
    with pytest.raises(UnsettledError):
        Account(client).integrations.create(SERVICE, {**FIELDS, "name": "alerts"})
    assert waiting.now() - began < 55
    assert emulator.requests.count("POST") == 3


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_call_that_always_fails_ends_within_a_minute(emulator: Emulator, method: str) -> None:
    waiting = FakeTime()
    client = Client(TokenAuthorization("t"), api_url=emulator.url, waiting=waiting, chance=lambda: 1.0)
    emulator.inject("status", method, status=500, times=None)
    call: dict[str, Callable[[], object]] = {
        "GET": lambda: client.get("/services/PCHECKT", bool),
        "PUT": lambda: client.put("/services/PCHECKT", {}, bool),
        "DELETE": lambda: client.delete("/services/PCHECKT"),
    }
    began = waiting.now()
    with pytest.raises(ServerError):
        call[method]()
    assert waiting.now() - began < 55


def test_requests_per_minute_count_though_pagerduty_allows_more(emulator: Emulator) -> None:
    emulator.settings.rate_limit = 100
    waiting = FakeTime()
    client = Client(TokenAuthorization("t"), api_url=emulator.url, waiting=waiting, limiter=RateLimiter(5))
    for _ in range(12):
        client.get("/services/PCHECKT", bool)
    emulator.settings.rate_limit = None
    assert [each for each in waiting.waits if each] == [pytest.approx(60), pytest.approx(60)]


@pytest.fixture
def unhurried(emulator: Emulator) -> Iterator[Served]:
    """The provider as it is, with real time."""
    with serving(PACKAGE, TYPE) as provider:
        provider.configure(token="t", apiUrlOverride=emulator.url)
        yield provider


def test_cancel_ends_what_waits_and_lets_a_post_finish(unhurried: Served, emulator: Emulator) -> None:
    emulator.inject("delay", "POST", seconds=0.5, after_commit=False)
    in_flight = unhurried.create_later({**INPUTS, "name": "in flight"})
    wait_for(lambda: emulator.requests.count("POST") == 1)
    emulator.inject("rate_limit", "POST", headers={"ratelimit-reset": "50"}, times=None)
    held_back = unhurried.create_later({**INPUTS, "name": "held back"})
    wait_for(lambda: emulator.requests.count("POST") == 2)
    unhurried.cancel()
    with pytest.raises(grpc.RpcError) as raised:
        held_back.result()
    assert "No further call was made to PagerDuty: canceled while waiting" in str(raised.value)
    assert in_flight.result().id == f"{SERVICE}.{emulator.integrations()[0]['id']}"


def test_the_users_timeout_ends_retries(unhurried: Served, emulator: Emulator) -> None:
    emulator.inject("rate_limit", headers={"ratelimit-reset": "50"}, times=None)
    inputs = to_struct({**INPUTS, "name": "alerts"})
    request = pb.CreateRequest(urn=unhurried.urn, properties=inputs, timeout=49)
    error = refusal(lambda: unhurried.stub.Create(request, timeout=HANG_SECONDS))
    assert "there is not enough time left to wait" in error.message


def test_the_users_timeout_ends_a_response_that_comes_byte_by_byte(unhurried: Served, emulator: Emulator) -> None:
    made = unhurried.create({**INPUTS, "name": "old"})
    emulator.inject("drip", "PUT", seconds=HANG_SECONDS, times=None)
    old_inputs, news = to_struct({**INPUTS, "name": "old"}), to_struct({**INPUTS, "name": "new"})
    for seconds in doubling(0.5):
        request = pb.UpdateRequest(
            urn=unhurried.urn, id=made.id, olds=made.properties, old_inputs=old_inputs, news=news, timeout=seconds
        )
        error = refusal(lambda: unhurried.stub.Update(request, timeout=HANG_SECONDS))  # noqa: B023 (called at once)
        assert "`customTimeouts`" in error.message
        if emulator.requests.count("PUT"):  # else the time was over before the call was made
            break
    assert emulator.requests.count("PUT") == 1


def test_the_users_timeout_ends_a_wait_for_a_namesake(unhurried: Served, emulator: Emulator) -> None:
    properties = to_struct({**INPUTS, "name": "alerts"})
    with emulator.database.lock:  # so the emulator does not answer
        namesake = unhurried.create_later({**INPUTS, "name": "alerts"})
        wait_for(lambda: emulator.requests.count("POST") == 1)
        for seconds in doubling(0.5):
            request = pb.CreateRequest(urn=unhurried.urn, properties=properties, timeout=seconds)
            error = refusal(lambda: unhurried.stub.Create(request, timeout=HANG_SECONDS))  # noqa: B023 (called at once)
            assert "(option `customTimeouts`) has expired: " in error.message
            if "the time ran out while waiting for another" in error.message:  # else it was over before that
                break
        assert not namesake.done()
    assert namesake.result().id
    assert len(emulator.integrations()) == 1
