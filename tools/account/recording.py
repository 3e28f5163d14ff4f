"""Requests and responses without what is private: for the output, for a recording, and for replaying one.

A recording is a file of JSON lines. Each has `fact`, `method`, `path`, `params`, `body`, `status` and `response`. Only
what the run sent itself, and words of PagerDuty's API (types, modes, codes), are kept; everything else is replaced by
its kind, such as `<time>`. `{service}`, `{id 07}`, `{key 07}`, `{run}` and `{domain}` are values that differ between
accounts and runs; `replay` puts others in their place.
The last line has `settings`, for an emulator that answers alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import requests

from .journal import MARK

# Texts of these fields are words of the API, if they look like such.
WORDS = {
    "action", "alert_creation", "alert_creation_default", "body_mode", "email_filter_mode", "email_incident_creation",
    "email_parsing_fallback", "from_email_mode", "generic_service_type", "part", "status", "subject_mode", "type",
    "urgency", "value_name",
}  # fmt: skip
WORD = re.compile(r"[a-z][a-z0-9_-]{0,60}")
NUMBERS = {"code", "limit", "offset"}
MESSAGES = {"message", "errors", "error", "error_description"}
PATTERNS = [
    (re.compile(r"\b\w[\w.+%-]*@[\w-]+(\.[\w-]+)*"), "<address>"),
    (re.compile(r"\b(https?|wss?)://[^\s\"'<>\\]+"), "<url>"),
    (re.compile(r"\b(?!(?:api|events|identity)\.)[\w-]+(\.eu)?\.pagerduty\.com\b", re.IGNORECASE), "<host>"),
    (re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{32}|R[0-9A-Z]{31})(?![0-9A-Za-z])"), "<key>"),
    (re.compile(r"\bpdus\+\S+"), "<token>"),
    (re.compile(r"\b[uy]\+[\w+-]{10,}"), "<token>"),
]
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")
SERVICE = {"id", "type", "integrations"}
"""The fields of a service that are recorded. The others are as its owner set them."""
IGNORED = {429, *range(500, 600)}
"""Statuses that say nothing about what was requested; they are recorded, and not replayed."""

Line = dict[str, Any]


class Scrubber:
    """The texts that are private, and those that the run sent.

    run: the run's number. vendors: published names of vendors, by ID.
    """

    def __init__(self, run: str, vendors: dict[str, str]) -> None:
        self._vendors = vendors
        self._named: dict[str, str] = {run: "{run}"}
        self._whole: dict[str, str] = {}
        self._sent: set[str] = set()
        self._private: set[str] = set()

    def name(self, value: str, placeholder: str, *, whole: bool = False) -> None:
        """Show a value as a placeholder from now on. whole: not inside longer texts, as it may be an ordinary word."""
        (self._whole if whole else self._named)[value] = placeholder

    def placeholder(self, value: str) -> str | None:
        """Return the placeholder of a value, if it has one."""
        return self._named.get(value)

    def hide(self, *values: str | None) -> None:
        """Never show these values."""
        self._private |= {each for each in values if each and each.strip()}

    def learn(self, value: Any, field: str = "") -> None:
        """Hide each text of a response that may be a name, so that messages do not show it either."""
        if isinstance(value, dict):
            for name, each in value.items():
                self.learn(each, name)
        elif isinstance(value, list):
            for each in value:
                self.learn(each, field)
        elif (
            isinstance(value, str)
            and len(value) > 3  # noqa: PLR2004 (shorter ones are in words by chance)
            and field not in WORDS | MESSAGES
            and self._known(value) not in self._sent
            and value not in self._vendors
            and value not in self._vendors.values()
        ):
            self._private.add(value)

    def text(self, text: str) -> str:
        """Scrub a text for people."""
        for value in sorted({*self._named, *self._whole, *self._private}, key=len, reverse=True):
            if value in text:
                text = text.replace(value, self._named.get(value, "<hidden>"))
        for pattern, shown in PATTERNS:
            text = pattern.sub(shown, text)
        return text

    def request(self, value: Any) -> Any:
        """Scrub what the run sends: its own words stay, with placeholders in them."""
        if isinstance(value, dict):
            return {name: self.request(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.request(each) for each in value]
        if isinstance(value, str):
            self._sent.add(self._known(value))
            return self._known(value)
        return value

    def response(self, value: Any, field: str = "", vendor: str = "") -> Any:
        """Scrub a response: keep the words of the API and of the run, and replace everything else by its kind."""
        if isinstance(value, dict) and "escalation_policy" in value:
            value = {name: each for name, each in value.items() if name in SERVICE}
        if isinstance(value, dict):
            about = self._vendors.get(str(value.get("id")), "")
            return {self._field(name): self.response(each, name, about) for name, each in value.items()}
        if isinstance(value, list):
            return [self.response(each, field) for each in value if self._is_ours(field, each)]
        if isinstance(value, bool) or value is None:
            return value
        if isinstance(value, (int, float)):
            return value if field in NUMBERS else "<number>"
        return self._kind(value, field, vendor)

    def _kind(self, text: str, field: str, vendor: str) -> str:
        known = self._known(text)
        if field in MESSAGES:
            return self.text(text)
        is_word = field in WORDS and WORD.fullmatch(text) and text not in self._private
        if not text or is_word or text in self._named or text in self._whole or known in self._sent:
            return known
        if text in self._vendors or (vendor and text == vendor):
            return text
        if TIME.fullmatch(text):
            return "<time>"
        if "@" in text:
            return "<address>"
        if re.match(r"https?://", text):
            return "<url>"
        return "<id>" if field == "id" else "<text>"

    def _known(self, text: str) -> str:
        if text in self._whole:
            return self._whole[text]
        for value in sorted(self._named, key=len, reverse=True):
            text = text.replace(value, self._named[value])
        return text

    def _field(self, name: str) -> str:
        return name if re.fullmatch(r"[a-z][a-z0-9_]{0,50}", name) and name not in self._private else "<field>"

    def _is_ours(self, field: str, item: Any) -> bool:
        """Say whether an item of a list may be recorded: of lists of the account's things, only the run's own."""
        if field not in {"services", "integrations", "vendors"}:
            return True
        if not isinstance(item, dict):
            return False
        item_id, name = str(item.get("id")), str(item.get("name") or item.get("summary") or item.get("label"))
        return item_id in self._named or item_id in self._vendors or name.startswith(MARK)


class Recorder:
    """Collects the lines of a recording."""

    def __init__(self, scrubber: Scrubber) -> None:
        self.fact = ""
        self.lines: list[Line] = []
        self._scrubber = scrubber

    def add(self, method: str, path: str, *, params: Any, body: Any, status: int, response: Any) -> None:
        scrub = self._scrubber
        self.lines.append({
            "fact": self.fact,
            "method": method,
            "path": scrub.request(path),
            "params": scrub.request(params),
            "body": scrub.request(body),
            "status": status,
            "response": scrub.response(response),
        })  # fmt: skip

    def text(self, settings: dict[str, Any]) -> str:
        lines = [*self.lines, {"settings": settings}]
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


class UnboundError(Exception):
    """A request needs the ID of what the replay could not create."""


def replay(lines: Iterable[Line], url: str, values: dict[str, str], vendors: dict[str, str], token: str) -> list[str]:
    """Send a recording's requests again, and describe each response that differs.

    values: what to put in place of `{service}`, `{service name}`, `{domain}` and so on. Of the account that answers,
    everything that the recording lists is assumed to be there.
    """
    run = "0e71a900"
    scrubber = Scrubber(run, vendors)
    bound = {**values, "{run}": run}
    for placeholder, value in values.items():
        scrubber.name(value, placeholder, whole="name" in placeholder)
    differences = []
    for line in lines:
        if "settings" in line or line["status"] in IGNORED:
            continue
        try:
            path, params, body = (_filled(line[part], bound) for part in ("path", "params", "body"))
        except UnboundError as error:
            differences.append(f"{line['fact']}: {line['method']} {line['path']} was left out: no {error}")
            continue
        for part in (path, params, body):
            scrubber.request(part)
        answer = requests.request(
            line["method"],
            url + path,
            params=params,
            json=body,
            headers={"Authorization": f"Token token={token}"},
            timeout=60,
        )
        try:
            response = answer.json() if answer.content else None
        except ValueError:
            response = "not JSON"
        for placeholder, value in _new_values(line["response"], response):
            bound[placeholder] = value
            scrubber.name(value, placeholder)
        shown = scrubber.response(response)
        if (answer.status_code, shown) != (line["status"], line["response"]):
            differences.append(
                f"{line['fact']}: {line['method']} {line['path']} {json.dumps(line['body'])} was answered with "
                f"{line['status']} {json.dumps(line['response'])}, now {answer.status_code} {json.dumps(shown)}"
            )
    return differences


def _filled(value: Any, bound: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(each, bound) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, bound) for each in value]
    if not isinstance(value, str):
        return value
    for placeholder in re.findall(r"\{(?:run|domain|service2?(?: name)?|orchestration|(?:id|key) \d+)\}", value):
        if placeholder not in bound:
            raise UnboundError(placeholder)
        value = value.replace(placeholder, bound[placeholder])
    return value


def _new_values(recorded: Any, response: Any) -> Iterable[tuple[str, str]]:
    """Pair the IDs and keys of a recorded response with those of the new one."""
    if isinstance(recorded, dict) and isinstance(response, dict):
        for name, each in recorded.items():
            yield from _new_values(each, response.get(name))
    elif isinstance(recorded, str) and isinstance(response, str) and re.fullmatch(r"\{(id|key) \d+\}", recorded):
        yield recorded, response
