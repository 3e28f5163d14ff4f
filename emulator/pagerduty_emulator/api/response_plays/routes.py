"""`/response_plays`: as the Terraform provider asks for them on the way to a service that refers to one."""

from __future__ import annotations

from pagerduty_emulator.account import Account
from pagerduty_emulator.api.references import references_for
from pagerduty_emulator.database import Row
from pagerduty_emulator.errors import not_found
from pagerduty_emulator.http import Answer, Request
from pagerduty_emulator.operation import Operation, Routes

from . import rows, rules
from .objects import play_object


def list_plays(account: Account, request: Request) -> Answer:
    """`GET /response_plays`: all of them."""
    references = references_for(account, request.base_url)
    return Answer({"response_plays": [play_object(references, row) for row in rows.everything(account.database)]})


def get_play(account: Account, request: Request) -> Answer:
    """`GET /response_plays/{id}`."""
    return _answer(account, request, request.params["id"])


def create_play(account: Account, request: Request) -> Answer:
    """`POST /response_plays`."""
    return _answer(account, request, rules.create(account.database, request.wrapped("response_play")), 201)


def update_play(account: Account, request: Request) -> Answer:
    """`PUT /response_plays/{id}`: what is left out stays as it was."""
    row = _require(account, request.params["id"])
    rules.change(account.database, row, request.wrapped("response_play"))
    return _answer(account, request, row["id"])


def delete_play(account: Account, request: Request) -> Answer:
    """`DELETE /response_plays/{id}`."""
    rows.delete(account.database, _require(account, request.params["id"])["id"])
    return Answer(status=204)


def _require(account: Account, play_id: str) -> Row:
    row = rows.find(account.database, play_id)
    if row is None:
        raise not_found()
    return row


def _answer(account: Account, request: Request, play_id: str, status: int = 200) -> Answer:
    row = _require(account, play_id)
    return Answer({"response_play": play_object(references_for(account, request.base_url), row)}, status)


ROUTES: Routes = {
    "/response_plays": {
        "GET": Operation(list_plays, "response_plays.read"),
        "POST": Operation(create_play, "response_plays.write"),
    },
    "/response_plays/{id}": {
        "GET": Operation(get_play, "response_plays.read"),
        "PUT": Operation(update_play, "response_plays.write"),
        "DELETE": Operation(delete_play, "response_plays.write"),
    },
}
