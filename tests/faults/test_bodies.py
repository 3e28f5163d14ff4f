"""JSON responses in another form than documented: another call repairs them, or they are an error."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pagerduty_emulator import Emulator
from pagerduty_native.api import transport
from pagerduty_native.framework.testing import Served, refusal
from pagerduty_native.framework.values import Values
from pagerduty_native.framework.wire import from_struct

SERVICE = "PCHECKT"
V2 = "events_api_v2_inbound_integration"
INPUTS: Values = {"service": SERVICE, "type": V2, "name": "alerts"}
KEY = "0123456789abcdef0123456789abcdef"
DEEP = json.loads('{"children": [' * 200 + "]}" * 200)

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
        pytest.param(
            {
                "integration": {"id": None, "type": V2, "name": "alerts"},
                "service": {"id": None, "integrations": []},
                "vendors": [{"id": None, "name": "Amazon CloudWatch"}],
                "more": False,
            },
            id="null IDs",
        ),
        pytest.param(
            {
                "integration": {"id": "../teams", "type": V2, "name": "alerts"},
                "service": {"id": "PCHECKT?x", "integrations": []},
                "vendors": [{"id": "P\r\nX: y", "name": "Amazon CloudWatch"}],
                "more": False,
            },
            id="IDs that cannot be",
        ),
        pytest.param(
            {
                "integration": {"id": "PE1U9CH", "type": None, "name": "alerts"},
                "service": {"id": "PCHECKT", "integrations": ""},
                "vendors": {},
                "more": False,
            },
            id="no list, no type",
        ),
        pytest.param(
            {
                "integration": {"id": "PE1U9CH", "type": V2, "name": "alerts", "email_filters": [DEEP]},
                "service": {"id": "PCHECKT", "integrations": [{"id": "PE1U9CH", "type": V2, "email_parsers": [DEEP]}]},
                "vendors": [{"id": "PZQ6AUS", "name": "Amazon CloudWatch", "description": [DEEP]}],
                "more": False,
            },
            id="too deep",
        ),
        pytest.param(
            {
                "integration": {"id": "PE1U9CH", "type": V2, "name": "alerts", "vendor": {"id": "a/b"}},
                "service": {"id": "PCHECKT", "integrations": [{"id": "PE1U9CH", "type": V2, "vendor": {"id": 5}}]},
                "vendors": [{"id": "PZQ6AUS", "name": "Amazon CloudWatch"}],
                "more": "no",
            },
            id="odd vendors, and no truth",
        ),
    ],
)


@every_shape
def test_create(provider: Served, emulator: Emulator, body: Any) -> None:
    emulator.inject("status", "POST", status=201, body=body, after_commit=True)
    created = provider.create(INPUTS)
    (made,) = emulator.integrations()
    assert created.id == f"{SERVICE}.{made['id']}"
    assert emulator.requests.count("POST") == 1


@every_shape
@pytest.mark.parametrize("times", [1, None])
def test_read(provider: Served, emulator: Emulator, body: Any, times: int | None) -> None:
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
def test_a_lookup_repeats_a_call_with_an_unusable_body(
    provider: Served, emulator: Emulator, body: Any, times: int | None
) -> None:
    emulator.inject("status", "GET", status=200, body=body, times=times)
    if times == 1:
        found = provider.invoke("pagerduty-native:index:getVendor", name="Cloudwatch")
        assert from_struct(getattr(found, "return"))["id"] == "PZQ6AUS"
    else:
        error = refusal(lambda: provider.invoke("pagerduty-native:index:getVendor", name="Cloudwatch"))
        assert "not with what the API documents" in error.message
        assert KEY not in error.message


@pytest.mark.parametrize("after_commit", [False, True])
def test_a_huge_body_loses_no_integration(
    provider: Served, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, after_commit: bool
) -> None:
    monkeypatch.setattr(transport, "MAX_BODY_BYTES", 1_000_000)
    huge = {"padding": "x" * 2_000_000}
    emulator.inject("status", "POST", status=201, body=huge, after_commit=after_commit)
    created = provider.create(INPUTS)
    assert [f"{SERVICE}.{made['id']}" for made in emulator.integrations()] == [created.id]
    emulator.inject("status", "GET", status=200, body=huge, times=None)
    assert "more than 1000000 bytes" in refusal(lambda: provider.read(created.id)).message


def test_a_400_that_is_known_to_be_transient_is_sent_again(provider: Served, emulator: Emulator) -> None:
    locked = {"error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["Account could not be locked"]}}
    emulator.inject("status", "POST", status=400, body=locked)
    provider.create(INPUTS)
    assert emulator.requests.count("POST") == 2


def test_an_ordinary_400_is_not_retried(provider: Served, emulator: Emulator) -> None:
    emulator.inject("status", "POST", status=400, body={"error": {"message": "No", "code": 2001}})
    assert "No (status 400, code 2001)" in refusal(lambda: provider.create(INPUTS)).message
    assert emulator.requests.count("POST") == 1


OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("getVendor", {"id": "PZQ6AUS"}),
    ("getService", {"id": SERVICE}),
    ("getIntegrations", {"service": SERVICE}),
]


@pytest.mark.parametrize(("function", "arguments"), OTHERS)
def test_a_lookup_refuses_the_object_of_another_id(
    provider: Served, emulator: Emulator, function: str, arguments: dict[str, str]
) -> None:
    other = {"id": "PANOTHR", "name": "Another", "integrations": []}
    emulator.inject("status", "GET", status=200, body={"vendor": other, "service": other}, times=None)
    message = refusal(lambda: provider.invoke(f"pagerduty-native:index:{function}", **arguments)).message
    assert "not with what the API documents: an object" in message


def test_a_read_and_an_update_refuse_the_object_of_another_id(provider: Served, emulator: Emulator) -> None:
    created = provider.create(INPUTS)
    other = {"id": "PANOTHR", "type": V2, "name": "alerts", "service": {"id": SERVICE}}
    body = {"integration": other, "service": {"id": "PANOTHR", "integrations": [other]}}
    emulator.inject("status", status=200, body=body, times=None)
    for call in (
        lambda: provider.read(created.id, {**INPUTS, "integrationId": created.id.partition(".")[2]}, INPUTS),
        lambda: provider.update(created.id, INPUTS, {**INPUTS, "name": "new"}),
    ):
        assert "not with what the API documents: an object" in refusal(call).message


def test_half_a_character_becomes_a_question_mark(provider: Served, emulator: Emulator) -> None:
    body = rb'{"integration": {"id": "PE1U9CH", "type": "%s", "name": "a\ud83db"}}' % V2.encode()
    emulator.inject("status", "GET", status=200, body=body.decode(), times=None)
    assert from_struct(provider.read(f"{SERVICE}.PE1U9CH").properties)["name"] == "a?b"


def test_nan_is_no_json(provider: Served, emulator: Emulator) -> None:
    emulator.inject("status", "GET", status=200, body='{"services": [], "more": NaN}', times=None)
    message = refusal(lambda: provider.invoke("pagerduty-native:index:getService", name="x")).message
    assert "responded with status 200 but with incomplete JSON" in message


@pytest.mark.parametrize("place", ["errors", "message", "required_scopes"])
def test_reasons_as_deep_as_one_likes(provider: Served, emulator: Emulator, place: str) -> None:
    error = {"message": "No", "code": 2001, place: "[" * 500 + "]" * 500}
    body = json.dumps({"error": error}).replace(f'"{error[place]}"', str(error[place]))
    emulator.inject("status", "POST", status=403, body=body)
    assert "PagerDuty does not allow this: " in refusal(lambda: provider.create(INPUTS)).message
