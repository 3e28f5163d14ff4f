"""The account: single calls, paced, repeated where that is safe, and recorded without what is private."""

from __future__ import annotations

import json
import os
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import requests

from .journal import Entry, FailedError, Journal
from .recording import Recorder, Scrubber

CALLS_A_MINUTE = 200
MINUTE = 60.0
SHORTEST_PAUSE = 0.05
ATTEMPTS = 6  # with pauses of 1, 2, 4, 8 and 16 s
MAX_PAUSE = 60.0
CREATIONS = 3  # attempts, each with a name of its own
TIMEOUT = (10.0, 60.0)
TOO_MANY = 429
SERVER_ERROR = 500
REST = {"us": "https://api.pagerduty.com", "eu": "https://api.eu.pagerduty.com"}
EVENTS = {"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}
IDENTITY = "https://identity.pagerduty.com"
SCOPES = "services.read services.write vendors.read event_orchestrations.read event_orchestrations.write"


class SettingsError(Exception):
    """The environment or a parameter does not allow a run."""


class NotTried(Exception):  # noqa: N818 (a result)
    """A fact cannot be tried. The message says why."""


@dataclass(frozen=True)
class Settings:
    """The account's addresses and credentials, from the environment."""

    rest: str
    events: str
    identity: str
    region: str
    token: str = field(repr=False)
    app: dict[str, str] = field(repr=False)
    own_address: bool = False

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Settings:
        region = environ.get("PAGERDUTY_SERVICE_REGION") or "us"
        if region not in REST:
            raise SettingsError("PAGERDUTY_SERVICE_REGION must be us or eu.")
        token = environ.get("PAGERDUTY_TOKEN", "").strip()
        names = ("PAGERDUTY_CLIENT_ID", "PAGERDUTY_CLIENT_SECRET", "PAGERDUTY_SUBDOMAIN")
        app = {} if token else {name: environ.get(name, "").strip() for name in names}
        if not token and not all(app.values()):
            raise SettingsError(
                "There is no token. Set PAGERDUTY_TOKEN to a REST API key that may write, or PAGERDUTY_CLIENT_ID, "
                "PAGERDUTY_CLIENT_SECRET and PAGERDUTY_SUBDOMAIN to those of an app."
            )
        if not re.fullmatch(r"[!-~]*", "".join([token, *app.values()])):
            raise SettingsError("The token, or the app's credentials, have characters that none has, such as blanks.")
        address = environ.get("PAGERDUTY_API_URL", "").rstrip("/")
        if not address:
            return cls(REST[region], EVENTS[region], IDENTITY, region, token, app)
        if urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).hostname:
            raise SettingsError("PAGERDUTY_API_URL must be an address such as http://127.0.0.1:8123.")
        return cls(address, address, address, region, token, app, own_address=True)

    @property
    def secrets(self) -> list[str]:
        return [each for each in (self.token, *self.app.values()) if each]


@dataclass(frozen=True)
class Response:
    """A response of PagerDuty. body: its JSON, or None. repeated: an earlier attempt may have been carried out."""

    status: int
    body: Any
    headers: Mapping[str, str]
    repeated: bool = False

    @property
    def good(self) -> bool:
        return self.status // 100 == 2  # noqa: PLR2004

    @property
    def gone(self) -> bool:
        """True if the object to delete is not there any more."""
        return self.good or self.status == 404  # noqa: PLR2004

    @property
    def code(self) -> Any:
        """PagerDuty's error code, if there is one."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return error.get("code") if isinstance(error, dict) else None

    @property
    def errors(self) -> list[str]:
        """PagerDuty's own words about what is wrong."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        found = error.get("errors") if isinstance(error, dict) else None
        return [str(each) for each in found] if isinstance(found, list) else []

    def __str__(self) -> str:
        error = self.body.get("error") if isinstance(self.body, dict) else None
        message = error.get("message") if isinstance(error, dict) else None
        words = [f"code {self.code}"] if self.code else []
        words += [str(each) for each in [message, *self.errors] if each]
        return f"{self.status} ({', '.join(words)})" if words else str(self.status)


class Pace:
    """At most `CALLS_A_MINUTE` calls in any minute."""

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._now = now
        self._sleep = sleep
        self._times: deque[float] = deque()

    def wait(self, calls: int = 1) -> None:
        """Wait until this number of calls may go out, and count them."""
        while True:
            now = self._now()
            while self._times and now - self._times[0] >= MINUTE:
                self._times.popleft()
            excess = len(self._times) + calls - CALLS_A_MINUTE
            if excess <= 0:
                break
            self._sleep(max(self._times[excess - 1] + MINUTE - now, SHORTEST_PAUSE))
        self._times.extend([now] * calls)

    @contextmanager
    def reserved(self, calls: int) -> Iterator[None]:
        """Make room for calls of another process, which may go out until the block ends."""
        self.wait(calls)
        try:
            yield
        finally:
            self._times.extend([self._now()] * calls)
            for _ in range(min(calls, len(self._times) - calls)):  # counted above
                self._times.popleft()


class Account:
    """An account whose owner lets this run create integrations on one service."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        vendors: dict[str, str],
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings
        self.journal = journal
        self.scrubber = Scrubber(journal.run, vendors)
        self.scrubber.hide(*settings.secrets, urlsplit(settings.rest).netloc if settings.own_address else None)
        self.recorder = Recorder(self.scrubber)
        self.pace = Pace(now, sleep)
        self.refusals: list[Response] = []
        """The 429s that came."""
        self.grant: Any = None
        self._sleep = sleep
        self._session = requests.Session()
        self._session.auth = lambda prepared: prepared  # or a .netrc would replace the Authorization header
        self._authorization = f"Token token={settings.token}" if settings.token else ""

    def get(self, path: str, **params: Any) -> Response:
        return self.call("GET", path, params=params)

    def put(self, path: str, body: Any) -> Response:
        return self.call("PUT", path, body=body)

    def create(
        self, container: str, body_of: Callable[[str], Any], label: str | None = None
    ) -> tuple[Response, Entry | None]:
        """Create an integration. body_of: makes what is in `integration` from a label, which begins its name.

        Each attempt is in the journal before its request. One without a response is repeated with another label, as it
        may have created something; the cleanup finds that by its label. Returns the entry of what was created.
        """
        for _ in range(CREATIONS):
            entry = self.journal.intend(container, label)
            try:
                answer = self.call(
                    "POST", f"{container}/integrations", body={"integration": body_of(entry.label)}, entry=entry
                )
            except FailedError:
                continue
            if not answer.good:
                self.journal.close(entry)
                return answer, None
            return answer, entry
        raise NotTried("the request to create an integration got no usable response, three times")

    def delete(self, entry: Entry) -> Response:
        """Delete what this run created."""
        answer = self.call("DELETE", f"{entry.container}/integrations/{entry.id}")
        if answer.gone:
            self.journal.close(entry)
        return answer

    def contents(self, container: str) -> dict[str, str]:
        """List the integrations on a service or an event orchestration: name by ID."""
        on_service = container.startswith("/services/")
        answer = (
            self.get(container, **{"include[]": "integrations"})
            if on_service
            else self.get(f"{container}/integrations")
        )
        if not answer.good:
            raise FailedError(f"PagerDuty answered {self.scrubber.text(str(answer))}")
        holder = answer.body.get("service") if on_service else answer.body
        found = holder.get("integrations") if isinstance(holder, dict) else None
        if not isinstance(found, list):
            raise FailedError("PagerDuty's response has no list of integrations")
        names = ("name", "summary") if on_service else ("label",)
        return {str(each["id"]): str(next((each[n] for n in names if each.get(n)), "")) for each in found}

    def remove(self, path: str) -> bool:
        """Delete a path, for the cleanup."""
        return self.call("DELETE", path).gone

    def event(self, path: str, body: Any) -> Response:
        return self.call("POST", path, body=body, base=self.settings.events)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Any = None,
        body: Any = None,
        base: str | None = None,
        authorization: str | None = None,
        entry: Entry | None = None,
    ) -> Response:
        """Make a call. Raises FailedError if no usable response comes, at once where the call creates something."""
        reason, refusal, repeated = "", None, False
        for attempt in range(ATTEMPTS):
            if attempt:
                self._pause(attempt, refusal)
            self.pace.wait()
            try:
                answer = self._send(method, path, params=params, body=body, base=base, authorization=authorization)
            except (requests.RequestException, ValueError) as error:
                reason, refusal = type(error).__name__, None
            else:
                self._note(method, path, answer, entry, params=params, body=body)
                if answer.status == TOO_MANY:
                    self.refusals.append(answer)
                elif answer.status < SERVER_ERROR:
                    return replace(answer, repeated=repeated)
                reason, refusal = str(answer.status), answer
            repeated = repeated or reason != str(TOO_MANY)
            if entry is not None and reason != str(TOO_MANY):
                break
        raise FailedError(f"no usable response to {method} ({reason})")

    def _send(
        self, method: str, path: str, *, params: Any, body: Any, base: str | None, authorization: str | None
    ) -> Response:
        headers = {"Accept": "application/vnd.pagerduty+json;version=2"}
        if base is None:
            headers["Authorization"] = authorization or self._authorized()
        answer = self._session.request(
            method,
            (base or self.settings.rest) + path,
            params=params,
            json=body,
            headers=headers,
            timeout=TIMEOUT,
            allow_redirects=False,
        )
        if not answer.content or answer.status_code >= SERVER_ERROR or answer.status_code == TOO_MANY:
            return Response(answer.status_code, _json(answer), answer.headers)
        return Response(answer.status_code, answer.json(), answer.headers)  # ValueError: not usable

    def _note(self, method: str, path: str, answer: Response, entry: Entry | None, *, params: Any, body: Any) -> None:
        """Put what was created into the journal first, then learn what is private, then record."""
        made = answer.body.get("integration") if answer.good and isinstance(answer.body, dict) else None
        if isinstance(made, dict) and isinstance(made.get("id"), str):
            if entry is not None:
                self.journal.made(entry, made["id"])
                number = len(self.journal.entries)
                self.scrubber.name(made["id"], f"{{id {number:02}}}")
                self._name_key(made, number)
            elif placeholder := self.scrubber.placeholder(made["id"]):
                self._name_key(made, int(placeholder[4:-1]))
        self.recorder.add(method, path, params=params, body=body, status=answer.status, response=answer.body)
        self.scrubber.learn(answer.body)

    def _name_key(self, made: dict[str, Any], number: int) -> None:
        parameters = made.get("parameters")
        key = made.get("integration_key") or (parameters.get("routing_key") if isinstance(parameters, dict) else None)
        if isinstance(key, str) and key:
            self.scrubber.name(key, f"{{key {number:02}}}")

    def _authorized(self) -> str:
        if not self._authorization:
            self._authorization = self._token_of_app()
        return self._authorization

    def _token_of_app(self) -> str:
        app = self.settings.app
        form = {
            "grant_type": "client_credentials",
            "client_id": app["PAGERDUTY_CLIENT_ID"],
            "client_secret": app["PAGERDUTY_CLIENT_SECRET"],
            "scope": f"as_account-{self.settings.region}.{app['PAGERDUTY_SUBDOMAIN']} {SCOPES}",
        }
        answer = self._session.post(
            f"{self.settings.identity}/oauth/token", data=form, timeout=TIMEOUT, allow_redirects=False
        )
        grant = _json(answer)
        if not isinstance(grant, dict) or not isinstance(grant.get("access_token"), str):
            error = grant.get("error_description") if isinstance(grant, dict) else None
            raise SettingsError(
                f"PagerDuty gave the app no token: {answer.status_code}"
                + (f" ({self.scrubber.text(str(error))})" if error else "")
                + ". Compare PAGERDUTY_CLIENT_ID, PAGERDUTY_CLIENT_SECRET, PAGERDUTY_SUBDOMAIN and the region."
            )
        self.grant = grant
        self.scrubber.hide(grant["access_token"])
        return f"Bearer {grant['access_token']}"

    def _pause(self, attempt: int, refusal: Response | None) -> None:
        seconds = 2.0 ** (attempt - 1)
        for name in ("ratelimit-reset", "retry-after"):
            text = refusal.headers.get(name, "") if refusal else ""
            if text.isdigit():
                seconds = max(seconds, float(text))
        self._sleep(min(seconds, MAX_PAUSE))


def _json(answer: requests.Response) -> Any:
    try:
        return json.loads(answer.content) if answer.content else None
    except ValueError:
        return None


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the variables that lead the provider to the same account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "PAGERDUTY_"))}
    own = {"PAGERDUTY_TOKEN": settings.token} if settings.token else settings.app
    return {**kept, **own, "PAGERDUTY_SERVICE_REGION": settings.region}
