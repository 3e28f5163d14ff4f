"""Injected faults, as a client sees them on the wire."""

import contextlib
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from pagerduty_emulator import Emulator, Fault

from tests.support import HANG_SECONDS, wait_for

from .client import Client

CREATE = {"integration": {"type": "generic_events_api_inbound_integration", "name": "One"}}
PATH = "/services/PCHECKT/integrations"
PATTERN = "/services/*/integrations"


def count(emulator: Emulator) -> int:
    return len(emulator.integrations())


def test_a_status_instead_of_handling(emulator: Emulator, api: Client) -> None:
    fault = emulator.inject("status", "POST", PATTERN, status=502, headers={"retry-after": "1"})
    answer = api.post(PATH, json=CREATE)
    assert (answer.status_code, answer.headers["retry-after"]) == (502, "1")
    assert answer.json()["error"]["message"] == "Bad Gateway"
    assert (count(emulator), fault.hits) == (0, 1)
    assert api.post(PATH, json=CREATE).status_code == 201


def test_a_status_after_handling(emulator: Emulator, api: Client) -> None:
    emulator.inject("status", "POST", PATTERN, status=500, body="oops", after_commit=True)
    answer = api.post(PATH, json=CREATE)
    assert (answer.status_code, answer.text, count(emulator)) == (500, "oops", 1)


def test_a_body_of_ones_own(emulator: Emulator, api: Client) -> None:
    emulator.inject("status", status=400, body={"error": [{"message": "in a list"}]})
    assert api.get("/vendors").json() == {"error": [{"message": "in a list"}]}


@pytest.mark.parametrize("after_commit", [False, True])
def test_a_reset_before_or_after_handling(emulator: Emulator, api: Client, after_commit: bool) -> None:
    emulator.inject("reset", "POST", PATTERN, after_commit=after_commit)
    with pytest.raises(requests.ConnectionError, match="reset"):
        api.post(PATH, json=CREATE)
    assert count(emulator) == after_commit
    (request,) = emulator.requests
    assert (request.status, request.fault, request.committed) == (None, "reset", after_commit)
    assert api.post(PATH, json=CREATE).status_code == 201


@pytest.mark.parametrize("after_commit", [False, True])
def test_a_timeout_before_or_after_handling(emulator: Emulator, api: Client, after_commit: bool) -> None:
    emulator.inject("delay", "POST", PATTERN, seconds=HANG_SECONDS, after_commit=after_commit)
    with pytest.raises(requests.ReadTimeout):
        api.post(PATH, json=CREATE, timeout=0.1)
    wait_for(lambda: [each.committed for each in emulator.requests if each.fault] == [after_commit])
    assert count(emulator) == after_commit


def test_a_delay_that_is_waited_for(emulator: Emulator, api: Client) -> None:
    emulator.inject("delay", seconds=0.2)
    started = time.monotonic()
    assert api.get("/vendors").status_code == 200
    assert time.monotonic() - started >= 0.2


def test_a_body_byte_by_byte(emulator: Emulator, api: Client) -> None:
    emulator.inject("drip", "POST", PATTERN, seconds=0.3)
    started = time.monotonic()
    answer = api.post(PATH, json=CREATE, timeout=HANG_SECONDS)
    assert time.monotonic() - started >= 0.3
    assert (answer.status_code, answer.json()["integration"]["name"], count(emulator)) == (201, "One", 1)


def test_a_client_that_hangs_up_ends_the_dripping(emulator: Emulator, api: Client) -> None:
    emulator.inject("drip", path="/vendors", seconds=600)
    with requests.get(f"{emulator.url}/vendors", headers=api.headers, stream=True, timeout=HANG_SECONDS) as answer:
        assert answer.raw.read(1) == b"{"
    assert api.get("/vendors").status_code == 200


def test_truncated_json_in_a_whole_message(emulator: Emulator, api: Client) -> None:
    emulator.inject("truncated_json", "POST")
    answer = api.post(PATH, json=CREATE)
    assert (answer.status_code, count(emulator)) == (201, 1)
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_a_body_cut_off(emulator: Emulator, api: Client) -> None:
    emulator.inject("truncated_body", "POST")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.post(PATH, json=CREATE)
    assert count(emulator) == 1


def test_an_html_page(emulator: Emulator, api: Client) -> None:
    emulator.inject("html", "POST", status=504)
    answer = api.post(PATH, json=CREATE)
    assert (answer.status_code, count(emulator)) == (504, 0)
    assert answer.headers["content-type"].startswith("text/html")
    assert "<html>" in answer.text


def test_an_empty_answer(emulator: Emulator, api: Client) -> None:
    emulator.inject("empty", "POST", status=200)
    answer = api.post(PATH, json=CREATE)
    assert (answer.status_code, answer.content, count(emulator)) == (200, b"", 1)


@pytest.mark.parametrize("bare", [False, True])
def test_a_429(emulator: Emulator, api: Client, bare: bool) -> None:
    emulator.inject("rate_limit", bare=bare)
    answer = api.get("/vendors")
    assert answer.status_code == 429
    assert ("ratelimit-reset" in answer.headers) == bool(answer.content) == (not bare)


def test_how_many_and_which_requests_are_struck(emulator: Emulator, api: Client) -> None:
    emulator.inject("status", "GET", "/vendors", skip=1, times=2)
    statuses = [api.get("/vendors").status_code for _ in range(5)]
    assert statuses == [200, 503, 503, 200, 200]
    forever = emulator.inject("status", "get", "/services/**", times=None)
    paths = ["/services/PCHECKT", "/services/PCHECKT/integrations/PXXXXXX", "/services", "/vendors"]
    assert [api.get(path).status_code for path in paths] == [503, 503, 200, 200]
    assert emulator.faults.remove(forever.id)
    assert api.get("/services/PCHECKT").status_code == 200


def test_a_star_is_one_part_of_a_path(emulator: Emulator, api: Client) -> None:
    emulator.inject("status", path="/services/*")
    assert api.get("/services/PCHECKT/integrations/PXXXXXX").status_code == 404
    assert api.get("/services/PCHECKT").status_code == 503


def test_the_emulators_own_addresses_are_spared(emulator: Emulator, anonymous: Client) -> None:
    emulator.inject("status", times=None)
    assert anonymous.get("/emulator/settings").status_code == 200
    assert anonymous.get("/", headers={"Accept": "text/html"}).status_code == 200


def test_an_unknown_kind() -> None:
    kind: Any = "meteor"
    with pytest.raises(ValueError, match="kind of a fault must be one of status, "):
        Fault(kind)


def test_latency_is_waited_for(emulator: Emulator, api: Client) -> None:
    emulator.settings.latency = 0.2
    started = time.monotonic()
    assert api.get("/vendors").status_code == 200
    assert time.monotonic() - started >= 0.2


def test_latency_is_waited_for_side_by_side(emulator: Emulator) -> None:
    emulator.settings.latency = HANG_SECONDS
    address = urlsplit(emulator.url)
    with contextlib.ExitStack() as open_connections:
        for _ in range(5):
            connection = socket.create_connection((str(address.hostname), address.port or 0))
            open_connections.enter_context(connection)
            connection.sendall(f"GET /vendors HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
        wait_for(lambda: len(emulator.requests) == 5)
        assert {request.status for request in emulator.requests} == {None}
