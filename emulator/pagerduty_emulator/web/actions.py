"""The actions of the pages' buttons and forms."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.events.formats import SEVERITIES
from pagerduty_emulator.emulator import Emulator
from pagerduty_emulator.faults import Fault, FaultKind
from pagerduty_emulator.http import TEXT_TYPE, Answer, Request
from pagerduty_emulator.operation import Operation, Routes

from .view import fragment

FAULTS: dict[FaultKind, str] = {
    "status": "Status 503",
    "rate_limit": "429, rate limited",
    "reset": "Connection reset",
    "delay": "Response 30 s late",
    "drip": "Response byte by byte, in 30 s",
    "truncated_json": "Half of the JSON",
    "truncated_body": "Connection ends inside the body",
    "html": "HTML page of a proxy, 503",
    "empty": "Empty body",
}
"""Each kind of fault, in a few words for a list to choose from."""
LIMITS = ("rate_limit", "events_rate_limit")
TEST_SUMMARY = "Test event from the emulator's page"


class Actions:
    """The forms' addresses on one emulator, for `create_app`. Each says in a sentence what it did."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    def table(self) -> Routes:
        """Path to method to operation."""
        handlers: dict[str, Callable[[Request], str]] = {
            "/actions/incidents/{id}/acknowledge": self.acknowledge,
            "/actions/incidents/{id}/resolve": self.resolve,
            "/actions/integrations/{id}/test": self.send_test_event,
            "/actions/faults": self.switch_fault_on,
            "/actions/faults/clear": self.switch_faults_off,
            "/actions/faults/{id}/off": self.switch_fault_off,
            "/actions/limits": self.set_limits,
        }
        return {path: {"POST": Operation(told(handler))} for path, handler in handlers.items()}

    def acknowledge(self, request: Request) -> str:
        """Return an incident, and so its alerts, as acknowledged."""
        return f"Acknowledged: {self.emulator.acknowledge(request.params['id'])}."

    def resolve(self, request: Request) -> str:
        """Return an incident with its alerts as resolved."""
        return f"Resolved: {self.emulator.resolve(request.params['id'])}."

    def send_test_event(self, request: Request) -> str:
        """To an integration, or a mail to its address: summary and severity, if they are given."""
        given = request.fields()
        severity = str(given.get("severity") or "critical")
        if severity not in SEVERITIES:
            raise ValueError(f"severity must be one of {', '.join(SEVERITIES)}, not {severity!r}")
        outcome = self.emulator.send_test_event(
            request.params["id"], str(given.get("summary") or TEST_SUMMARY), severity
        )
        return f"Test event sent: {outcome}."

    def switch_fault_on(self, request: Request) -> str:
        """Return a fault: kind, and method, path, times (`all`), after_commit where they are chosen."""
        given = request.fields()
        method, path = str(given.get("method") or ""), str(given.get("path") or "").strip()
        if path and not path.startswith("/"):
            raise ValueError(f"a path begins with /, such as /services/*/integrations; not {path!r}")
        kind: Any = given.get("kind")  # an unknown one is refused there
        fault = Fault(kind, method or None, path or None, times=None if given.get("times") == "all" else 1)
        fault.after_commit = True if given.get("after_commit") else None
        self.emulator.faults.add(fault)
        return f"Switched on: {FAULTS[fault.kind]}."

    def switch_fault_off(self, request: Request) -> str:
        """One fault."""
        number = request.params["id"]
        if not number.isdecimal() or not self.emulator.faults.remove(int(number)):
            raise KeyError(f"fault {number} is off already")
        return "Switched off."

    def switch_faults_off(self, request: Request) -> str:
        """All faults."""
        self.emulator.faults.clear()
        return "All faults are switched off."

    def set_limits(self, request: Request) -> str:
        """Call and events a minute (any number if empty), and milliseconds of latency; what is left out stays."""
        given = request.fields()
        changes: dict[str, Any] = {name: limit(given[name]) for name in LIMITS if name in given}
        if "latency" in given:
            changes["latency"] = milliseconds(given["latency"])
        settings = self.emulator.settings
        settings.update(changes)
        calls, events = (getattr(settings, name) or "any number of" for name in LIMITS)
        return f"Set: {calls} calls and {events} events a minute, {settings.latency * 1000:g} ms of latency."


def limit(text: str) -> int | None:
    """Return a number of calls from a field, None from an empty one; ValueError where it is neither."""
    if text.strip() and not text.strip().isdecimal():
        raise ValueError(f"a limit must be a whole number a minute, or empty; not {text!r}")
    return int(text) if text.strip() else None


def milliseconds(text: str) -> float:
    """Seconds from a field of milliseconds, 0 from an empty one; ValueError where it is no number."""
    try:
        amount = float(text.strip() or 0)
    except ValueError:
        amount = math.nan
    if not 0 <= amount <= 60_000:
        raise ValueError(f"the latency must be from 0 to 60000 milliseconds, not {text!r}")
    return amount / 1000


def told(action: Callable[[Request], str]) -> Callable[[Account, Request], Answer]:
    """Return the action as a handler: htmx gets what it says, a plain form the way back to its page."""

    def answer(account: Account, request: Request) -> Answer:
        try:
            said, problem = action(request), False
        except (KeyError, ValueError) as error:
            said, problem = str(error.args[0]), True
        if "hx-request" in request.headers:
            return fragment("notice.html", text=said, is_problem=problem)
        if problem:
            return Answer(f"{said}\n", 400, {}, TEXT_TYPE)
        return Answer(None, 303, {"location": way_back(request)})

    return answer


def way_back(request: Request) -> str:
    """Return the page that a form was on, if it is one of the emulator's."""
    try:
        page = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "/"
    is_here = page.netloc == urlsplit(request.base_url).netloc
    ours = is_here and page.path.startswith("/") and not page.path.startswith("//")  # //host is another site
    return (f"{page.path}?{page.query}" if page.query else page.path) if ours else "/"
