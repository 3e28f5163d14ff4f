"""Answers that are JSON, but not what the API documents: made good by another call, or told, and never believed."""

from __future__ import annotations

from typing import Any

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.pagerduty import transport
from pagerduty_native.rpc.values import Values
from pagerduty_native.rpc.wire import from_struct

from tests.protocol.provider import Provider, refusal

SERVICE = "PCHECKT"
INPUTS: Values = {"service": SERVICE, "type": "events_api_v2_inbound_integration", "name": "alerts"}
KEY = "0123456789abcdef0123456789abcdef"

every_shape = pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing in it"),
        pytest.param([], id="a list"),
        pytest.param("null", id="null"),
        pytest.param(f'"{KEY}"', id="a text"),
        pytest.param({"integration": None, "service": None, "vendors": None}, id="nulls"),
        pytest.param({"integration": [KEY], "service": [KEY], "vendors": KEY}, id="other kinds"),
        pytest.param(
            {"integration": {"integration_key": KEY}, "service": {"integration_key": KEY}, "vendors": [{"k": KEY}]},
            id="no ID",
        ),
        pytest.param(
            {
                "integration": {"id": 5, "type": KEY, "name": [KEY]},
                "service": {"id": 5, "integrations": [{"id": 5, "type": 7}]},
                "vendors": [{"id": 5, "name": 7}],
            },
            id="fields of other kinds",
        ),
    ],
)


@every_shape
def test_create(provider: Provider, emulator: Emulator, body: Any) -> None:
    emulator.inject("status", "POST", status=201, body=body, after_commit=True)
    created = provider.create(INPUTS)
    (made,) = emulator.integrations()
    assert created.id == f"{SERVICE}.{made['id']}"
    assert emulator.requests.count("POST") == 1


@every_shape
@pytest.mark.parametrize("times", [1, None])
def test_read(provider: Provider, emulator: Emulator, body: Any, times: int | None) -> None:
    created = provider.create(INPUTS)
    emulator.inject("status", "GET", status=200, body=body, times=times)
    if times == 1:
        assert from_struct(provider.read(created.id).properties)["name"] == "alerts"
    else:
        message = refusal(lambda: provider.read(created.id)).message
        assert f"{emulator.url} responded with status 200 but not with what the API documents" in message
        assert KEY not in message


@every_shape
@pytest.mark.parametrize("times", [1, None])
def test_lookup(provider: Provider, emulator: Emulator, body: Any, times: int | None) -> None:
    emulator.inject("status", "GET", status=200, body=body, times=times)
    if times == 1:
        found = provider.invoke("pagerduty-native:index:getVendor", name="Cloudwatch")
        assert from_struct(getattr(found, "return"))["id"] == "PZQ6AUS"
    else:
        error = refusal(lambda: provider.invoke("pagerduty-native:index:getVendor", name="Cloudwatch"))
        assert "not with what the API documents" in error.message
        assert KEY not in error.message


@pytest.mark.parametrize("after_commit", [False, True])
def test_huge(provider: Provider, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, after_commit: bool) -> None:
    monkeypatch.setattr(transport, "MOST_BYTES", 1_000_000)
    emulator.inject("huge", "POST", size=2_000_000, after_commit=after_commit)
    created = provider.create(INPUTS)
    assert [f"{SERVICE}.{made['id']}" for made in emulator.integrations()] == [created.id]
    emulator.inject("huge", "GET", size=2_000_000, times=None)
    assert "more than 1000000 bytes" in refusal(lambda: provider.read(created.id)).message


def test_a_400_that_is_known_to_be_transient_is_sent_again(provider: Provider, emulator: Emulator) -> None:
    locked = {"error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["Account could not be locked"]}}
    emulator.inject("status", "POST", status=400, body=locked)
    provider.create(INPUTS)
    assert emulator.requests.count("POST") == 2


def test_no_other_400_is(provider: Provider, emulator: Emulator) -> None:
    emulator.inject("status", "POST", status=400, body={"error": {"message": "No", "code": 2001}})
    assert "No (status 400, code 2001)" in refusal(lambda: provider.create(INPUTS)).message
    assert emulator.requests.count("POST") == 1
