"""What PagerDuty refuses, and in which words."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A request that PagerDuty's REST API refuses; `more` are further fields of the error.

    Some refusals have no message (""), or no code (None).
    """

    def __init__(
        self, status: int, code: int | None, message: str, errors: list[str] | None = None, **more: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        self.more = more

    def body(self) -> dict[str, Any]:
        """The refusal in the API's words."""
        error: dict[str, Any] = {"message": self.message} if self.message else {}
        error.update(self.more)
        if self.code is not None:
            error["code"] = self.code
        if self.errors:
            error["errors"] = self.errors
        return {"error": error}


def invalid(*errors: str) -> ApiError:
    """The 400 for input that does not do, with all that is wrong with it."""
    return ApiError(400, 2001, "Invalid Input Provided", list(errors))


def not_found() -> ApiError:
    """The 404 of the REST API."""
    return ApiError(404, 2100, "Not Found")
