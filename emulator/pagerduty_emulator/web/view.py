"""How pages are made: from templates, whole, and in the parts that change while somebody looks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from pagerduty_emulator.account import Account
from pagerduty_emulator.errors import ApiError
from pagerduty_emulator.http import HTML_TYPE, Answer, Request

# A page may show keys: it is not to be kept, framed, or to load anything from elsewhere.
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "referrer-policy": "same-origin",  # with no-referrer, forms would be sent with Origin: null
    "x-content-type-options": "nosniff",
}
LIVE = "live_"
"""What the names of those blocks in templates begin with that are sent again when they change."""
SECONDS_UNTIL_OLDER = 10
"""How often the ages on a page are looked at, though nothing happened."""
REST = 10
"""How many times as long as making its parts takes a page rests before it makes them again."""
MAX_REST = 2.0  # seconds
KEYS = ("integration_key", "routing_key")
"""Fields that are never shown in JSON."""


@dataclass
class View:
    """A page: its template, and what that shows."""

    template: str
    values: dict[str, Any]
    status: int = 200


class Page:
    """The page at an address. `view` makes it, or raises ApiError."""

    def __init__(self, view: Callable[[Account, Request], View]) -> None:
        self._view = view

    def answer(self, account: Account, request: Request) -> Answer:
        """Return the whole page."""
        view = self._viewed(account, request)
        text = _templates().get_template(view.template).render(_context(account, request, view))
        return Answer(text, view.status, dict(HEADERS), HTML_TYPE)

    def changes(self, account: Account, request: Request) -> Callable[[], str]:
        """Return a function that returns, as an event of a stream, the parts that changed since it was called last.

        At first these are all of them; "" if there are none.
        """
        shown: dict[str, str] = {}
        seen: object = None
        rests_until = 0.0

        def changed() -> str:
            nonlocal seen, rests_until
            started = time.monotonic()
            stamp = _stamp(account) if started >= rests_until else seen
            if stamp == seen:
                return ""
            seen = stamp
            parts = self._parts(account, request)
            new = {name: html for name, html in parts.items() if shown.get(name) != html}
            shown.update(new)
            made = time.monotonic()
            rests_until = made + min(REST * (made - started), MAX_REST)
            return _event(new)

        return changed

    def _parts(self, account: Account, request: Request) -> dict[str, str]:
        view = self._viewed(account, request)
        template = _templates().get_template(view.template)
        context = template.new_context(_context(account, request, view))
        blocks = {name: block for name, block in template.blocks.items() if name.startswith(LIVE)}
        return {name.removeprefix(LIVE): "".join(block(context)) for name, block in blocks.items()}

    def _viewed(self, account: Account, request: Request) -> View:
        with account.database.lock:
            try:
                return self._view(account, request)
            except ApiError as error:
                return View("problem.html", {"message": error.message, "status": error.status}, error.status)


def fragment(template: str, **values: Any) -> Answer:
    """Return a part of a page, for a form or button on it."""
    return Answer(_templates().get_template(template).render(values), 200, dict(HEADERS), HTML_TYPE)


def _context(account: Account, request: Request, view: View) -> dict[str, Any]:
    query = {name: values[-1] for name, values in request.query.items() if name not in ("live", "paused")}
    return {
        "base_url": request.base_url,
        "path": "/" + request.path.lstrip("/"),  # //host would be a link to another site
        "needs_token": account.needs_token,
        "query": query,
        "paused": "paused" in request.query,
        "settings": account.settings,
        **view.values,
    }


def _stamp(account: Account) -> object:
    """Return a value that changes with the contents of the page."""
    return (
        account.database.changes,
        len(account.requests),
        account.events_with_unknown_keys,
        [(id(item), item.seconds) for item in account.requests.latest(50)],
        repr(account.faults.all()),
        repr(account.settings),
        time.time() // SECONDS_UNTIL_OLDER,
    )


def _event(parts: dict[str, str]) -> str:
    """Parts of a page as one server-sent event, as htmx takes it: each for the element with its name as id."""
    if not parts:
        return ""
    html = "".join(
        f'<hx-partial hx-target="#{name}" hx-swap="innerMorph">{part}</hx-partial>' for name, part in parts.items()
    )
    return "".join(f"data: {line}\n" for line in html.splitlines()) + "\n"


def hidden(value: Any) -> Any:
    """JSON without keys."""
    if isinstance(value, dict):
        return {name: "••••••••" if name in KEYS and item else hidden(item) for name, item in value.items()}
    return [hidden(item) for item in value] if isinstance(value, list) else value


def ago(moment: str | None) -> str:
    """How long ago an ISO time was: `3 min ago`."""
    if not moment:
        return ""
    then = datetime.fromisoformat(moment)
    seconds = (datetime.now(UTC) - then).total_seconds()
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit} ago"
    return "just now"


WORDS = {
    "api": "API",
    "ere": "event orchestration",
    "id": "ID",
    "sql": "SQL",
    "url": "URL",
    "email": "e-mail",
    "html": "HTML",
    "events_v1": "Events API v1",
    "events_v2": "Events API v2",
    "integration_url": "integration URL",
    "all-email": "all e-mail",
    "and-rules-email": "e-mail that passes all filters",
    "or-rules-email": "e-mail that passes any filter",
}
"""Words of the API, as people read them."""


def words(name: str) -> str:
    """Return a name of the API as words: "Auto resolve timeout"."""
    text = WORDS.get(name) or " ".join(WORDS.get(word, word) for word in name.split("_"))
    return text[:1].upper() + text[1:]


def moment(seconds: float) -> str:
    """Seconds since 1970 as an ISO time, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def duration(seconds: float | None) -> str:
    """Seconds for people: `12 ms`, `1.5 s`."""
    if seconds is None:
        return "…"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


@lru_cache(maxsize=1)
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__ or "pagerduty_emulator.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["pretty"] = lambda value: json.dumps(hidden(value), indent=2, ensure_ascii=False)
    environment.filters["local"] = lambda link, base_url: str(link).removeprefix(base_url)
    environment.filters["ago"] = ago
    environment.filters["words"] = words
    environment.filters["lower_first"] = lambda text: text[:1].lower() + text[1:]
    environment.filters["moment"] = moment
    environment.filters["duration"] = duration
    return environment
