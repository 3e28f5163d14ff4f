"""Every fault, at every operation, once and for good: success with exactly one integration, or a true error."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from pagerduty_emulator import Emulator
from pagerduty_emulator.faults import FaultKind
from pagerduty_native.framework.testing import Refusal, Served, refusal
from pagerduty_native.framework.values import Values
from pagerduty_native.framework.wire import from_struct

from tests.conftest import TOKEN
from tests.support import HANG_SECONDS

from .conftest import READ_SECONDS

SERVICE = "PCHECKT"
V2 = "events_api_v2_inbound_integration"
INPUTS: Values = {"service": SERVICE, "type": V2, "name": "alerts"}
NEVER: dict[str, Any] = {"seconds": HANG_SECONDS}
SLOWLY: dict[str, Any] = {"seconds": 20 * READ_SECONDS}  # but each byte in time

FAULTS: dict[str, tuple[FaultKind, dict[str, Any]]] = {
    "429 with headers": ("rate_limit", {}),
    "429 bare": ("rate_limit", {"bare": True}),
    **{f"{status}": ("status", {"status": status}) for status in (408, 500, 502, 503, 504)},
    "reset before the request was read": ("reset", {}),
    "reset after commit": ("reset", {"after_commit": True}),
    "timeout before": ("delay", NEVER),
    "timeout after commit": ("delay", {**NEVER, "after_commit": True}),
    "timeout byte by byte": ("drip", SLOWLY),
    "truncated JSON": ("truncated_json", {}),
    "truncated body": ("truncated_body", {}),
    "HTML body": ("html", {"status": 200}),
    "HTML error page": ("html", {"status": 503}),
    "empty 200": ("empty", {"status": 200}),
}
# With these, the emulator has done what it was asked to.
COMMITTED = {
    "reset after commit",
    "timeout after commit",
    "timeout byte by byte",
    "truncated JSON",
    "truncated body",
    "empty 200",
}

every_fault = pytest.mark.parametrize("fault", FAULTS)


@pytest.fixture
def inject(emulator: Emulator) -> Callable[..., None]:
    def inject(fault: str, method: str, path: str = "/services/**", *, times: int | None = None) -> None:
        kind, details = FAULTS[fault]
        emulator.inject(kind, method, path, times=times, **details)

    return inject


@pytest.fixture
def existing(emulator: Emulator, provider: Served) -> str:
    """The ID of an integration that was made before."""
    created = provider.create(INPUTS)
    emulator.requests.clear()
    return created.id


def assert_clear(error: Refusal) -> None:
    """The error is one for people: it says what was wrong between us and PagerDuty, and nothing secret."""
    assert error.code == grpc.StatusCode.UNKNOWN
    assert re.match(
        r"PagerDuty('s API at .* did not respond| could not handle| may have created)|http://", error.message
    )
    assert TOKEN not in error.message
    assert not re.search(r"[0-9a-f]{32}|Traceback|Error\(|object at 0x", error.message)


@every_fault
def test_create_once(fault: str, provider: Served, emulator: Emulator, inject: Callable[..., None]) -> None:
    inject(fault, "POST", times=1)
    created = provider.create(INPUTS)
    (made,) = emulator.integrations()
    assert created.id == f"{SERVICE}.{made['id']}"
    assert from_struct(created.properties)["integrationId"] == made["id"]
    assert emulator.requests.count("POST") == (1 if fault in COMMITTED else 2)


@every_fault
def test_create_for_good(fault: str, provider: Served, emulator: Emulator, inject: Callable[..., None]) -> None:
    inject(fault, "POST")
    if fault in COMMITTED:
        created = provider.create(INPUTS)
        assert [f"{SERVICE}.{made['id']}" for made in emulator.integrations()] == [created.id]
    else:
        assert_clear(refusal(lambda: provider.create(INPUTS)))
        assert emulator.integrations() == []


@every_fault
def test_create_where_nothing_can_be_looked_at(
    fault: str, provider: Served, emulator: Emulator, inject: Callable[..., None]
) -> None:
    inject(fault, "POST")
    inject(fault, "GET")
    error = refusal(lambda: provider.create(INPUTS))
    assert_clear(error)
    assert len(emulator.integrations()) == (fault in COMMITTED)
    assert emulator.requests.count("POST") <= 1 or emulator.integrations() == []
    if fault in COMMITTED:
        assert "may have created the integration 'alerts' on the service PCHECKT" in error.message


@every_fault
def test_read_once(
    fault: str, provider: Served, existing: str, emulator: Emulator, inject: Callable[..., None]
) -> None:
    inject(fault, "GET", times=1)
    assert from_struct(provider.read(existing).properties)["name"] == "alerts"


@every_fault
def test_read_for_good(fault: str, provider: Served, existing: str, inject: Callable[..., None]) -> None:
    inject(fault, "GET")
    assert_clear(refusal(lambda: provider.read(existing)))


@every_fault
def test_update_once(
    fault: str, provider: Served, existing: str, emulator: Emulator, inject: Callable[..., None]
) -> None:
    inject(fault, "PUT", times=1)
    updated = provider.update(existing, INPUTS, {**INPUTS, "name": "new"})
    assert from_struct(updated.properties)["name"] == "new"
    assert [made["name"] for made in emulator.integrations()] == ["new"]


@every_fault
def test_update_for_good(
    fault: str, provider: Served, existing: str, emulator: Emulator, inject: Callable[..., None]
) -> None:
    inject(fault, "PUT")
    assert_clear(refusal(lambda: provider.update(existing, INPUTS, {**INPUTS, "name": "new"})))
    assert len(emulator.integrations()) == 1


@every_fault
def test_delete_once(
    fault: str, provider: Served, existing: str, emulator: Emulator, inject: Callable[..., None]
) -> None:
    inject(fault, "DELETE", times=1)
    provider.delete(existing, {**INPUTS, "integrationId": existing.partition(".")[2]})
    assert emulator.integrations() == []


@every_fault
def test_delete_for_good(
    fault: str, provider: Served, existing: str, emulator: Emulator, inject: Callable[..., None]
) -> None:
    inject(fault, "DELETE")
    if fault.startswith("truncated") or fault == "timeout byte by byte":  # A 204 has no body to spoil.
        provider.delete(existing, INPUTS)
    else:
        assert_clear(refusal(lambda: provider.delete(existing, INPUTS)))
        # An integration that is gone in spite of the error stays in the state, and the next destroy deletes it again.
        assert len(emulator.integrations()) == (fault not in COMMITTED)
        emulator.faults.clear()
        provider.delete(existing, INPUTS)
    assert emulator.integrations() == []


@every_fault
@pytest.mark.parametrize("arguments", [{"name": "Cloudwatch"}, {"id": "PZQ6AUS"}], ids=["by name", "by id"])
def test_lookup_once(fault: str, arguments: dict[str, str], provider: Served, inject: Callable[..., None]) -> None:
    inject(fault, "GET", "/vendors/**", times=1)
    inject(fault, "GET", "/vendors", times=1)
    answer = provider.invoke("pagerduty-native:index:getVendor", **arguments)
    assert from_struct(getattr(answer, "return"))["id"] == "PZQ6AUS"


@every_fault
def test_lookup_for_good(fault: str, provider: Served, inject: Callable[..., None]) -> None:
    inject(fault, "GET", "/vendors")
    assert_clear(refusal(lambda: provider.invoke("pagerduty-native:index:getVendor", name="Cloudwatch")))
