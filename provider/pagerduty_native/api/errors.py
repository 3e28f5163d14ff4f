"""The errors of calls to PagerDuty, and quoting its words without secrets.

PagerDutyError
├── UnsendableError              the request could not be built
├── UnreachableError             no complete response came
├── AppTokenError                an app got no token (OAuth)
├── UnintelligibleResponseError  a response that is not the API's
│   └── UnconfirmedNotFoundError a 404 that PagerDuty did not confirm
├── InterruptedCallError         the call was given up
│   ├── CancelledError           because the engine cancelled the operation
│   └── DeadlineError            because its deadline passed
├── UnsettledError               an integration may have been created, but no response confirmed it
└── ApiError                     the API refused
    ├── InvalidInputError        400
    ├── UnauthorizedError        401
    ├── ForbiddenError           402, 403
    ├── NotFoundError            404, if it counts: gone.py
    ├── RateLimitedError         429
    └── ServerError              408, 5xx, and statuses of no standard
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

# The most of PagerDuty's words in a message.
MAX_QUOTED_CHARACTERS = 1000
# The most of a response that is not the API's in a message.
MAX_EXCERPT_CHARACTERS = 100
# The most reasons of one refusal in a message, and how deep they may be nested.
MAX_REASONS = 20
MAX_DEPTH = 5
# The lowest of PagerDuty's error codes: https://developer.pagerduty.com/docs/errors
MIN_CODE = 2000
# Words of refusals that another request caused, not this one: PagerDuty held a lock.
# https://github.com/PagerDuty/terraform-provider-pagerduty/pull/1118
TRANSIENT_REFUSALS = ("could not be locked",)
LEFT_OUT = "[omitted: it repeats the request]"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_KEY = re.compile(r"(?<![0-9a-z])[0-9a-z]{32}(?![0-9a-z])", re.IGNORECASE)
_PASSWORD = re.compile(r"(?<=//)[^/@\s]+@")
_QUOTE = r"""(?:\\*["']|&quot;|&\#34;|%22)"""
# Only a text that repeats a request contains its first line, its headers, a form's credentials or a JSON object.
_ECHO = rf"""
    \b (?:authorization|user-agent|cookie|x-api-key|x-routing-key) {_QUOTE}? \s* (?:[:=]|%3a|&\#58;)
    | \b token (?:\s|\+|%20)+ token \s* (?:=|%3d|&\#61;)
    | \b bearer (?:\s|\+|%20)+ \S{{16}}
    | \b (?:client_secret|access_token|refresh_token) \b
    | \b (?:get|post|put|patch|delete) \s+ \S+ \s+ http/
    | (?:\{{|%7b|&\#123;) \s* {_QUOTE}
    """


class PagerDutyError(Exception):
    """A failed call to PagerDuty. Its text contains neither token nor key.

    transient: the same call may succeed in a moment.
    perhaps_done: PagerDuty may have done the work, although no response said so.
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
    """The request could not be built, so nothing was sent. reason: the fault, in a few words."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the request cannot be sent: {reason}")
        self.reason = reason


class UnreachableError(PagerDutyError):
    """No complete response came. url: the API's address. reason: the cause, in a few words."""

    def __init__(self, url: str, reason: str, *, transient: bool = True, perhaps_done: bool = False) -> None:
        super().__init__(f"no response from {url}: {reason}")
        self.url = url
        self.reason = reason
        self.transient = transient
        self.perhaps_done = perhaps_done


class AppTokenError(PagerDutyError):
    """An app got no token, so no call that needs one was sent.

    cause: the error of the token request. account: the scope that names the account, such as `as_account-us.acme`.
    """

    def __init__(self, cause: PagerDutyError, account: str) -> None:
        super().__init__(f"no token for the app: {cause}")
        self.cause = cause
        self.account = account


class UnintelligibleResponseError(PagerDutyError):
    """A response that is not the API's, such as a proxy's HTML page.

    text: the response, without anything that may contain a key. The message shows its first words. problem: the fault.
    """

    def __init__(self, url: str, status: int, text: str, problem: str = "not with the JSON of PagerDuty's API") -> None:
        super().__init__(f"{url} responded with status {status} but {problem}: {excerpt(text) or '(empty)'}")
        self.url = url
        self.status = status
        # A success that cannot be parsed may still be one, and a gateway's error page does not speak for PagerDuty.
        self.perhaps_done = not _is_refusal(status)
        self.transient = self.perhaps_done or status in {408, 429}


class UnconfirmedNotFoundError(UnintelligibleResponseError):
    """A 404 without PagerDuty's code that no other response confirmed, such as a gateway's. It proves nothing.

    transient: PagerDuty itself responds, or may do so in a moment.
    """

    def __init__(self, url: str, text: str, *, transient: bool = False) -> None:
        super().__init__(url, 404, text, "without PagerDuty's error code, so nothing counts as deleted")
        self.transient = transient


class UnreadableItemsError(PagerDutyError):
    """An object was not found, but may be among items that cannot be parsed. items: those, in words."""

    def __init__(self, items: str) -> None:
        super().__init__(
            f"PagerDuty lists {items} with values that its API does not document, and what is looked for may be there, "
            "so nothing counts as deleted"
        )


class InterruptedCallError(PagerDutyError):
    """The call was given up before it was sent, or between two attempts."""


class CancelledError(InterruptedCallError):
    """The engine cancelled the operation."""


class DeadlineError(InterruptedCallError):
    """The deadline passed, or would pass before the call can be sent."""


class UnsettledError(PagerDutyError):
    """An integration may have been created or moved: no response confirmed it, and reading did not settle it.

    place: the place to look, in words. id_form: the form of an import ID. candidates: the import IDs of the
    integrations that it may be.
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
    """The API refused the request. https://developer.pagerduty.com/docs/errors

    status: HTTP's status. code: PagerDuty's code, or None. message, errors: PagerDuty's own words.
    reading: the request was a read. by_app: the request had an app's token, not a REST API key.
    """

    statuses: ClassVar[frozenset[int]] = frozenset()
    reading: bool = False
    by_app: bool = False

    def __init__(self, status: int, code: int | None, message: str, errors: tuple[str, ...]) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.errors = errors
        self.perhaps_done = not _is_refusal(status)
        super().__init__(self.quotation)
        words = str(self).casefold()
        if any(each in words for each in TRANSIENT_REFUSALS):
            self.transient = True

    @property
    def quotation(self) -> str:
        """PagerDuty's own words, with status and code."""
        code = f", code {self.code}" if self.code is not None else ""
        words = ": ".join(filter(None, (self.message, " ".join(self.errors)))) or "no reason given"
        return f"{words} (status {self.status}{code})"


class InvalidInputError(ApiError):
    statuses = frozenset({400})

    def is_about(self, field: str) -> bool:
        """Return whether PagerDuty's words begin with a field's name ("Integration email cannot be empty.")."""
        return " ".join(self.errors).casefold().startswith(field)


class UnauthorizedError(ApiError):
    statuses = frozenset({401})


class ForbiddenError(ApiError):
    """required_scopes, token_scopes: the scopes that an app's token needs and has, if the response names them."""

    statuses = frozenset({402, 403})
    required_scopes: str = ""
    token_scopes: str = ""


class NotFoundError(ApiError):
    """by_pagerduty: the body has one of PagerDuty's codes. Gateways send none, or HTTP's or gRPC's."""

    statuses = frozenset({404})
    by_pagerduty: bool = False


class RateLimitedError(ApiError):
    statuses = frozenset({429})
    transient = True


class ServerError(ApiError):
    """PagerDuty failed. A 408 means that the request did not arrive whole. Unknown statuses count as 5xx (RFC 9110)."""

    statuses = frozenset({408, *range(500, 1000)})
    transient = True


# Another call would fail in the same way.
FATAL = (AppTokenError, InterruptedCallError, RateLimitedError, UnauthorizedError)


def api_error(status: int, body: Any, hide: Callable[[str], str] = str) -> ApiError:
    """Make the error for a refusal.

    Args:
        status: HTTP's status.
        body: The parsed JSON, in any of the forms that the API is known to use.
        hide: Takes credentials out of a text.
    """
    error = body.get("error", body) if isinstance(body, Mapping) else body
    if isinstance(error, str) and isinstance(body, Mapping) and body.get("error_description"):  # OAuth's form
        error = {"message": error, "errors": [str(body["error_description"])]}
    elif not isinstance(error, Mapping):
        error = {"errors": error}
    code = error.get("code")
    code = code if isinstance(code, int) and not isinstance(code, bool) else None

    def words(name: str) -> str:
        return quoted(hide(" ".join(_texts(error.get(name)))))

    reasons = tuple(quoted(hide(text)) for text in _texts(error.get("errors"))[:MAX_REASONS])
    cls = next((each for each in ApiError.__subclasses__() if status in each.statuses), ApiError)
    made = cls(status, code, words("message"), reasons)
    if isinstance(made, NotFoundError):
        documented = isinstance(body, Mapping) and error is body.get("error")
        made.by_pagerduty = documented and code is not None and code >= MIN_CODE
    if isinstance(made, ForbiddenError):
        made.required_scopes = words("required_scopes")
        made.token_scopes = words("token_scopes")
    return made


def quoted(text: str) -> str:
    """Quote a server on one line, without integration keys and passwords, up to where it repeats a request."""
    text = _PASSWORD.sub("", _KEY.sub("[key]", _CONTROL.sub(" ", text))).strip()
    # Compiled here, and cached by `re`, because most runs never need it.
    if echo := re.search(_ECHO, text, re.IGNORECASE | re.VERBOSE):
        text = f"{text[: echo.start()].rstrip()} {LEFT_OUT}".strip()
    return text if len(text) <= MAX_QUOTED_CHARACTERS else f"{text[:MAX_QUOTED_CHARACTERS]}…"


def warning_once(warn: Callable[[str], object]) -> Callable[[str], None]:
    """Return a function that shows each message once, quoted: an odd ID may be anything, even a key."""
    lock = threading.Lock()
    warned: set[str] = set()

    def warn_once(message: str) -> None:
        message = quoted(message)
        with lock:
            is_new = message not in warned
            warned.add(message)
        if is_new:
            warn(message)

    return warn_once


def skipped(key: str, id: str) -> str:
    """Say that an item of an index is left out. key: the name of the list, such as "services"."""
    noun = key.removesuffix("s").replace("_", " ")
    named = f"The {noun} {id}" if id else f"One {noun}, without an ID,"
    return f"{named} is listed with values that PagerDuty's API does not document. The provider skips it."


def odd_integration(id: str, place: str) -> str:
    """Say that an integration in a list cannot be parsed. id: "" if it has none. place: such as "service PCHECKT"."""
    if not id:
        return f"The {place} lists an integration without an ID. The provider skips it."
    return (
        f"The integration {id} of the {place} is listed with values that PagerDuty's API does not document. The "
        "provider uses only its ID."
    )


def excerpt(text: str) -> str:
    """Return the first words of a text that is not the API's, on one line."""
    words = " ".join(quoted(text).split())
    return words[:MAX_EXCERPT_CHARACTERS] + ("…" if len(words) > MAX_EXCERPT_CHARACTERS else "")


def _texts(errors: Any, depth: int = MAX_DEPTH) -> list[str]:
    """List the texts of `errors`, which is a list, a text, or a map of lists or texts."""
    if isinstance(errors, str):
        return [errors] if errors else []
    if isinstance(errors, Mapping) and depth:
        return [f"{name}: {text}" for name, each in errors.items() for text in _texts(each, depth - 1)]
    if isinstance(errors, list) and depth:
        return [text for each in errors for text in _texts(each, depth - 1)]
    return []


def _is_refusal(status: int) -> bool:
    """Return whether a status says that nothing was done."""
    return 300 <= status < 500  # noqa: PLR2004
