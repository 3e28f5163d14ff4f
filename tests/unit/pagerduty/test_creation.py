"""Creations without an answer, settled by looking."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any, cast

import pytest
from pagerduty_native.pagerduty.client import Client
from pagerduty_native.pagerduty.creation import Creator
from pagerduty_native.pagerduty.errors import (
    InvalidInputError,
    PagerDutyError,
    UnreachableError,
    UnsettledError,
)
from pagerduty_native.pagerduty.integrations import Integration
from pagerduty_native.pagerduty.retries import Retries
from pagerduty_native.pagerduty.server_clock import ServerClock
from pagerduty_native.pagerduty.transport import Answer

from .fake_time import FakeTime

V2 = "events_api_v2_inbound_integration"
LOST = UnreachableError("https://api", "reset", perhaps_done=True)
FIELDS = {"name": "alerts", "type": V2}
# Their clock is an hour behind ours.
SKEW = timedelta(hours=1)


class FakeService:
    """A service, and a client of it. looks: how often it was looked at."""

    def __init__(self) -> None:
        self.waiting = FakeTime()
        self.retries = Retries(attempts=3)
        self.server_clock = ServerClock()
        self.integrations: list[Integration] = []
        self.posts = 0
        self.looks = 0
        self.look_fails: PagerDutyError | None = None

    def pause(self, failures: int, error: PagerDutyError) -> None:
        self.waiting.wait(self.retries.pause(failures, 1.0), str(error))

    def look(self, service_id: str, name: str) -> list[Integration]:
        assert (service_id, name) == ("S1", "alerts")
        self.looks += 1
        if self.look_fails:
            raise self.look_fails
        date = format_datetime(datetime.now(timezone.utc) - SKEW, usegmt=True)
        received = time.monotonic()
        self.server_clock.note(Answer(200, {"Date": date}, None, None, received, received))
        return list(self.integrations)

    def add(self, age: timedelta = timedelta(0), **changes: Any) -> Integration:
        created_at = (datetime.now(timezone.utc) - SKEW - age).strftime("%Y-%m-%dT%H:%M:%SZ")
        number = len(self.integrations) + 1
        made = Integration(f"P{number}", "S1", V2, "alerts", None, None, "key", created_at=created_at)
        self.integrations.append(dataclasses.replace(made, **changes))
        return self.integrations[-1]

    def post(self, *outcomes: Callable[[], Integration | None]) -> Callable[[], Integration]:
        """A call that has one outcome after the other; None stands for an answer that never came."""
        remaining = list(outcomes)

        def call() -> Integration:
            self.posts += 1
            made = remaining.pop(0)()
            if made is None:
                raise LOST
            return made

        return call

    def creator(self, seen: frozenset[str] = frozenset()) -> Creator:
        return Creator(cast("Client", self), self.look, lambda _service: set(seen))


@pytest.fixture
def service() -> FakeService:
    return FakeService()


def lost(make: Callable[[], object] = lambda: None) -> Callable[[], None]:
    """Something happens, but no answer comes."""
    return lambda: cast("None", make() and None)


def test_an_answer_needs_no_look(service: FakeService) -> None:
    made = service.creator().create("S1", FIELDS, service.post(service.add))
    assert (made.id, service.posts, service.looks) == ("P1", 1, 0)


def test_a_creation_whose_answer_was_lost_is_found(service: FakeService) -> None:
    made = service.creator().create("S1", FIELDS, service.post(lost(service.add)))
    assert (made.id, service.posts, service.looks) == ("P1", 1, 1)


def test_what_was_not_created_is_posted_again_after_two_looks(service: FakeService) -> None:
    made = service.creator().create("S1", FIELDS, service.post(lost(), service.add))
    assert (made.id, service.posts, service.looks) == ("P1", 2, 2)


def test_what_comes_late_is_found_by_the_second_look(service: FakeService) -> None:
    creator = service.creator()
    look, creator._look = creator._look, lambda _service_id, _name: []

    def late(failures: int, error: PagerDutyError) -> None:
        service.add()
        creator._look = look

    service.pause = late  # type: ignore[method-assign]
    assert creator.create("S1", FIELDS, service.post(lost())).id == "P1"
    assert service.posts == 1


def test_where_nothing_is_ever_created_the_last_error_is_raised(service: FakeService) -> None:
    with pytest.raises(UnreachableError):
        service.creator().create("S1", FIELDS, service.post(lost(), lost(), lost()))
    assert (service.posts, service.looks) == (3, 6)


def test_a_refusal_is_raised_at_once(service: FakeService) -> None:
    def refuse() -> Integration:
        raise InvalidInputError(400, 2001, "Invalid", ())

    with pytest.raises(InvalidInputError):
        service.creator().create("S1", FIELDS, refuse)
    assert service.looks == 0


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"age": timedelta(seconds=10)}, id="created before"),
        pytest.param({"age": timedelta(days=300), "vendor_id": None}, id="created long before"),
        pytest.param({"name": "alert"}, id="of another name"),
        pytest.param({"type": "generic_email_inbound_integration"}, id="of another kind"),
        pytest.param({"type": "generic_events_api_inbound_integration"}, id="of another type"),
        pytest.param({"id": "PSEEN"}, id="seen before"),
        pytest.param({"id": "PTAKEN"}, id="of somebody else"),
    ],
)
def test_others_are_left_alone(service: FakeService, other: dict[str, Any]) -> None:
    creator = service.creator(frozenset({"PSEEN"}))
    creator.take(dataclasses.replace(service.add(), id="PTAKEN"))
    service.integrations.clear()
    service.add(**other)
    made = creator.create("S1", FIELDS, service.post(lost(), lambda: service.add(id="PNEW")))
    assert (made.id, service.posts) == ("PNEW", 2)


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        pytest.param({}, {"name": " alerts "}, id="a name with blanks"),
        pytest.param(
            {"type": "generic_events_api_inbound_integration", "vendor": {"id": "V1"}},
            {"type": "aws_cloudwatch_inbound_integration", "vendor_id": "V1"},
            id="the vendor's own type",
        ),
        pytest.param(
            {"type": "generic_email_inbound_integration", "vendor": {"id": "V1"}},
            {"type": "generic_email_inbound_integration", "vendor_id": "V1", "integration_key": None},
            id="e-mail",
        ),
    ],
)
def test_what_the_server_sets_makes_no_difference(
    service: FakeService, asked: dict[str, Any], made: dict[str, Any]
) -> None:
    service.creator().create("S1", {**FIELDS, **asked}, service.post(lost(lambda: service.add(**made))))
    assert service.posts == 1


def test_two_that_match_are_both_named(service: FakeService) -> None:
    def make_two() -> Integration:
        service.add()
        return service.add()

    with pytest.raises(UnsettledError, match="whether it is P1 or P2") as raised:
        service.creator().create("S1", FIELDS, service.post(lost(make_two)))
    assert raised.value.candidates == ("P1", "P2")
    assert len(service.integrations) == 2


def test_one_of_unknown_age_is_not_taken(service: FakeService) -> None:
    with pytest.raises(UnsettledError, match="whether it is P1"):
        service.creator().create("S1", FIELDS, service.post(lost(lambda: service.add(created_at=None))))


def test_where_nobody_can_look_it_is_said_that_it_may_exist(service: FakeService) -> None:
    service.look_fails = UnreachableError("https://api", "refused")
    with pytest.raises(UnsettledError, match="may have created the integration 'alerts' on the service S1"):
        service.creator().create("S1", FIELDS, service.post(lost(service.add)))


def test_looking_is_allowed_after_the_deadline(service: FakeService) -> None:
    service.waiting = FakeTime(deadline=1000.0)
    assert service.creator().create("S1", FIELDS, service.post(lost(service.add))).id == "P1"


def test_equal_names_each_get_their_own(service: FakeService) -> None:
    creator = service.creator()
    together = threading.Barrier(4)

    def create(_: int) -> str:
        together.wait(10)
        return creator.create("S1", FIELDS, service.post(lost(service.add))).id

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(create, range(4)))
    assert sorted(made) == ["P1", "P2", "P3", "P4"]
    assert not creator._names
