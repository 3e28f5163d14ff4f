"""Calls of the client: retries, their messages, and pages."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3
from pagerduty_native.api.client import LAST_OFFSET, PAGE_LIMIT, Client, Retries, TokenAuthorization, anonymous
from pagerduty_native.api.create import created_since
from pagerduty_native.api.errors import (
    DeadlineError,
    InvalidInputError,
    NotFoundError,
    ServerError,
    UnauthorizedError,
    UnintelligibleResponseError,
    UnreachableError,
)
from pagerduty_native.api.rate_limit import RateLimiter

from tests.support.fake_time import FakeTime

from .fake_server import TOKEN, Handler, Server

NOT_FOUND = {"error": {"message": "Not Found", "code": 2100}}
LOCKED = {"error": {"message": "Invalid", "code": 2001, "errors": ["account could not be locked"]}}
LIMITED = {"error": {"message": "Rate Limit Exceeded", "code": 2020}}
ATTEMPTS = 3


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def client(server: Server, time: FakeTime) -> Client:
    return client_of(server, time)


def client_of(server: Server, time: FakeTime, **options: Any) -> Client:
    retries = Retries(attempts=ATTEMPTS)
    options = {"authorization": TokenAuthorization(TOKEN), "chance": lambda: 1.0, **options}
    return Client(api_url=server.url, waiting=time, retries=retries, **options)


def answers(server: Server, *given: tuple[int, Any]) -> None:
    """Let the server answer so, one after the other; then always as it did last."""
    remaining = iter(given)
    last: list[tuple[int, Any]] = []

    def answer(handler: Handler) -> None:
        last[:] = [next(remaining, *last)]
        status, body = last[0]
        text = body if isinstance(body, str) else json.dumps(body)
        handler.answer(text.encode(), status)

    server.answering = answer


def methods(server: Server) -> list[str]:
    return [method for method, _, _ in server.came]


def body_of(body: Any) -> Any:
    return body


# Deletions


def test_a_deletion_of_what_is_gone_says_so(server: Server, client: Client) -> None:
    answers(server, (404, NOT_FOUND))
    with pytest.raises(NotFoundError):
        client.delete("/x")
    assert methods(server) == ["DELETE"]


@pytest.mark.parametrize("lost", [(500, {}), (200, "{"), (502, "<html>")], ids=["500", "spoilt 200", "gateway's 502"])
def test_a_deletion_whose_answer_was_lost_has_done_its_work(
    server: Server, client: Client, lost: tuple[int, Any]
) -> None:
    answers(server, lost, (404, NOT_FOUND))
    client.delete("/x")
    assert methods(server) == ["DELETE", "DELETE"]


def test_a_delete_with_an_unclear_attempt_succeeds_on_a_later_404(server: Server, client: Client) -> None:
    answers(server, (500, {}), (408, {}), (404, NOT_FOUND))
    client.delete("/x")
    assert len(server.came) == 3


@pytest.mark.parametrize("refused", [(408, {}), (400, LOCKED), (429, LIMITED)], ids=["408", "locked", "429"])
def test_a_deletion_that_was_surely_not_done_says_that_there_was_nothing(
    server: Server, client: Client, refused: tuple[int, Any]
) -> None:
    answers(server, refused, (404, NOT_FOUND))
    with pytest.raises(NotFoundError):
        client.delete("/x")
    assert methods(server) == ["DELETE", "DELETE"]


def test_a_deletion(server: Server, client: Client) -> None:
    server.answering = lambda handler: handler.answer(b"", 204)
    client.delete("/x")
    assert [(method, path) for method, path, _ in server.came] == [("DELETE", "/x")]


# Other calls


REPEATED: dict[str, tuple[Callable[[Client], Any], bytes]] = {
    "GET": (lambda client: client.get("/x", body_of), b""),
    "PUT": (lambda client: client.put("/x", {"a": 1}, body_of), b'{"a": 1}'),
    "POST": (lambda client: client.form("/x", {"a": "1"}, body_of), b"a=1"),
}


@pytest.mark.parametrize("method", REPEATED)
def test_idempotent_calls_are_retried_a_few_times(server: Server, client: Client, time: FakeTime, method: str) -> None:
    call, sent = REPEATED[method]
    answers(server, (500, {}), (502, "<html>"), (200, {"ok": True}))
    assert call(client) == {"ok": True}
    assert methods(server) == [method] * 3
    assert server.bodies == [sent] * 3
    assert time.waits == [0.5, 1.0]
    answers(server, (503, {}))
    with pytest.raises(ServerError):
        call(client)
    assert len(server.came) == 3 + ATTEMPTS


def test_a_pause_is_a_random_part_of_the_longest(server: Server, time: FakeTime) -> None:
    answers(server, (500, {}), (200, {}))
    client_of(server, time, chance=lambda: 0.5).get("/x", body_of)
    assert time.waits == [0.25]


def test_a_call_can_limit_its_attempts(server: Server, client: Client) -> None:
    answers(server, (500, {}))
    with pytest.raises(ServerError):
        client.get("/x", body_of, attempts=2)
    with pytest.raises(ServerError):
        client.page("/x", "items", body_of, attempts=1)
    assert len(server.came) == 3


@pytest.mark.parametrize("lost", [(500, {}), (200, "{")], ids=["500", "spoilt 200"])
def test_a_post_that_may_have_created_something_is_not_made_again(
    server: Server, client: Client, lost: tuple[int, Any]
) -> None:
    answers(server, lost)
    with pytest.raises((ServerError, UnintelligibleResponseError)) as raised:
        client.post("/x", {}, body_of)
    assert raised.value.perhaps_done
    assert methods(server) == ["POST"]


def test_a_post_that_surely_created_nothing_is_made_again(server: Server, client: Client) -> None:
    answers(server, (408, {}), (400, LOCKED), (201, {"id": "P1"}))
    assert client.post("/x", {"a": 1}, lambda body: body["id"]) == "P1"
    assert methods(server) == ["POST"] * 3
    assert server.bodies == [b'{"a": 1}'] * 3


def test_a_refusal_for_the_rate_limit_is_no_attempt(server: Server, client: Client, time: FakeTime) -> None:
    answers(server, *[(429, LIMITED)] * (2 * ATTEMPTS), (500, {}), (200, {"ok": True}))
    assert client.get("/x", body_of) == {"ok": True}
    assert len(time.waits) == 2 * ATTEMPTS + 1, "each is waited for once"
    assert time.waits[-1] == 0.5


def test_the_limit_that_answers_tell_is_kept_to(server: Server, client: Client, time: FakeTime) -> None:
    headers = {"ratelimit-limit": "960", "ratelimit-remaining": "0", "ratelimit-reset": "30"}
    server.answering = lambda handler: handler.answer(b"{}", 200, headers)
    for _ in range(2):
        client.get("/x", body_of)
    assert time.waits == [30.0]


@pytest.mark.parametrize("verify", [None, True, False])
def test_certificates_are_verified_by_default(
    monkeypatch: pytest.MonkeyPatch, time: FakeTime, verify: bool | None
) -> None:
    asked: list[object] = []

    def urlopen(pool: urllib3.HTTPSConnectionPool, *_: object, **_options: object) -> None:
        asked.append(pool.conn_kw["ssl_context"].verify_mode)
        raise ValueError

    monkeypatch.setattr("urllib3.HTTPConnectionPool.urlopen", urlopen)
    options: Any = {} if verify is None else {"verify": verify}
    client = Client(TokenAuthorization(TOKEN), api_url="https://pagerduty.invalid", waiting=time, **options)
    with pytest.raises(UnreachableError):
        client.get("/x", body_of, attempts=1)
    assert asked == [ssl.CERT_NONE if verify is False else ssl.CERT_REQUIRED]


def test_a_wait_for_the_rate_limit_shows_a_message(server: Server, time: FakeTime) -> None:
    client = client_of(server, time, limiter=RateLimiter(1))
    for _ in range(2):
        client.get("/x", body_of)
    assert time.waits == [60.0]
    assert time.told == ["waiting 60 s for PagerDuty's rate limit"]


def test_a_pause_shows_its_reason(server: Server, client: Client, time: FakeTime) -> None:
    client.pause(5, ServerError(500, None, "Down", ()))
    assert time.told == ["waiting 8 s to try again (Down (status 500))"]


def test_a_retry_shows_its_reason(server: Server, time: FakeTime) -> None:
    client = Client(TokenAuthorization(TOKEN), api_url=server.url, waiting=time, chance=lambda: 1.0)
    answers(server, *[(500, {"error": {"message": "Down"}})] * 4, (200, {}))
    client.get("/x", body_of)
    assert time.told == ["waiting 4 s to try again (Down (status 500))"]


def test_an_address_that_never_answered_is_given_up_earlier(time: FakeTime) -> None:
    retries = Retries(attempts=6, first_attempts=2)
    client = Client(TokenAuthorization(TOKEN), api_url="http://127.0.0.1:1", waiting=time, retries=retries)
    with pytest.raises(UnreachableError):
        client.get("/x", body_of)
    assert len(time.waits) == 1


def test_one_that_did_answer_is_not(server: Server, time: FakeTime, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(pool: Any, *_: object, **_options: object) -> None:
        raise urllib3.exceptions.NewConnectionError(pool, "refused")

    retries = Retries(attempts=4, first_attempts=2)
    client = Client(TokenAuthorization(TOKEN), api_url=server.url, waiting=time, retries=retries)
    client.get("/x", body_of)
    monkeypatch.setattr("urllib3.HTTPConnectionPool.urlopen", refused)
    with pytest.raises(UnreachableError):
        client.get("/x", body_of)
    assert len(time.waits) == 3


def test_no_call_goes_out_without_time_for_it(server: Server, time: FakeTime) -> None:
    time.deadline = time.now()
    client = client_of(server, time, limiter=RateLimiter(1))
    for _ in range(2):
        with pytest.raises(DeadlineError):
            client.get("/x", body_of)
    assert not server.came


# Requests and responses


def test_methods_paths_and_bodies_are_sent(server: Server, client: Client) -> None:
    client.get("/x", body_of, {"query": "a b"})
    ((_, path, headers),) = server.came
    assert path == "/x?query=a+b"
    assert headers["Authorization"] == f"Token token={TOKEN}"
    assert headers["User-Agent"] == "pagerduty-native"


def test_without_a_token_there_is_no_header_for_it(server: Server, time: FakeTime) -> None:
    client_of(server, time, authorization=anonymous).get("/x", body_of)
    assert "Authorization" not in server.came[0][2]


def test_an_answer_tells_the_servers_time(server: Server, client: Client) -> None:
    assert client.newest_date is None
    client.get("/x", body_of)
    assert client.newest_date
    assert created_since(0.0, "2000-01-01T00:00:00Z", client.newest_date) is False


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"other": 1}, "no 'thing'"),
        ([], "a list"),
        (None, "nothing"),
        ({"thing": None}, "an object"),
        ({"thing": {"number": "x"}}, "an object"),
        ({"thing": {"number": ""}}, "an object"),
    ],
)
def test_an_undocumented_response_is_an_error_without_its_content(
    server: Server, client: Client, body: Any, found: str
) -> None:
    answers(server, (200, body))
    with pytest.raises(UnintelligibleResponseError) as raised:
        client.get("/x", lambda body: int(body["thing"]["number"]), attempts=1)
    assert str(raised.value) == f"{server.url} responded with status 200 but not with what the API documents: {found}"
    assert raised.value.__suppress_context__


def test_an_answer_with_too_few_items_is_not_what_the_api_describes_either(server: Server, client: Client) -> None:
    answers(server, (200, []))
    with pytest.raises(UnintelligibleResponseError):
        client.get("/x", lambda body: body[0], attempts=1)


class RenewedOnce:
    """A token that is replaced once if it is refused. asked: with what."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.header = "Bearer old"

    def __call__(self, refused: str | None) -> str:
        self.asked.append(refused)
        if refused == "Bearer old":
            self.header = "Bearer new"
        return self.header


def test_a_token_that_is_refused_is_replaced_once(server: Server, time: FakeTime) -> None:
    authorization = RenewedOnce()
    client = client_of(server, time, authorization=authorization)
    answers(server, (401, {}), (200, {"ok": True}), (401, {}))
    assert client.get("/x", body_of) == {"ok": True}
    assert [headers["Authorization"] for _, _, headers in server.came] == ["Bearer old", "Bearer new"]
    with pytest.raises(UnauthorizedError):
        client.get("/x", body_of)
    assert authorization.asked == [None, "Bearer old", None, "Bearer new"]
    assert len(server.came) == 3


def test_only_a_refused_token_is_replaced(server: Server, time: FakeTime) -> None:
    authorization = RenewedOnce()
    answers(server, (400, {}))
    with pytest.raises(InvalidInputError):
        client_of(server, time, authorization=authorization).get("/x", body_of)
    assert authorization.asked == [None]


# Pages


def test_pages_are_requested_lazily(server: Server, client: Client, time: FakeTime) -> None:
    answers(
        server,
        (200, {"items": ["1", "2"], "more": True, "total": 3}),
        (200, {"items": ["3"], "more": False}),
    )
    pages: Iterator[list[int]] = client.pages("/x", "items", int, {"query": "q"}, leave_out=print)
    assert next(pages) == [1, 2]
    assert len(server.came) == 1
    assert list(pages) == [[3]]
    assert time.waits == [0.0]
    assert [path for _, path, _ in server.came] == ["/x?query=q&limit=100&offset=0", "/x?query=q&limit=100&offset=100"]


@pytest.mark.parametrize(("told", "total"), [(3, 3), (None, None), ("3", None)])
def test_a_page_tells_whether_there_are_more_and_how_many(
    server: Server, client: Client, told: Any, total: int | None
) -> None:
    answers(server, (200, {"items": [], "more": True, "total": told}), (200, {"items": []}))
    page = client.page("/x", "items", body_of, 2)
    assert (page.items, page.more, page.total) == ([], True, total)
    page = client.page("/x", "items", body_of)
    assert (page.items, page.more, page.total) == ([], False, None)
    assert [path for _, path, _ in server.came] == ["/x?limit=100&offset=200", "/x?limit=100&offset=0"]


def test_a_page_that_does_not_tell_is_the_last_one_unless_it_is_full(server: Server, client: Client) -> None:
    answers(
        server,
        (200, {"items": ["x"] * PAGE_LIMIT, "more": None}),
        (200, {"items": ["x"] * PAGE_LIMIT}),
        (200, {"items": []}),
    )
    assert [len(page) for page in client.pages("/x", "items", str, leave_out=print)] == [PAGE_LIMIT, PAGE_LIMIT, 0]


@pytest.mark.parametrize("body", [{"items": [], "more": "false"}, {"items": {}}, {"items": ""}, {"items": None}])
def test_an_undocumented_page_is_an_error(server: Server, client: Client, body: Any) -> None:
    answers(server, (200, body))
    with pytest.raises(UnintelligibleResponseError):
        client.page("/x", "items", str, attempts=1)


def test_no_page_beyond_pagerdutys_last_is_requested(server: Server, client: Client) -> None:
    """offset + limit over 10000 is a 400: apache/devlake #5107."""
    answers(server, (200, {"items": [], "more": True}))
    assert len(list(client.pages("/x", "items", body_of, leave_out=print))) == LAST_OFFSET // PAGE_LIMIT
    assert server.came[-1][1] == f"/x?limit={PAGE_LIMIT}&offset={LAST_OFFSET - PAGE_LIMIT}"


def test_between_two_pages_a_cancellation_is_noticed(server: Server, client: Client, time: FakeTime) -> None:
    answers(server, (200, {"items": [], "more": True}))
    pages = client.pages("/x", "items", body_of, leave_out=print)
    next(pages)
    time.deadline = time.now()
    with pytest.raises(DeadlineError, match=r" 0 s for the next page$"):
        next(pages)
