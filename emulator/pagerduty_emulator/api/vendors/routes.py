"""`GET /vendors` and `GET /vendors/{id}`."""

from __future__ import annotations

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.references import references_for
from pagerduty_emulator.errors import not_found
from pagerduty_emulator.http import Answer, Page, Request
from pagerduty_emulator.operation import Operation, Routes

from . import rows
from .objects import vendor_object


def list_vendors(account: Account, request: Request) -> Answer:
    """`GET /vendors`: a page, filtered by the undocumented `query` (part of the name)."""
    page = Page.of(request)
    settings = account.settings
    query = (request.first("query") or "") if settings.vendor_query else ""
    found, total = rows.listed(account.database, query, page.limit, page.offset, aiops=settings.aiops)
    references = references_for(account, request.base_url)
    return page.answer("vendors", [vendor_object(references, row) for row in found], total)


def get_vendor(account: Account, request: Request) -> Answer:
    """`GET /vendors/{id}`: one object, although the API's description calls it a list."""
    row = rows.find(account.database, request.params["id"])
    if row is None:
        raise not_found()
    return Answer({"vendor": vendor_object(references_for(account, request.base_url), row)})


ROUTES: Routes = {
    "/vendors": {"GET": Operation(list_vendors, "vendors.read")},
    "/vendors/{id}": {"GET": Operation(get_vendor, "vendors.read")},
}
