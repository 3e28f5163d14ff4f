"""`GET /vendors` and `GET /vendors/{id}`."""

from __future__ import annotations

from .emulator import Emulator
from .http import Answer, Page, Request, like, not_found


def list_vendors(emulator: Emulator, request: Request) -> Answer:
    """`GET /vendors`: a page, filtered by the undocumented `query` (part of the name)."""
    page = Page.of(request)
    query = request.first("query") or ""
    pattern = like(query) if emulator.settings.vendor_query else "%"
    where = r"FROM vendors WHERE name LIKE ? ESCAPE '\'"
    total = emulator.database.scalar(f"SELECT count(*) {where}", pattern)
    rows = emulator.database.all(
        f"SELECT * {where} ORDER BY rowid LIMIT ? OFFSET ?", pattern, page.limit, page.offset
    )
    objects = emulator.objects(request.base_url)
    return page.answer("vendors", [objects.vendor(row) for row in rows], total)


def get_vendor(emulator: Emulator, request: Request) -> Answer:
    """`GET /vendors/{id}`: one object, although the API's description calls it a list."""
    row = emulator.database.one("SELECT * FROM vendors WHERE id = ?", request.params["id"])
    if row is None:
        raise not_found()
    return Answer({"vendor": emulator.objects(request.base_url).vendor(row)})
