"""`GET /vendors` and `GET /vendors/{id}`."""

from __future__ import annotations

from .account import Account
from .http import Answer, Page, Request, like, not_found


def list_vendors(account: Account, request: Request) -> Answer:
    """`GET /vendors`: a page, filtered by the undocumented `query` (part of the name)."""
    page = Page.of(request)
    query = request.first("query") or ""
    pattern = like(query) if account.settings.vendor_query else "%"
    where = r"FROM vendors WHERE name LIKE ? ESCAPE '\'"
    total = account.database.scalar(f"SELECT count(*) {where}", pattern)
    rows = account.database.all(f"SELECT * {where} ORDER BY rowid LIMIT ? OFFSET ?", pattern, page.limit, page.offset)
    objects = account.objects(request.base_url)
    return page.answer("vendors", [objects.vendor(row) for row in rows], total)


def get_vendor(account: Account, request: Request) -> Answer:
    """`GET /vendors/{id}`: one object, although the API's description calls it a list."""
    row = account.database.one("SELECT * FROM vendors WHERE id = ?", request.params["id"])
    if row is None:
        raise not_found()
    return Answer({"vendor": account.objects(request.base_url).vendor(row)})
