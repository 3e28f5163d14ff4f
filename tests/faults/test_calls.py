"""How many calls the provider makes: exactly, for calls are what PagerDuty limits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.framework.testing import Served, refusal
from pagerduty_native.framework.values import Values
from pagerduty_native.framework.wire import from_struct
from pulumi.runtime.proto import provider_pb2 as pb

V2 = "events_api_v2_inbound_integration"
# The engine works at 4 resources a core at once.
WORKERS = 8


@pytest.fixture
def made(emulator: Emulator) -> Callable[[int, int], list[str]]:
    """Makes services with integrations on them; returns the integrations' IDs as the provider has them."""

    def make(services: int, each: int) -> list[str]:
        added = [emulator.add_service(f"Service {number}") for number in range(services)]
        return [f"{service}.{add_integration(emulator, service)}" for service in added for _ in range(each)]

    return make


def add_integration(emulator: Emulator, service: str) -> str:
    from pagerduty_emulator.database import new_id, new_integration_key, now  # noqa: PLC0415

    integration = new_id()
    emulator.database.insert(
        "integrations",
        {
            "id": integration,
            "service_id": service,
            "type": V2,
            "name": "alerts",
            "is_email": 0,
            "created_at": now(),
            "integration_key": new_integration_key(),
            "email_settings": "{}",
        },
    )
    return integration


def refresh(provider: Served, ids: list[str]) -> list[pb.ReadResponse]:
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(provider.read, ids))


def test_a_thousand_creations(provider: Served, emulator: Emulator, made: Callable[[int, int], list[str]]) -> None:
    services = [each["id"] for each in emulator.services()]

    def create(number: int) -> str:
        inputs: Values = {"service": services[number % len(services)], "vendor": "PZQ6AUS", "name": f"alerts {number}"}
        return provider.create(inputs).id

    with ThreadPoolExecutor(WORKERS) as pool:
        assert len(set(pool.map(create, range(1000)))) == 1000
    assert emulator.requests.counts() == {"POST /services/{id}/integrations": 1000}


@pytest.mark.parametrize(
    ("services", "each", "calls"),
    [
        pytest.param(88, 12, 2, id="all of 100 services"),
        pytest.param(1, 50, 1, id="50 of one service"),
        pytest.param(1, 1, 1, id="one"),
    ],
)
def test_a_refresh(  # noqa: PLR0917
    provider: Served, emulator: Emulator, made: Callable[[int, int], list[str]], services: int, each: int, calls: int
) -> None:
    ids = made(services, each)
    found = refresh(provider, ids)
    assert [response.id for response in found] == ids
    assert all(from_struct(response.properties)["integrationKey"] for response in found)
    assert len(emulator.requests) == calls


def test_a_refresh_of_few_in_a_large_account(
    provider: Served, emulator: Emulator, made: Callable[[int, int], list[str]]
) -> None:
    made(1500, 0)
    services = [service["id"] for service in emulator.services()]
    ids = [f"{service}.{add_integration(emulator, service)}" for service in (services[20], services[900], services[-1])]
    assert [response.id for response in refresh(provider, ids)] == ids
    assert emulator.requests.counts() == {"GET /services/{id}": 3, "GET /services": 1}


def test_ten_lookups_of_a_name(provider: Served, emulator: Emulator) -> None:
    def look_up(_: int) -> pb.InvokeResponse:
        return provider.invoke("pagerduty-native:index:getVendor", name="Cloudwatch")

    with ThreadPoolExecutor(WORKERS) as pool:
        assert len({from_struct(getattr(each, "return"))["id"] for each in pool.map(look_up, range(10))}) == 1
    assert emulator.requests.counts() == {"GET /vendors": 1}


def test_lookups_of_many_names(provider: Served, emulator: Emulator) -> None:
    names = [str(each["name"]) for each in vendors(emulator)]
    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(lambda name: provider.invoke("pagerduty-native:index:getVendor", name=name), names))
    assert len(found) == len(names)
    # The whole index takes 4; what was under way by then is over it.
    assert len(emulator.requests) <= 2 * 5 + WORKERS


def vendors(emulator: Emulator) -> list[dict[str, object]]:
    return [dict(row) for row in emulator.database.all("SELECT name FROM vendors GROUP BY trim(name) LIMIT 100")]


def test_a_misspelt_service_reads_the_index_once(
    provider: Served, emulator: Emulator, made: Callable[[int, int], list[str]]
) -> None:
    made(350, 0)
    error = refusal(lambda: provider.invoke("pagerduty-native:index:getService", name="Chekout"))
    assert "Did you mean 'Checkout'?" in error.message
    assert emulator.requests.counts() == {"GET /services": 1 + 4}


@pytest.mark.parametrize("query_filters", [True, False])
def test_a_lookup_is_right_whether_the_server_filters_or_not(
    provider: Served, emulator: Emulator, query_filters: bool
) -> None:
    emulator.settings.vendor_query = query_filters
    for name in ("Cloudwatch", "amazon cloudwatch", "Sentry"):
        answer = provider.invoke("pagerduty-native:index:getVendor", name=name)
        assert from_struct(getattr(answer, "return"))["id"] == ("PKAPG94" if name == "Sentry" else "PZQ6AUS")
    emulator.settings.vendor_query = True
    assert len(emulator.requests) == (3 if query_filters else 5), "or the five pages of the index"


def test_a_lookup_and_a_creation_with_what_it_found(provider: Served, emulator: Emulator) -> None:
    found = provider.invoke("pagerduty-native:index:getVendor", name="Cloudwatch")
    vendor = from_struct(getattr(found, "return"))["id"]
    provider.create({"service": "PCHECKT", "vendor": vendor, "name": "alerts"})
    assert emulator.requests.counts() == {"GET /vendors": 1, "POST /services/{id}/integrations": 1}


def test_a_destruction_is_one_call_each(provider: Served, emulator: Emulator) -> None:
    ids = [provider.create({"service": "PCHECKT", "type": V2, "name": f"alerts {number}"}).id for number in range(5)]
    emulator.requests.clear()
    for each in ids:
        provider.delete(each, {})
    assert emulator.requests.counts() == {"DELETE /services/{id}/integrations/{integration_id}": 5}
