"""Reading integrations with few calls: on a simulated account, never more than twice the best possible in hindsight."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pagerduty_native.api.client import PAGE_LIMIT, Client, Page
from pagerduty_native.api.errors import (
    CancelledError,
    DeadlineError,
    ForbiddenError,
    NotFoundError,
    PagerDutyError,
    UnauthorizedError,
    UnreachableError,
)
from pagerduty_native.api.integrations import Integrations
from pagerduty_native.api.lookups import Services, Vendors
from pagerduty_native.api.records import Integration

from tests.support import HANG_SECONDS, wait_for
from tests.support.fake_time import FakeTime

KEY = "0123456789abcdef0123456789abcdef"


class SimulatedAccount:
    """An account whose services are called S0, S1, … and each have integrations S0-0, S0-1, …

    The client of it counts calls, by kind. fails: kinds of calls that fail, by their error.
    """

    def __init__(self, services: int, integrations: int = 2, *, tells_total: bool = True) -> None:
        self.waiting = FakeTime()
        self.calls: Counter[str] = Counter()
        self.fails: dict[str, PagerDutyError] = {}
        self.without_key: set[str] = set()
        self.only_references = False
        self.warnings: list[str] = []
        self.kind: dict[str, Any] = {"type": "events_api_v2_inbound_integration"}
        self.asked = threading.Event()
        self.pause = threading.Event()
        self.pause.set()
        self.before_answer: Callable[[str], object] = lambda _kind: None
        self._tells_total = tells_total
        self.services: dict[str, dict[str, str]] = {
            f"S{number}": {f"S{number}-{each}": "name" for each in range(integrations)} for number in range(services)
        }

    @property
    def total_calls(self) -> int:
        return self.calls.total()

    def get(self, path: str, parse: Callable[[Any], Any], params: Mapping[str, Any] | None = None, **_: object) -> Any:
        service, *rest = path.split("/")[2::2]
        self._called("single" if rest else "service")
        if service not in self.services or (rest and rest[0] not in self.services[service]):
            raise NotFoundError(404, None, "Not Found", ())
        if rest:
            return parse({"integration": self._integration(service, rest[0])})
        return parse({"service": self._service(service, whole=bool(params))})

    def page(
        self, path: str, key: str, parse: Callable[[Any], Any], number: int, params: Mapping[str, Any], **_: object
    ) -> Page[Any]:
        assert (path, key, params["include[]"]) == ("/services", "services", "integrations")
        self._called("page")
        window = slice(number * PAGE_LIMIT, (number + 1) * PAGE_LIMIT)
        items = [parse(self._service(each, whole=True)) for each in list(self.services)[window]]
        total = len(self.services) if self._tells_total else None
        return Page(items, len(self.services) > window.stop, total)

    def put(self, path: str, body: Mapping[str, Any], parse: Callable[[Any], Any], **_: object) -> Any:
        service, integration = path.split("/")[2::2]
        self.services[service][integration] = body["integration"]["name"]
        return parse({"integration": self._integration(service, integration)})

    def delete(self, path: str, **_: object) -> None:
        service, integration = path.split("/")[2::2]
        del self.services[service][integration]

    def _called(self, kind: str) -> None:
        self.calls[kind] += 1
        self.asked.set()
        assert self.pause.wait(HANG_SECONDS)
        if error := self.fails.get(kind):
            raise error
        self.before_answer(kind)

    def _service(self, service: str, *, whole: bool) -> dict[str, Any]:
        ids = self.services[service]
        if whole and not self.only_references:
            return {"id": service, "integrations": [self._integration(service, each, bulk=True) for each in ids]}
        references = [{"id": each, "type": "x_reference", "summary": name} for each, name in ids.items()]
        return {"id": service, "integrations": references}

    def _integration(self, service: str, id: str, *, bulk: bool = False) -> dict[str, Any]:
        key = None if bulk and id in self.without_key else KEY
        name = self.services[service][id]
        return {"id": id, **self.kind, "name": name, "service": {"id": service}, "integration_key": key}


def reading(account: SimulatedAccount) -> Integrations:
    client = cast("Client", account)
    return Integrations(client, Vendors(client), Services(client), account.warnings.append)


def everything(integrations: Integrations) -> list[Integration]:
    return [each for snapshot in integrations.on_every_service() for each in snapshot.all]


def best_in_hindsight(account: SimulatedAccount, services: set[str]) -> int:
    """Each service, or every page, whichever is less."""
    return min(len(services), -(-len(account.services) // PAGE_LIMIT))


accounts = st.builds(SimulatedAccount, st.integers(1, 1200), tells_total=st.booleans())


@settings(deadline=None)
@given(accounts, st.data())
@example(SimulatedAccount(1), None)
def test_never_more_than_twice_the_best_possible_in_hindsight(account: SimulatedAccount, data: Any) -> None:
    wanted = st.tuples(st.sampled_from(list(account.services)), st.sampled_from("01"))
    reads = data.draw(st.lists(wanted, min_size=1, max_size=150)) if data else [("S0", "0")]
    integrations = reading(account)
    for count, (service, which) in enumerate(reads):
        assert integrations.get(service, f"{service}-{which}").id == f"{service}-{which}"
        so_far = {service for service, _ in reads[: count + 1]}
        assert account.total_calls <= 2 * best_in_hindsight(account, so_far)


@settings(deadline=None, max_examples=50)
@given(accounts, st.randoms())
def test_eight_threads_stay_below_twice_the_best_in_any_order(account: SimulatedAccount, random: Any) -> None:
    reads = [(service, each) for service, ids in account.services.items() for each in ids]
    random.shuffle(reads)
    reads = reads[:300]
    integrations = reading(account)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda read: integrations.get(*read).id, reads))
    assert found == [each for _, each in reads]
    assert account.total_calls <= 2 * best_in_hindsight(account, {service for service, _ in reads})


@pytest.mark.parametrize(
    ("services", "wanted", "calls"),
    [
        pytest.param(100, [f"S{n}" for n in range(100)], 2, id="all of 100 services"),
        pytest.param(5000, ["S7", "S4321", "S2500"], 4, id="3 of 5000 services"),
        pytest.param(5000, ["S7"], 1, id="1 of 5000 services"),
        pytest.param(20_000, [f"S{n * 100}" for n in range(200)], 201, id="more services than pages are given for"),
    ],
)
def test_reads_need_few_calls(services: int, wanted: list[str], calls: int) -> None:
    account = SimulatedAccount(services)
    integrations = reading(account)
    for service in wanted:
        assert integrations.get(service, f"{service}-0").name == "name"
    assert account.total_calls <= calls


def test_one_service_is_one_call() -> None:
    account = SimulatedAccount(300, integrations=50)
    integrations = reading(account)
    for number in range(50):
        integrations.get("S250", f"S250-{number}")
    assert account.calls == {"service": 1}


def test_absence_in_bulk_is_no_proof() -> None:
    account = SimulatedAccount(3)
    integrations = reading(account)
    integrations.get("S0", "S0-0")
    account.services["S0"]["S0-9"] = "made since"
    assert integrations.get("S0", "S0-9").name == "made since"
    with pytest.raises(NotFoundError):
        integrations.get("S0", "S0-8")
    assert account.calls == {"service": 1, "single": 2}


def test_a_service_that_is_gone() -> None:
    account = SimulatedAccount(3)
    with pytest.raises(NotFoundError):
        reading(account).get("SGONE", "SGONE-0")
    with pytest.raises(NotFoundError):
        reading(account).on_service("SGONE")


def test_an_integration_without_its_key_is_read_by_itself() -> None:
    account = SimulatedAccount(3)
    account.without_key = {"S1-1"}
    integrations = reading(account)
    assert integrations.get("S1", "S1-1").integration_key == KEY
    assert [each.integration_key for each in integrations.on_service("S1", complete=True).all] == [KEY, KEY]


def test_bulk_reads_end_if_a_service_lists_references_only() -> None:
    account = SimulatedAccount(300)
    account.only_references = True
    integrations = reading(account)
    for number in range(10):
        assert integrations.get(f"S{number}", f"S{number}-0").integration_key == KEY
    assert account.calls == {"service": 1, "single": 10}
    assert len(integrations.on_service("S5", complete=True).all) == 2


def test_integrations_are_read_one_by_one_if_bulk_reads_fail() -> None:
    account = SimulatedAccount(300)
    account.fails = dict.fromkeys(("service", "page"), UnreachableError("https://api", "reset"))
    integrations = reading(account)
    for service in ("S0", "S1", "S2"):
        for which in (0, 1):
            assert integrations.get(service, f"{service}-{which}").name == "name"
    assert account.calls == {"service": 3, "page": 1, "single": 6}


@pytest.mark.parametrize("error", [UnauthorizedError(401, None, "no", ()), CancelledError("cancelled")])
def test_an_error_that_another_call_would_repeat_is_raised(error: PagerDutyError) -> None:
    account = SimulatedAccount(3)
    account.fails = {"service": error}
    with pytest.raises(type(error)):
        reading(account).get("S0", "S0-0")
    assert account.total_calls == 1


def test_our_own_writes_are_seen_at_once() -> None:
    account = SimulatedAccount(3)
    integrations = reading(account)
    assert integrations.get("S0", "S0-0").name == integrations.get("S0", "S0-1").name == "name"
    integrations.update("S0", "S0-0", {"name": "new"})
    assert integrations.get("S0", "S0-0").name == "new"
    assert [each.name for each in integrations.on_service("S0", complete=True).all] == ["new", "name"]
    integrations.delete("S0", "S0-1")
    with pytest.raises(NotFoundError):
        integrations.get("S0", "S0-1")
    assert [each.id for each in integrations.on_service("S0", complete=True).all] == ["S0-0"]


@pytest.mark.parametrize("kind", ["service", "page"])
def test_a_write_while_its_service_is_read_is_seen_too(kind: str) -> None:
    account = SimulatedAccount(3)
    integrations = reading(account)
    if kind == "page":
        integrations.get("S2", "S2-0")
    stale = SimulatedAccount(3)  # The response was read before the write.
    account._service = stale._service  # type: ignore[method-assign]
    account.before_answer = lambda called: called == kind and integrations.update("S0", "S0-0", {"name": "new"})
    integrations.get("S0", "S0-1")
    account.before_answer = lambda _kind: None
    assert integrations.get("S0", "S0-0").name == "new"


def test_each_write_is_seen_however_many_came_before_it() -> None:
    account = SimulatedAccount(3)
    integrations = reading(account)
    for _ in range(3):
        integrations.update("S0", "S0-1", {"name": "changed"})
    stale = SimulatedAccount(3)
    account._service = stale._service  # type: ignore[method-assign]
    account.before_answer = lambda called: called == "service" and integrations.update("S0", "S0-0", {"name": "new"})
    integrations.get("S0", "S0-1")
    account.before_answer = lambda _kind: None
    assert integrations.get("S0", "S0-0").name == "new"


@pytest.mark.parametrize(
    "read",
    [
        lambda integrations: integrations.on_service("S0", complete=True).all,
        everything,
    ],
)
def test_reads_of_many_share_calls_too(read: Callable[[Integrations], list[Integration]]) -> None:
    account = SimulatedAccount(1)
    account.pause.clear()
    integrations = reading(account)
    with ThreadPoolExecutor(2) as pool:
        found = [pool.submit(read, integrations) for _ in range(2)]
        assert account.asked.wait(HANG_SECONDS)
        account.pause.set()
        assert [[each.id for each in done.result()] for done in found] == [["S0-0", "S0-1"]] * 2
    assert account.total_calls == 1


def test_a_snapshot_can_be_iterated_over_while_others_write() -> None:
    account = SimulatedAccount(3)
    integrations = reading(account)
    iterating = iter(integrations.on_service("S0").integrations.values())
    assert next(iterating).id == "S0-0"
    integrations.delete("S0", "S0-0")
    assert [each.id for each in iterating] == ["S0-1"]


def test_bulk_reads_expire_after_a_minute() -> None:
    account = SimulatedAccount(3)
    integrations = reading(account)
    integrations.get("S0", "S0-0")
    account.services["S0"]["S0-0"] = "changed outside"
    account.waiting.wait(59, "a little")
    assert integrations.get("S0", "S0-0").name == "name"
    account.waiting.wait(2, "a little more")
    assert integrations.get("S0", "S0-0").name == "changed outside"


def test_concurrent_reads_share_calls() -> None:
    account = SimulatedAccount(90)
    account.pause.clear()
    integrations = reading(account)
    with ThreadPoolExecutor(8) as pool:
        found = [pool.submit(integrations.get, f"S{number}", f"S{number}-0") for number in range(8)]
        account.pause.set()
        assert [each.result().id for each in found] == [f"S{number}-0" for number in range(8)]
    assert account.calls == {"service": 1, "page": 1}


def test_pages_are_read_concurrently_once_their_number_is_known() -> None:
    account = SimulatedAccount(1000)
    integrations = reading(account)
    for number in (0, 1, *range(100, 108)):
        integrations.get(f"S{number}", f"S{number}-0")
    assert account.calls == {"service": 9, "page": 1}
    account.pause.clear()
    with ThreadPoolExecutor(2) as pool:
        found = [pool.submit(integrations.get, service, f"{service}-0") for service in ("S250", "S350")]
        wait_for(lambda: account.calls["page"] == 3)
        account.pause.set()
        assert [each.result().service_id for each in found] == ["S250", "S350"]


def test_a_moved_integration_is_found_by_its_id_or_its_key() -> None:
    account = SimulatedAccount(250)
    integrations = reading(account)
    account.services["S1"]["S0-0"] = account.services["S0"].pop("S0-0")
    moved = integrations.find_moved("S0", "S0-0", None)
    assert moved is not None
    assert (moved.service_id, moved.id) == ("S1", "S0-0")
    assert integrations.find_moved("S0", "S0-7", "another key") is None
    by_key = integrations.find_moved("S0", "S0-7", KEY)
    assert isinstance(by_key, Integration)
    assert account.calls == {"page": 3}


def test_a_failed_page_fails_the_search_of_twenty_threads_with_one_call() -> None:
    account = SimulatedAccount(250)
    account.fails = {"page": ForbiddenError(403, 2010, "Access Denied", ())}
    integrations = reading(account)

    def find(number: int) -> PagerDutyError:
        with pytest.raises(ForbiddenError) as raised:
            integrations.find_moved("S0", f"S0-{number + 7}", KEY)
        return raised.value

    with ThreadPoolExecutor(20) as pool:
        errors = list(pool.map(find, range(20)))
    assert {str(each) for each in errors} == {"Access Denied (status 403, code 2010)"}
    assert len({id(each) for each in errors}) == 20, "an exception collects the frames of each thread that raises it"
    assert account.calls == {"page": 1}
    account.fails = {}
    account.waiting.wait(61, "until what is known is old")
    assert integrations.find_moved("S0", "S0-7", "another key") is None


def test_the_end_of_one_threads_time_is_not_the_others() -> None:
    account = SimulatedAccount(250)
    account.fails = {"page": DeadlineError("over")}
    integrations = reading(account)
    with pytest.raises(DeadlineError):
        integrations.find_moved("S0", "S0-7", KEY)
    account.fails = {}
    assert integrations.find_moved("S0", "S0-7", "another key") is None


def test_one_without_a_key_leaves_bulk_reads_on() -> None:
    account = SimulatedAccount(300)
    account.without_key = {"S0-0", "S0-1"}
    integrations = reading(account)
    for number in range(300):
        integrations.get(f"S{number}", f"S{number}-0")
    assert account.calls == {"service": 2, "page": 3, "single": 1}


def test_an_integration_with_an_address_needs_no_key() -> None:
    account = SimulatedAccount(3)
    account.kind = {"type": "pingdom_inbound_integration", "integration_email": "a@acme.pagerduty.com"}
    account.without_key = {"S0-0"}
    assert reading(account).get("S0", "S0-0").integration_email == "a@acme.pagerduty.com"
    assert account.calls == {"service": 1}


def test_everything_has_what_does_not_come_whole_too() -> None:
    account = SimulatedAccount(3, integrations=1)
    account.without_key = {"S1-0"}
    assert sorted(each.id for each in everything(reading(account))) == ["S0-0", "S1-0", "S2-0"]
    account.only_references = True
    assert sorted((each.id, each.name) for each in everything(reading(account))) == [
        ("S0-0", "name"),
        ("S1-0", "name"),
        ("S2-0", "name"),
    ]


def test_a_moved_partial_integration_is_found() -> None:
    account = SimulatedAccount(3)
    account.services["S1"]["S0-0"] = account.services["S0"].pop("S0-0")
    account.without_key = {"S0-0"}
    moved = reading(account).find_moved("S0", "S0-0", KEY)
    assert moved is not None
    assert (moved.service_id, moved.id, moved.integration_key) == ("S1", "S0-0", KEY)


def test_a_moved_integration_that_was_read_is_found_without_a_call() -> None:
    account = SimulatedAccount(3)
    integrations = reading(account)
    account.services["S1"]["S0-0"] = account.services["S0"].pop("S0-0")
    assert integrations.find_moved("S0", "S0-0", None, search=False) is None
    integrations.get("S1", "S0-0")
    found = integrations.find_moved("S0", "S0-0", None, search=False)
    assert found is not None
    assert found.service_id == "S1"
    assert account.calls == {"service": 1}


@pytest.mark.parametrize("tells_total", [True, False])
def test_a_warning_names_services_beyond_the_last_page(tells_total: bool) -> None:
    account = SimulatedAccount(10_001, integrations=0, tells_total=tells_total)
    integrations = reading(account)
    assert everything(integrations) == []
    assert integrations.find_moved("S0", "S0-0", KEY) is None
    assert account.warnings == [
        (
            "The account has more services than the 10,000 that PagerDuty lists. Integrations of the other services "
            "are not listed."
        ),
        (
            "The account has more services than the 10,000 that PagerDuty lists. Whether S0.S0-0 was moved to one of "
            "the other services is unknown."
        ),
    ]


def test_an_integration_that_is_not_enough_takes_its_own_call() -> None:
    account = SimulatedAccount(3)
    integrations = reading(account)
    assert integrations.get("S0", "S0-0", is_enough=lambda found: found.integration_key is None).id == "S0-0"
    assert account.calls == {"service": 1, "single": 1}


def test_the_deadline_is_kept_while_another_thread_reads() -> None:
    account = SimulatedAccount(3)
    account.pause.clear()
    integrations = reading(account)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(integrations.get, "S0", "S0-0")
        assert account.asked.wait(HANG_SECONDS)
        account.waiting.deadline = 1000.0
        with pytest.raises(DeadlineError):
            integrations.get("S0", "S0-1")
        account.waiting.deadline = None
        account.pause.set()
        assert first.result().id == "S0-0"


def test_an_integration_on_its_own_service_has_not_moved() -> None:
    integrations = reading(SimulatedAccount(3))
    assert integrations.find_moved("S0", "S0-0", None) is None


def test_others_that_do_not_come_whole_have_not_moved_either() -> None:
    account = SimulatedAccount(3)
    account.without_key = {"S1-0", "S0-1"}
    integrations = reading(account)
    assert integrations.find_moved("S0", "S0-9", None) is None
    assert integrations.find_moved("S0", "S0-1", None) is None
    assert account.calls["single"] == 0


def test_a_page_request_includes_integrations_and_the_total() -> None:
    account = SimulatedAccount(3)
    asked: list[Any] = []
    page = account.page

    def note(*arguments: Any, **options: Any) -> Page[Any]:
        asked.append((arguments[4], options))
        return page(*arguments, **options)

    account.page = note  # type: ignore[method-assign]
    everything(reading(account))
    assert asked == [({"include[]": "integrations", "total": "true"}, {"attempts": 2})]
