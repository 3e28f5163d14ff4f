"""`/services`: what integrations belong to."""

from __future__ import annotations

import json
from typing import Any

from .account import Account
from .database import Database, Row, new_id, now
from .http import Answer, Page, Request, invalid, like
from .objects import require_service
from .seeds import service_attributes


def list_services(account: Account, request: Request) -> Answer:
    """`GET /services`: a page, filtered by `query` (part of the name) or `name` (exactly)."""
    page = Page.of(request)
    where, values = r"WHERE name LIKE ? ESCAPE '\'", [like(request.first("query") or "")]
    if request.first("name") is not None:
        where, values = f"{where} AND name = ?", [*values, request.first("name") or ""]
    direction = "DESC" if request.first("sort_by") == "name:desc" else "ASC"
    total = account.database.scalar(f"SELECT count(*) FROM services {where}", *values)
    rows = account.database.all(
        f"SELECT * FROM services {where} ORDER BY name COLLATE NOCASE {direction}, id LIMIT ? OFFSET ?",
        *values,
        page.limit,
        page.offset,
    )
    objects = account.objects(request.base_url)
    return page.answer("services", objects.services_including(rows, request), total)


def get_service(account: Account, request: Request) -> Answer:
    """`GET /services/{id}`."""
    return _answer(account, request, require_service(account.database, request.params["id"]))


def create_service(account: Account, request: Request) -> Answer:
    """`POST /services`: name and escalation policy are required, names are unique."""
    given = request.wrapped("service")
    errors = _name_errors(account.database, given.get("name"), None)
    policy = given.get("escalation_policy")
    if not isinstance(policy, dict) or not policy.get("id"):
        errors.append("Escalation policy can't be blank")
    if errors:
        raise invalid(*errors)
    service_id = new_id()
    time = now()
    account.database.insert(
        "services",
        {
            "id": service_id,
            "name": given["name"],
            "created_at": time,
            "updated_at": time,
            "attributes": json.dumps(service_attributes(given)),
        },
    )
    return _answer(account, request, require_service(account.database, service_id), 201)


def update_service(account: Account, request: Request) -> Answer:
    """`PUT /services/{id}`: what is left out stays as it was."""
    database = account.database
    row = require_service(database, request.params["id"])
    given = request.wrapped("service")
    name = given.get("name", row["name"])
    errors = _name_errors(database, name, row["id"])
    if errors:
        raise invalid(*errors)
    database.execute(
        "UPDATE services SET name = ?, updated_at = ?, attributes = ? WHERE id = ?",
        name,
        now(),
        json.dumps(service_attributes({**json.loads(row["attributes"]), **given})),
        row["id"],
    )
    return _answer(account, request, require_service(database, row["id"]))


def delete_service(account: Account, request: Request) -> Answer:
    """`DELETE /services/{id}`: its integrations, incidents and alerts go with it."""
    row = require_service(account.database, request.params["id"])
    account.database.execute("DELETE FROM services WHERE id = ?", row["id"])
    return Answer(status=204)


def _answer(account: Account, request: Request, row: Row, status: int = 200) -> Answer:
    objects = account.objects(request.base_url)
    return Answer({"service": objects.services_including([row], request)[0]}, status)


def _name_errors(database: Database, name: Any, service_id: str | None) -> list[str]:
    if not isinstance(name, str) or not name.strip():
        return ["Name can't be blank"]
    same = database.scalar("SELECT id FROM services WHERE name = ? COLLATE NOCASE", name)
    return ["Name has already been taken"] if same not in (None, service_id) else []
