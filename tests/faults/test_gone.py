"""Gone is only what PagerDuty says is gone: each status, code, list and second response, for Read and for Delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.framework.testing import Served, refusal
from pagerduty_native.framework.values import Values
from pagerduty_native.framework.wire import from_struct
from pulumi.runtime.proto import provider_pb2 as pb

SERVICE = "PCHECKT"
INPUTS: Values = {"service": SERVICE, "type": "events_api_v2_inbound_integration", "name": "alerts"}
ITEM, LIST, INDEX = "/services/*/integrations/*", "/services/*", "/services"

GATEWAY = "default backend - 404"
# 404s that are not PagerDuty's: of Google (https://cloud.google.com/apis/design/errors), gRPC, Kong, an ingress, …
OTHERS: dict[str, Any] = {
    "text": GATEWAY,
    "html": "<html>404</html>",
    "empty": "",
    "Google's code": {"error": {"code": 404, "message": "Not Found", "status": "NOT_FOUND"}},
    "gRPC's code": {"code": 5, "message": "Not Found", "details": []},
    "Kong": {"message": "no Route matched with those values"},
    "a code outside of an error": {"code": 2100, "message": "Not Found"},
    "a code as text": {"error": {"code": "2100", "message": "Not Found"}},
    "a code below PagerDuty's": {"error": {"code": 1999, "message": "Not Found"}},
    "a truth as code": {"error": {"code": True, "message": "Not Found"}},
    "an error that is a text": {"error": "Not Found"},
    "null": "null",
    "a list": [],
}
PAGERDUTYS = [{"error": {"message": "Not Found", "code": code}} for code in (2000, 2100, 5001, 5002)]


@pytest.fixture
def made(provider: Served, emulator: Emulator) -> tuple[str, Values]:
    """The ID and the outputs of an integration."""
    response = provider.create(INPUTS)
    emulator.requests.clear()
    return response.id, from_struct(response.properties)


@pytest.fixture
def respond(emulator: Emulator) -> Callable[..., None]:
    """Make a path respond with a status and a body, to any method, so many times."""

    def respond(path: str, status: int, body: Any, times: int | None = None) -> None:
        emulator.inject("status", None, path, status=status, body=body, times=times)

    return respond


def is_gone(provider: Served, operation: str, made: tuple[str, Values]) -> bool:
    """Say whether Read or Delete reports the integration as gone; raise if the provider cannot know."""
    if operation == "read":
        return provider.read(*made, INPUTS) == pb.ReadResponse()
    provider.delete(*made)
    return True


def assert_proves_nothing(provider: Served, operation: str, made: tuple[str, Values], emulator: Emulator) -> None:
    message = refusal(lambda: is_gone(provider, operation, made)).message
    assert "responded with status 404 but without PagerDuty's error code, so nothing counts as deleted" in message
    assert "`apiUrlOverride`" in message
    assert [f"{SERVICE}.{each['id']}" for each in emulator.integrations()] == [made[0]]


both = pytest.mark.parametrize("operation", ["read", "delete"])
every_other_404 = pytest.mark.parametrize("body", OTHERS.values(), ids=OTHERS)


@both
@pytest.mark.parametrize("body", PAGERDUTYS, ids=["2000", "2100", "5001", "5002"])
def test_a_404_with_one_of_pagerdutys_codes_says_gone(
    provider: Served, made: tuple[str, Values], respond: Callable[..., None], operation: str, body: Any
) -> None:
    respond(ITEM, 404, body)
    respond(LIST, 404, body)
    assert is_gone(provider, operation, made)


@both
@every_other_404
def test_a_404_of_a_gateway_in_front_of_everything_proves_nothing(  # noqa: PLR0917
    provider: Served,
    made: tuple[str, Values],
    respond: Callable[..., None],
    emulator: Emulator,
    operation: str,
    body: Any,
) -> None:
    respond("/**", 404, body)
    assert_proves_nothing(provider, operation, made, emulator)


@both
@every_other_404
def test_a_404_without_pagerdutys_code_counts_if_the_service_does_not_list_it(  # noqa: PLR0917
    provider: Served,
    made: tuple[str, Values],
    respond: Callable[..., None],
    emulator: Emulator,
    operation: str,
    body: Any,
) -> None:
    emulator.delete_integration(made[0].split(".")[1])
    respond(ITEM, 404, body)
    assert is_gone(provider, operation, made)


@every_other_404
def test_a_404_of_what_the_service_still_lists_deletes_nothing(
    provider: Served, made: tuple[str, Values], respond: Callable[..., None], emulator: Emulator, body: Any
) -> None:
    respond(ITEM, 404, body)
    assert_proves_nothing(provider, "delete", made, emulator)


# Responses of the index of services, with whether each proves that PagerDuty is there.
INDEXES: dict[str, tuple[int, Any, bool]] = {
    "404": (404, GATEWAY, False),
    "404 with PagerDuty's code": (404, PAGERDUTYS[1], False),
    "401": (401, {"error": {"message": "Unauthorized", "code": 2006}}, False),
    "403": (403, {"error": {"message": "Access Denied", "code": 2010}}, False),
    "500": (500, {"error": {"message": "Internal Server Error", "code": 2000}}, False),
    "other JSON": (200, {"status": "ok"}, False),
    "services that are no list": (200, {"services": {}}, False),
    "a page": (200, "<html>Log in</html>", False),
    "no content": (204, "", False),
    "a list": (200, {"services": [], "more": False}, True),
}


@both
@pytest.mark.parametrize("index", INDEXES)
@pytest.mark.parametrize("second", ["the same 404", "PagerDuty's 404", "done"])
def test_without_the_services_list_the_index_and_a_second_404_count(  # noqa: PLR0917
    provider: Served,
    made: tuple[str, Values],
    respond: Callable[..., None],
    emulator: Emulator,
    operation: str,
    index: str,
    second: str,
) -> None:
    status, body, proves = INDEXES[index]
    transient = index in {"500", "a page"}
    respond(LIST, 404, GATEWAY)
    respond(ITEM, 404, GATEWAY, None if second == "the same 404" else 1)
    if second == "PagerDuty's 404":
        respond(ITEM, 404, PAGERDUTYS[1])
    respond(INDEX, status, body)
    if proves and second == "done":
        assert is_gone(provider, operation, made) == (operation == "delete")
        assert len(emulator.integrations()) == int(operation == "read")
    elif proves:
        assert is_gone(provider, operation, made)
    elif transient and second == "done":  # at the next attempt
        assert is_gone(provider, operation, made) == (operation == "delete")
    elif transient and second == "PagerDuty's 404" and operation == "delete":
        assert is_gone(provider, operation, made)
    elif transient and second == "PagerDuty's 404":
        assert "it was deleted, or moved" in refusal(lambda: is_gone(provider, operation, made)).message
    else:
        assert_proves_nothing(provider, operation, made, emulator)


@both
@pytest.mark.parametrize("status", [400, 401, 403, 405, 410, 422])
@pytest.mark.parametrize("body", [PAGERDUTYS[1], GATEWAY], ids=["PagerDuty's code", "text"])
def test_only_a_404_means_deleted(  # noqa: PLR0917
    provider: Served,
    made: tuple[str, Values],
    respond: Callable[..., None],
    emulator: Emulator,
    operation: str,
    status: int,
    body: Any,
) -> None:
    for path in (ITEM, LIST):
        respond(path, status, body)
    assert f"status {status}" in refusal(lambda: is_gone(provider, operation, made)).message
    assert len(emulator.integrations()) == 1


def test_a_gateway_that_fails_after_pagerduty_answered_takes_nothing_out_of_the_state(
    provider: Served, emulator: Emulator, respond: Callable[..., None]
) -> None:
    """Who answers can change between two calls: a deployment takes minutes, and a gateway's routes are reloaded."""
    services = [each["id"] for each in emulator.services()][:6]
    all_made = [provider.create({**INPUTS, "service": each}) for each in services]
    assert provider.read(all_made[0].id, from_struct(all_made[0].properties), INPUTS).id == all_made[0].id
    respond("/**", 404, GATEWAY)
    for each in all_made[1:]:
        for operation in ("read", "delete"):
            message = refusal(lambda: is_gone(provider, operation, (each.id, from_struct(each.properties)))).message  # noqa: B023
            assert GATEWAY in message
    assert len(emulator.integrations()) == 6


# Moved integrations


@pytest.mark.parametrize("index", [each for each in INDEXES if each != "a list"])
def test_a_missing_integration_is_an_error_while_the_index_cannot_be_read(
    provider: Served, made: tuple[str, Values], respond: Callable[..., None], emulator: Emulator, index: str
) -> None:
    emulator.move_integration(made[0].split(".")[1], "PCDNE10")
    respond(INDEX, *INDEXES[index][:2])
    message = refusal(lambda: is_gone(provider, "read", made)).message
    if index == "401":
        assert "PagerDuty refused the token" in message
    else:
        assert (
            f"PagerDuty no longer has the integration {made[0]}: it was deleted, or moved to another service" in message
        )
        assert "`pulumi state delete`" in message
    emulator.faults.clear()


def test_a_deletion_does_not_need_the_index(
    provider: Served, made: tuple[str, Values], respond: Callable[..., None], emulator: Emulator
) -> None:
    emulator.delete_integration(made[0].split(".")[1])
    respond(INDEX, 403, "")
    assert is_gone(provider, "delete", made)


# Lookups and writes


@pytest.mark.parametrize(
    ("function", "arguments", "index"),
    [
        ("getService", {"id": "PNONE00"}, "/services"),
        ("getVendor", {"id": "PNONE00"}, "/vendors"),
    ],
)
def test_a_lookup_by_id_asks_the_index_that_the_object_would_be_in(
    provider: Served, respond: Callable[..., None], function: str, arguments: dict[str, str], index: str
) -> None:
    respond(f"{index}/*", 404, GATEWAY)
    call = lambda: provider.invoke(f"pagerduty-native:index:{function}", **arguments)  # noqa: E731
    assert "PagerDuty has no" in refusal(call).message
    respond(index, 404, GATEWAY)
    assert "without PagerDuty's error code" in refusal(call).message


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("getService", {"id": SERVICE}),
        ("getVendor", {"id": "PZQ6AUS"}),
        ("getIntegrations", {"service": SERVICE}),
        ("getIntegration", {"service": SERVICE, "id": "PE1U9CH"}),
    ],
)
@every_other_404
def test_a_lookup_by_id_does_not_believe_a_gateway(
    provider: Served, respond: Callable[..., None], function: str, arguments: dict[str, str], body: Any
) -> None:
    respond("/**", 404, body)
    message = refusal(lambda: provider.invoke(f"pagerduty-native:index:{function}", **arguments)).message
    assert "without PagerDuty's error code" in message
    assert "`apiUrlOverride`" in message


@every_other_404
def test_an_update_and_a_creation_do_not_either(
    provider: Served, made: tuple[str, Values], respond: Callable[..., None], emulator: Emulator, body: Any
) -> None:
    respond("/**", 404, body)
    for call in (
        lambda: provider.update(made[0], made[1], {**INPUTS, "name": "renamed"}),
        lambda: provider.create({**INPUTS, "name": "second"}),
    ):
        assert "without PagerDuty's error code" in refusal(call).message
    assert [each["name"] for each in emulator.integrations()] == ["alerts"]
