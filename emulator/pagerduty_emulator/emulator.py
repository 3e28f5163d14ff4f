"""The emulator as tests hold it: the account, and what happens to it outside of its APIs."""

from __future__ import annotations

from typing import Any

from . import incoming_mail, seeds
from .account import Account
from .database import Row, new_id, new_integration_key
from .faults import Fault, FaultKind
from .http import ApiError
from .incidents import ALERT_ROWS, alert_object
from .integrations import update_row
from .objects import INTEGRATION_ROWS


class Emulator(Account):
    """One PagerDuty account. `create_app` gives it its APIs, `serve` an address.

    Its methods do what people do in PagerDuty's web app, without a request in the log, and can be
    called from any thread while the emulator serves. They raise KeyError for what is not there.
    """

    # What is there

    def services(self) -> list[dict[str, Any]]:
        """Every service, with its integrations whole, as the REST API shows them."""
        rows = self.database.all("SELECT * FROM services ORDER BY rowid")
        return self.objects().services(rows, whole_integrations=True)

    def integrations(self, service_id: str | None = None) -> list[dict[str, Any]]:
        """Every integration (of a service), with its key, in the order in which they were made."""
        where = "WHERE ? IN (integrations.service_id, '')"
        query = f"{INTEGRATION_ROWS} {where} ORDER BY integrations.rowid"
        objects = self.objects()
        return [objects.integration(row) for row in self.database.all(query, service_id or "")]

    def integration(self, integration_id: str) -> dict[str, Any]:
        """One integration, with its key."""
        return self.objects().integration(self.integration_row(integration_id))

    def events(self) -> list[dict[str, Any]]:
        """Every event that was received, also those with an unknown key; oldest first."""
        return [dict(row) for row in self.database.all("SELECT * FROM events ORDER BY id")]

    def alerts(self) -> list[dict[str, Any]]:
        """Every alert, as the REST API shows them; oldest first."""
        rows = self.database.all(f"{ALERT_ROWS} ORDER BY alerts.rowid")
        objects = self.objects()
        return [alert_object(objects, row) for row in rows]

    # What people do in the web app

    def add_service(self, name: str, *, description: str = "", id: str | None = None) -> str:
        """A new service; returns its id."""
        service_id = id or new_id()
        seeds.add_service(self.database, service_id, name, description)
        return service_id

    def add_vendor(
        self,
        name: str,
        generic_service_type: str | None = None,
        *,
        integration_type: str | None = None,
        id: str | None = None,
    ) -> str:
        """A new vendor; returns its id.

        It sends e-mail with the `generic_service_type` "email"; None is for those of which none is
        recorded. `integration_type` is for those with a type of their own.
        """
        vendor_id = id or new_id()
        self.database.insert(
            "vendors",
            {
                "id": vendor_id,
                "name": name,
                "generic_service_type": generic_service_type,
                "integration_type": integration_type,
            },
        )
        return vendor_id

    def edit_integration(self, integration_id: str, **changes: Any) -> None:
        """Changes name, address, filters or parsers, by the names of the REST API."""
        with self.database.transaction():
            row = self.integration_row(integration_id)
            try:
                update_row(self, row, changes)
            except ApiError as error:
                raise ValueError("; ".join(error.errors or [error.message])) from None

    def regenerate_key(self, integration_id: str) -> str:
        """Gives an integration a new key; the old one is unknown from now on."""
        self.integration_row(integration_id)
        key = new_integration_key()
        self.database.execute("UPDATE integrations SET integration_key = ? WHERE id = ?", key, integration_id)
        return key

    def move_integration(self, integration_id: str, service_id: str, *, keep_id: bool = True) -> str:
        """Moves an integration, with its key and address, to another service; returns its id.

        No source says whether it keeps its id; with `keep_id=False` it gets a new one.
        """
        self.integration_row(integration_id)
        self._require("services", service_id)
        moved_id = integration_id if keep_id else new_id()
        self.database.execute(
            "UPDATE integrations SET service_id = ?, id = ? WHERE id = ?",
            service_id,
            moved_id,
            integration_id,
        )
        self.database.execute("UPDATE alerts SET integration_id = ? WHERE integration_id = ?", moved_id, integration_id)
        return moved_id

    def delete_integration(self, integration_id: str) -> None:
        """Deletes an integration."""
        self.integration_row(integration_id)
        self.database.execute("DELETE FROM integrations WHERE id = ?", integration_id)

    def delete_service(self, service_id: str) -> None:
        """Deletes a service with its integrations, incidents and alerts."""
        self._require("services", service_id)
        self.database.execute("DELETE FROM services WHERE id = ?", service_id)

    # What happens from outside

    def receive_email(self, to: str, *, sender: str = "monitor@example.com", subject: str = "", body: str = "") -> str:
        """An e-mail arrives at an integration's address; returns what became of it."""
        mail = incoming_mail.Mail(to, sender, subject, body)
        with self.database.transaction():
            return incoming_mail.receive_mail(self, mail)

    def expire_oauth_tokens(self) -> None:
        """Every OAuth access token given so far is expired from now on."""
        self.database.execute("UPDATE oauth_tokens SET expires_at = 0")

    def inject(
        self,
        kind: FaultKind,
        method: str | None = None,
        path: str | None = None,
        **details: Any,
    ) -> Fault:
        """Puts a fault in force; `details` are the other fields of `Fault`.

        `emulator.inject("reset", "POST", "/services/*/integrations", after_commit=True)` resets
        the next create's connection when the integration is there already.
        """
        return self.faults.add(Fault(kind, method, path, **details))

    def integration_row(self, integration_id: str) -> Row:
        """An integration's row, with the names of its service and vendor."""
        row = self.database.one(f"{INTEGRATION_ROWS} WHERE integrations.id = ?", integration_id)
        if row is None:
            raise KeyError(f"no integration {integration_id}")
        return row

    def _require(self, table: str, row_id: str) -> None:
        if self.database.one(f"SELECT 1 FROM {table} WHERE id = ?", row_id) is None:
            raise KeyError(f"no {table[:-1]} {row_id}")
