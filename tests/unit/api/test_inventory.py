"""An account's integrations with their services, with few calls."""

from __future__ import annotations

import pytest
from pagerduty_native.api.integrations import Filters, is_pattern
from pagerduty_native.api.lookups import Service, Team

from .test_bulk_reads import SimulatedAccount, reading


def ids(account: SimulatedAccount, **patterns: str) -> list[str]:
    filters = Filters({kind: (pattern,) for kind, pattern in patterns.items()})
    return [entry.integration.full_id for _, chosen in reading(account).matching(filters) for entry in chosen]


def test_no_page_is_read_before_it_is_needed() -> None:
    account = SimulatedAccount(250, integrations=1)
    services = reading(account).matching(Filters())
    for number in range(250):
        snapshot, (entry,) = next(services)
        assert (snapshot.service.id, entry.integration.id) == (f"S{number}", f"S{number}-0")
        assert account.calls == {"page": number // 100 + 1}
    assert next(services, None) is None
    assert account.calls == {"page": 3}


def test_services_that_were_read_are_not_read_again() -> None:
    account = SimulatedAccount(250, integrations=1)
    shared = reading(account)
    for _ in range(2):
        assert len(list(shared.matching(Filters()))) == 250
    assert account.calls == {"page": 3}


def test_a_page_without_services_does_not_end_the_account() -> None:
    """A token that may not see every service may get such a page."""
    account = SimulatedAccount(150, integrations=1)
    whole_page = account.page

    def without_the_first(*arguments: object, **options: object) -> object:
        page = whole_page(*arguments, **options)  # type: ignore[arg-type]
        if arguments[3] == 0:
            page.items.clear()
        return page

    account.page = without_the_first  # type: ignore[assignment, method-assign]
    assert len(ids(account)) == 50


def test_a_service_that_we_wrote_to_is_read_again() -> None:
    account = SimulatedAccount(3, integrations=1)
    integrations = reading(account)
    list(integrations.matching(Filters()))
    integrations.update("S1", "S1-0", {"name": "Renamed"})
    named = [each.integration.name for _, chosen in integrations.matching(Filters()) for each in chosen]
    assert named == ["name", "Renamed", "name"]
    assert account.calls == {"page": 1, "service": 1}


@pytest.mark.parametrize("pattern", ["S1", "s1", "[S]1", "?1"])
def test_a_service_by_a_pattern(pattern: str) -> None:
    account = SimulatedAccount(12, integrations=1)
    account.pages = lambda *_, **__: iter([[]])  # type: ignore[attr-defined] # no service is found by such a name
    assert ids(account, service=pattern) == ["S1.S1-0"]


def test_a_pattern_that_looks_like_an_id_takes_one_call() -> None:
    account = SimulatedAccount(150, integrations=2)
    account.services["PCHECKT"] = {"PI1": "name"}
    assert ids(account, service="PCHECKT") == ["PCHECKT.PI1"]
    assert account.calls == {"service": 1}


def test_partial_integrations_are_read_if_the_vendor_matters() -> None:
    account = SimulatedAccount(4, integrations=1)
    account.without_key = {"S0-0", "S1-0"}
    account.kind["vendor"] = {"id": "PV1", "summary": "Datadog"}
    account.pages = lambda *_, **__: iter([[]])  # type: ignore[attr-defined]
    assert len(ids(account)) == 4
    assert account.calls["single"] == 0
    assert ids(account, service="S[12]", vendor="data*") == ["S1.S1-0", "S2.S2-0"]
    assert account.calls["single"] == 1


def test_a_pattern_without_a_match_lists_what_exists() -> None:
    account = SimulatedAccount(2, integrations=1)
    snapshots = [each for each, _ in reading(account).matching(Filters())]
    filters = Filters({"service": ("S0", "T?"), "vendor": ("Datadog",), "name": ("s0-0", "NAME", "S1.S1-0")})
    assert list(filters.unmatched(snapshots)) == [("service", "T?", ["S0", "S1"]), ("vendor", "Datadog", [])]


def test_a_team_by_its_id_or_name() -> None:
    service = Service("P1", "Checkout", None, (Team("PT1", "Shop"), Team("PT2", "")))
    for pattern, allowed in (("shop", True), ("PT2", True), ("*", True), ("Bank", False)):
        assert Filters({"team": (pattern,)}).allow_service(service) is allowed
    assert Filters({"team": ("*",)}).allow_service(Service("P1", "Checkout", None)) is False


def test_patterns_are_recognized() -> None:
    assert [each for each in ("prod-*", "P?", "[ab]", "Checkout", "") if is_pattern(each)] == ["prod-*", "P?", "[ab]"]
