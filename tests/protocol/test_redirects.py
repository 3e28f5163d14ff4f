"""A redirect to another host, at each call that the provider makes: nothing follows it, the token least of all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import grpc
import pagerduty_emulator
import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.framework.testing import Served
from pagerduty_native.framework.values import Values
from pagerduty_native.framework.wire import from_struct

from tests.conftest import TOKEN

INPUTS: Values = {"service": "PCHECKT", "type": "events_api_v2_inbound_integration", "name": "Alerts"}
INDEX = "pagerduty-native:index:"
CALLS: dict[str, Callable[[Served, str, Values], object]] = {
    "create": lambda provider, _id, _state: provider.create({**INPUTS, "name": "Another"}),
    "read": lambda provider, at, state: provider.read(at, state, INPUTS),
    "import": lambda provider, at, _state: provider.read(at),
    "update": lambda provider, at, state: provider.update(at, state, {**INPUTS, "name": "New"}),
    "delete": lambda provider, at, state: provider.delete(at, state),
    "getVendor": lambda provider, _id, _state: provider.invoke(f"{INDEX}getVendor", name="Datadog"),
    "getVendor by ID": lambda provider, _id, _state: provider.invoke(f"{INDEX}getVendor", id="PZQ6AUS"),
    "getVendors": lambda provider, _id, _state: provider.invoke(f"{INDEX}getVendors"),
    "getService": lambda provider, _id, _state: provider.invoke(f"{INDEX}getService", name="Checkout"),
    "getService by ID": lambda provider, _id, _state: provider.invoke(f"{INDEX}getService", id="PCHECKT"),
    "getIntegration": lambda provider, at, _state: provider.invoke(
        f"{INDEX}getIntegration", service="PCHECKT", id=at.split(".")[1]
    ),
    "getIntegrations": lambda provider, _id, _state: provider.invoke(f"{INDEX}getIntegrations", service="PCHECKT"),
}


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Emulator]:
    """Another host, which would take what comes."""
    with pagerduty_emulator.serve() as emulator:
        yield emulator


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_nothing_follows_a_redirect(
    provider: Served, emulator: Emulator, elsewhere: Emulator, call: Callable[..., object], status: int
) -> None:
    created = provider.create(INPUTS)
    location = {"Location": elsewhere.url.replace("127.0.0.1", "localhost") + "/services"}
    emulator.inject("status", None, "/**", status=status, headers=location, times=None)
    with pytest.raises(grpc.RpcError) as raised:
        call(provider, created.id, from_struct(created.properties))
    assert f"status {status} but with a redirect" in str(raised.value)
    assert TOKEN not in str(raised.value)
    assert len(elsewhere.requests) == 0
    assert [each["name"] for each in emulator.integrations()] == ["Alerts"]
