"""The emulator's web application: every address and what stands behind it."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from . import abilities, authentication, events, incidents, integrations, pages, services, vendors
from .control import Control
from .emulator import Emulator
from .endpoint import Endpoint, Handler, Kind, Operation
from .guard import Guard

INTEGRATION = "/services/{id}/integrations/{integration_id}"

REST: dict[str, dict[str, Operation]] = {
    "/abilities": {"GET": Operation(abilities.list_abilities, "abilities.read")},
    "/vendors": {"GET": Operation(vendors.list_vendors, "vendors.read")},
    "/vendors/{id}": {"GET": Operation(vendors.get_vendor, "vendors.read")},
    "/services": {
        "GET": Operation(services.list_services, "services.read"),
        "POST": Operation(services.create_service, "services.write"),
    },
    "/services/{id}": {
        "GET": Operation(services.get_service, "services.read"),
        "PUT": Operation(services.update_service, "services.write"),
        "DELETE": Operation(services.delete_service, "services.write"),
    },
    "/services/{id}/integrations": {
        "POST": Operation(integrations.create_integration, "services.write"),
    },
    INTEGRATION: {
        "GET": Operation(integrations.get_integration, "services.read"),
        "PUT": Operation(integrations.update_integration, "services.write"),
        "DELETE": Operation(integrations.delete_integration, "services.write"),
    },
    "/incidents": {"GET": Operation(incidents.list_incidents, "incidents.read")},
    "/incidents/{id}": {"GET": Operation(incidents.get_incident, "incidents.read")},
    "/incidents/{id}/alerts": {"GET": Operation(incidents.list_alerts, "incidents.read")},
}

BY_URL = Operation(events.enqueue_by_url)

EVENTS: dict[str, dict[str, Operation]] = {
    "/v2/enqueue": {"POST": Operation(events.enqueue_v2)},
    "/v2/change/enqueue": {"POST": Operation(events.enqueue_change)},
    "/generic/2010-04-15/create_event.json": {"POST": Operation(events.enqueue_v1)},
    "/integration/{key}/enqueue": {"POST": BY_URL, "GET": BY_URL},
    "/integration/{key}/change/enqueue": {"POST": Operation(events.enqueue_change)},
    "/adapter/cloudwatch_sns/v1/{key}": {"POST": BY_URL},
    "/x-ere/{key}": {"POST": BY_URL},
    "/oauth/token": {"POST": Operation(authentication.create_access_token)},
}

PAGES: dict[str, dict[str, Operation]] = {
    "/": {"GET": Operation(pages.overview)},
    "/service-directory/{id}": {"GET": Operation(pages.service)},
    "/style.css": {"GET": Operation(pages.style)},
}

# Addresses that PagerDuty has twice, on the web app's host and on the API's: a browser, which asks
# for HTML and has no token, gets the page.
PAGES_OF_OBJECTS: dict[str, Handler] = {
    INTEGRATION: pages.integration,
    "/incidents/{id}": pages.incident,
}


def create_app(emulator: Emulator, *, allowed_hosts: set[str] | None = None) -> ASGIApp:
    """The ASGI application of an emulator.

    `allowed_hosts` are the names by which it may be reached (None: any); a loopback server names
    the loopback ones, so that a page on the web cannot reach it by a name of its own.
    """
    tables = (
        (Kind.REST, REST),
        (Kind.EVENTS, EVENTS),
        (Kind.OWN, PAGES),
        (Kind.OWN, Control(emulator).table()),
    )
    routes = [
        Route(path, Endpoint(emulator, path, operations, kind, PAGES_OF_OBJECTS.get(path)))
        for kind, table in tables
        for path, operations in table.items()
    ]
    app = Starlette(routes=routes)
    app.router.default = Endpoint(emulator, "(unknown)", {}, Kind.REST)
    app.router.redirect_slashes = False
    return Guard(app, allowed_hosts)
