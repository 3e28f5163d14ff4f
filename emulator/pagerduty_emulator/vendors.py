"""`GET /vendors` and `GET /vendors/{id}`."""

from __future__ import annotations

from .account import Account
from .http import Answer, Page, Request, like, not_found


def list_vendors(account: Account, request: Request) -> Answer:
    """`GET /vendors`: a page, filtered by the undocumented `query` (part of the name).

    Featured ones come first, then all others by name, whatever their case: blanks before letters.
    Those for change events are listed for accounts with AIOps alone (terraform-provider issue 675).
    """
    page = Page.of(request)
    settings = account.settings
    pattern = like(request.first("query") or "") if settings.vendor_query else "%"
    where = r"FROM vendors WHERE name LIKE ? ESCAPE '\' AND (needs_aiops IS NULL OR ?)"
    total = account.database.scalar(f"SELECT count(*) {where}", pattern, settings.aiops)
    rows = account.database.all(
        f"SELECT * {where} ORDER BY featured IS NULL, featured, name COLLATE NOCASE, id LIMIT ? OFFSET ?",
        pattern,
        settings.aiops,
        page.limit,
        page.offset,
    )
    objects = account.objects(request.base_url)
    return page.answer("vendors", [objects.vendor(row) for row in rows], total)


def get_vendor(account: Account, request: Request) -> Answer:
    """`GET /vendors/{id}`: one object, although the API's description calls it a list."""
    row = account.database.one("SELECT * FROM vendors WHERE id = ?", request.params["id"])
    if row is None:
        raise not_found()
    return Answer({"vendor": account.objects(request.base_url).vendor(row)})
