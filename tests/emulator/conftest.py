"""Clients of the emulator that all tests share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pagerduty_emulator import Emulator

from .client import TOKEN, Client


@pytest.fixture
def api(emulator: Emulator) -> Iterator[Client]:
    """A client with a token."""
    with Client(emulator.url, TOKEN) as client:
        yield client


@pytest.fixture
def anonymous(emulator: Emulator) -> Iterator[Client]:
    """A client without a token."""
    with Client(emulator.url) as client:
        yield client


@pytest.fixture
def create(api: Client) -> Callable[..., dict[str, Any]]:
    """Creates an integration with the given properties; returns it as the API does."""

    def create(service: str = "PCHECKT", **given: Any) -> dict[str, Any]:
        body = {"type": "generic_events_api_inbound_integration", "name": "An integration", **given}
        answer = api.post(f"/services/{service}/integrations", json={"integration": body})
        assert answer.status_code == 201, answer.text
        integration: dict[str, Any] = answer.json()["integration"]
        return integration

    return create


@pytest.fixture
def errors_of(api: Client) -> Callable[..., list[str]]:
    """What is wrong with an integration of the given properties, as the API tells it; `...` leaves one out."""

    def errors_of(**given: Any) -> list[str]:
        body = {"type": "generic_events_api_inbound_integration", "name": "An integration", **given}
        body = {name: value for name, value in body.items() if value is not ...}
        answer = api.post("/services/PCHECKT/integrations", json={"integration": body})
        assert answer.status_code == 400, answer.text
        error = answer.json()["error"]
        assert (error["code"], error["message"]) == (2001, "Invalid Input Provided")
        errors: list[str] = error["errors"]
        return errors

    return errors_of
