"""Requests of the operations on integrations, and the look at a service after a creation without a response."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest
from pagerduty_native.api.account import Account
from pagerduty_native.api.client import Client, Retries
from pagerduty_native.api.errors import (
    NotFoundError,
    PagerDutyError,
    ServerError,
    UnauthorizedError,
    UnreachableError,
    UnsettledError,
)
from pagerduty_native.api.integrations import Integrations
from pagerduty_native.api.lookups import Services, Vendors

from tests.support.fake_time import FakeTime

V2 = "events_api_v2_inbound_integration"
FIELDS = {"type": V2, "name": "new"}
NOON = "Mon, 01 Jan 2024 12:00:00 GMT"
CREATED_AT = "2024-01-01T12:00:00Z"
DOWN = ServerError(503, None, "Down", ())


class FakeAccount:
    """A client of an account with one service, P1.

    calls: each call, as its method, its path, and for reads whether it asks for whole integrations. fails: the error of
    a call. without_key: the IDs of those that come without their key with the service. lost: no POST is answered.
    """

    def __init__(self) -> None:
        self.waiting = FakeTime()
        self.retries = Retries(attempts=1)
        self.newest_date = (NOON, time.monotonic())
        self.calls: list[tuple[Any, ...]] = []
        self.fails: dict[tuple[Any, ...], PagerDutyError] = {}
        self.without_key: set[str] = set()
        self.lost = False
        self.tells_service = True
        self.names: dict[str, str] = {"I1": "old"}
        self.warnings: list[str] = []

    def get(
        self,
        path: str,
        parse: Callable[[Any], Any],
        params: Mapping[str, Any] | None = None,
        *,
        attempts: int | None = None,
        **_: object,
    ) -> Any:
        whole = dict(params or {}) == {"include[]": "integrations"}
        self._called("GET", path, whole, attempts)
        if path != "/services/P1":
            return parse({"integration": self._body(path.rsplit("/", 1)[-1])})
        if whole:
            return parse(
                {"service": {"id": "P1", "integrations": [self._body(each, bulk=True) for each in self.names]}}
            )
        references = [{"id": each, "type": f"{V2}_reference", "summary": name} for each, name in self.names.items()]
        return parse({"service": {"id": "P1", "integrations": references}})

    def post(self, path: str, body: Mapping[str, Any], parse: Callable[[Any], Any]) -> Any:
        self._called("POST", path)
        self.names["I2"] = body["integration"]["name"]
        if self.lost:
            raise UnreachableError("https://api", "reset", perhaps_done=True)
        return parse({"integration": self._body("I2")})

    def put(self, path: str, body: Mapping[str, Any], parse: Callable[[Any], Any], **_: object) -> Any:
        self._called("PUT", path)
        self.names["I1"] = body["integration"]["name"]
        return parse({"integration": self._body("I1")})

    def delete(self, path: str, **_: object) -> None:
        self._called("DELETE", path)
        del self.names[path.rsplit("/", 1)[-1]]

    def _called(self, *call: Any) -> None:
        self.calls.append(call)
        if error := self.fails.get(call):
            raise error

    def _body(self, id: str, *, bulk: bool = False) -> dict[str, Any]:
        service = {"service": {"id": "P1"}} if self.tells_service else {}
        key = None if bulk and id in self.without_key else f"key of {id}"
        return {
            "id": id,
            "type": V2,
            "name": self.names[id],
            "integration_key": key,
            "created_at": CREATED_AT,
            **service,
        }


# Reading a service with its integrations, in few attempts; and without them.
WHOLE = ("GET", "/services/P1", True, 2)
REFERENCES = ("GET", "/services/P1", False, None)


def single(id: str) -> tuple[Any, ...]:
    return ("GET", f"/services/P1/integrations/{id}", False, None)


POST = ("POST", "/services/P1/integrations")


@pytest.fixture
def account() -> FakeAccount:
    return FakeAccount()


@pytest.fixture
def integrations(account: FakeAccount) -> Integrations:
    client = cast("Client", account)
    return Integrations(client, Vendors(client), Services(client), account.warnings.append)


def test_a_creation_is_one_call(account: FakeAccount, integrations: Integrations) -> None:
    made = integrations.create("P1", FIELDS)
    assert (made.id, made.service_id, made.name, made.integration_key) == ("I2", "P1", "new", "key of I2")
    assert account.calls == [POST]


@pytest.mark.parametrize("tells_service", [True, False])
def test_the_service_is_known_even_if_no_answer_names_it(
    account: FakeAccount, integrations: Integrations, tells_service: bool
) -> None:
    account.tells_service = tells_service
    assert integrations.create("P1", FIELDS).service_id == "P1"
    assert integrations.update("P1", "I1", {"name": "changed"}).service_id == "P1"
    assert integrations.get("P1", "I1").service_id == "P1"
    assert integrations.get("P1", "I1", is_enough=lambda _found: False).service_id == "P1"


def test_after_a_lost_answer_the_service_is_looked_at(account: FakeAccount, integrations: Integrations) -> None:
    account.lost = True
    assert integrations.create("P1", FIELDS).id == "I2"
    assert account.calls == [POST, WHOLE]
    assert len(account.warnings) == 1


def test_those_that_do_not_come_whole_are_read(account: FakeAccount, integrations: Integrations) -> None:
    account.lost = True
    account.without_key = {"I1", "I2"}
    assert integrations.create("P1", {**FIELDS, "name": " new "}).integration_key == "key of I2"
    assert account.calls == [POST, WHOLE, single("I1"), single("I2")]


def test_references_suffice_if_the_service_cannot_be_read_whole(
    account: FakeAccount, integrations: Integrations
) -> None:
    account.lost = True
    account.fails[WHOLE] = DOWN
    assert integrations.create("P1", FIELDS).id == "I2"
    assert account.calls == [POST, WHOLE, REFERENCES, single("I1"), single("I2")]


@pytest.mark.parametrize("error", [NotFoundError(404, None, "Gone", ()), UnauthorizedError(401, None, "No", ())])
def test_an_error_that_another_read_would_repeat_ends_a_creation(
    account: FakeAccount, integrations: Integrations, error: PagerDutyError
) -> None:
    account.lost = True
    account.fails[WHOLE] = error
    with pytest.raises(UnsettledError, match="looking for it failed"):
        integrations.create("P1", FIELDS)
    assert account.calls == [POST, WHOLE]


def test_an_older_integration_is_not_adopted(account: FakeAccount, integrations: Integrations) -> None:
    account.names = {"I1": "new"}
    integrations.on_service("P1", complete=True)
    account.lost = True
    assert integrations.create("P1", FIELDS).id == "I2"


@pytest.mark.parametrize("how", ["read", "changed"])
def test_an_integration_of_another_resource_is_not_adopted(
    account: FakeAccount, integrations: Integrations, how: str
) -> None:
    account.names = {"I1": "new"}
    account.fails[WHOLE] = DOWN
    if how == "read":
        integrations.get("P1", "I1")
    else:
        integrations.update("P1", "I1", {"name": "new"})
    account.lost = True
    assert integrations.create("P1", FIELDS).id == "I2"


def test_the_integrations_of_a_service_are_those_that_do_not_come_whole_too(
    account: FakeAccount, integrations: Integrations
) -> None:
    account.names = {"I1": "old", "I2": "other"}
    account.without_key = {"I1"}
    assert {each.id: each.integration_key for each in integrations.on_service("P1", complete=True).all} == {
        "I1": "key of I1",
        "I2": "key of I2",
    }
    assert account.calls == [WHOLE, single("I1")]


def test_a_service_that_is_gone_has_none(account: FakeAccount, integrations: Integrations) -> None:
    account.fails[WHOLE] = NotFoundError(404, 2100, "Not Found", ())
    for _ in range(2):
        with pytest.raises(NotFoundError, match="code 2100"):
            integrations.on_service("P1", complete=True)
    assert account.calls == [WHOLE]


def test_an_integration_that_is_not_enough_is_read_by_its_own_call(
    account: FakeAccount, integrations: Integrations
) -> None:
    assert integrations.get("P1", "I1", is_enough=lambda found: found.id == "I1").id == "I1"
    assert account.calls == [WHOLE]
    assert integrations.get("P1", "I1", is_enough=lambda found: found.id != "I1").id == "I1"
    assert account.calls == [WHOLE, single("I1")]


def test_an_integration_counts_as_moved_only_on_another_service(
    account: FakeAccount, integrations: Integrations
) -> None:
    integrations.get("P1", "I1")
    assert integrations.find_moved("P1", "I1", "key of I1", search=False) is None
    for lost, key in [("I1", None), ("IX", "key of I1")]:
        found = integrations.find_moved("P2", lost, key, search=False)
        assert found
        assert (found.service_id, found.id) == ("P1", "I1")
    assert integrations.find_moved("P2", "IX", None, search=False) is None
    assert account.calls == [WHOLE]


def test_a_deletion_is_one_call(account: FakeAccount, integrations: Integrations) -> None:
    integrations.delete("P1", "I1")
    assert account.calls == [("DELETE", "/services/P1/integrations/I1")]


def test_an_account_passes_warnings_on(account: FakeAccount) -> None:
    account.lost = True
    made = Account(cast("Client", account), account.warnings.append)
    made.integrations.create("P1", FIELDS)
    made.warn("more")
    assert [each[:12] for each in account.warnings] == ["PagerDuty di", "more"]


def test_an_account_needs_nobody_to_warn(account: FakeAccount) -> None:
    account.lost = True
    made = Account(cast("Client", account))
    assert made.integrations.create("P1", FIELDS).id == "I2"
    made.warn("nobody hears")


def test_a_created_integration_is_listed_on_its_service(account: FakeAccount, integrations: Integrations) -> None:
    assert [each.id for each in integrations.on_service("P1", complete=True).all] == ["I1"]
    integrations.create("P1", FIELDS)
    assert [each.id for each in integrations.on_service("P1", complete=True).all] == ["I1", "I2"]
