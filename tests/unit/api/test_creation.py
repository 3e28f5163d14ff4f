"""Creations without a response, settled by looking."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Container
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, cast

import pytest
from pagerduty_native.api.client import Client, Retries
from pagerduty_native.api.create import PAUSES, Creator
from pagerduty_native.api.errors import (
    CancelledError,
    DeadlineError,
    InvalidInputError,
    PagerDutyError,
    UnreachableError,
    UnsettledError,
)
from pagerduty_native.api.records import Integration

from tests.support import HANG_SECONDS
from tests.support.fake_time import FakeTime

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
        self.newest_date: tuple[str, float] | None = None
        self.integrations: list[Integration] = []
        self.posts = 0
        self.looks = 0
        self.warnings: list[str] = []
        self.look_fails: PagerDutyError | None = None
        # When something appears there, and what.
        self.late: tuple[float, dict[str, Any]] | None = None

    def pause(self, failures: int, error: PagerDutyError) -> None:
        self.waiting.wait(self.retries.pause(failures, 1.0), str(error))

    def look(self, service_id: str, _known: Container[str]) -> list[Integration]:
        assert service_id == "S1"
        self.looks += 1
        if self.look_fails:
            raise self.look_fails
        if self.late and self.waiting.now() >= self.late[0]:
            self.add(**self.late[1])
            self.late = None
        self.newest_date = format_datetime(datetime.now(UTC) - SKEW, usegmt=True), time.monotonic()
        return list(self.integrations)

    def add(self, age: timedelta = timedelta(0), **changes: Any) -> Integration:
        created_at = (datetime.now(UTC) - SKEW - age).strftime("%Y-%m-%dT%H:%M:%SZ")
        number = len(self.integrations) + 1
        made = Integration(f"P{number}", "S1", V2, "alerts", None, None, "key", created_at=created_at)
        self.integrations.append(dataclasses.replace(made, **changes))
        return self.integrations[-1]

    def post(self, *outcomes: Callable[[], Integration | None]) -> Callable[[], Integration]:
        """A call that has one outcome after the other; None stands for a response that never came."""
        remaining = list(outcomes)

        def call() -> Integration:
            self.posts += 1
            made = remaining.pop(0)()
            if made is None:
                raise LOST
            return made

        return call

    def creator(self, seen: frozenset[str] = frozenset()) -> Creator:
        return Creator(cast("Client", self), self.look, lambda _service: set(seen), self.warnings.append)


@pytest.fixture
def service() -> FakeService:
    return FakeService()


def lost(make: Callable[[], object] = lambda: None) -> Callable[[], None]:
    """Something happens, but no response comes."""
    return lambda: cast("None", make() and None)


def test_a_response_needs_no_look(service: FakeService) -> None:
    made = service.creator().create("S1", FIELDS, service.post(service.add))
    assert (made.id, service.posts, service.looks) == ("P1", 1, 0)


def test_a_creation_whose_response_was_lost_is_found(service: FakeService) -> None:
    made = service.creator().create("S1", FIELDS, service.post(lost(service.add)))
    assert (made.id, service.posts, service.looks) == ("P1", 1, 1)


def test_every_adoption_is_warned_of_by_its_id(service: FakeService) -> None:
    service.creator().create("S1", FIELDS, service.post(lost(service.add)))
    (warning,) = service.warnings
    assert warning.startswith("PagerDuty did not say whether it created 'alerts' on the service S1 (no response from ")
    assert "S1.P1 has the same name and was created in the meantime, so it was adopted." in warning


def test_after_reads_without_a_match_the_post_is_retried_and_the_service_read_once_more(service: FakeService) -> None:
    made = service.creator().create("S1", FIELDS, service.post(lost(), service.add))
    assert (made.id, service.posts, service.looks) == ("P1", 2, len(PAUSES) + 1)
    assert service.warnings == []


def test_looks_are_further_and_further_apart(service: FakeService) -> None:
    service.creator().create("S1", FIELDS, service.post(lost(), service.add))
    looks = service.waiting.waits[: len(PAUSES) - 1]
    assert looks == sorted(looks)
    assert sum(looks) == 15.0


@pytest.mark.parametrize("seconds", [0.0, 3.0, 14.0])
def test_an_integration_that_appears_late_is_adopted_without_another_post(service: FakeService, seconds: float) -> None:
    service.late = (service.waiting.now() + seconds, {})
    assert service.creator().create("S1", FIELDS, service.post(lost())).id == "P1"
    assert service.posts == 1


def test_an_integration_that_appears_after_the_second_post_is_warned_of(service: FakeService) -> None:
    service.late = (service.waiting.now() + 15.1, {"id": "PLATE"})
    made = service.creator().create("S1", FIELDS, service.post(lost(), service.add))
    (warning,) = service.warnings
    assert warning == (
        f"PagerDuty created 'alerts' twice, as the first attempt got no response: S1.{made.id}, which is in the state "
        "now, and S1.PLATE, which is not. Delete the other one, or adopt it with the resource option `import`."
    )
    assert len(service.integrations) == 2


def test_a_failed_look_after_a_second_post_is_a_warning(service: FakeService) -> None:
    def made_and_hidden() -> Integration:
        service.look_fails = UnreachableError("https://api", "refused")
        return service.add()

    assert service.creator().create("S1", FIELDS, service.post(lost(), made_and_hidden)).id == "P1"
    (warning,) = service.warnings
    assert "Whether the first one created a second 'alerts' on the same service could not be determined" in warning


def test_a_creation_that_never_appears_is_unsettled(service: FakeService) -> None:
    with pytest.raises(UnsettledError, match=r"may have created .* 'alerts' on the service S1: .* was not there when"):
        service.creator().create("S1", FIELDS, service.post(lost(), lost(), lost()))
    assert (service.posts, service.looks) == (3, 3 * len(PAUSES))


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(DeadlineError("no time is left"), id="customTimeouts"),
        pytest.param(CancelledError("cancelled"), id="Ctrl-C"),
        pytest.param(InvalidInputError(400, 2001, "Invalid", ()), id="a refusal"),
        pytest.param(UnreachableError("https://api", "refused"), id="no connection"),
    ],
)
def test_an_error_after_a_lost_response_says_that_the_integration_may_exist(
    service: FakeService, ending: PagerDutyError
) -> None:
    def end() -> Integration:
        raise ending

    with pytest.raises(UnsettledError, match="may have created the integration 'alerts' on the service S1") as raised:
        service.creator().create("S1", FIELDS, service.post(lost(), end))
    assert str(ending) in str(raised.value)


def test_an_end_of_time_between_two_attempts_says_so_too(service: FakeService) -> None:
    service.waiting = FakeTime(deadline=1000.0)
    with pytest.raises(UnsettledError, match="may have created"):
        service.creator().create("S1", FIELDS, service.post(lost()))
    assert service.looks == len(PAUSES)


def test_a_cancellation_still_allows_one_look(service: FakeService) -> None:
    service.waiting.is_cancelled = True
    creator = service.creator()
    assert creator.create("S1", FIELDS, service.post(lost(service.add))).id == "P1"
    with pytest.raises(UnsettledError, match="may have created"):
        creator.create("S1", FIELDS, service.post(lost()))


def test_the_deadline_is_kept_behind_another_of_the_same_name(service: FakeService) -> None:
    creator = service.creator()
    making, made = threading.Event(), threading.Event()

    def slow() -> Integration:
        making.set()
        assert made.wait(HANG_SECONDS)
        return service.add()

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(creator.create, "S1", FIELDS, service.post(slow))
        assert making.wait(HANG_SECONDS)
        service.waiting.deadline = 1000.0
        with pytest.raises(DeadlineError):
            creator.create("S1", FIELDS, service.post())
        made.set()
        assert first.result().id == "P1"


def test_a_refusal_is_raised_at_once(service: FakeService) -> None:
    def refuse() -> Integration:
        raise InvalidInputError(400, 2001, "Invalid", ())

    with pytest.raises(InvalidInputError):
        service.creator().create("S1", FIELDS, refuse)
    assert service.looks == 0


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"age": timedelta(minutes=3)}, id="created before"),
        pytest.param({"age": timedelta(days=300), "vendor_id": None}, id="created long before"),
        pytest.param({"name": "alert", "age": timedelta(seconds=10)}, id="of another name, created before"),
        pytest.param({"name": "alert", "created_at": None}, id="of another name, of unknown age"),
        pytest.param({"type": "generic_email_inbound_integration"}, id="of another kind"),
        pytest.param({"type": "generic_events_api_inbound_integration"}, id="of another type"),
        pytest.param({"id": "PSEEN"}, id="seen before"),
        pytest.param({"id": "PTAKEN"}, id="of somebody else"),
    ],
)
def test_an_integration_of_others_is_never_adopted(service: FakeService, other: dict[str, Any]) -> None:
    creator = service.creator(frozenset({"PSEEN"}))
    creator.take("PTAKEN")
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
            {"type": "service_integration", "vendor": {"id": "V1"}},
            {"type": "keynote_inbound_integration", "vendor_id": "V1", "integration_email": "a@acme.pagerduty.com"},
            id="a vendor that takes e-mail, by a type that does not say so",
        ),
        pytest.param(
            {"type": "generic_email_inbound_integration", "vendor": {"id": "V1"}},
            {"type": "generic_email_inbound_integration", "vendor_id": "V1", "integration_key": None},
            id="e-mail",
        ),
    ],
)
def test_values_that_the_server_sets_do_not_prevent_adoption(
    service: FakeService, asked: dict[str, Any], made: dict[str, Any]
) -> None:
    service.creator().create("S1", {**FIELDS, **asked}, service.post(lost(lambda: service.add(**made))))
    assert service.posts == 1


def test_two_that_match_are_both_named(service: FakeService) -> None:
    def make_two() -> Integration:
        service.add()
        return service.add()

    with pytest.raises(UnsettledError, match="it may be P1 or P2") as raised:
        service.creator().create("S1", FIELDS, service.post(lost(make_two)))
    assert raised.value.candidates == ("S1.P1", "S1.P2")
    assert len(service.integrations) == 2


def test_one_of_unknown_age_is_not_taken(service: FakeService) -> None:
    with pytest.raises(UnsettledError, match="it may be P1"):
        service.creator().create("S1", FIELDS, service.post(lost(lambda: service.add(created_at=None))))


def test_a_creation_whose_service_cannot_be_read_is_unsettled(service: FakeService) -> None:
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
        together.wait(HANG_SECONDS)
        return creator.create("S1", FIELDS, service.post(lost(service.add))).id

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(create, range(4)))
    assert sorted(made) == ["P1", "P2", "P3", "P4"]


def test_an_integration_of_another_vendor_is_never_adopted(service: FakeService) -> None:
    fields = {**FIELDS, "vendor": {"id": "V1"}}
    service.add(vendor_id="V2")
    made = service.creator().create("S1", fields, service.post(lost(), lambda: service.add(vendor_id="V1")))
    assert (made.id, service.posts) == ("P2", 2)


# Messages, word for word

NO_RESPONSE = "no response from https://api: reset"
MAY_EXIST = (
    "PagerDuty may have created the integration 'alerts' on the service S1: no response confirmed it "
    f"({NO_RESPONSE}), and"
)


def unsettled(service: FakeService, *outcomes: Callable[[], Integration | None]) -> UnsettledError:
    with pytest.raises(UnsettledError) as raised:
        service.creator().create("S1", FIELDS, service.post(*outcomes))
    return raised.value


def test_the_warning_of_an_adoption(service: FakeService) -> None:
    service.creator().create("S1", FIELDS, service.post(lost(service.add)))
    (warning,) = service.warnings
    assert warning == (
        f"PagerDuty did not say whether it created 'alerts' on the service S1 ({NO_RESPONSE}). S1.P1 has the same name "
        "and was created in the meantime, so it was adopted. If somebody else created it at the same time, give this "
        "one another name."
    )


def test_the_error_of_a_creation_that_never_appeared(service: FakeService) -> None:
    error = unsettled(service, lost(), lost(), lost())
    assert str(error) == f"{MAY_EXIST} it was not there when the provider looked for it"
    assert error.candidates == ()


def test_the_error_if_trying_again_ended(service: FakeService) -> None:
    def refuse() -> Integration:
        raise InvalidInputError(400, 2001, "Invalid", ())

    assert (
        str(unsettled(service, lost(), refuse))
        == f"{MAY_EXIST} the next attempt failed: Invalid (status 400, code 2001)"
    )


def test_the_error_if_looking_failed(service: FakeService) -> None:
    service.look_fails = InvalidInputError(400, 2001, "Invalid", ())
    error = unsettled(service, lost())
    assert str(error) == f"{MAY_EXIST} looking for it failed: Invalid (status 400, code 2001)"


def test_the_error_of_an_ambiguous_creation(service: FakeService) -> None:
    error = unsettled(service, lost(lambda: service.add() and service.add()))
    assert str(error) == f"{MAY_EXIST} it may be P1 or P2"


def test_the_warning_of_several_that_came_late(service: FakeService) -> None:
    def make_three() -> Integration:
        service.add()
        service.add()
        return service.add()

    service.creator().create("S1", FIELDS, service.post(lost(), make_three))
    (warning,) = service.warnings
    assert "S1.P3, which is in the state now, and S1.P1 and S1.P2, which is not." in warning


def test_waits_of_a_creation_are_announced(service: FakeService) -> None:
    service.creator().create("S1", FIELDS, service.post(lost(), service.add))
    assert service.waiting.told == [
        f"waiting {seconds} s for PagerDuty to finish ({NO_RESPONSE})" for seconds in (4, 8)
    ]
    service.retries = Retries(attempts=3, first_pause=5.0)
    service.integrations.clear()
    service.creator().create("S1", FIELDS, service.post(lost(), service.add))
    assert service.waiting.told[-1] == f"waiting 5 s {NO_RESPONSE}"


@pytest.mark.parametrize(
    ("made", "posts"),
    [
        pytest.param({"type": "event_transformer_api_inbound_integration"}, 1, id="of the same kind"),
        pytest.param({"type": "generic_email_inbound_integration"}, 2, id="of another kind"),
    ],
)
def test_one_that_pagerduty_gave_a_vendor_is_taken_if_it_is_of_the_same_kind(
    service: FakeService, made: dict[str, Any], posts: int
) -> None:
    other = lost(lambda: service.add(vendor_id="V1", **made))
    service.creator().create("S1", FIELDS, service.post(other, lambda: service.add(id="PNEW")))
    assert service.posts == posts


def test_mail_is_of_the_kind_of_mail(service: FakeService) -> None:
    fields = {**FIELDS, "type": "generic_email_inbound_integration"}
    made: dict[str, Any] = {
        "type": "x_inbound_integration",
        "vendor_id": "V1",
        "integration_email": "a@acme.pagerduty.com",
    }
    service.creator().create("S1", fields, service.post(lost(lambda: service.add(**made))))
    assert service.posts == 1


def test_other_names_and_other_services_are_not_held_up(service: FakeService) -> None:
    creator = service.creator()

    def meanwhile() -> Integration:
        service.waiting.deadline = 1000.0
        creator.create("S1", {**FIELDS, "name": "other"}, service.post(service.add))
        creator.create("S2", FIELDS, service.post(service.add))
        service.waiting.deadline = None
        return service.add()

    assert creator.create("S1", FIELDS, service.post(meanwhile)).id == "P3"


def test_an_unknown_type_that_pagerduty_changed_is_recognized(service: FakeService) -> None:
    fields = {**FIELDS, "type": "novel_inbound_integration"}
    made: dict[str, Any] = {"type": "generic_events_api_inbound_integration"}
    service.creator().create("S1", fields, service.post(lost(lambda: service.add(**made))))
    assert service.posts == 1


@pytest.mark.parametrize(
    ("wanted", "stored"),
    [
        pytest.param("Cafe\u0301", "Caf\u00e9", id="composed"),
        pytest.param(" two  blanks ", "two blanks", id="squeezed"),
    ],
)
def test_a_name_that_pagerduty_normalizes_is_recognized(service: FakeService, wanted: str, stored: str) -> None:
    fields = {**FIELDS, "name": wanted}
    assert service.creator().create("S1", fields, service.post(lost(lambda: service.add(name=stored)))).id == "P1"
    assert service.posts == 1


def test_a_vendor_in_small_letters_is_recognized(service: FakeService) -> None:
    fields = {**FIELDS, "vendor": {"id": "pzq6aus"}}
    service.creator().create("S1", fields, service.post(lost(lambda: service.add(vendor_id="PZQ6AUS"))))
    assert service.posts == 1


def test_a_new_integration_with_another_name_is_a_candidate_and_prevents_another_post(service: FakeService) -> None:
    error = unsettled(service, lost(lambda: service.add(name="aler")))
    assert str(error) == f"{MAY_EXIST} it may be P1 (named 'aler')"
    assert (error.candidates, service.posts) == (("S1.P1",), 1)


def test_one_with_the_name_that_comes_late_is_taken_beside_one_with_another(service: FakeService) -> None:
    service.late = (service.waiting.now() + 3.0, {"id": "POURS"})
    assert service.creator().create("S1", FIELDS, service.post(lost(lambda: service.add(name="theirs")))).id == "POURS"


@pytest.mark.parametrize("ahead", [60, 110])
def test_a_gateway_whose_clock_is_fast_makes_no_second_one(service: FakeService, ahead: int) -> None:
    """By its Date, what was just created seems to be older than the attempt."""
    error = unsettled(service, lost(lambda: service.add(age=timedelta(seconds=ahead))))
    assert (str(error), service.posts) == (f"{MAY_EXIST} it may be P1", 1)


def test_integrations_of_other_creations_are_not_candidates(service: FakeService) -> None:
    """Twenty at a time, one response lost, another that comes late: all are created, each once."""
    creator = service.creator()
    together, looked = threading.Barrier(20), threading.Event()
    look = service.look

    def looking(service_id: str, known: Container[str]) -> list[Integration]:
        found = look(service_id, known)
        looked.set()
        return found

    creator._look = looking

    def create(number: int) -> str:
        name = f"alerts {number}"
        fields = {**FIELDS, "name": name}

        def posted() -> Integration | None:
            together.wait(HANG_SECONDS)
            with lock:
                made = service.add(id=f"P{number}", name=name[:-1] if number == 1 else name)
            if number == 1:  # PagerDuty cut its name, and answers after the lost one was looked for.
                assert looked.wait(HANG_SECONDS)
            return None if number == 0 else made

        return creator.create("S1", fields, service.post(posted)).id

    lock = threading.Lock()
    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(create, range(20))) == [f"P{number}" for number in range(20)]


def test_one_with_another_name_counts_only_when_other_posts_have_ended(
    service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The response to another creation, whose name PagerDuty cut, comes after everything else."""
    creator = service.creator()
    made, over = threading.Event(), threading.Event()

    def slow() -> Integration:
        cut = service.add(name="oth")
        made.set()
        assert over.wait(HANG_SECONDS)
        return cut

    def until(attempt: Callable[[float], bool], _purpose: str) -> None:
        over.set()
        while not attempt(0.1):
            pass

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(creator.create, "S1", {**FIELDS, "name": "other"}, service.post(slow))
        assert made.wait(HANG_SECONDS)
        waiting = lost(lambda: monkeypatch.setattr(service.waiting, "until", until))
        ours = service.post(waiting, lambda: service.add(id="POURS"))
        assert creator.create("S1", FIELDS, ours).id == "POURS"
        assert other.result().id == "P1"


def test_two_that_are_both_lost_do_not_wait_for_each_other(service: FakeService) -> None:
    """PagerDuty cut both names: each error names both."""
    creator = service.creator()
    together, lock = threading.Barrier(2), threading.Lock()

    def create(name: str) -> tuple[str, ...]:
        def posted() -> None:
            together.wait(HANG_SECONDS)
            with lock:
                service.add(name=name[:3])
            together.wait(HANG_SECONDS)

        with pytest.raises(UnsettledError) as raised:
            creator.create("S1", {**FIELDS, "name": name}, service.post(posted))
        return raised.value.candidates

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(create, ["one two", "another"])) == [("S1.P1", "S1.P2")] * 2
