"""PagerDuty's refusals, in its words."""

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

    @property
    def reasons(self) -> str:
        """All that is wrong with the request, for people."""
        return "; ".join(self.errors or [self.message])

    def body(self) -> dict[str, Any]:
        """Return the refusal in the API's words."""
        error: dict[str, Any] = {"message": self.message} if self.message else {}
        error.update(self.more)
        if self.code is not None:
            error["code"] = self.code
        if self.errors:
            error["errors"] = self.errors
        return {"error": error}


def invalid(*errors: str) -> ApiError:
    """Return the 400 for input that does not do, with all that is wrong with it."""
    return ApiError(400, 2001, "Invalid Input Provided", list(errors))


def not_found() -> ApiError:
    """Return the 404 of the REST API."""
    return ApiError(404, 2100, "Not Found")


def not_served(operation: str) -> ApiError:
    """Return the 404 for an operation that PagerDuty may have and the emulator does not; never for a missing object."""
    return ApiError(404, 2100, f"Not Found: the emulator does not serve {operation}")


FORBIDDEN = frozenset("\\/&<>")
# terraform-provider issue 699, pull requests 712 and 731.
FORBIDDEN_CHARACTERS = "Name can't contain '\\', '/', '&', '<', '>' or non-printable characters."


def trimmed(name: Any) -> Any:
    """Return the name of a service or policy as PagerDuty keeps it: without blanks at its ends."""
    return name.strip() if isinstance(name, str) else name


def name_errors(name: Any, longest: int | None = None) -> list[str]:
    """Return what is wrong with the name of a service or policy."""
    if not isinstance(name, str) or not name:
        return ["Name can't be blank"]
    if FORBIDDEN & set(name) or not name.isprintable():
        return [FORBIDDEN_CHARACTERS]
    if longest is not None and len(name) > longest:
        return [f"Name is too long (maximum is {longest} characters)"]
    return []
