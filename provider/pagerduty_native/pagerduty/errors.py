"""What can go wrong between this client and PagerDuty.

PagerDutyError
├── UnreachableError             no answer came
├── UnintelligibleAnswerError    an answer came that is not the API's
├── InterruptedCallError         the call was given up
│   ├── CancelledError           because all is cancelled
│   └── DeadlineError            because its time is over
├── UnsettledError               an integration may have been created, and that cannot be told
└── ApiError                     the API refused
    ├── InvalidInputError        400
    ├── UnauthorizedError        401
    ├── ForbiddenError           402, 403
    └── NotFoundError            404
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class PagerDutyError(Exception):
    """Any failure of a call to PagerDuty. Its text holds neither token nor key."""


class UnreachableError(PagerDutyError):
    """No answer came. url: the API's address; reason: what happened, in a few words."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"no answer from {url}: {reason}")
        self.url = url
        self.reason = reason


class UnintelligibleAnswerError(PagerDutyError):
    """An answer came that is not the API's, such as a proxy's HTML page."""

    def __init__(self, url: str, status: int, text: str) -> None:
        words = " ".join(text[:1000].split())
        excerpt = words[:100] + ("…" if len(words) > 100 else "")  # noqa: PLR2004 (the line above)
        super().__init__(
            f"{url} answered with status {status} but not with the JSON of PagerDuty's API: {excerpt or 'nothing'}"
        )
        self.url = url
        self.status = status


class InterruptedCallError(PagerDutyError):
    """The call was given up before it was made, or between two attempts."""


class CancelledError(InterruptedCallError):
    """Whoever wanted the answer does so no more."""


class DeadlineError(InterruptedCallError):
    """The time for the call is over, or would be before it can be made."""


class UnsettledError(PagerDutyError):
    """An integration may have been created, but no answer said so, and looking at its service did not tell.

    service_id, name: the integration's. candidates: the IDs of those that may be it.
    """

    def __init__(self, message: str, *, service_id: str, name: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.service_id = service_id
        self.name = name
        self.candidates = candidates


class ApiError(PagerDutyError):
    """The API refused. status: HTTP's; code: PagerDuty's, or None; message and errors: PagerDuty's own words.

    The form of the body: https://developer.pagerduty.com/docs/errors
    """

    statuses: ClassVar[frozenset[int]] = frozenset()

    def __init__(self, status: int, code: int | None, message: str, errors: tuple[str, ...]) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        super().__init__(self.quotation)

    @property
    def quotation(self) -> str:
        """PagerDuty's own words, with status and code."""
        code = f", code {self.code}" if self.code is not None else ""
        details = f": {' '.join(self.errors)}" if self.errors else ""
        return f"{self.message}{details} (status {self.status}{code})"


class InvalidInputError(ApiError):
    statuses = frozenset({400})


class UnauthorizedError(ApiError):
    statuses = frozenset({401})


class ForbiddenError(ApiError):
    statuses = frozenset({402, 403})


class NotFoundError(ApiError):
    statuses = frozenset({404})


def api_error(status: int, body: Any) -> ApiError:
    """The error that an answer stands for. body: the parsed JSON, in any of the forms the API is known to use."""
    error = body.get("error", body) if isinstance(body, Mapping) else body
    if not isinstance(error, Mapping):
        error = {"message": "PagerDuty refused the request", "errors": error}
    code = error.get("code")
    cls = next((each for each in ApiError.__subclasses__() if status in each.statuses), ApiError)
    return cls(
        status,
        code if isinstance(code, int) else None,
        str(error.get("message") or "PagerDuty refused the request"),
        tuple(_texts(error.get("errors"))),
    )


def _texts(errors: Any) -> list[str]:
    """The texts of `errors`, which is a list, a text, or a map of lists or texts."""
    if isinstance(errors, str):
        return [errors] if errors else []
    if isinstance(errors, Mapping):
        return [f"{name}: {text}" for name, each in errors.items() for text in _texts(each)]
    return [text for each in errors for text in _texts(each)] if isinstance(errors, list) else []
