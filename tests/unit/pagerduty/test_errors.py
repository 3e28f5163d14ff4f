"""Refusals, in every form that PagerDuty is known to give them."""

from __future__ import annotations

from typing import Any

import pytest
from pagerduty_native.pagerduty.errors import (
    ApiError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnauthorizedError,
    UnintelligibleAnswerError,
    api_error,
)

REFUSED = "PagerDuty refused the request"


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
        pytest.param({"error": ["Name is bad."]}, None, REFUSED, ("Name is bad.",), id="the error a list itself"),
        pytest.param({"error": "Name is bad."}, None, REFUSED, ("Name is bad.",), id="the error a text itself"),
        pytest.param({"message": "Not Found"}, None, "Not Found", (), id="no error object"),
        pytest.param({"error": {"message": "Not Found", "code": 2100}}, 2100, "Not Found", (), id="no list"),
        pytest.param({"error": {"code": 5001, "errors": None}}, 5001, REFUSED, (), id="no message"),
        pytest.param(
            {"error": {"message": "Bad", "code": "x", "errors": [{"a": ["b"]}, 3, ""]}},
            None,
            "Bad",
            ("a: b",),
            id="odd",
        ),
        pytest.param({"error": None}, None, REFUSED, (), id="null"),
        pytest.param([], None, REFUSED, (), id="an empty list"),
        pytest.param(None, None, REFUSED, (), id="nothing"),
    ],
)
def test_bodies(body: Any, code: int | None, message: str, errors: tuple[str, ...]) -> None:
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


def test_no_more_is_told_than_anybody_reads() -> None:
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
        pytest.param("", "nothing", id="empty"),
        pytest.param("x" * 3000, "x" * 100 + "…", id="cut"),
    ],
)
def test_an_answer_that_is_not_the_apis_is_shown_in_short(text: str, shown: str) -> None:
    error = UnintelligibleAnswerError("https://proxy", 502, text)
    assert str(error) == f"https://proxy answered with status 502 but not with the JSON of PagerDuty's API: {shown}"
