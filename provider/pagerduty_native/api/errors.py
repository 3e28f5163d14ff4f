"""What can go wrong between this client and PagerDuty.

PagerDutyError
├── UnsendableError              no request can be made of what was to be sent
├── UnreachableError             no whole response came
├── AppTokenError                no token for an app (OAuth)
├── UnintelligibleResponseError  a response came that is not the API's
│   └── UnconfirmedNotFoundError a 404 that PagerDuty did not confirm
├── InterruptedCallError         the call was given up
│   ├── CancelledError           because all is cancelled
│   └── DeadlineError            because its time is over
├── UnsettledError               an integration may have been created, and that cannot be told
└── ApiError                     the API refused
    ├── InvalidInputError        400
    ├── UnauthorizedError        401
    ├── ForbiddenError           402, 403
    ├── NotFoundError            404
    ├── RateLimitedError         429
    └── ServerError              408, 5xx, and what no standard has
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

MAX_QUOTED_CHARACTERS = 1000
LEFT_OUT = "[omitted: it repeats the request]"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_KEY = re.compile(r"(?<![0-9a-z])[0-9a-z]{32}(?![0-9a-z])", re.IGNORECASE)
_PASSWORD = re.compile(r"(?<=//)[^/@\s]+@")
_QUOTE = r"""(?:\\*["']|&quot;|&\#34;|%22)"""
# What nobody says but who repeats a request: its first line, its headers, a form's credentials, a JSON object.
_ECHO = rf"""
    \b (?:authorization|user-agent|cookie|x-api-key|x-routing-key) {_QUOTE}? \s* (?:[:=]|%3a|&\#58;)
    | \b token (?:\s|\+|%20)+ token \s* (?:=|%3d|&\#61;)
    | \b bearer (?:\s|\+|%20)+ \S{{16}}
    | \b (?:client_secret|access_token|refresh_token) \b
    | \b (?:get|post|put|patch|delete) \s+ \S+ \s+ http/
    | (?:\{{|%7b|&\#123;) \s* {_QUOTE}
    """


def quoted(text: str) -> str:
    """A server's words on one line, without integration keys and passwords, up to where they repeat a request."""
    text = _PASSWORD.sub("", _KEY.sub("[key]", _CONTROL.sub(" ", text))).strip()
    # Compiled here, and kept by `re`: most runs never need it.
    if echo := re.search(_ECHO, text, re.IGNORECASE | re.VERBOSE):
        text = f"{text[: echo.start()].rstrip()} {LEFT_OUT}".strip()
    return text if len(text) <= MAX_QUOTED_CHARACTERS else f"{text[:MAX_QUOTED_CHARACTERS]}…"


# Words of refusals that are no fault of the request: PagerDuty was at work on something else.
# https://github.com/PagerDuty/terraform-provider-pagerduty/pull/1118
TRANSIENT_REFUSALS = ("could not be locked",)
# How much is shown of a response that is not the API's.
MOST_CHARACTERS = 100
# The lowest of PagerDuty's error codes: https://developer.pagerduty.com/docs/errors
MIN_CODE = 2000
# How many of a refusal's reasons are told, and how far inside each other they may be.
MOST_REASONS = 20
MOST_DEPTH = 5


class PagerDutyError(Exception):
    """Any failure of a call to PagerDuty. Its text holds neither token nor key.

    transient: the same call may do better in a moment.
    perhaps_done: PagerDuty may have done what it was asked to, though no response said so.
    """

    transient: bool = False
    perhaps_done: bool = False

    def copy(self) -> Self:
        """Make an equal exception to raise in another thread: an exception collects the frames of each raise."""
        made = type(self).__new__(type(self), *self.args)
        made.__dict__.update(self.__dict__)
        made.__cause__, made.__suppress_context__ = self.__cause__, True
        return made


class UnsendableError(PagerDutyError):
    """No request can be made of what was to be sent. reason: what is wrong with it; nothing was sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the request cannot be sent: {reason}")
        self.reason = reason


class UnreachableError(PagerDutyError):
    """No whole response came. url: the API's address; reason: what happened, in a few words."""

    def __init__(self, url: str, reason: str, *, transient: bool = True, perhaps_done: bool = False) -> None:
        super().__init__(f"no response from {url}: {reason}")
        self.url = url
        self.reason = reason
        self.transient = transient
        self.perhaps_done = perhaps_done


class AppTokenError(PagerDutyError):
    """No token could be had for an app, and so nothing was sent that needs one.

    cause: what came of asking for it. account: the scope that names the account, such as `as_account-us.acme`.
    """

    def __init__(self, cause: PagerDutyError, account: str) -> None:
        super().__init__(f"no token for the app: {cause}")
        self.cause = cause
        self.account = account


class UnintelligibleResponseError(PagerDutyError):
    """A response came that is not the API's, such as a proxy's HTML page.

    text: what came, of which the first words are shown: nothing that may hold a key. problem: what is wrong with it.
    """

    def __init__(self, url: str, status: int, text: str, problem: str = "not with the JSON of PagerDuty's API") -> None:
        super().__init__(f"{url} responded with status {status} but {problem}: {excerpt(text) or '(empty)'}")
        self.url = url
        self.status = status
        # A success that cannot be read may be one all the same; a gateway's error page says nothing of what is behind.
        self.perhaps_done = not _says_not_done(status)
        self.transient = self.perhaps_done or status in {408, 429}


class UnconfirmedNotFoundError(UnintelligibleResponseError):
    """A 404 without PagerDuty's code that nothing else confirmed, such as a gateway's: it proves nothing.

    transient: PagerDuty itself is there, or may be in a moment.
    """

    def __init__(self, url: str, text: str, *, transient: bool = False) -> None:
        super().__init__(url, 404, text, "without PagerDuty's error code, so nothing counts as deleted")
        self.transient = transient


class InterruptedCallError(PagerDutyError):
    """The call was given up before it was made, or between two attempts."""


class CancelledError(InterruptedCallError):
    """Whoever wanted the response does so no more."""


class DeadlineError(InterruptedCallError):
    """The time for the call is over, or would be before it can be made."""


class UnsettledError(PagerDutyError):
    """An integration may have been created or moved, but no response said so, and reading did not settle it.

    place: where to look, in words. id_form: the form of an integration's import ID. candidates: the import IDs of those
    that may be it.
    """

    def __init__(
        self,
        message: str,
        *,
        place: str = "service",
        id_form: str = "SERVICE_ID.INTEGRATION_ID",
        candidates: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.place = place
        self.id_form = id_form
        self.candidates = candidates


class ApiError(PagerDutyError):
    """The API refused. status: HTTP's; code: PagerDuty's, or None; message and errors: PagerDuty's own words.

    reading: whether nothing was to be changed. by_app: whether an app's token was refused, not a REST API key.
    The form of the body: https://developer.pagerduty.com/docs/errors
    """

    statuses: ClassVar[frozenset[int]] = frozenset()
    reading: bool = False
    by_app: bool = False

    def __init__(self, status: int, code: int | None, message: str, errors: tuple[str, ...]) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        super().__init__(self.quotation)
        words = self.quotation.casefold()
        self.transient = any(each in words for each in TRANSIENT_REFUSALS)

    @property
    def quotation(self) -> str:
        """PagerDuty's own words, with status and code."""
        code = f", code {self.code}" if self.code is not None else ""
        details = f": {' '.join(self.errors)}" if self.errors else ""
        return f"{self.message}{details} (status {self.status}{code})"


class InvalidInputError(ApiError):
    statuses = frozenset({400})

    def is_about(self, field: str) -> bool:
        """Whether PagerDuty's words begin with a field's name ("Integration email cannot be empty.")."""
        return " ".join(self.errors).casefold().startswith(field)


class UnauthorizedError(ApiError):
    statuses = frozenset({401})


class ForbiddenError(ApiError):
    """required_scopes, token_scopes: what an app's token needs and has, where PagerDuty tells."""

    statuses = frozenset({402, 403})
    required_scopes: str = ""
    token_scopes: str = ""


class NotFoundError(ApiError):
    """by_pagerduty: whether the body has one of PagerDuty's codes. Gateways have none, or HTTP's or gRPC's."""

    statuses = frozenset({404})
    by_pagerduty: bool = False


class RateLimitedError(ApiError):
    statuses = frozenset({429})

    def __init__(self, status: int, code: int | None, message: str, errors: tuple[str, ...]) -> None:
        super().__init__(status, code, message, errors)
        self.transient = True


class ServerError(ApiError):
    """PagerDuty failed. A 408 says that the request did not arrive whole. What nobody knows is as a 5xx (RFC 9110)."""

    statuses = frozenset({408, *range(500, 1000)})

    def __init__(self, status: int, code: int | None, message: str, errors: tuple[str, ...]) -> None:
        super().__init__(status, code, message, errors)
        self.transient = True
        self.perhaps_done = not _says_not_done(status)


def _says_not_done(status: int) -> bool:
    return 300 <= status < 500  # noqa: PLR2004


def excerpt(text: str) -> str:
    """The first words of a text that is not the API's, on one line."""
    words = " ".join(quoted(text).split())
    return words[:MOST_CHARACTERS] + ("…" if len(words) > MOST_CHARACTERS else "")


def api_error(status: int, body: Any, hide: Callable[[str], str] = str) -> ApiError:
    """The error that a response stands for.

    body: the parsed JSON, in any of the forms the API is known to use. hide: takes credentials out of a text.
    """
    error = body.get("error", body) if isinstance(body, Mapping) else body
    if isinstance(error, str) and isinstance(body, Mapping) and body.get("error_description"):  # OAuth's form
        error = {"message": error, "errors": [str(body["error_description"])]}
    elif not isinstance(error, Mapping):
        error = {"errors": error}
    code = error.get("code")
    code = code if isinstance(code, int) and not isinstance(code, bool) else None
    cls = next((each for each in ApiError.__subclasses__() if status in each.statuses), ApiError)
    made = cls(
        status,
        code,
        quoted(hide(" ".join(_texts(error.get("message"))))) or "PagerDuty refused the request",
        tuple(quoted(hide(text)) for text in _texts(error.get("errors"))[:MOST_REASONS]),
    )
    if isinstance(made, NotFoundError):
        documented = isinstance(body, Mapping) and error is body.get("error")
        made.by_pagerduty = documented and code is not None and code >= MIN_CODE
    if isinstance(made, ForbiddenError):
        made.required_scopes, made.token_scopes = (
            quoted(hide(" ".join(_texts(error.get(name))))) for name in ("required_scopes", "token_scopes")
        )
    return made


def _texts(errors: Any, depth: int = MOST_DEPTH) -> list[str]:
    """The texts of `errors`, which is a list, a text, or a map of lists or texts."""
    if isinstance(errors, str):
        return [errors] if errors else []
    if isinstance(errors, Mapping) and depth:
        return [f"{name}: {text}" for name, each in errors.items() for text in _texts(each, depth - 1)]
    if isinstance(errors, list) and depth:
        return [text for each in errors for text in _texts(each, depth - 1)]
    return []
