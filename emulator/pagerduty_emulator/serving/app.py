"""The emulator's web application: every address and its handler."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from pagerduty_emulator.api.addresses import EVENTS, NOT_SERVED, REST
from pagerduty_emulator.control import Control
from pagerduty_emulator.emulator import Emulator
from pagerduty_emulator.operation import Operation, Routes
from pagerduty_emulator.web.actions import Actions
from pagerduty_emulator.web.pages import MISSING, PAGES, PAGES_OF_OBJECTS, PARTS, page_of
from pagerduty_emulator.web.view import Page

from .endpoint import Endpoint, Kind
from .guard import Guard
from .proxy import Proxy


def create_app(
    emulator: Emulator,
    *,
    allowed_hosts: set[str] | None = None,
    token: str | None = None,
    proxy: Proxy | None = None,
) -> ASGIApp:
    """Make the ASGI application of an emulator.

    `allowed_hosts` are the names that reach it (None: any); a loopback server names
    the loopback ones, so that a page on the web cannot reach it by a name of its own. `token`, if given, is the only
    one that is good: for the REST API, the emulator-only API and the pages. `proxy` adds the hosts that it leads here.
    """
    emulator.needs_token = token is not None
    # First, because a part of them looks like an id.
    unserved: Routes = {path: {} for path in NOT_SERVED if path not in REST}
    tables: tuple[tuple[Kind, Routes], ...] = (
        (Kind.REST, {**unserved, **REST}),
        (Kind.EVENTS, {f"{path}{slash}": operations for path, operations in EVENTS.items() for slash in ("", "/")}),
        (Kind.OWN, {path: {"GET": Operation(page.answer)} for path, page in PAGES.items()}),
        (Kind.OWN, PARTS),
        (Kind.OWN, Actions(emulator).table()),
        (Kind.OWN, Control(emulator).table()),
    )
    routes = [
        Route(
            path,
            Endpoint(
                emulator,
                path.rstrip("/") or "/",
                operations,
                kind,
                unserved=NOT_SERVED.get(path, ()),
                page=page_at(path, operations, kind),
                token=token,
            ),
        )
        for kind, table in tables
        for path, operations in table.items()
    ]
    app = Starlette(routes=routes)
    app.router.default = Endpoint(emulator, "(unknown)", {}, Kind.REST, page=MISSING, token=token)
    app.router.redirect_slashes = False
    return Guard(app, emulator.settings, allowed_hosts, proxy)


def page_at(path: str, operations: dict[str, Operation], kind: Kind) -> Page | None:
    """Return the page of an address: its own, or one that shows the answer to a GET."""
    if not operations:
        return MISSING
    made = PAGES.get(path) or PAGES_OF_OBJECTS.get(path)
    if made is None and kind is Kind.REST and "GET" in operations:
        return page_of(operations["GET"])
    return made
