"""List: which resources there are, chosen by the inputs that a resource declares for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.framework.testing import FakeEngine, Served, refusal, serving
from pagerduty_native.framework.values import UNKNOWN, Secret, Value
from pagerduty_native.framework.wire import to_struct
from pagerduty_native.package import PACKAGE
from pulumi.runtime.proto import provider_pb2 as pb

from tests.conftest import TOKEN
from tests.support import HANG_SECONDS, library
from tests.support.stack import TYPE

CLOUDWATCH, DATADOG = "PZQ6AUS", "PAM4FGS"
EVENTS_API_V2 = "events_api_v2_inbound_integration"


def listing(provider: Served, query: Mapping[str, Value] | None = None, **more: Any) -> list[pb.ListResponse]:
    request = pb.ListRequest(token=provider.type, query=to_struct(query or {}), **more)
    return list(provider.stub.List(request, timeout=HANG_SECONDS))


def names(provider: Served, **query: Value) -> list[str]:
    return [each.result.name for each in listing(provider, query)]


@pytest.fixture
def made(provider: Served, emulator: Emulator) -> Served:
    """An account with four integrations on two of its services."""
    for service, name, kind in (
        ("PCHECKT", "prod alarms", {"vendor": CLOUDWATCH}),
        ("PCHECKT", "prod jobs", {"type": EVENTS_API_V2}),
        ("PAYMNT2", "prod metrics", {"vendor": DATADOG}),
        ("PAYMNT2", "test metrics", {"vendor": DATADOG}),
    ):
        provider.create({"service": service, "name": name, **kind})
    emulator.requests.clear()
    # Another process reads what is listed.
    provider.configure(token=TOKEN, apiUrlOverride=emulator.url)
    return provider


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["prod alarms", "prod jobs", "prod metrics", "test metrics"]),
        ({"service": "PCHECKT"}, ["prod alarms", "prod jobs"]),
        ({"service": "checkout"}, ["prod alarms", "prod jobs"]),
        ({"service": "Pay*"}, ["prod metrics", "test metrics"]),
        ({"vendor": DATADOG}, ["prod metrics", "test metrics"]),
        ({"vendor": "amazon cloudwatch"}, ["prod alarms"]),
        ({"name": "prod *", "vendor": "data*"}, ["prod metrics"]),
        ({"name": "PROD JOBS"}, ["prod jobs"]),
        ({"service": "PAYMNT2", "vendor": CLOUDWATCH}, []),
        ({"service": Secret("PCHECKT")}, ["prod alarms", "prod jobs"]),
    ],
)
def test_a_query_chooses_integrations(made: Served, query: dict[str, Value], found: list[str]) -> None:
    assert names(made, **query) == found


def test_the_id_is_what_import_takes(made: Served, emulator: Emulator) -> None:
    (found,) = listing(made, {"name": "prod jobs"})
    (created,) = [each for each in emulator.integrations() if each["name"] == "prod jobs"]
    assert found.result.id == f"PCHECKT.{created['id']}"
    assert [each.result.id for each in listing(made, {"name": created["id"]})] == [found.result.id]
    assert made.read(found.result.id).id == found.result.id


def test_integrations_of_event_orchestrations_are_listed_by_their_ids(emulator: Emulator) -> None:
    platform, shop = emulator.add_event_orchestration("Platform"), emulator.add_event_orchestration("Shop")
    clusters = emulator.add_orchestration_integration(platform, "Clusters")
    with serving(PACKAGE, "pagerduty-native:index:EventOrchestrationIntegration") as provider:
        provider.configure(token=TOKEN, apiUrlOverride=emulator.url)
        everything = listing(provider)
        assert {each.result.name for each in everything} == {
            *("Platform Default Integration", "Clusters", "Shop Default Integration")
        }
        for wanted in (platform, "Platform", "platform "):
            assert clusters in {each.result.id for each in listing(provider, {"eventOrchestration": wanted})}
        assert names(provider, eventOrchestration=shop) == ["Shop Default Integration"]
        assert provider.read(clusters).id == clusters
        message = refusal(lambda: listing(provider, {"eventOrchestration": "Plattform"})).message
    assert "Did you mean `Platform`?" in message
    shown = b"".join(each.SerializeToString() for each in everything)
    assert not [
        each for each in emulator.orchestration_integrations() if each["parameters"]["routing_key"].encode() in shown
    ]


def test_no_key_is_in_what_is_listed(made: Served, emulator: Emulator) -> None:
    everything = b"".join(each.SerializeToString() for each in listing(made))
    assert [
        each["integration_key"] for each in emulator.integrations() if each["integration_key"].encode() in everything
    ] == []


@pytest.mark.parametrize(
    ("query", "calls"),
    [
        ({}, ["/services"]),
        ({"vendor": DATADOG}, ["/services"]),
        ({"service": "Pay*"}, ["/services"]),
        ({"service": "PCHECKT"}, ["/services/PCHECKT"]),
        ({"service": "Checkout"}, ["/services", "/services/PCHECKT"]),
    ],
)
def test_a_listing_needs_few_calls(made: Served, emulator: Emulator, query: dict[str, Value], calls: list[str]) -> None:
    names(made, **query)
    assert [each.path for each in emulator.requests] == calls


def test_a_limit_ends_the_calls(made: Served, emulator: Emulator) -> None:
    for number in range(200):
        emulator.add_service(f"Service {number:03}")
    assert [each.result.name for each in listing(made, limit=2)] == ["prod alarms", "prod jobs"]
    assert len(emulator.requests) == 1
    *_, continuation = listing(made, page_size=3)
    assert len(listing(made, page_size=3, continuation_token=continuation.continuation.continuation_token)) == 1
    assert len(emulator.requests) == 3  # The last page has to see all services.


def test_a_service_that_is_not_there_is_an_error_with_the_nearest(made: Served) -> None:
    message = refusal(lambda: listing(made, {"service": "Chekout"})).message
    assert message.startswith("`service`: 'Chekout' matches nothing of the ")
    assert message.endswith("Did you mean 'Checkout'?")
    assert refusal(lambda: listing(made, {"service": "PNOWHER"})).message.startswith("`service`: 'PNOWHER' matches")


def test_a_service_without_integrations_has_none(made: Served, emulator: Emulator) -> None:
    emulator.add_service("Empty", id="PEMPTY1")
    assert names(made, service="PEMPTY1") == names(made, service="Empty") == []


def test_a_pattern_without_a_match_is_a_warning(emulator: Emulator, engine: tuple[FakeEngine, str]) -> None:
    listening, address = engine
    with serving(PACKAGE, TYPE, engine_address=address) as provider:
        provider.configure(token=TOKEN, apiUrlOverride=emulator.url)
        provider.create({"service": "PCHECKT", "name": "metrics", "vendor": DATADOG})
        assert names(provider, vendor="Datadgo", name="metrics") == names(provider, service="Nobody*") == []
        first, second = (each.message for each in listening.messages)
    assert first.startswith("`vendor`: 'Datadgo' matches nothing")
    assert first.endswith("Did you mean 'Datadog'?")
    assert second.startswith("`service`: 'Nobody*' matches nothing")


def test_a_token_survives_what_others_do(made: Served, emulator: Emulator) -> None:
    *_, continuation = listing(made, page_size=1)
    token = continuation.continuation.continuation_token
    (first, *_) = emulator.integrations()
    emulator.delete_integration(first["id"])
    made.configure(token=TOKEN, apiUrlOverride=emulator.url)  # Nothing is remembered.
    found = [each.result.name for each in listing(made, continuation_token=token)]
    assert found == ["prod jobs", "prod metrics", "test metrics"]


# For every provider


def test_a_list_input_that_is_none(books: Served) -> None:
    message = refusal(lambda: listing(books, {"shlf": "S1", "genre": "novell"})).message
    assert "There is no property `shlf`. Did you mean `shelf`?" in message
    assert '`genre` must be one of `novel`, `poetry`; got "novell". Did you mean `novel`?' in message
    assert refusal(lambda: listing(books, {"shelf": 1.0})).message == "`shelf` must be a string, got the number 1."


def test_a_listing_with_unknown_arguments_is_unknown(books: Served) -> None:
    computed = pb.ListResponse(computed=pb.ListResponse.Computed())
    assert listing(books, {"shelf": UNKNOWN}) == listing(books, {"genre": Secret(UNKNOWN)}) == [computed]


def test_a_secret_list_input_is_not_shown(books: Served) -> None:
    for query in ({"password": "hush-hush"}, {"shelf": Secret("hush-hush"), "password": Secret("hush-hush")}):
        assert refusal(lambda: listing(books, query)).message == "`password` opens no shelf: '[secret]'."  # noqa: B023


def test_a_listing_is_read_no_further_than_needed() -> None:
    with serving(library.PROVIDER, "library:index:Book") as books:
        books.configure()
        for shelf in ("S1", "S2", "S1", "S1"):
            books.create({"shelf": shelf, "genre": "novel", "title": "Emma"})
        *found, continuation = listing(books, {"shelf": "S1"}, page_size=2)
        assert [each.result.id for each in found] == ["B1", "B3"]
        client: library.Library = books.service.client
        assert client.taken == 3
        token = continuation.continuation.continuation_token
        (last,) = listing(books, {"shelf": "S1"}, page_size=2, continuation_token=token)
        assert last.result.id == "B4"
