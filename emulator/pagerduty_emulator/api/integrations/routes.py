"""`/services/{id}/integrations`: creating, reading, changing and deleting integrations."""

from __future__ import annotations

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.references import references_for
from pagerduty_emulator.api.services import rows as service_rows
from pagerduty_emulator.api.services.objects import service_without_integrations
from pagerduty_emulator.api.vendors import rows as vendor_rows
from pagerduty_emulator.api.vendors.objects import vendor_object
from pagerduty_emulator.database import Row
from pagerduty_emulator.errors import not_found
from pagerduty_emulator.http import Answer, Request
from pagerduty_emulator.operation import Operation, Routes

from . import rows, rules
from .objects import integration_object

INTEGRATION = "/services/{id}/integrations/{integration_id}"


def create_integration(account: Account, request: Request) -> Answer:
    """`POST /services/{id}/integrations`."""
    service = service_rows.require(account.database, request.params["id"])
    given = request.wrapped("integration")
    answer = _answer(account, request, rules.create(account, service["id"], given), 201)
    if account.settings.type_settles == "later" and isinstance(given.get("type"), str):
        answer.body["integration"]["type"] = given["type"]
    return _after_write(account, answer)


def get_integration(account: Account, request: Request) -> Answer:
    """`GET /services/{id}/integrations/{integration_id}`."""
    return _answer(account, request, require_integration(account, request)["id"])


def update_integration(account: Account, request: Request) -> Answer:
    """`PUT /services/{id}/integrations/{integration_id}`: what is left out stays as it was."""
    row = require_integration(account, request)
    rules.change(account, row, request.wrapped("integration"))
    answer = _after_write(account, _answer(account, request, row["id"]))
    if account.settings.config_after_update == "hidden":
        answer.body["integration"].pop("config", None)
    return answer


def delete_integration(account: Account, request: Request) -> Answer:
    """`DELETE /services/{id}/integrations/{integration_id}`, which the description lacks."""
    rows.delete(account.database, require_integration(account, request)["id"])
    return Answer(status=204)


def require_integration(account: Account, request: Request) -> Row:
    """Return the integration that the path names, or 404: also when it is on another service."""
    row = rows.find_on(account.database, request.params["id"], request.params["integration_id"])
    if row is None:
        raise not_found()
    return row


def _after_write(account: Account, answer: Answer) -> Answer:
    """Return the answer to a write, without the key where the settings say so."""
    if account.settings.keys_after_writes == "absent":
        answer.body["integration"].pop("integration_key", None)
    return answer


def _answer(account: Account, request: Request, integration_id: str, status: int = 200) -> Answer:
    """Return a whole integration, with its service and vendor whole where `include[]` asks so."""
    database = account.database
    row = rows.find(database, integration_id)
    if row is None:
        raise not_found()
    references = references_for(account, request.base_url)
    shown = integration_object(references, row)
    if request.includes("services"):
        service = service_rows.require(database, row["service_id"])
        shown["service"] = service_without_integrations(database, references, service)
    if request.includes("vendors") and row["vendor_id"]:
        vendor = vendor_rows.find(database, row["vendor_id"])
        shown["vendor"] = vendor and vendor_object(references, vendor)
    return Answer({"integration": shown}, status)


ROUTES: Routes = {
    "/services/{id}/integrations": {"POST": Operation(create_integration, "services.write")},
    INTEGRATION: {
        "GET": Operation(get_integration, "services.read"),
        "PUT": Operation(update_integration, "services.write"),
        "DELETE": Operation(delete_integration, "services.write"),
    },
}
