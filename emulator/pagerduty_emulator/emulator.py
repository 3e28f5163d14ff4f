"""The emulator as tests hold it: the account, and what happens to it outside of its APIs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from . import seeds
from .account import Account
from .api.event_orchestrations import rows as orchestration_rows
from .api.event_orchestrations import rules as orchestration_rules
from .api.event_orchestrations.objects import integration_object as orchestration_integration_object
from .api.event_orchestrations.objects import orchestration_object
from .api.events import rows as event_rows
from .api.events.rules import receive, routed_source_of, source_of
from .api.incidents import rows as incident_rows
from .api.incidents.objects import alert_object
from .api.incidents.rules import Event
from .api.integrations import rows as integration_rows
from .api.integrations import rules as integration_rules
from .api.integrations.objects import integration_object
from .api.mail.rules import Mail, receive_mail
from .api.oauth import rows as token_rows
from .api.references import references_for
from .api.services import rows as service_rows
from .api.services.objects import service_objects
from .api.vendors import rows as vendor_rows
from .database import Database, Row, new_id, new_integration_key, now
from .errors import ApiError
from .export import exported
from .faults import Fault, FaultKind
from .settings import Settings

T = TypeVar("T")


class Emulator(Account):
    """One PagerDuty account. `create_app` gives it its APIs, `serve` an address.

    Its methods do what people do in PagerDuty's web app, without a request in the log, and can be
    called from any thread while the emulator serves. They raise KeyError for what is not there.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        database: str | Path = ":memory:",
        services: int = seeds.DEFAULT_SERVICES,
        seed: str | Path | None = None,
    ) -> None:
        """Make an account: with what the seed file `seed` says, else so many services and who looks after them.

        Raises SeedError, which is a ValueError, if the file does not do.
        """
        self._services = services
        self._seed_file = None if seed is None else seeds.read(seed)
        super().__init__(settings, database=database, fill=self._seed)
        self._initial = self.settings.copied()

    def _seed(self, database: Database) -> None:
        seeds.seed(database, self.settings, self._seed_file, self._services)

    def reset(self) -> None:
        """Back to the start: what a new account has, initial settings, no faults, no log."""
        with self.database.lock:
            self.settings.take(self._initial)
            self.faults.clear()
            self.requests.clear()
            self.events_with_unknown_keys = 0
            self.warned.clear()
            self.history.clear()
            self.rate_limiter.clear()
            self.database.clear()
            self._seed(self.database)

    # Contents

    def services(self) -> list[dict[str, Any]]:
        """Every service, with its integrations whole, as the REST API shows them."""
        return service_objects(self.database, references_for(self), service_rows.everything(self.database))

    def integrations(self, service_id: str | None = None) -> list[dict[str, Any]]:
        """Every integration (of a service), with its key, in the order in which they were made."""
        references = references_for(self)
        return [integration_object(references, row) for row in integration_rows.everything(self.database, service_id)]

    def integration(self, integration_id: str) -> dict[str, Any]:
        """One integration, with its key."""
        return integration_object(references_for(self), self.integration_row(integration_id))

    def events(self) -> list[dict[str, Any]]:
        """Every event for an integration, oldest first; the others are counted in `events_with_unknown_keys`."""
        return [dict(row) for row in event_rows.everything(self.database)]

    def alerts(self) -> list[dict[str, Any]]:
        """Every alert, as the REST API shows them; oldest first."""
        references = references_for(self)
        return [alert_object(references, row) for row in incident_rows.every_alert(self.database)]

    def event_orchestrations(self) -> list[dict[str, Any]]:
        """Every event orchestration with its integrations, as the REST API shows them; oldest first."""
        return [
            orchestration_object(
                self.database, references_for(self), row, orchestration_rows.every_integration(self.database, row["id"])
            )
            for row in orchestration_rows.everything(self.database)
        ]

    def orchestration_integrations(self, orchestration_id: str | None = None) -> list[dict[str, Any]]:
        """Every integration (of an event orchestration), with its key; oldest first."""
        rows = orchestration_rows.every_integration(self.database, orchestration_id)
        return [orchestration_integration_object(row) for row in rows]

    def export(self) -> str:
        """Return the account as the text of a seed file, with its integration keys: see `exported`."""
        return exported(self.database)

    # Changes as in the web app

    def add_service(
        self, name: str, *, description: str = "", escalation_policy: str | None = None, id: str | None = None
    ) -> str:
        """Return a new service, on the account's default policy if none is given."""
        service_id = id or new_id()
        seeds.add_service(self.database, service_id, name, description, escalation_policy)
        return service_id

    def add_vendor(
        self,
        name: str,
        generic_service_type: str | None = None,
        *,
        integration_type: str | None = None,
        id: str | None = None,
    ) -> str:
        """Return a new vendor; returns its id.

        It sends e-mail with the `generic_service_type` "email"; None is for those
        without a recording. `integration_type` is for those with a type of their own.
        """
        vendor_id = id or new_id()
        vendor = {
            "id": vendor_id,
            "name": name,
            "generic_service_type": generic_service_type,
            "integration_type": integration_type,
        }
        vendor_rows.add(self.database, vendor)
        return vendor_id

    def edit_integration(self, integration_id: str, **changes: Any) -> None:
        """Change name, address, filters or parsers, by the names of the REST API."""
        self._written(lambda: integration_rules.change(self, self.integration_row(integration_id), changes))

    def regenerate_key(self, integration_id: str) -> str:
        """Give an integration a new key; the old one is unknown from now on. ValueError if it has none."""
        if self.integration_row(integration_id)["integration_key"] is None:
            raise ValueError(f"integration {integration_id} receives e-mail and has no key")
        key = new_integration_key()
        integration_rows.change_key(self.database, integration_id, key)
        return key

    def move_integration(self, integration_id: str, service_id: str, *, keep_id: bool = True) -> str:
        """Move an integration, with its key and address, to another service; returns its id.

        No source says whether it keeps its id; with `keep_id=False` it gets a new one.
        """
        self.integration_row(integration_id)
        self._require_service(service_id)
        moved_id = integration_id if keep_id else new_id()
        integration_rows.move(self.database, integration_id, service_id, moved_id)
        return moved_id

    def delete_integration(self, integration_id: str) -> None:
        """Delete an integration."""
        self.integration_row(integration_id)
        integration_rows.delete(self.database, integration_id)

    def delete_service(self, service_id: str) -> None:
        """Delete a service with its integrations, incidents and alerts."""
        self._require_service(service_id)
        service_rows.delete(self.database, service_id)

    def add_event_orchestration(self, name: str, *, team: str | None = None) -> str:
        """Return a new event orchestration with its default integration; returns its id."""
        given = {"name": name, **({"team": {"id": team}} if team else {})}
        return self._written(lambda: orchestration_rules.create(self, given))

    def add_orchestration_integration(self, orchestration_id: str, label: str) -> str:
        """Return a new integration of an event orchestration; returns its id."""
        self._orchestration(orchestration_id)
        return self._written(lambda: orchestration_rules.add_integration(self, orchestration_id, {"label": label}))

    def change_orchestration_integration(self, integration_id: str, label: str) -> None:
        """Give an event orchestration's integration another label."""
        row = self._orchestration_integration(integration_id)
        self._written(lambda: orchestration_rules.change_integration(self, row, {"label": label}))

    def move_orchestration_integration(self, integration_id: str, orchestration_id: str) -> None:
        """Move an integration, with its id and key, to another event orchestration."""
        row = self._orchestration_integration(integration_id)
        self._orchestration(orchestration_id)
        self._written(lambda: orchestration_rules.move_integration(self, row, orchestration_id))

    def delete_orchestration_integration(self, integration_id: str) -> None:
        """Delete an event orchestration's integration."""
        row = self._orchestration_integration(integration_id)
        self._written(lambda: orchestration_rules.delete_integration(self, row))

    def delete_event_orchestration(self, orchestration_id: str) -> None:
        """Delete an event orchestration with its integrations."""
        row = self._orchestration(orchestration_id)
        self._written(lambda: orchestration_rules.delete(self, row))

    def acknowledge(self, incident_id: str) -> str:
        """Acknowledges an incident, unless it is resolved; returns its title."""
        with self.database.transaction():
            incident = self._open_incident(incident_id)
            incident_rows.acknowledge_incident(self.database, incident_id, now())
        return str(incident["title"])

    def resolve(self, incident_id: str) -> str:
        """Resolve an incident with its alert; returns its title."""
        with self.database.transaction():
            incident = self._open_incident(incident_id)
            incident_rows.resolve(self.database, incident_id, now())
        return str(incident["title"])

    def send_test_event(self, integration_id: str, summary: str, severity: str = "critical") -> str:
        """Return an event arrives at an integration, or a mail at one with an address; returns what became of it."""
        with self.database.transaction():
            event = Event("trigger", summary, severity)
            body = {"summary": summary, "severity": severity}
            routed = orchestration_rows.find_integration(self.database, integration_id)
            if routed is not None:
                return receive(self, "test", routed_source_of(self, routed), event, body).outcome
            row = self.integration_row(integration_id)
            if row["is_email"]:
                return receive_mail(self, Mail(row["integration_email"], "test@example.com", summary, summary))
            return receive(self, "test", source_of(row), event, body).outcome

    # Events from outside

    def receive_email(self, to: str, *, sender: str = "monitor@example.com", subject: str = "", body: str = "") -> str:
        """Return an e-mail arrives at an integration's address; returns what became of it."""
        with self.database.transaction():
            return receive_mail(self, Mail(to, sender, subject, body))

    def expire_oauth_tokens(self) -> None:
        """Every OAuth access token given so far is expired from now on."""
        token_rows.expire(self.database)

    def inject(
        self,
        kind: FaultKind,
        method: str | None = None,
        path: str | None = None,
        **details: Any,
    ) -> Fault:
        """Put a fault in force; `details` are the other fields of `Fault`.

        `emulator.inject("reset", "POST", "/services/*/integrations", after_commit=True)` resets
        the next create's connection when the integration is there already.
        """
        return self.faults.add(Fault(kind, method, path, **details))

    def integration_row(self, integration_id: str) -> Row:
        """Return an integration's row, with the names of its service and vendor."""
        row = integration_rows.find(self.database, integration_id)
        if row is None:
            raise KeyError(f"no integration {integration_id}")
        return row

    def _written(self, write: Callable[[], T]) -> T:
        """Do a write of the REST API in a transaction. Raises ValueError for what it refuses."""
        with self.database.transaction():
            try:
                return write()
            except ApiError as error:
                raise ValueError(error.reasons) from None

    def _orchestration(self, orchestration_id: str) -> Row:
        row = orchestration_rows.find(self.database, orchestration_id)
        if row is None:
            raise KeyError(f"no event orchestration {orchestration_id}")
        return row

    def _orchestration_integration(self, integration_id: str) -> Row:
        row = orchestration_rows.find_integration(self.database, integration_id)
        if row is None:
            raise KeyError(f"no integration {integration_id} on an event orchestration")
        return row

    def _open_incident(self, incident_id: str) -> Row:
        row = incident_rows.find_incident_by_id(self.database, incident_id)
        if row is None:
            raise KeyError(f"no incident {incident_id}")
        if row["status"] == "resolved":
            raise ValueError(f"incident {incident_id} is resolved already")
        return row

    def _require_service(self, service_id: str) -> None:
        if service_rows.find(self.database, service_id) is None:
            raise KeyError(f"no service {service_id}")
