"""Refusals, in every form that PagerDuty is known to give them."""

from __future__ import annotations

from typing import Any

import pytest
from pagerduty_native.api.errors import (
    MAX_EXCERPT_CHARACTERS,
    MAX_REASONS,
    ApiError,
    AppTokenError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    PagerDutyError,
    ServerError,
    UnauthorizedError,
    UnconfirmedNotFoundError,
    UnintelligibleResponseError,
    UnreachableError,
    UnsendableError,
    api_error,
)


@pytest.mark.parametrize(
    ("body", "code", "message", "errors"),
    [
        pytest.param(
            {"error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["Name is bad.", "Type is bad."]}},
            2001,
            "Invalid Input Provided",
            ("Name is bad.", "Type is bad."),
            id="list",
        ),
        pytest.param(
            {"error": {"message": "Bad", "code": 2001, "errors": "Name is bad."}},
            2001,
            "Bad",
            ("Name is bad.",),
            id="text",
        ),
        pytest.param(
            {"error": {"message": "Bad", "code": 2001, "errors": {"name": ["is bad", "is long"], "type": "is odd"}}},
            2001,
            "Bad",
            ("name: is bad", "name: is long", "type: is odd"),
            id="map",
        ),
        pytest.param({"error": ["Name is bad."]}, None, "", ("Name is bad.",), id="the error a list itself"),
        pytest.param({"error": "Name is bad."}, None, "", ("Name is bad.",), id="the error a text itself"),
        pytest.param({"message": "Not Found"}, None, "Not Found", (), id="no error object"),
        pytest.param({"error": {"message": "Not Found", "code": 2100}}, 2100, "Not Found", (), id="no list"),
        pytest.param({"error": {"code": 5001, "errors": None}}, 5001, "", (), id="no message"),
        pytest.param(
            {"error": {"message": "Bad", "code": "x", "errors": [{"a": ["b"]}, 3, ""]}},
            None,
            "Bad",
            ("a: b",),
            id="odd",
        ),
        pytest.param({"error": {"message": {"a": [5, "Bad"]}}}, None, "a: Bad", (), id="a message that is no text"),
        pytest.param({"error": {"message": 5}}, None, "", (), id="a message that is a number"),
        pytest.param({"error": {"errors": [[[[["a"]]]], [[[[["b"]]]]]]}}, None, "", ("a",), id="too deep"),
        pytest.param({"error": None}, None, "", (), id="null"),
        pytest.param([], None, "", (), id="an empty list"),
        pytest.param(None, None, "", (), id="nothing"),
    ],
)
def test_each_form_of_an_error_body_is_read(body: Any, code: int | None, message: str, errors: tuple[str, ...]) -> None:
    error = api_error(400, body)
    assert (error.code, error.message, error.errors) == (code, message, errors)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidInputError),
        (401, UnauthorizedError),
        (402, ForbiddenError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (600, ServerError),
        (999, ServerError),
    ],
)
def test_each_status_has_its_class(status: int, kind: type[ApiError]) -> None:
    assert type(api_error(status, {})) is kind


@pytest.mark.parametrize(
    ("error", "quotation"),
    [
        pytest.param(
            {"message": "Bad", "code": 2001, "errors": ["A.", "B."]}, "Bad: A. B. (status 400, code 2001)", id="all"
        ),
        pytest.param({"message": "Bad"}, "Bad (status 400)", id="message alone"),
    ],
)
def test_a_quotation_has_pagerdutys_words_and_both_numbers(error: dict[str, Any], quotation: str) -> None:
    assert str(api_error(400, {"error": error})) == quotation


def test_the_scopes_that_an_apps_token_lacks() -> None:
    """As recorded in PR 1027 of the Terraform provider: no code, and texts; a list would do as well."""
    recorded = {
        "message": "Token missing required scopes",
        "required_scopes": "a.read",
        "token_scopes": "b.read c.read",
    }
    for error in (recorded, {**recorded, "token_scopes": ["b.read", "c.read"]}):
        refused = api_error(403, {"error": error})
        assert isinstance(refused, ForbiddenError)
        assert (refused.required_scopes, refused.token_scopes) == ("a.read", "b.read c.read")
        assert str(refused) == "Token missing required scopes (status 403)"


def test_oauths_own_form() -> None:
    """As recorded in issue 936 of the Terraform provider."""
    error = api_error(400, {"error": "invalid_request", "error_description": "Invalid scope"})
    assert str(error) == "invalid_request: Invalid scope (status 400)"


def test_an_error_with_huge_texts_stays_short() -> None:
    error = api_error(400, {"error": {"message": "x" * 1_000_000, "errors": ["y" * 1_000_000] * 1000}})
    assert len(str(error)) < 25_000


def test_credentials_are_hidden_before_anything_is_cut() -> None:
    error = api_error(
        400,
        {"error": {"message": "x" * 990 + "secret", "errors": ["secret"], "code": 1}},
        lambda text: text.replace("secret", "[hidden]"),
    )
    assert "sec" not in str(error)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("<html>\n  <b>Bad\tGateway</b>\n</html>", "<html> <b>Bad Gateway</b> </html>", id="on one line"),
        pytest.param("", "(empty)", id="empty"),
        pytest.param("x" * 3000, "x" * 100 + "…", id="cut"),
    ],
)
def test_an_answer_that_is_not_the_apis_is_shown_in_short(text: str, shown: str) -> None:
    error = UnintelligibleResponseError("https://proxy", 502, text)
    assert str(error) == f"https://proxy responded with status 502 but not with the JSON of PagerDuty's API: {shown}"


@pytest.mark.parametrize("status", [400, 408, 429, 500])
def test_every_class_has_pagerdutys_words(status: int) -> None:
    error = api_error(status, {"error": {"message": "No", "code": 7, "errors": ["a", "b"]}})
    assert str(error) == f"No: a b (status {status}, code 7)"
    assert (error.status, error.code, error.message, error.errors) == (status, 7, "No", ("a", "b"))
    assert (error.reading, error.by_app) == (False, False)


def test_errors_that_are_not_the_apis() -> None:
    unsendable = UnsendableError("NaN")
    assert (str(unsendable), unsendable.reason) == ("the request cannot be sent: NaN", "NaN")
    unreachable = UnreachableError("https://api", "reset")
    assert (str(unreachable), unreachable.url, unreachable.reason) == (
        "no response from https://api: reset",
        "https://api",
        "reset",
    )
    assert (unreachable.transient, unreachable.perhaps_done) == (True, False)
    token = AppTokenError(unreachable, "as_account-us.acme")
    assert (str(token), token.cause, token.account) == (
        "no token for the app: no response from https://api: reset",
        unreachable,
        "as_account-us.acme",
    )
    unintelligible = UnintelligibleResponseError("https://api", 200, "x", "with a riddle")
    assert (unintelligible.url, unintelligible.status) == ("https://api", 200)
    assert str(unintelligible) == "https://api responded with status 200 but with a riddle: x"


@pytest.mark.parametrize(
    ("status", "perhaps_done"),
    [(199, True), (200, True), (299, True), (300, False), (499, False), (500, True), (599, True), (600, True)],
)
def test_a_success_that_cannot_be_read_may_be_one(status: int, perhaps_done: bool) -> None:
    error = UnintelligibleResponseError("https://api", status, "")
    assert (error.perhaps_done, error.transient) == (perhaps_done, perhaps_done)


def test_an_excerpt_is_cut_at_its_limit() -> None:
    for length, end in [(MAX_EXCERPT_CHARACTERS, ""), (MAX_EXCERPT_CHARACTERS + 1, "…")]:
        text = str(UnintelligibleResponseError("https://api", 502, "x" * length))
        assert text.endswith("x" * MAX_EXCERPT_CHARACTERS + end)


def test_an_error_shows_only_the_first_reasons() -> None:
    error = api_error(400, {"error": {"errors": [str(number) for number in range(MAX_REASONS + 1)]}})
    assert error.errors == tuple(str(number) for number in range(MAX_REASONS))


@pytest.mark.parametrize(("status", "transient"), [(408, True), (429, True), (407, False), (409, False), (430, False)])
def test_unreadable_408_and_429_responses_are_transient(status: int, transient: bool) -> None:
    error = UnintelligibleResponseError("https://proxy", status, "")
    assert (error.transient, error.perhaps_done) == (transient, False)


def test_a_status_that_nothing_is_known_of_is_a_refusal_too() -> None:
    error = api_error(418, {"error": {"message": "Teapot"}})
    assert (type(error), str(error)) == (ApiError, "Teapot (status 418)")


@pytest.mark.parametrize(
    "error",
    [
        UnsendableError("NaN"),
        UnreachableError("https://api", "reset", perhaps_done=True),
        UnintelligibleResponseError("https://api", 502, "<html>"),
        UnconfirmedNotFoundError("https://api", "no route", transient=True),
        api_error(404, {"error": {"message": "Not Found", "code": 2100}}),
        api_error(403, {"error": {"message": "No", "required_scopes": "services.write"}}),
        ServerError(503, None, "Down", ("now",)),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_copy_is_another_exception_that_says_the_same(error: PagerDutyError) -> None:
    error.__cause__ = ValueError("inner")
    copied = error.copy()
    assert copied is not error
    assert (type(copied), str(copied), vars(copied)) == (type(error), str(error), vars(error))
    assert copied.__cause__ is error.__cause__
    assert copied.__traceback__ is None


@pytest.mark.parametrize(
    ("body", "by_pagerduty"),
    [
        ({"error": {"code": 2100}}, True),
        ({"error": {"code": 5002}}, True),
        ({"error": {"code": 404}}, False),
        ({"error": {"code": "2100"}}, False),
        ({"error": {"code": True}}, False),
        ({"code": 2100}, False),
        ({"code": 5}, False),
        ("", False),
        (None, False),
    ],
)
def test_pagerdutys_own_404_has_one_of_its_codes(body: Any, by_pagerduty: bool) -> None:
    error = api_error(404, body)
    assert isinstance(error, NotFoundError)
    assert error.by_pagerduty is by_pagerduty
