"""The emulator's own API under `/emulator`: actions of PagerDuty's web app, e-mail, faults and settings."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Collection
from typing import Any

from .account import Account
from .api.integrations.objects import integration_reference
from .api.references import references_for
from .emulator import Emulator
from .faults import Fault
from .http import Answer, Request
from .operation import Operation, Routes
from .patterns import is_method, is_path
from .settings import GUESSES, nearest, shortened

QUERY_PARAMETERS = {"/emulator/requests": ("method", "path", "served")}
"""Path to query parameters. The other paths have none."""


class Control:
    """The operations on one emulator, for `create_app`."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator

    def table(self) -> Routes:
        """Return path to method to operation."""
        return {
            path: {
                method: Operation(guarded(handler, path, QUERY_PARAMETERS.get(path, ())))
                for method, handler in methods.items()
            }
            for path, methods in self._handlers().items()
        }

    def _handlers(self) -> dict[str, dict[str, Any]]:
        return {
            "/emulator": {"GET": self.overview},
            "/emulator/reset": {"POST": self.reset},
            "/emulator/settings": {"GET": self.get_settings, "PATCH": self.change_settings},
            "/emulator/guesses": {"GET": self.list_guesses},
            "/emulator/export": {"GET": self.export},
            "/emulator/requests": {"GET": self.list_requests, "DELETE": self.clear_requests},
            "/emulator/events": {"GET": self.list_events},
            "/emulator/alerts": {"GET": self.list_alerts},
            "/emulator/emails": {"POST": self.receive_email},
            "/emulator/vendors": {"POST": self.add_vendor},
            "/emulator/oauth/expire": {"POST": self.expire_oauth_tokens},
            "/emulator/integrations/{id}/regenerate-key": {"POST": self.regenerate_key},
            "/emulator/integrations/{id}/move": {"POST": self.move},
            "/emulator/faults": {
                "GET": self.list_faults,
                "POST": self.add_fault,
                "DELETE": self.clear_faults,
            },
            "/emulator/faults/{id}": {"DELETE": self.remove_fault},
        }

    def overview(self, request: Request) -> Answer:
        """List the operations."""
        return Answer({"endpoints": {path: sorted(of) for path, of in self._handlers().items()}})

    def reset(self, request: Request) -> Answer:
        """Reset the account."""
        self.emulator.reset()
        return Answer(status=204)

    def export(self, request: Request) -> Answer:
        """Return the account as a seed file, in YAML, with its integration keys."""
        return Answer(self.emulator.export(), content_type="application/yaml; charset=utf-8")

    def get_settings(self, request: Request) -> Answer:
        """Return all settings."""
        return Answer({"settings": self.emulator.settings.as_json()})

    def change_settings(self, request: Request) -> Answer:
        """Change the settings in the body."""
        self.emulator.settings.update(request.fields())
        return self.get_settings(request)

    def list_guesses(self, request: Request) -> Answer:
        """Return the settings for guesses about PagerDuty, each with its possible values."""
        return Answer({"guesses": {name: list(ways) for name, ways in GUESSES.items()}})

    def list_requests(self, request: Request) -> Answer:
        """Return the log, by `method`, `path` (a pattern) and `served` (true or false), and counts by kind."""
        log = self.emulator.requests
        chosen = log.matching(**selection(request))
        return Answer(
            {
                "requests": [item.as_json() for item in chosen],
                "total": len(chosen),
                "counts": log.counts(),
            }
        )

    def clear_requests(self, request: Request) -> Answer:
        """Delete from the log what `method`, `path` and `served` select; without them, all."""
        self.emulator.requests.clear(**selection(request))
        return Answer(status=204)

    def list_events(self, request: Request) -> Answer:
        """Return every event for an integration, with its outcome, and the number of those with unknown keys."""
        emulator = self.emulator
        return Answer({"events": emulator.events(), "unknown_keys": emulator.events_with_unknown_keys})

    def list_alerts(self, request: Request) -> Answer:
        """Return every alert of the account."""
        return Answer({"alerts": self.emulator.alerts()})

    def receive_email(self, request: Request) -> Answer:
        """Receive an e-mail: to, from, subject, body."""
        given = fields(request, ("to", "from", "subject", "body"), "an e-mail")
        outcome = self.emulator.receive_email(
            text(given, "to", required=True),
            sender=text(given, "from") or "monitor@example.com",
            subject=text(given, "subject"),
            body=text(given, "body"),
        )
        return Answer({"outcome": outcome}, 202)

    def add_vendor(self, request: Request) -> Answer:
        """Add a vendor: name; optionally generic_service_type, integration_type, id."""
        given = fields(request, ("name", "generic_service_type", "integration_type", "id"), "a vendor")
        vendor_id = self.emulator.add_vendor(
            text(given, "name", required=True),
            text(given, "generic_service_type") or None,
            integration_type=text(given, "integration_type") or None,
            id=text(given, "id") or None,
        )
        return Answer({"id": vendor_id}, 201)

    def expire_oauth_tokens(self, request: Request) -> Answer:
        """Expire every OAuth access token."""
        self.emulator.expire_oauth_tokens()
        return Answer(status=204)

    def regenerate_key(self, request: Request) -> Answer:
        """Give an integration a new key. Only the REST API shows it."""
        self.emulator.regenerate_key(request.params["id"])
        return self._back(request, request.params["id"])

    def move(self, request: Request) -> Answer:
        """Move an integration to another service: service; optionally keep_id (default: true)."""
        given = fields(request, ("service", "keep_id"), "a move")
        keep_id = given.get("keep_id", True)
        if keep_id not in (True, False, "true", "false"):
            raise ValueError(f"keep_id must be true or false, not {shortened(keep_id)}")
        service = text(given, "service", required=True)
        moved_id = self.emulator.move_integration(request.params["id"], service, keep_id=keep_id in (True, "true"))
        return self._back(request, moved_id)

    def list_faults(self, request: Request) -> Answer:
        """Return the faults, with their hits."""
        return Answer({"faults": [fault.as_json() for fault in self.emulator.faults.all()]})

    def add_fault(self, request: Request) -> Answer:
        """Add a fault: kind; optionally the other fields of `Fault`."""
        given = fields(request, sorted({item.name for item in dataclasses.fields(Fault)} - {"id", "hits"}), "a fault")
        if "kind" not in given:
            raise KeyError("kind")
        return Answer({"fault": self.emulator.faults.add(Fault(**given)).as_json()}, 201)

    def clear_faults(self, request: Request) -> Answer:
        """End all faults."""
        self.emulator.faults.clear()
        return Answer(status=204)

    def remove_fault(self, request: Request) -> Answer:
        """End one fault."""
        number = request.params["id"]
        if not number.isdecimal() or not self.emulator.faults.remove(int(number)):
            raise KeyError(f"no fault {number}")
        return Answer(status=204)

    def _back(self, request: Request, integration_id: str) -> Answer:
        """Return the integration without its key; to a form, a redirect to its page."""
        row = self.emulator.integration_row(integration_id)
        shown = integration_reference(references_for(self.emulator, request.base_url), row)
        if request.has_json():
            return Answer({"integration": shown})
        path = shown["self"].removeprefix(request.base_url)
        return Answer({"integration": shown}, 303, {"location": path})


def fields(request: Request, known: Collection[str], what: str) -> dict[str, Any]:
    """Return the fields of the body. ValueError if one is not known: it would have no effect, without a word."""
    given = request.fields()
    for name in given:
        if name not in known:
            hint = nearest(name, known)
            raise ValueError(f"{what} has no field {shortened(name)}{hint}; its fields: {', '.join(known)}")
    return given


def text(given: dict[str, Any], name: str, *, required: bool = False) -> str:
    """Return a field that is text; "" if it is absent. KeyError if it is required, TypeError if it is no text."""
    value = given.get(name)
    if value is None or value == "":
        if required:
            raise KeyError(name)
        return ""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text, not {shortened(value)}")
    return value


def selection(request: Request) -> dict[str, Any]:
    """Return which requests of the log the query parameters select. ValueError if one can select none."""
    method, path, served = (request.first(name) for name in ("method", "path", "served"))
    if method is not None and not is_method(method):
        raise ValueError(f"method must be a method such as GET, not {shortened(method)}")
    if path is not None and not is_path(path):
        raise ValueError(f"path must begin with / or *, such as /services/*/integrations, not {shortened(path)}")
    if served not in (None, "true", "false"):
        raise ValueError(f"served must be true or false, not {shortened(served)}")
    return {"method": method, "path": path, "served": None if served is None else served == "true"}


def require_known(request: Request, path: str, known: Collection[str]) -> None:
    """Raise ValueError for a query parameter that is not known, or is given twice.

    Ignoring a misspelled one would make `DELETE` delete everything.
    """
    for name, values in request.query.items():
        if name not in known:
            allowed = f"its parameters: {', '.join(known)}" if known else "it has none"
            raise ValueError(f"{path} has no query parameter {shortened(name)}{nearest(name, known)}; {allowed}")
        if len(values) > 1:
            raise ValueError(f"the query parameter {name} of {path} can be given only once")


def guarded(handler: Any, path: str, parameters: Collection[str]) -> Any:
    """Wrap a handler, so that its errors, and unknown query parameters, become 400 and 404."""

    def answer(account: Account, request: Request) -> Answer:
        try:
            require_known(request, path, parameters)
            result: Answer = handler(request)
        except KeyError as error:
            missing = str(error.args[0])
            found = " " in missing  # our own messages; otherwise the name of a missing field
            message = missing if found else f"{missing} is required"
            return Answer({"error": {"message": message}}, 404 if found else 400)
        except (ValueError, TypeError, sqlite3.IntegrityError) as error:
            return Answer({"error": {"message": str(error)}}, 400)
        return result

    return answer
